"""A request that was refused, or not confirmed in time: told once for all, and remembered by the first page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import Item, outlook
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.widgets.browser_timers import Countdown
from ehtoolkit.forms.wizards.complete.form import COMPLETE
from ehtoolkit.forms.wizards.complete.model import CompleteModel, renewed_first
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training.state.invented_people import FOREIGNER
from ehtoolkit.training.state.refusal_reasons import MESSAGES

PASSWORD, PIN = Secret("Kine-2026"), Secret("1234")
CONTACT = ContactData("elise@example.be", "0475 12 34 56")


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings(home=tmp_path))
    yield toolkit
    toolkit.close()


@pytest.fixture
def model(toolkit: Toolkit) -> CompleteModel:
    """The form at work on a request that waits."""
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, CONTACT)
    request(requested, card, lambda _: PIN, PASSWORD, toolkit.context, show=lambda _: None)
    return at_work(toolkit)


def at_work(toolkit: Toolkit) -> CompleteModel:
    model = COMPLETE.walk(CompleteModel(toolkit))
    model.choosing.look()
    (path,) = toolkit.context.keystores.glob("*.p12")
    model.wizard.edit({"keystore": path.name})
    model.open(PASSWORD)
    assert model.wizard.confirm()
    return model


def refuse(toolkit: Toolkit) -> None:
    assert toolkit.training is not None
    (held,) = toolkit.training.certificates()
    toolkit.training.decide(held.key_id, deliver=False)


def shown(model: CompleteModel, texts: Translator) -> Page:
    return FormContext(COMPLETE, model, texts, load_settings().home).shown


def on_first_page(toolkit: Toolkit) -> Item:
    context = toolkit.context
    (keystore,) = outlook(
        due_keystores(context.keystores, context.notes), context.clock.now(), context.environment
    )
    return keystore


def words(page: Page) -> str:
    return " ".join([page.title, page.lead, *(getattr(widget, "value", "") for widget in page.body)])


def test_who_waits_learns_of_the_refusal_once_for_all(toolkit: Toolkit, model: CompleteModel) -> None:
    model.complete(lambda _: None)
    assert model.waits
    assert model.refusal is None
    assert on_first_page(toolkit).state is State.WAITING
    refuse(toolkit)
    model.complete(lambda _: None)
    assert isinstance(model.refusal, errors.RequestRefused)
    for language in LANGUAGES:
        texts = Translator(language)
        page = shown(model, texts)
        assert page.title == texts.get("complete.refused.title")
        assert "CERT_REFUSED" in words(page)
        assert MESSAGES["CERT_REFUSED"] not in words(page)  # the platform's own words, in English
        assert not any(isinstance(widget, Countdown) for widget in page.body)
        assert page.work is None
        assert not page.can_cancel
        assert page.arrive is None
        (button,) = page.more
        assert (button.label, button.look) == (texts.get("complete.refused.do"), "primary")
        assert button.href.startswith("request.ipynb?")
        assert Prefill.of_query(button.href.partition("?")[2]).phone == "0475 12 34 56"


def test_the_first_page_says_refused_also_another_day(toolkit: Toolkit, model: CompleteModel) -> None:
    refuse(toolkit)
    model.complete(lambda _: None)
    for _ in range(2):
        keystore = on_first_page(toolkit)
        assert keystore.state is State.REFUSED
        assert keystore.next_step is not None
        assert keystore.next_step.page == "request"
        assert keystore.next_step.address == model.again.address
        at_work(toolkit)  # opened again, and the platform not asked


@pytest.mark.parametrize("pick", [None, renewed_first])
def test_a_refused_request_is_not_proposed_for_completion(
    toolkit: Toolkit, model: CompleteModel, pick: Callable[..., object] | None
) -> None:
    refuse(toolkit)
    model.complete(lambda _: None)
    other = (
        COMPLETE.walk(CompleteModel(toolkit))
        if pick is None
        else COMPLETE.walk(CompleteModel(toolkit, None, renewed_first))
    )
    other.choosing.look()
    assert other.choosing.pick.proposed is None
    assert len(other.choosing.offered) == 1


def test_a_request_that_was_not_confirmed_in_time(toolkit: Toolkit) -> None:
    assert toolkit.training is not None
    request_foreign(ForeignerRequest(FOREIGNER, CONTACT), PASSWORD, toolkit.context)
    model = at_work(toolkit)
    toolkit.training.clock.move("+3mo")
    model.complete(lambda _: None)
    assert isinstance(model.refusal, errors.ValidationOverdue)
    for language in LANGUAGES:
        texts = Translator(language)
        page = shown(model, texts)
        assert page.title == texts.get("complete.refused.late.title")
        (button,) = page.more
        assert button.href == "foreigner.ipynb"
    assert on_first_page(toolkit).state is State.REFUSED


def test_choosing_another_file_forgets_the_refusal(toolkit: Toolkit, model: CompleteModel) -> None:
    refuse(toolkit)
    model.complete(lambda _: None)
    wizard: Wizard = model.wizard
    assert wizard.back()
    wizard.edit({"keystore": "another.p12"})
    assert model.refusal is None
