"""What `tests.browser.geometry` finds on a page, and what it passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.geometry import misfits

PLACED = "position: absolute; top: {}px; left: {}px; font: 16px/1 monospace; white-space: nowrap"


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


def found(page: Page, *texts: str) -> list[str]:
    page.set_content(f"<!doctype html><body>{''.join(texts)}")
    return misfits(page)


def at(top: int, left: int, text: str, more: str = "") -> str:
    return f'<div style="{PLACED.format(top, left)}; {more}">{text}</div>'


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((at(40, 40, "waiting"), at(40, 60, "Complete")), id="beside"),
        pytest.param((at(40, 40, "waiting"), at(46, 40, "Complete")), id="below"),
        pytest.param((at(40, 40, "waiting"), at(40, 60, "a <b>Complete</b>")), id="inner"),
    ],
)
def test_texts_printed_over_each_other_are_found(page: Page, texts: tuple[str, ...]) -> None:
    assert any("waiting / Complete" in fault for fault in found(page, *texts)), texts


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((at(40, 40, "waiting"), at(56, 40, "Complete")), id="next line"),
        pytest.param((at(40, 40, "waiting"), at(40, 110, "Complete")), id="side by side"),
        pytest.param((at(40, 40, "waiting"), at(40, 60, "Complete", "visibility: hidden")), id="hidden"),
        pytest.param(
            (at(40, 40, "waiting"), f'<div class="eh-sr">{at(40, 60, "Complete")}</div>'), id="spoken"
        ),
        pytest.param(('<p style="font: 16px/0.5 monospace">waiting<br>Complete</p>',), id="one text"),
        pytest.param(
            (at(40, 40, "waiting<br>Complete", "overflow: auto; height: 16px"), at(56, 40, "Next")),
            id="scrolled",
        ),
        pytest.param((at(40, 40, "waiting"), at(0, 0, "Complete", "position: fixed; top: 40px")), id="fixed"),
    ],
)
def test_texts_that_can_be_read_are_passed(page: Page, texts: tuple[str, ...]) -> None:
    assert found(page, *texts) == []


def test_cut_texts_are_found(page: Page) -> None:
    cut = at(40, 40, "Request waiting", "overflow: hidden; width: 40px")
    assert found(page, cut) == ["wider than DIV : Request waiting"]
