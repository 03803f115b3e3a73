"""Order the test files longest first, hand them to the workers, and show where the time went (a pytest plugin)."""

from __future__ import annotations

import gc
import json
import math
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling

from ehtoolkit.system.garbage import look_for_garbage_seldom

ROOT: Final = Path(__file__).resolve().parents[2]
COMMITTED: Final = Path(__file__).with_name("durations.json")
"""Seconds of each test file, for a fresh clone; `--write-durations` makes it anew."""
LATEST: Final = ROOT / ".cache" / "durations.json"
"""The same of the last whole run in this checkout, which knows this machine better."""
KINDS: Final = ("browser", "faults", "interop")
"""The kinds of test that have a marker; others are `notebooks` (nbval) or `unit`."""
QUICK_SECONDS: Final = 5.0
PART_SECONDS: Final = 1.0
"""What a quick run spends on a file that takes longer than QUICK_SECONDS."""
NEEDS_MORE: Final = tuple(
    f"{folder}/"
    for folder in (
        *("notebooks", "tests/browser", "tests/contract", "tests/faults", "tests/interop", "tests/journeys"),
        *("tests/mutations", "tests/packaging"),
    )
)
"""Folders whose tests start browsers, servers, kernels or environments, or run other programs or tests."""
SHOWN: Final = 25
OPEN_FILES: Final = Path("/proc/self/fd")
MANY: Final = 400
MORE: Final = 100
UNKNOWN: Final = 10.0
"""Seconds that a file is taken for that was never timed: before the many short ones, after the long ones."""


def _longest_first(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda pair: -pair[1])


class Stopwatch:
    """Add up what setup, call and teardown of every test took.

    Attributes:
        files: seconds by file, relative to the root.
        kinds: seconds by kind of test.
        tests: number of tests by kind.
    """

    def __init__(self) -> None:
        self.files: defaultdict[str, float] = defaultdict(float)
        self.kinds: defaultdict[str, float] = defaultdict(float)
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = report.nodeid.partition("::")[0]
        kind = kind_of(file, report.keywords)
        self.files[file] += report.duration
        self.kinds[kind] += report.duration
        self.tests[kind] += report.when == "call"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self.files) < 2:
            return
        terminalreporter.section("where the time went (seconds of one worker)")
        for kind, seconds in _longest_first(self.kinds):
            terminalreporter.write_line(f"{seconds:8.1f}  {kind}: {self.tests[kind]} tests")
        terminalreporter.write_line(f"{sum(self.kinds.values()):8.1f}  all\n")
        for file, seconds in _longest_first(self.files)[:SHOWN]:
            terminalreporter.write_line(f"{seconds:8.1f}  {file}")

    def write(self, path: Path, known: Mapping[str, float]) -> None:
        """Write the seconds by file, sorted by name so that two runs can be compared.

        known: those of files that were not run now.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = {file: round(taken, 1) for file, taken in sorted({**known, **self.files}.items())}
        path.write_text(json.dumps(seconds, indent=0) + "\n", encoding="utf-8")


def kind_of(file: str, keywords: Mapping[str, object]) -> str:
    """Return the kind of a test, from its file and its markers."""
    if file.endswith(".ipynb"):
        return "notebooks"
    return next((kind for kind in KINDS if kind in keywords), "unit")


BROWSER: Final = "tests/browser/"
PLUGGED: Final = "test_plugged_"
"""How files are called whose tests need the smart-card service, of which a machine has one."""


class OneAfterTheOther(LoadFileScheduling):
    """A file at a time to each worker, and all `PLUGGED` files to one: a second would wait for the first's service."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return PLUGGED if PLUGGED in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneAfterTheOther | None:
    return OneAfterTheOther(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ehtoolkit")
    group.addoption("--all", action="store_true", help="run the tests marked `long` too")
    group.addoption(
        "--quick",
        action="store_true",
        help="run short files, and parts of longer ones, that need no other program",
    )
    group.addoption("--write-durations", action="store_true", help=f"write {COMMITTED.name} after the run")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(OpenFiles(), "open_files")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Stopwatch(), "stopwatch")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a long run has, and begin with the files that take longest, of the browser's first.

    A long file that is begun last keeps the other worker waiting at the end; a browser that is begun anew between other
    files takes as long as a page. `PLUGGED` files wait more than they work, and go beside the browser's.
    """
    seconds = known_durations()
    if config.getoption("--quick"):
        keep(config, items, quick_items(items, seconds))
    elif not config.getoption("--all"):
        keep(config, items, {item for item in items if not item.get_closest_marker("long")})
    together = sum(taken for file, taken in seconds.items() if PLUGGED in file)

    def rank(item: pytest.Item) -> tuple[bool, float, str]:
        file = item.nodeid.partition("::")[0]
        if PLUGGED in file:
            return False, -together, file
        return not file.startswith(BROWSER), -seconds.get(file, UNKNOWN), file

    items.sort(key=rank)


def keep(config: pytest.Config, items: list[pytest.Item], chosen: set[pytest.Item]) -> None:
    """Leave out the other tests."""
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders that a quick run does not have before they are imported."""
    if config.getoption("--quick") and collection_path.is_relative_to(ROOT):
        return f"{collection_path.relative_to(ROOT).as_posix()}/".startswith(NEEDS_MORE) or None
    return None


