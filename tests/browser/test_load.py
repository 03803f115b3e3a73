"""Several people at once, and what is left of them; the page that asks to wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.voila.kernels import SPARES
from tests.browser.concurrent_users import Scale, crowd, figures, floor, invite
from tests.browser.pages import Check, Visit
from tests.browser.serving import Serving

GONE = 60.0
"""Seconds, also on a busy computer."""

pytestmark = pytest.mark.timeout(1200)

_FULL = """
from ehtoolkit.settings import load_settings
from ehtoolkit.voila import configuration, start
from ehtoolkit.voila.page_queue import PageQueue
class Closed(PageQueue):
    def _turn(self, who):
        self._places = int((load_settings().home / "open").exists())
        return super()._turn(who)
configuration.PageQueue = Closed
start(load_settings(), 0, False)
"""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Serving]:
    """A server that has no place for anybody until there is a file ``open``."""
    serving = Serving(["-c", _FULL], tmp_path / "home")
    yield serving
    assert serving.stop() == 0


@pytest.mark.usefixtures("own_loop")
@pytest.mark.parametrize("sessions", [4, pytest.param(20, marks=pytest.mark.long)])
def test_many_at_once_all_get_their_certificate_and_leave_nothing(
    serving: Serving, request: pytest.FixtureRequest, sessions: int
) -> None:
    names = invite(serving.home, sessions)
    bare = floor(sessions) if request.config.getoption("--all") else None
    scale = Scale(serving)
    walks = crowd(serving.url, names)
    scale.stop()
    print(figures(walks, bare), scale.figures(), sep="\n")
    assert [walk.problem for walk in walks if walk.problem] == []
    assert len(list((serving.home / "training" / "keystore").glob("*.p12"))) == sessions
    end = time.monotonic() + GONE
    while len(serving.kernels()) > SPARES:
        assert time.monotonic() < end, "kernels stay when their pages are gone"
        time.sleep(0.2)


def test_a_visitor_without_a_place_waits_and_retries(
    full: Serving, visit: Callable[..., Visit], check: Check
) -> None:
    window = visit(full, lands=True, locale="nl-BE")
    get = Translator("nl").get
    page = window.page
    expect(page.get_by_role("status")).to_have_text(get("page.starting.queue"))
    check(page, "load-1-queue")
    expect(page.locator("#eh-queue")).to_contain_text(f"{get('page.starting.turn')} 1")
    with page.expect_response("**/turn") as asked:
        pass
    assert asked.value.json() == {"turn": 1}
    again = page.reload()
    assert again is not None
    assert again.status == 503
    expect(page.get_by_role("status")).to_have_text(get("page.starting.queue"))


@pytest.mark.long  # the short run has the turns of many visitors in `tests.voila.test_page_queue`
def test_the_next_visitor_gets_the_free_place(full: Serving, visit: Callable[..., Visit]) -> None:
    first, second = (visit(full, lands=True, locale="en-GB") for _ in range(2))
    turn = second.page.locator("#eh-turn")
    expect(turn).to_have_text("2")
    first.page.goto("about:blank")
    expect(turn).to_have_text("1", timeout=30_000)  # whoever is gone does not keep his turn
    (full.home / "open").touch()
    title = Translator("en").get("index.title")
    expect(second.page.get_by_role("heading", level=1)).to_have_text(title, timeout=60_000)
