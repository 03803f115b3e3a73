"""Run what shows that a part is finished, by its table in docs/TESTING.md: ``python -m tests.acceptance 8``.

Options after the number go to pytest, ``-n 2`` for one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "TESTING.md"
_SECTION: Final = re.compile(r"^### Part (\d+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_TEST: Final = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)?)`")


def named_by_part(page: str) -> dict[str, list[str]]:
    """The files and tests that the page's tables name, by the number of the part."""
    return {number: list(dict.fromkeys(_TEST.findall(text))) for number, text in _SECTION.findall(page)}


def main(arguments: list[str]) -> int:
    parts = named_by_part(PAGE.read_text(encoding="utf-8"))
    if not arguments or arguments[0] not in parts:
        print(f"usage: python -m tests.acceptance {'|'.join(parts)} [option of pytest …]", file=sys.stderr)
        return 2
    number, *more = arguments
    command = [sys.executable, "-m", "pytest", "--all", "-q", *more, *parts[number]]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
