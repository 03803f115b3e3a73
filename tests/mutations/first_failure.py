"""Write down which test of a run failed first (a pytest plugin; with workers it works in the one that leads)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

PLACE: Final = "MUTATIONS_FIRST_FAILURE"
"""The variable with the path of the file to write."""
LOADING: Final = "loading "
"""Stands before the name of a file that could not even be read: nothing was tested then."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _write_down(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _write_down(LOADING + report.nodeid)


def _write_down(what: str) -> None:
    place = os.environ.get(PLACE)
    if place is not None and not Path(place).exists():
        Path(place).write_text(what, encoding="utf-8")
