"""The Complete form while the platform has not delivered: it looks again by itself."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.widgets.browser_timers import Countdown
from ehtoolkit.forms.wizards.complete.form import COMPLETE
from ehtoolkit.forms.wizards.complete.model import FIRST_WAIT, CompleteModel
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from tests.forms.player import Player
from tests.procedures.conftest import PASSWORD, Road, road, warm_home
from tests.support.ipywidgets_internals import send_to

__all__ = ["road", "warm_home"]

get = Translator("en").get


class Waiting(Player):
    """The form after its first look, and time that goes by."""

    def __init__(self, road: Road) -> None:
        model = COMPLETE.walk(CompleteModel(road.toolkit))
        view = FormContext(COMPLETE, model, Translator("en"), load_settings().home, runner=run_inline)
        super().__init__(view.root)
        self.press(secrets={"password": PASSWORD.reveal()})
        self.press()

    @property
    def countdown(self) -> Countdown:
        found: Countdown = self.part(Countdown)
        return found

    def wait(self) -> None:
        send_to(self.countdown, {"action": "over", "serial": self.countdown.serial})


@pytest.fixture
def form(road: Road) -> Waiting:
    road.ask()
    form = Waiting(road)
    assert form.title == get("complete.wait.title")
    return form


def test_a_look_without_a_network_is_followed_by_others_until_it_is_delivered(
    road: Road, form: Waiting
) -> None:
    road.wire.before["CertRa"] = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)
    for _ in range(2):
        before = form.countdown.serial
        form.wait()
        assert form.title == get("complete.wait.title")
        assert len(form.problem) == 1
        assert form.countdown.seconds >= FIRST_WAIT
        assert form.countdown.serial != before
    road.wire.before.clear()
    road.wait()
    form.wait()
    assert form.title == get("complete.done.title")
    assert form.problem == []


def test_a_look_while_another_page_works_for_the_holder_is_followed_by_others(
    road: Road, form: Waiting
) -> None:
    road.wait()
    road.wire.seen.clear()
    with holder_lock(road.requested.name, road.toolkit.context):
        form.wait()
        (problem,) = form.problem
        assert get("error.request_running") in problem
        assert form.countdown.seconds >= FIRST_WAIT
    assert road.wire.seen == []
    form.wait()
    assert form.title == get("complete.done.title")


def test_what_another_look_would_not_change_is_not_looked_at_again(road: Road, form: Waiting) -> None:
    (path,) = road.keystores
    change_password(path, PASSWORD, Secret("Kine-2029"))
    before = form.countdown.serial
    form.wait()
    assert len(form.problem) == 1
    assert form.countdown.seconds == 0
    assert form.countdown.serial != before, "the browser hides it"


def test_a_countdown_of_a_page_that_was_left_begins_nothing(form: Waiting) -> None:
    countdown = form.countdown
    form.press("back")
    left = form.title
    assert left != get("complete.wait.title")
    send_to(countdown, {"action": "over", "serial": countdown.serial})
    assert (form.title, form.problem) == (left, [])
