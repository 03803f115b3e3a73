"""The Request form when something is there already: it stops before the contract and leads to the step that goes on."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.steps.sending import may_insist
from ehtoolkit.forms.wizards.request.form import REQUEST, leads_past
from ehtoolkit.forms.wizards.request.holder_choice import MYSELF
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from tests.procedures.conftest import PIN, Road, road, warm_home

__all__ = ["road", "warm_home"]

UNSENT = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


def at_the_summary(road: Road, *, insist: bool = False) -> RequestModel:
    """The form, filled in by the usual person, before the contract is drawn up."""
    model = REQUEST.walk(RequestModel(road.toolkit))
    wizard = model.wizard
    wizard.edit({"accepted": True, "card": "training:default"})
    assert wizard.confirm()
    model.reading.read(wizard)
    model.ask_choices(PIN)
    assert wizard.confirm()
    wizard.edit({"actor": MYSELF})
    assert wizard.confirm()
    wizard.edit({"email": "elise@example.be", "phone": "+32 4 555 01 42", "insist": insist})
    assert wizard.confirm()
    assert wizard.current.name == "check"
    return model


def complete_one(road: Road) -> str:
    outcome = road.ask()
    road.wait()
    road.complete(outcome)
    return outcome.keystore.name


def stopped(road: Road) -> tuple[errors.EhToolkitError, list[str]]:
    """The error, and where it leads; whatever it is, no contract was asked for, and no file came."""
    files, contracts = road.keystores, road.wire.count("generateContract")
    model = at_the_summary(road)
    with pytest.raises(errors.KeystoreError) as caught:
        model.draw_up_contract()
    model.close()
    assert (road.keystores, road.wire.count("generateContract")) == (files, contracts)
    return caught.value, [link.address for link in leads_past(caught.value)]


def test_one_that_serves_leads_to_its_revocation_and_a_second_makes_no_sense(road: Road) -> None:
    name = complete_one(road)
    error, addresses = stopped(road)
    assert isinstance(error, errors.CertificateInForce)
    assert addresses == [f"revoke.ipynb?keystore={key_of_file(name)}"]
    assert not may_insist(error)


def test_one_that_can_be_renewed_leads_to_its_renewal(road: Road) -> None:
    name = complete_one(road)
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move("+34mo")
    error, addresses = stopped(road)
    assert addresses == [
        f"renew.ipynb?keystore={key_of_file(name)}",
        f"revoke.ipynb?keystore={key_of_file(name)}",
    ]
    assert may_insist(error)
    model = at_the_summary(road, insist=True)
    model.draw_up_contract()
    model.close()


def test_one_that_waits_leads_to_its_completion(road: Road) -> None:
    name = road.ask().keystore.name
    error, addresses = stopped(road)
    assert isinstance(error, errors.RequestWaiting)
    assert addresses == [f"complete.ipynb?keystore={key_of_file(name)}"]
    assert may_insist(error)


def test_one_that_waits_and_is_not_here_leads_nowhere(road: Road) -> None:
    road.ask().keystore.unlink()
    error, addresses = stopped(road)
    assert error.facts["reason"] == "elsewhere"
    assert addresses == []


def test_one_that_was_never_sent_leads_to_its_sending(road: Road) -> None:
    road.wire.before["generatecertificate"] = UNSENT
    with pytest.raises(errors.PlatformUnreachable):
        road.ask()
    road.wire.before.clear()
    (path,) = road.keystores
    name = path.name.replace(" ", "%20").replace("=", "%3D")
    error, addresses = stopped(road)
    assert isinstance(error, errors.NeverSent)
    assert addresses == [f"request.ipynb?resume={name}"]
    assert may_insist(error)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_where_it_leads_and_the_box_to_insist(road: Road, language: LanguageName) -> None:
    complete_one(road)
    assert road.toolkit.training is not None
    road.toolkit.training.clock.move("+34mo")
    texts = Translator(language)
    model = at_the_summary(road)
    page = FormContext(REQUEST, model, texts, load_settings().home).shown
    leads, insist = page.body[-2:]
    assert (leads.value, insist.layout.display) == ("", "none")
    with pytest.raises(errors.CertificateInForce) as caught:
        model.draw_up_contract()
    assert page.on_error is not None
    page.on_error(caught.value)
    assert texts.get("index.renew") in leads.value
    assert texts.get("index.revoke") in leads.value
    assert insist.layout.display == ""
    model.close()
