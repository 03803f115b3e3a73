"""What the browser keeps of a form, and what is there again after Back, a reload and another language."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.browser_history import BrowserHistory, kept_values
from ehtoolkit.forms.engine.form import FormContext, WizardForm
from ehtoolkit.forms.engine.form_model import M
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Step, Wizard
from ehtoolkit.forms.widgets.base import script
from ehtoolkit.forms.widgets.fields import CheckField, TextField
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.forms.widgets.page_parts import Stepper
from ehtoolkit.forms.wizards.foreigner import FOREIGNER, ForeignerModel
from ehtoolkit.forms.wizards.renew import RENEW, RenewModel
from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity.actor import has_person_number
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.browser.prepared_homes import certificate_in
from tests.forms.player import Player
from tests.support.ipywidgets_internals import open_widgets, send_to

PASSWORD, PIN = "Kine-2026", "1234"
TYPED: dict[str, str | bool] = {
    "has_bis": True,
    "first_names": "Ngozi",
    "surname": "Okafor",
    "email": "ngozi@example.be",
    "phone": "+32 475 12 34 56",
}


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))
    yield toolkit
    toolkit.close()


def opened(form: WizardForm[M], model: M, language: LanguageName = "en") -> Player:
    view = FormContext(form, form.walk(model), Translator(language), load_settings().home, runner=run_inline)
    return Player(view.root)


def resume(player: Player, step: str, values: dict[str, Any]) -> None:
    """What the browser says when it finds a form in its history."""
    message = {"action": "resume", "step": step, "values": values}
    send_to(player.part(Stepper), message)


def go(player: Player, step: str) -> None:
    send_to(player.part(Stepper), {"action": "go", "step": step, "values": {}})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_typed_is_there_again_as_far_as_nothing_secret_is_needed(
    toolkit: Toolkit, language: LanguageName
) -> None:
    get = Translator(language).get
    player = opened(FOREIGNER, ForeignerModel(toolkit), language)
    resume(player, "contact", TYPED)
    # The number of the person was not kept, so the step that asks for it is the one that is shown.
    assert player.title == get("foreigner.who.title")
    assert player.part(TextField, "surname").value == "Okafor"
    assert player.part(TextField, "niss").value == ""
    assert player.part(Announcer).text == get("wizard.resumed")
    assert player.part(Stepper).answers == 1
    player.press(values={"niss": foreigner(), "first_names": "Ngozi", "surname": "Okafor"})
    assert player.title == get("steps.contact.title")
    assert player.part(TextField, "phone").value == "+32 475 12 34 56"


def test_a_card_is_read_again_before_what_follows_it(toolkit: Toolkit) -> None:
    player = opened(REQUEST, RequestModel(toolkit))
    resume(player, "contact", {"accepted": True, "email": "elise@example.be"})
    get = Translator("en").get
    assert player.title == get("steps.card.insert.title")
    player.press()
    player.press(secrets={"pin": PIN})
    player.press()
    assert player.title == get("steps.contact.title")
    assert player.part(TextField, "email").value == "elise@example.be"


def test_what_was_typed_for_a_renewal_is_not_typed_over_by_the_platform(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    certificate_in(tmp_path, PASSWORD, later="+34mo")
    for kept, shown in (({}, "elise@example.be"), ({"email": "new@example.be"}, "new@example.be")):
        model = RenewModel(toolkit)
        player = opened(RENEW, model)
        resume(player, "contact", {"accepted": True, **kept})
        player.press()
        player.press(secrets={"pin": PIN})
        player.press(secrets={"password": PASSWORD})
        assert player.title == Translator("en").get("steps.contact.title")
        assert player.part(TextField, "email").value == shown
        assert player.part(TextField, "phone").value
        model.close()


def test_a_form_that_goes_on_already_is_not_taken_back(toolkit: Toolkit) -> None:
    player = opened(FOREIGNER, ForeignerModel(toolkit))
    player.press(values={"has_bis": True})
    resume(player, "where", {"has_bis": False, "surname": "Somebody"})
    assert player.title == Translator("en").get("foreigner.who.title")
    assert player.part(TextField, "surname").value == ""


def test_an_unchanged_page_is_not_drawn_again(toolkit: Toolkit) -> None:
    """Who is quick has typed a secret into it by then, and that is nowhere else."""
    player = opened(FOREIGNER, ForeignerModel(toolkit))
    field = player.part(CheckField, "has_bis")
    resume(player, "where", {"has_bis": False})
    assert player.part(CheckField, "has_bis") is field
    assert player.part(Stepper).answers == 1
    resume(player, "where", {"has_bis": True})
    assert player.part(CheckField, "has_bis").value is True


def test_what_the_browser_kept_of_another_version_is_left_out(toolkit: Toolkit) -> None:
    player = opened(FOREIGNER, ForeignerModel(toolkit))
    resume(player, "gone", {"has_bis": "yes", "surname": 7, "unknown": "x"})
    assert player.title == Translator("en").get("foreigner.where.title")
    assert player.part(CheckField, "has_bis").value is False
    assert player.problem == []


def test_back_leads_to_the_step_before_and_the_browser_is_answered(toolkit: Toolkit) -> None:
    player = opened(FOREIGNER, ForeignerModel(toolkit))
    stepper = player.part(Stepper)
    assert stepper.place == "where"
    player.press(values={"has_bis": True})
    assert (stepper.place, stepper.kept["has_bis"]) == ("who", True)
    go(player, "where")
    assert (stepper.place, stepper.answers) == ("where", 1)
    go(player, "contact")  # which nobody has reached
    assert (stepper.place, stepper.answers) == ("where", 2)
    assert player.part(Announcer).text == Translator("en").get("wizard.no_way_back")


def test_forward_leads_again_to_a_step_that_was_reached_before(toolkit: Toolkit) -> None:
    player = opened(FOREIGNER, ForeignerModel(toolkit))
    resume(player, "where", TYPED)
    assert player.part(Stepper).place == "where"
    go(player, "who")
    assert player.part(Stepper).place == "who"
    go(player, "contact")  # without the number nobody gets there
    assert player.part(Stepper).place == "who"
    go(player, "where")
    go(player, "contact")
    assert player.part(Stepper).place == "where", "half a way is none"
    assert [step["state"] for step in player.part(Stepper).steps][:2] == ["now", "later"]


def test_back_and_forward_leave_no_widgets_behind(toolkit: Toolkit) -> None:
    player = opened(FOREIGNER, ForeignerModel(toolkit))
    player.press(values={"has_bis": True})
    player.press(values={"niss": foreigner(), "first_names": "Ngozi", "surname": "Okafor"})
    counts = []
    for _ in range(4):
        for step in ("where", "contact"):
            go(player, step)
            assert player.part(Stepper).place == step
        counts.append(len(open_widgets()))
    assert len(set(counts)) == 1


def test_where_there_is_no_way_nothing_is_lost_that_was_found_out() -> None:
    wizard = Wizard(
        [Step("card"), Step("contact", {"email": ""}, lambda _: [Blocker("x", "email")]), Step("send")]
    )
    names = {step.name: step.name for step in wizard.steps}
    pages = {name: lambda: Page(title="A page", primary="Go on") for name in names}
    trail = BrowserHistory(wizard, pages, names, Translator("en"))
    wizard.keep("holder", "Élise")

    assert not trail.follow("send")

    assert (wizard.current.name, wizard.is_confirmed("card")) == ("card", False)
    assert wizard.result("holder") == "Élise"


def test_no_secret_and_no_number_of_a_person_is_kept_and_what_was_signed_is_the_one_loss(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    """A renewal from its first page to its last."""
    certificate_in(tmp_path, PASSWORD, later="+34mo")
    model, get = RenewModel(toolkit), Translator("en").get
    player = opened(RENEW, model)
    stepper = player.part(Stepper)
    kept: list[str] = []
    losses: dict[str, str] = {}

    def seen() -> None:
        kept.append(repr(stepper.kept))
        losses[stepper.place] = stepper.loss

    seen()
    for values, secrets in (
        ({"accepted": True}, {}),
        ({}, {}),
        ({}, {"pin": PIN}),
        ({}, {"password": PASSWORD}),
        ({"email": "elise@example.be", "phone": "0475 12 34 56"}, {}),
        ({}, {}),
        ({}, {"pin": PIN}),
        ({}, {"first": "Kine-2029", "second": "Kine-2029"}),
        ({}, {}),
    ):
        assert player.problem == []
        player.press(values=values, secrets=secrets)
        seen()
    assert stepper.place == ""
    assert stepper.loss == ""
    saved = "".join(kept)
    assert "elise@example.be" in saved
    for secret in (PASSWORD, "Kine-2029", "79031421872"):
        assert secret not in saved
    assert {name for name, loss in losses.items() if loss} == {"password", "send"}
    assert losses["send"] == get("page.leave.signed")


def foreigner() -> str:
    from ehtoolkit.training.state.invented_people import FOREIGNER

    return FOREIGNER.niss.formatted


NUMBERS = pytest.mark.parametrize(
    ("text", "there"),
    [
        ("79031421872", True),
        ("79.03.14-218.72", True),
        ("SSIN=79031421872 20261124-101500.p12", True),
        ("79 03 14 218 72", True),
        ("x20261124-79.03.14-218.72", True),
        ("79.03.14 - 218.72", True),
        ("79\u00a003\u00a014  218\u2013\u200b72", True),
        ("79031421873", False),
        ("+32 475 12 34 56", False),
        ("0475/12.34.56", False),
        ("CBE=0486132722 20261124-101500.p12", False),
    ],
)


@NUMBERS
def test_a_number_of_a_person_is_known_however_it_is_written(text: str, there: bool) -> None:
    assert has_person_number(text) is there
    assert ("name" in kept_values({"name": text})) is not there


@NUMBERS
def test_the_browser_knows_it_too_before_it_was_shared(text: str, there: bool, tmp_path: Path) -> None:
    program = tmp_path / "look.mjs"
    say = "console.log(JSON.stringify(holdsPersonNumber(process.argv[2])));"
    program.write_text(f"{script('person_number')}\n{say}", encoding="utf-8")
    said = subprocess.run(["node", str(program), text], check=True, capture_output=True).stdout
    assert json.loads(said) is there
