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
from tests.procedures.conftest import PASSWORD, PIN, Road, road, warm_home
from tests.support.status_answers import REQUESTER, status_instead

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
    with pytest.raises((errors.KeystoreError, errors.RequestUnclear)) as caught:
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
    error, addresses = stopped(road)
    assert isinstance(error, errors.NeverSent)
    assert addresses == [f"request.ipynb?resume={key_of_file(path.name)}"]
    assert may_insist(error)


def test_one_that_may_have_been_sent_can_be_given_up(road: Road) -> None:
    """Another key is asked for, and the old file goes into the archive."""
    road.wire.before["generatecertificate"] = UNSENT
    with pytest.raises(errors.PlatformUnreachable):
        road.ask()
    road.wire.before.clear()
    road.wire.after['getcertificate"'] = status_instead(REQUESTER, "X_4711")
    (path,) = road.keystores
    error, addresses = stopped(road)
    assert isinstance(error, errors.RequestUnclear)
    assert (error.reason, may_insist(error)) == ("unlisted", True)
    assert addresses == [f"complete.ipynb?keystore={key_of_file(path.name)}"]
    model = at_the_summary(road, insist=True)
    model.draw_up_contract()
    assert model.wizard.confirm()
    model.sign(PIN)
    assert model.wizard.confirm()
    model.choose_password(PASSWORD)
    assert model.wizard.confirm()
    model.send()
    assert road.keystores == [model.sent.outcome.keystore]
    assert (path.parent / "archive" / path.name).exists()


def sending(road: Road) -> RequestModel:
    """The form before its last step."""
    model = at_the_summary(road)
    model.draw_up_contract()
    assert model.wizard.confirm()
    model.sign(PIN)
    assert model.wizard.confirm()
    model.choose_password(PASSWORD)
    assert model.wizard.confirm()
    return model


def test_what_did_not_leave_this_computer_is_sent_by_a_second_press(road: Road) -> None:
    """Also on a platform of which no code is known: this computer knows that nothing arrived."""
    model = sending(road)
    road.wire.before["generatecertificate"] = UNSENT
    with pytest.raises(errors.PlatformUnreachable):
        model.send()
    road.wire.before.clear()
    road.wire.after['getcertificate"'] = status_instead(REQUESTER, "X_4711")
    model.send()
    assert road.keystores == [model.sent.outcome.keystore]
    assert road.wire.count("generatecertificate") == 2, "one of them did not leave"


def test_what_may_have_arrived_is_not_sent_by_a_second_press(road: Road) -> None:
    model = sending(road)
    road.wire.lost["generatecertificate"] = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
    road.wire.after['getcertificate"'] = status_instead(REQUESTER, "X_4711")
    for _ in range(2):
        with pytest.raises((errors.ResponseLost, errors.RequestUnclear)):
            model.send()
    assert road.wire.count("generatecertificate") == 1
    assert len(road.keystores) == 1


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
