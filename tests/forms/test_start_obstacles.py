"""What is known before a card, a PIN or a password is said on the first page that can say it."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.start_obstacles import Obstacle, renewal_obstacle, request_obstacle
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.fields import SecretField
from ehtoolkit.forms.wizards.renew import RENEW, RenewModel
from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.forms.wizards.revoke.form import REVOKE
from ehtoolkit.forms.wizards.revoke.model import RevokeModel
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.due_files import LATER, PAST, SOON, closed, look, opened, waiting
from tests.forms.player import Player
from tests.procedures.conftest import behind_wire

TEXTS = Translator("en")
get = TEXTS.get
PIN, PASSWORD = Secret("1234"), Secret("Kine-2026")


def found(*files: object) -> Obstacle | None:
    return renewal_obstacle(look(*files), TEXTS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("files", "what", "page"),
    [
        ([], "none", "request"),
        ([waiting("20261123")], "pending", "complete"),
        ([opened("20231018", PAST)], "over", "request"),
        ([opened("20231018", LATER, platform_state=State.REVOKED)], "over", "request"),
        ([opened("20231018", LATER)], "early", "index"),
    ],
)
def test_why_nothing_can_be_renewed_and_the_form_that_leads_on(
    files: list[object], what: str, page: str
) -> None:
    obstacle = found(*files)
    assert obstacle is not None
    assert obstacle.title == get(f"renew.before.{what}")
    assert obstacle.then is not None
    assert obstacle.then.page == page


@pytest.mark.parametrize(
    "files",
    [
        [opened("20231018", SOON)],
        [closed("20231018")],
        [opened("20231018", PAST), closed("20241018", number="NIHII-PHARMACY=71452079")],
    ],
)
def test_a_renewable_or_unknown_keystore_is_no_obstacle(files: list[object]) -> None:
    assert found(*files) is None


def test_an_estimated_date_is_no_final_obstacle() -> None:
    obstacle = found(opened("20231018", LATER))
    assert obstacle is not None
    assert not obstacle.final


def test_a_waiting_request_is_reported_and_another_is_possible() -> None:
    obstacle = request_obstacle(look(waiting("20261123")), TEXTS)
    assert obstacle is not None
    assert isinstance(obstacle.then, FormLink)
    assert (obstacle.then.page, obstacle.final) == ("complete", False)
    assert request_obstacle(look(opened("20231018", LATER)), TEXTS) is None


def test_requests_that_wait_are_named_by_their_holders() -> None:
    obstacle = request_obstacle(look(waiting("20261123")), TEXTS)
    assert obstacle is not None
    assert "79.03.14-218.72" in obstacle.text
    pharmacy = waiting("20261120", number="NIHII-PHARMACY=71452079")
    both = request_obstacle(look(waiting("20261123"), pharmacy), TEXTS)
    assert both is not None
    assert both.title == get("request.before.waiting.many", count=2)
    assert "79.03.14-218.72" in both.text
    assert "71452079" in both.text
    assert both.then == FormLink.to("complete", "index.complete.do")


# ── on the pages ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def toolkit(tmp_path: Path) -> Toolkit:
    return open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))


def requested(toolkit: Toolkit) -> Path:
    card = toolkit.open_card()
    person = card.identity().person
    certificate_request = CertificateRequest(
        person, person, ContactData("elise@example.be", "+32 4 555 01 42")
    )
    return request(
        certificate_request, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None
    ).keystore


def primary(form: Player) -> list[tuple[str, str]]:
    return [
        (button["name"], button["href"])
        for actions in form.parts(ButtonBar)
        for button in actions.buttons
        if button["look"] == "primary"
    ]


def renewing(toolkit: Toolkit) -> Player:
    model = RENEW.walk(RenewModel(toolkit))
    return Player(FormContext(RENEW, model, TEXTS, load_settings().home, runner=run_inline).root)


def test_without_a_keystore_the_first_page_of_a_renewal_leads_to_the_request(toolkit: Toolkit) -> None:
    form = renewing(toolkit)
    assert get("renew.before.none") in form.html
    assert primary(form) == [("then", "request.ipynb")]
    assert "next" not in form.buttons


def test_a_card_holder_without_files_is_not_asked_for_a_pin(toolkit: Toolkit) -> None:
    complete(KeystoreFile.open(requested(toolkit), PASSWORD), toolkit.context)
    assert toolkit.training is not None
    toolkit.training.clock.move("+34mo")
    form = renewing(toolkit)
    form.press("next", {"accepted": True})
    form.press("next", {"card": "training:karl"})
    assert get("renew.before.none") in form.html
    assert form.parts(SecretField) == []
    assert primary(form) == [("then", "request.ipynb")]
    form.press("other")
    form.press("next", {"card": "training:elise"})
    assert len(form.parts(SecretField)) == 1, "hers may be renewed: now the PIN is asked for"


def test_a_waiting_request_is_reported_on_the_first_page(toolkit: Toolkit) -> None:
    path = requested(toolkit)
    model = REQUEST.walk(RequestModel(toolkit))
    form = Player(FormContext(REQUEST, model, TEXTS, load_settings().home, runner=run_inline).root)
    assert get("request.before.waiting") in form.html
    assert path.name in form.html
    (main,) = re.findall(r"<a [^>]*eh-primary[^>]*>", form.html)
    assert "complete.ipynb?" in main
    assert "next" in form.buttons
    assert primary(form) == [], "to complete it is what most people came for"
    form.press("next", {"accepted": True})
    assert primary(form) == [("next", "")]
    form.press("next", {"card": "training:elise"})
    assert get("request.before.waiting") in form.html, "it is hers"
    form.press("other")
    form.press("next", {"card": "training:karl"})
    assert get("request.before.waiting") not in form.html, "it is not his"


def requesting(toolkit: Toolkit) -> Player:
    """The Request form after the card was read."""
    model = REQUEST.walk(RequestModel(toolkit))
    form = Player(FormContext(REQUEST, model, TEXTS, load_settings().home, runner=run_inline).root)
    form.press("next", {"accepted": True})
    form.press("next", {"card": "training:elise"})
    return form


@pytest.mark.parametrize("opened_here", [True, False])
def test_a_certificate_of_the_card_s_holder_is_known_before_the_pin(
    toolkit: Toolkit, opened_here: bool
) -> None:
    file = KeystoreFile.open(requested(toolkit), PASSWORD)
    complete(file, toolkit.context)
    if not opened_here:
        shutil.rmtree(toolkit.context.notes)
    until = file.keystore.not_after
    form = requesting(toolkit)
    assert get("request.before.own", until=until) in form.html
    assert file.path.name in form.html
    assert len(form.parts(SecretField)) == 1, "one for an organisation can be requested"


def test_a_certificate_that_can_be_renewed_leads_to_the_renewal(toolkit: Toolkit) -> None:
    file = KeystoreFile.open(requested(toolkit), PASSWORD)
    complete(file, toolkit.context)
    assert toolkit.training is not None
    toolkit.training.clock.move("+34mo")
    form = requesting(toolkit)
    (main,) = re.findall(r"<a [^>]*eh-primary[^>]*>", form.html)
    assert "renew.ipynb?" in main
    assert primary(form) == []
    toolkit.training.clock.move("+6mo")
    assert get("request.before.own", until=file.keystore.not_after) not in requesting(toolkit).html


def test_the_platform_that_does_not_answer_stops_no_card(toolkit: Toolkit) -> None:
    complete(KeystoreFile.open(requested(toolkit), PASSWORD), toolkit.context)
    shutil.rmtree(toolkit.context.notes)
    road = behind_wire(toolkit)
    road.wire.before["getcertificate"] = errors.PlatformUnreachable(
        host="platform", reason="connect", sent=False
    )
    assert len(requesting(road.toolkit).parts(SecretField)) == 1


def test_going_back_to_the_card_asks_for_no_second_pin(toolkit: Toolkit) -> None:
    form = requesting(toolkit)
    form.press("next", secrets={"pin": PIN.reveal()})
    assert form.title == get("request.who.title")
    form.press("back")
    assert form.title == get("steps.card.title")
    assert get("steps.card.identified") in form.html
    assert form.parts(SecretField) == []
    form.press("next")
    assert form.title == get("request.who.title")
    form.press("back")
    form.press("other")
    form.press("next", {"card": "training:karl"})
    assert len(form.parts(SecretField)) == 1, "another card"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_blocked_card_is_not_asked_for_its_pin(toolkit: Toolkit, language: LanguageName) -> None:
    card = toolkit.open_card("training:elise")
    for _ in range(3):
        with suppress(errors.PinError):
            card.sign(CardKey.AUTHENTICATION, b"data", Secret("4321"))
    texts = Translator(language)
    model = REVOKE.walk(RevokeModel(toolkit))
    form = Player(FormContext(REVOKE, model, texts, load_settings().home, runner=run_inline).root)
    form.press("next", {"looked": True})
    form.press("next", {"accepted": True})
    form.press("next", {"card": "training:elise"})
    assert texts.get("error.pin_blocked") in form.html
    assert form.parts(SecretField) == []
    assert "next" not in form.buttons
