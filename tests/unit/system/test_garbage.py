"""A command does not look for garbage in what it has imported: not as that grows, and not at its end."""

from __future__ import annotations

import subprocess
import sys

SEEN = "lambda: print(gc.get_stats()[2]['collections'], file=sys.stderr)"
COMMAND = f"""
import atexit, gc, sys
atexit.register({SEEN})
sys.argv = ["ehtoolkit", "certificate", "list"]
from ehtoolkit.__main__ import main
main()
"""
LEFT = """
from ehtoolkit.system.garbage import look_for_garbage_seldom
class Circle:
    def __init__(self): self.itself = self
    def __del__(self): print("found")
{}
Circle()
"""


def said(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def test_a_command_looks_through_all_of_it_not_once() -> None:
    assert said(COMMAND).stderr.splitlines()[-1] == "0"


def test_what_is_left_at_the_end_is_not_looked_for() -> None:
    assert said(LEFT.format("")).stdout == "found\n"
    assert said(LEFT.format("look_for_garbage_seldom()")).stdout == ""
