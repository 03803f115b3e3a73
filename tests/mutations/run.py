"""Put the defects of `tests.mutations.defects` into a copy of this checkout, one by one, and see which test finds each.

    python -m tests.mutations.run                  # all, by the tests that each names
    python -m tests.mutations.run "missing lock"   # those whose name has these words
    python -m tests.mutations.run --whole          # each by the whole short run: hours
    python -m tests.mutations.run --write          # and the table goes into docs/TESTING.md

Ends with 1 when one was not found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutations.defects import DEFECTS, Defect
from tests.mutations.first_failure import LOADING, PLACE
from tests.support.suite import ALL_TESTS, SEARCH_PATH

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "TESTING.md"
BEGIN: Final = "<!-- mutations: written by python -m tests.mutations.run --write -->"
END: Final = "<!-- mutations: end -->"

NOT_FOUND: Final = "NOT FOUND"
SECONDS: Final = 3600.0
"""After so long a run hangs, which no test has found."""
_FINE, _FAILED, _STOPPED = 0, 1, 2
"""What pytest ends with, the last where workers were stopped after a failure; everything else is no verdict."""

_WHERE = "import ehtoolkit, pathlib; print(pathlib.Path(ehtoolkit.__file__).resolve().parents[1])"


@dataclass(frozen=True, slots=True)
class Found:
    """``by``: the node id of the test that failed first, or `NOT_FOUND`. ``why``: what it said, for whoever doubts that
    it found the defect and nothing else."""

    defect: Defect
    by: str
    seconds: float
    why: str = ""


class Copy:
    """A copy of this checkout in which tests are run: what they start uses its ``ehtoolkit``, not the one that is
    installed for editing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._first = root.parent / "first-failure"
        self._environment = {
            **os.environ,
            "PATH": SEARCH_PATH,
            "PYTHONPATH": str(root),
            "TESTS_SKIP_NOTHING": "1",  # a test that skips finds nothing
            PLACE: str(self._first),
        }

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Copy]:
        """As the checkout is now, with what is not committed yet; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
            root = Path(folder) / "tree"
            for name in _files():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name, follow_symlinks=False)
            modules = ROOT / ".cache" / "npm"
            if modules.is_dir():
                shutil.copytree(modules, root / ".cache" / "npm")
            copy = cls(root)
            copy._require_imported()
            yield copy

    def test(self, arguments: Iterable[str]) -> tuple[str, str]:
        """Run pytest up to the first failure: the node id of that, empty without one, and all that was printed.

        Raises ``RuntimeError`` when it comes to no verdict: a test that does not exist, a module that cannot be read.
        """
        self._first.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "tests.mutations.first_failure", *arguments]
        done = subprocess.run(
            command, cwd=self.root, env=self._environment, capture_output=True, text=True, timeout=SECONDS
        )
        printed = done.stdout + done.stderr
        first = self._first.read_text(encoding="utf-8") if self._first.exists() else ""
        failed = first and not first.startswith(LOADING) and done.returncode in (_FAILED, _STOPPED)
        if not failed and done.returncode != _FINE:
            raise RuntimeError(f"pytest ended with {done.returncode}: {' '.join(command)}\n{printed}")
        return first, printed

    def _require_imported(self) -> None:
        """Raise ``RuntimeError`` unless programs that are started from anywhere get the copy's package."""
        for options in ((), ("-P",)):
            command = [sys.executable, *options, "-c", _WHERE]
            where = subprocess.run(
                command,
                cwd=self.root.parent,
                env=self._environment,
                capture_output=True,
                text=True,
                check=True,
            )
            if Path(where.stdout.strip()) != self.root.resolve():
                raise RuntimeError(f"the tests of the copy would run on {where.stdout.strip()}")


def _files() -> list[str]:
    """What git knows or would add, and is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]


def find(defects: Sequence[Defect], *, whole: bool = False) -> Iterator[Found]:
    """Put in each defect in turn, and tell what found it. Raises ``RuntimeError`` when the named tests fail without
    one, or come to no verdict with it."""
    with Copy.made() as copy:
        if not whole:
            named = dict.fromkeys(name for defect in defects for name in defect.found_by)
            first, printed = copy.test(["-n", "0", *named])
            if first:
                raise RuntimeError(f"without any defect this fails: {first}\n{printed}")
        for defect in defects:
            # The list itself does not apply to a tree that has one of its defects: its test would find each.
            wanted = [*ALL_TESTS, "--ignore=tests/mutations"] if whole else ["-n", "0", *defect.found_by]
            begin = time.monotonic()
            with defect.put_into(copy.root):
                first, printed = copy.test(wanted)
            why = next((line[1:].strip() for line in printed.splitlines() if line.startswith("E  ")), "")
            yield Found(defect, first or NOT_FOUND, time.monotonic() - begin, why)


def table(found: Iterable[Found]) -> str:
    """In Markdown."""
    lines = ["| defect | found by | seconds |", "|---|---|---:|"]
    for result in found:
        by = result.by if result.by == NOT_FOUND else f"`{result.by}`"
        lines.append(f"| {result.defect.name} | {by} | {result.seconds:.0f} |")
    return "\n".join(lines)


def with_table(document: str, new: str) -> str:
    """``document`` with ``new`` between its two markers. Raises ``ValueError`` without them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{new}\n\n{END}{after}"


def chosen(words: Sequence[str]) -> list[Defect]:
    """The defects whose names have one of ``words``; all without any. Raises ``LookupError`` for words of none."""
    for word in words:
        if not any(word in defect.name for defect in DEFECTS):
            raise LookupError(f"no defect is called {word}")
    return [defect for defect in DEFECTS if not words or any(word in defect.name for word in words)]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="words of the names of defects; all without any"
    )
    parser.add_argument("--whole", action="store_true", help="the whole short run for each defect")
    parser.add_argument("--write", action="store_true", help="write the table of all into docs/TESTING.md")
    given = parser.parse_args()
    if given.write and given.names:
        parser.error("--write needs all of them")
    found = []
    for result in find(chosen(given.names), whole=given.whole):
        print(
            f"{result.seconds:6.1f} s  {result.defect.name}: {result.by}\n          {result.why}", flush=True
        )
        found.append(result)
    print(f"\n{table(found)}")
    if given.write:
        DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8"), table(found)), encoding="utf-8")
    return int(any(result.by == NOT_FOUND for result in found))


if __name__ == "__main__":
    sys.exit(main())
