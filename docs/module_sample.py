"""Print 120 modules to test their names with: ``python docs/module_sample.py [COMMIT]``.

A person who has not seen the code says from each path what the module does; then the first lines of the modules show
how many guesses are right (``--answers``). The sample depends only on the commit.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SIZE: Final = 120


def sample(commit: str) -> list[str]:
    """Return the paths of `SIZE` modules of the package, without ``__init__``, in alphabetical order."""
    modules = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ehtoolkit").rglob("*.py")
        if not path.name.startswith("__") and "migrations" not in path.parts
    ]
    return sorted(
        sorted(modules, key=lambda name: hashlib.sha256(f"{commit}{name}".encode()).digest())[:SIZE]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("commit", nargs="?", default="HEAD")
    parser.add_argument("--answers", action="store_true", help="print the first line of each module, too")
    options = parser.parse_args()
    command = ["git", "rev-parse", options.commit]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    for name in sample(commit):
        text = ast.get_docstring(ast.parse((ROOT / name).read_text(encoding="utf-8"))) or ""
        sys.stdout.write(f"{name}\t{text.partition(chr(10))[0]}\n" if options.answers else f"{name}\n")


if __name__ == "__main__":
    main()
