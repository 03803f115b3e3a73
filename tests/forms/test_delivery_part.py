"""The first page turns to ready by itself: it asks where it may, says so, and lets the browser notify."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.forms.due import list_parts
from ehtoolkit.forms.due.list_parts import TRAINING_SECONDS
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.production_guard import FIELD
from ehtoolkit.forms.index import IndexPage
from ehtoolkit.forms.widgets.browser_timers import DeliveryTimer
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from tests.forms.player import Later, Player
from tests.procedures.conftest import Road, road, warm_home
from tests.support.ipywidgets_internals import send_to
from tests.support.training_life import Life

__all__ = ["road", "warm_home"]

TEXTS = Translator("en")
get = TEXTS.get


class Home(Player):
    """The first page, and time that goes by in its browser."""

    def __init__(self, road: Road, run: object = run_inline) -> None:
        context = PageContext(road.toolkit.settings, TEXTS)
        self.page = IndexPage(context, lambda _: road.toolkit, run)  # type: ignore[arg-type]
        super().__init__(self.page.root)

    @property
    def timer(self) -> DeliveryTimer:
        found: DeliveryTimer = self.part(DeliveryTimer)
        return found

    def wait(self) -> None:
        send_to(self.timer, {"action": "over", "serial": self.timer.serial})


@pytest.fixture(autouse=True)
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("complete", "complete-renewal"):
        (tmp_path / f"{name}.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    yield
    list_parts._confirmed.clear()


def test_delivery_is_shown_and_announced_and_notified(road: Road) -> None:
    life = Life(road)
    life.renew(life.due())
    home = Home(road)
    assert get("index.due.waiting.state") in home.html
    assert 0 < home.timer.seconds <= TRAINING_SECONDS
    home.wait()
    assert (home.said, home.timer.rung) == ("", 0)

    life.move("+1d")
    home.wait()

    assert get("index.due.ready.state") in home.html
    assert "complete-renewal.ipynb?keystore=" in home.html
    assert get("index.complete_renewal.do") in home.html
    assert home.said == get("index.delivery.ready", holder="VANDAMME ELISE MARIE")
    timer = home.timer
    assert (timer.rung, timer.seconds, timer.title) == (1, 0, get("index.delivery.notification"))
    assert timer.offer == "", "nothing is waited for any more"
    assert get("index.due.ready.state") in Home(road).html, "another page has it from the first"


def test_nothing_is_asked_while_nothing_is_waited_for(road: Road) -> None:
    Life(road).first()
    road.wire.seen.clear()
    home = Home(road)
    assert home.parts(DeliveryTimer) == []
    assert road.wire.seen == []


def test_production_is_asked_only_after_it_was_confirmed(road: Road) -> None:
    life = Life(road)
    life.ask()
    life.move("+1d")
    object.__setattr__(road.toolkit.context, "environment", Environment.PRODUCTION)
    road.wire.seen.clear()
    home = Home(road)
    assert home.parts(DeliveryTimer) == []
    home.press("ask", {FIELD: "yes"})
    assert home.part(TextField, FIELD).error
    assert home.parts(DeliveryTimer) == []
    home.press("ask", {FIELD: "Production"})
    assert road.wire.seen == []
    home.wait()
    assert road.wire.count("getcertificate") == 1
    assert Home(road).parts(TextField) == [], "this kernel has the confirmation"


def test_page_that_is_closed_lets_go_after_its_question(road: Road) -> None:
    life, later = Life(road), Later()
    life.ask()
    life.move("+1d")
    home, closed = Home(road, later), list[str]()
    home.wait()
    assert len(later) == 1
    home.page._shell.when_closed(lambda: closed.append("closed"))
    home.page.root.close()
    assert closed == []
    later.do_one()
    assert closed == ["closed"]
    assert get("index.due.ready.state") not in home.html


def test_page_that_is_closed_stops_its_timer(road: Road) -> None:
    Life(road).ask()
    home = Home(road)
    timer = home.timer
    assert timer.seconds > 0
    home.page.root.close()
    assert timer.seconds == 0
