"""The fixtures of the procedures, the command line and the pages, for tests that walk through all of them."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.browser.chromium import CHROMIUM
from tests.browser.conftest import chromium, demo, serving, visit
from tests.cli.conftest import call
from tests.procedures.conftest import warm_home

__all__ = ["call", "chromium", "demo", "serving", "visit", "warm_home"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Stop Chromium after the last test of the pages in a row: other tests would trip over Playwright's event loop."""
    try:
        return (yield)
    finally:
        if item.get_closest_marker("browser") and not (nextitem and nextitem.get_closest_marker("browser")):
            CHROMIUM.stop()
