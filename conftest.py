"""What holds for every run: nothing of the user's is touched, and nothing is skipped where that is forbidden."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

pytest_plugins = ["tests.support.timing"]

SKIP_NOTHING = "TESTS_SKIP_NOTHING"
PACKAGES = Path(__file__).parent / "locks" / "system-packages.txt"

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)


@pytest.fixture(scope="session", autouse=True)
def _home_of_this_run() -> Iterator[None]:
    """A home for the whole run, also for the kernels of notebooks; tests have one of their own on top."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("EHTOOLKIT_")}
    with tempfile.TemporaryDirectory() as home:
        os.environ["EHTOOLKIT_HOME"] = home
        yield
    del os.environ["EHTOOLKIT_HOME"]
    os.environ.update(kept)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    program = None if call.excinfo is None else missing_program(call.excinfo.value)
    if program is not None:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {program} is not installed")
    return _not_skipped(report)


def missing_program(error: BaseException) -> str | None:
    """Return the program of `programs` that a test could not start since it is not installed; None for other errors."""
    name = error.filename if isinstance(error, FileNotFoundError) else None
    is_missing = isinstance(name, str) and name in programs() and shutil.which(name) is None
    return name if is_missing else None


@cache
def programs() -> frozenset[str]:
    """Return the programs that `dev.py test` installs, by the table of system packages."""
    lines = PACKAGES.read_text(encoding="utf-8").splitlines()
    signs = {line.split()[1] for line in lines if not line.startswith("#")}
    return frozenset(sign for sign in signs if "/" not in sign) | {"java", "javac"}


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _not_skipped((yield))


def _not_skipped(report: R) -> R:
    """Fail a skipped test where `SKIP_NOTHING` is set.

    A test that skips says what is missing on this computer. `.ci/run` installs it all and sets the variable.
    """
    if report.skipped and os.environ.get(SKIP_NOTHING):
        report.outcome = "failed"
        report.longrepr = f"skipped, which {SKIP_NOTHING} forbids: {report.longrepr}"
    return report