def quick_files(seconds: Mapping[str, float]) -> list[str]:
    """Return the files that a quick run has tests of, by their durations."""
    return [
        file
        for file, taken in sorted(seconds.items())
        if taken <= QUICK_SECONDS and not file.startswith(NEEDS_MORE)
    ]


def quick_items(items: Sequence[pytest.Item], seconds: Mapping[str, float]) -> set[pytest.Item]:
    """Return the tests of a quick run: those of short files, and of a longer one as many as take `PART_SECONDS`.

    They need no other program. A file whose tests take longer than that each has none in it.
    """
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not any(item.get_closest_marker(name) for name in (*KINDS, "full_cost", "long")):
            files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    chosen: set[pytest.Item] = set()
    for file, tests in files.items():
        taken = seconds.get(file, 0.0)
        step = 1 if taken <= QUICK_SECONDS else math.ceil(taken / PART_SECONDS)
        if step <= len(tests):
            chosen.update(tests[::step])
    return chosen


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are imported: what is imported stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Take what was imported and collected, half a million objects that stay, out of the search for garbage.

    What is left is looked through when there is more of it: that took a twelfth of a worker's processor.
    """
    gc.collect()
    gc.freeze()
    look_for_garbage_seldom()


class OpenFiles:
    """Closes what garbage holds open, before a worker has more open files than `select` can count.

    Looking for garbage takes a quarter of a second: what is held after it is no garbage, and the next look is at
    `MORE` files more.
    """

    def __init__(self) -> None:
        self.limit = MANY

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, None, None]:
        try:
            yield
        finally:
            if self._count() > self.limit:
                gc.collect()
                self.limit = max(MANY, self._count() + MORE)

    def _count(self) -> int:
        return len(list(OPEN_FILES.iterdir())) if OPEN_FILES.exists() else 0


def known_durations() -> Mapping[str, float]:
    """Read the seconds of each file: of the last whole run here; of files that it did not have, those committed."""
    return {**read_durations(COMMITTED), **read_durations(LATEST)}


def read_durations(path: Path) -> Mapping[str, float]:
    """Read the seconds of each file that is still there."""
    seconds: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {file: taken for file, taken in seconds.items() if (ROOT / file).exists()}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the durations of a run over everything; those of a few tests say nothing about the order."""
    stopwatch = session.config.pluginmanager.get_plugin("stopwatch")
    if stopwatch is None or session.testsfailed or len(stopwatch.files) < 100:
        return
    stopwatch.write(LATEST, known_durations())
    if session.config.getoption("--write-durations"):
        stopwatch.write(COMMITTED, read_durations(COMMITTED))
