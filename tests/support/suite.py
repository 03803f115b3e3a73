"""Run commands of this checkout and its tests, in stages whose seconds are kept; ``dev.py`` does it with these.

Only the standard library is used, since nothing is installed when ``dev.py`` starts.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
SCHEMA = ("check-jsonschema", "--builtin-schema")
GATES: tuple[tuple[str, ...], ...] = (
    ("python", "-m", "ruff", "format", "--check", "."),
    ("python", "-m", "ruff", "check", "."),
    ("python", "-m", "mypy"),
    ("lint-imports", "--no-cache"),
    (*SCHEMA, "vendor.github-workflows", *map(str, ROOT.glob(".github/workflows/*.yml"))),
    (*SCHEMA, "vendor.dependabot", ".github/dependabot.yml"),
    ("zizmor", "--offline", "--quiet", ".github"),
)
"""Commands with programs of `BIN`."""
# Two workers more than processors: tests wait a part of their time. A worker takes a file at a time, in the order
# of tests/support/timing.py.
PARALLEL = ("--numprocesses", str((os.cpu_count() or 1) + 2), "--dist", "loadfile", "--no-loadscope-reorder")
ALL_TESTS = (*PARALLEL, "--durations", "50", "--nbval-lax", "tests", "notebooks")
LONG_LIMIT = "--timeout=900"
"""Seconds of a test in the long run; a mark of a test counts before it."""
COLLECT = (PYTHON, "-m", "pytest", "--collect-only", "-qq", "tests", "notebooks")
"""Compiles the tests and what they import; each of pytest's workers would do so otherwise."""
VERSIONS = (PYTHON, "-m", "tests.support.versions")
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
"""PATH with the folders of system programs (pcscd), which a user's PATH often lacks."""
TEST_VARIABLES = {"PATH": SEARCH_PATH, "PYTHONDONTWRITEBYTECODE": ""}
"""Tests start Python a thousand times; each start would compile ehtoolkit anew if nothing compiled could be kept."""
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it
ROOM = 6 * 1024**3
"""Bytes; a run of all tests writes a third of it."""
SECONDS: dict[str, float] = {}
"""What each stage of this run took."""

Command = Sequence[str | Path]


def run(*command: str | Path, may_fail: bool = False, variables: Mapping[str, str] | None = None) -> bool:
    """Run a command in the checkout; a failure ends everything unless it may fail."""
    print(f"── {' '.join(map(str, command))}", flush=True)
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env=environment_of_tools(variables))
    if done.returncode and not may_fail:
        sys.exit(f"dev.py: this failed ({done.returncode}): {' '.join(map(str, command))}")
    return done.returncode == 0


def environment_of_tools(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of this process with ``variables``, and without settings of uv that are empty: uv takes
    an empty value for a mistake and ends."""
    kept = {name: value for name, value in os.environ.items() if value or not name.startswith("UV_")}
    return {**kept, **(variables or {})}


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Keep the seconds of what is done meanwhile."""
    begin = time.monotonic()
    try:
        yield
    finally:
        SECONDS[name] = time.monotonic() - begin


def captured(name: str, command: Command) -> subprocess.CompletedProcess[str]:
    """Run a stage beside others, without printing what it writes."""
    words, environment = [str(word) for word in command], environment_of_tools(TEST_VARIABLES)
    with stage(name):
        return subprocess.run(
            words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )


@contextlib.contextmanager
def scratch_folder() -> Iterator[dict[str, str]]:
    """Name a folder in memory to the tests, where there is room: they write a hundred thousand files, and waiting for
    the disk costs a fifth of the processor time."""
    if not has_room():
        yield {}
        return
    # A short name: the path of a socket has 107 letters at most.
    with tempfile.TemporaryDirectory(prefix="eh-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # some tests run as another user and look into folders in it
        yield {"TMPDIR": folder}


def has_room() -> bool:
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    available = re.search(r"MemAvailable: +(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    return available is not None and min(shutil.disk_usage(MEMORY).free, 1024 * int(available[1])) >= ROOM


def gates() -> None:
    for program, *words in GATES:
        found = shutil.which(program, path=BIN)  # with Windows' ending
        if found is None:
            sys.exit(f"dev.py: .venv has no {program}; run `dev.py setup` first")
        run(found, *words)


def tests(arguments: Sequence[str], *, coverage: bool) -> None:
    """Run pytest; options alone are added to those of a run of all tests."""
    chosen = arguments if has_paths(arguments) else (*ALL_TESTS, *arguments)
    if "--all" in arguments:  # whole machines are simulated beside each other: slow is no failure there
        chosen = (LONG_LIMIT, *chosen)
    with stage("tests"), scratch_folder() as scratch:
        variables = {**TEST_VARIABLES, **scratch}
        if not coverage:
            run(PYTHON, "-m", "pytest", *chosen, variables=variables)
            return
        folder = ROOT / ".cache" / "coverage"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        data = {"COVERAGE_FILE": str(folder / "data")}
        run(PYTHON, "-m", "coverage", "run", "-m", "pytest", *chosen, variables={**variables, **data})
    run(PYTHON, "-m", "coverage", "combine", "--quiet", variables=data)
    run(PYTHON, "-m", "coverage", "report", "--skip-covered", "--sort=-miss", variables=data)


def has_paths(arguments: Sequence[str]) -> bool:
    return any(not word.startswith("-") for word in arguments)


def test(arguments: Sequence[str], *, coverage: bool) -> None:
    """Run the gates and the tests; beside a run of all tests, some with another Python, and with ``--all`` some with
    the lowest versions."""
    options = {"--all"}.intersection(arguments)
    names = {"another Python": "python"} | ({"lowest versions": "lowest"} if options else {})
    if "--quick" in arguments or has_paths(arguments):
        names = {}
    pool = ThreadPoolExecutor(1)
    others: list[Future[subprocess.CompletedProcess[str]]] = []
    try:
        collection = pool.submit(captured, "collection", COLLECT)
        others += [pool.submit(captured, name, (*VERSIONS, word, *options)) for name, word in names.items()]
        with stage("gates"):
            gates()
            collection.result()  # pytest itself reports what is wrong with a test
        tests(arguments, coverage=coverage)
    finally:
        # Also when the tests have failed: what a stage beside them wrote says why it failed, too.
        pool.shutdown(cancel_futures=True)
        done = [other.result() for other in others if not other.cancelled()]
        print("".join(process.stdout for process in done), flush=True)
    require_success(done)


def require_success(done: Sequence[subprocess.CompletedProcess[str]]) -> None:
    """End with an error when one of the stages beside the tests failed."""
    if any(process.returncode for process in done):
        sys.exit("dev.py: the tests with another Python or with the lowest versions failed")
