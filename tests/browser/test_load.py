"""Several people at once, and what is left of them; the page that asks to wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.texts import Texts
from ehtoolkit.voila.kernels import SPARES
from tests.browser.crowd import crowd, invite
from tests.browser.pages import Check, Visit
from tests.browser.serving import Serving

SESSIONS = 6
GONE = 60.0
"""Seconds, also on a busy computer."""

pytestmark = pytest.mark.timeout(400)

_FULL = """
from ehtoolkit.settings import load_settings
from ehtoolkit.voila import configuration, start
from ehtoolkit.voila.doorway import Doorway
configuration.Doorway = lambda: Doorway(0)
start(load_settings(), 0, False)
"""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Serving]:
    """A server that has no place for anybody."""
    serving = Serving(["-c", _FULL], tmp_path / "home")
    yield serving
    assert serving.stop() == 0


def test_six_at_once_all_get_their_certificate_and_leave_nothing(serving: Serving) -> None:
    walks = crowd(serving.url, invite(serving.home, SESSIONS))
    assert [one.problem for one in walks if one.problem] == []
    assert len(list((serving.home / "training" / "keystore").glob("*.p12"))) == SESSIONS
    end = time.monotonic() + GONE
    while len(serving.kernels()) > SPARES:
        assert time.monotonic() < end, "kernels stay when their pages are gone"
        time.sleep(0.2)


def test_who_finds_no_place_is_told_and_asks_again(
    full: Serving, visit: Callable[..., Visit], check: Check
) -> None:
    window = visit(full, locale="nl-BE")
    get = Texts("nl").get
    page = window.page
    expect(page.get_by_role("status")).to_have_text(get("page.starting.queue"))
    check(page, "load-1-queue")
    with page.expect_response(lambda answer: answer.request.is_navigation_request()) as again:
        pass
    assert again.value.status == 503
    expect(page.get_by_role("status")).to_have_text(get("page.starting.queue"))
