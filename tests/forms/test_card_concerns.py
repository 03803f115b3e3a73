"""What the forms' card step says about a card: the one problem, one note, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from ehtoolkit import errors
from ehtoolkit.card.trust import error, info, ok, warning
from ehtoolkit.forms.steps.card_display import CardWarnings
from ehtoolkit.forms.wizards.request.form import REQUEST
from ehtoolkit.forms.wizards.request.model import RequestModel
from ehtoolkit.i18n import Translator
from tests.procedures.conftest import Road, road, warm_home

__all__ = ["road", "warm_home"]

TEXTS = Translator("en")


def read(road: Road, name: str) -> CardWarnings:
    model = REQUEST.walk(RequestModel(road.toolkit))
    model.wizard.edit({"accepted": True, "card": f"training:{name}"})
    assert model.wizard.confirm()
    model.reading.read(model.wizard)
    found = model.card
    assert found is not None
    return CardWarnings.of(found.problem, found.findings)


def test_a_sound_card_has_nothing_to_say(road: Road) -> None:
    concerns = read(road, "elise")
    assert concerns.verdict(TEXTS) is None
    assert concerns.note(TEXTS) is None
    assert concerns.proven(TEXTS) == [Translator("en").get("card.identity_proven")]


def test_a_card_of_a_minor_has_the_advice_for_minors(road: Road) -> None:
    concerns = read(road, "lina")
    verdict = concerns.verdict(TEXTS)
    assert verdict is not None
    assert "before its holder was 18" in verdict
    assert "new card once you are 18" in verdict
    assert concerns.note(TEXTS) is None


def test_the_advice_for_an_old_card_is_no_renewal_of_its_certificates(road: Road) -> None:
    concerns = read(road, "rita")
    verdict, note = concerns.verdict(TEXTS), concerns.note(TEXTS)
    assert verdict is not None
    assert note is not None
    assert "Do not have the certificates of this one renewed" in verdict
    assert "This card expired on" in note
    assert "certificate" not in note


def test_only_what_matters_in_one_panel() -> None:
    findings = [
        error("photo_forged"),
        warning("register_usage", name="<RRN>"),
        info("holder_under_18"),
        ok("identity_proven"),
    ]

    note = CardWarnings.of(None, findings).note(TEXTS)
    assert note is not None
    assert note.count("eh-panel ") == 1
    assert note.count("<p>") == 2
    assert "&lt;RRN&gt;" in note
    assert "under 18" not in note


def test_a_problem_without_better_advice_says_it_itself() -> None:
    problem = errors.SigningUnsupported(module="opensc-pkcs11.so", certificate="Signature")
    revoked = error("certificate_revoked", certificate="Signature", date=datetime(2026, 10, 1, tzinfo=UTC))
    concerns = CardWarnings.of(problem, [error("identity_forged"), revoked])
    verdict, note = concerns.verdict(TEXTS), concerns.note(TEXTS)
    assert verdict is not None
    assert note is not None
    assert TEXTS.next_step(problem) in verdict
    assert "was changed" in note
    assert "was revoked on 1 October 2026" in note
