"""What holds for every run: nothing of the user's is touched, and nothing is skipped where that is forbidden."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from typing import TypeVar

import pytest

pytest_plugins = ["tests.support.timing"]

SKIP_NOTHING = "TESTS_SKIP_NOTHING"

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
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _not_skipped((yield))


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
