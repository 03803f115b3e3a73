"""Is it the certificate? In order, with the embedded platform, and whom to call in the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.doctor import Contact, Triage, TriageVerdict, find_known_error, triage
from ehtoolkit.doctor.certificate_triage import Recognition
from ehtoolkit.doctor.known_errors import codes_in
from ehtoolkit.ehealth.certra import ActorQualities
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.procedures.authorization import ask_qualities
from ehtoolkit.secret import Secret
from ehtoolkit.training import Scenario
from tests.doctor.conftest import keys
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.training_life import LABORATORY, PHARMACY, Life


def ask(
    road: Road,
    path: Path,
    says: str = "",
    password: Secret | None = PASSWORD,
    *,
    recognition: Recognition | None = None,
) -> Triage:
    return triage(
        path,
        password,
        road.toolkit,
        advice=find_known_error(says),
        codes=codes_in(says),
        recognition=recognition,
    )


def complete(road: Road) -> Path:
    """A keystore that is complete, and in use."""
    waiting = road.ask()
    road.wait()
    return road.complete(waiting).keystore


def recognised(road: Road, person: str = "default") -> Recognition:
    with_card = road.toolkit.open_card(f"training:{person}")
    return Recognition(with_card.identity(), ask_qualities(with_card, PIN, road.toolkit.context))


def about(found: Triage) -> list[tuple[str, str]]:
    """The questions in the order in which they were answered, with the worst answer to each."""
    answers: dict[str, str] = {}
    for subject, severity, _ in keys(found.lines):
        answers.setdefault(subject, severity)
    return list(answers.items())


def test_a_certificate_that_is_fine(road: Road) -> None:
    found = ask(road, complete(road), "SOA-01002", recognition=recognised(road))
    assert (found.verdict, found.contact) == (TriageVerdict.FINE, Contact.VENDOR)
    assert about(found) == [
        *(("file", "ok"), ("clock", "ok"), ("known", "ok"), ("depot", "ok")),
        *(("keys", "ok"), ("messages", "ok"), ("session", "ok"), ("person", "ok")),
    ]
    for language in LANGUAGES:
        texts = Translator(language)
        assert "SOA-01002" in found.sentence(texts)
        assert found.call(texts) == texts.get("doctor.call.vendor")


def test_the_certificate_of_an_organisation_with_unknown_claims(road: Road) -> None:
    life = Life(road, "elise", LABORATORY)
    asked = life.ask()
    life.move("+11d")
    found = ask(road, road.complete(asked).keystore)
    assert found.verdict is TriageVerdict.FINE
    assert ("session", "warning") in about(found)


def test_a_fine_certificate_without_a_code_asks_for_it(road: Road) -> None:
    found = ask(road, complete(road))
    assert (found.verdict, found.contact, found.codes) == (TriageVerdict.FINE, Contact.VENDOR, ())
    assert "code" in found.sentence(Translator("en"))
    assert ("person", "info") in about(found)


def test_the_code_names_the_contact(road: Road) -> None:
    path = complete(road)
    assert ask(road, path, "SOA-02001").contact is Contact.EHEALTH
    assert ask(road, path, "[ERR200066]").contact is Contact.REGISTERS
    assert ask(road, path, "[ERR200031]").contact is Contact.MUNICIPALITY
    assert ask(road, path, "[ERR200028]").contact is Contact.VENDOR


def test_without_the_password_the_state_is_unknown(road: Road) -> None:
    path = complete(road)
    closed = ask(road, path, password=None)
    assert (closed.verdict, closed.contact) == (TriageVerdict.CLOSED, Contact.NOBODY)
    wrong = ask(road, path, password=Secret("Kine-2025"))
    assert wrong.verdict is TriageVerdict.CLOSED, "mistyped: it says nothing about the certificate"
    assert keys(wrong.lines)[0] == ("file", "error", "password_wrong")
    assert [line.about for line in wrong.lines] == ["file"] * len(wrong.lines)


@pytest.mark.parametrize(
    ("says", "contact"),
    [
        ("SOA-01002", Contact.VENDOR),
        ("[ERR200031]", Contact.MUNICIPALITY),
        ("[ERR200021]", Contact.NOBODY),  # of the keystore: its password comes first
        ("no code", Contact.NOBODY),
    ],
)
def test_a_closed_keystore_leaves_the_contact_to_a_code_that_no_keystore_causes(
    road: Road, says: str, contact: Contact
) -> None:
    closed = ask(road, complete(road), says, password=None)
    assert (closed.verdict, closed.contact) == (TriageVerdict.CLOSED, contact)


def test_a_file_that_is_broken(road: Road, tmp_path: Path) -> None:
    whole = complete(road)
    cut = whole.with_name("SSIN=79031421872 20261124-130000.p12")
    cut.write_bytes(whole.read_bytes()[:900])
    assert ask(road, cut).verdict is TriageVerdict.FILE
    assert ask(road, tmp_path / "missing.p12").verdict is TriageVerdict.FILE


def test_a_request_that_waits(road: Road) -> None:
    waiting = road.ask()
    found = ask(road, waiting.keystore)
    assert found.verdict is TriageVerdict.UNFINISHED
    assert ("known", "warning", "known_waiting") in keys(found.lines)


def test_a_wrong_clock_is_reported_before_the_certificate(road: Road) -> None:
    path = complete(road)
    assert road.toolkit.training is not None
    road.toolkit.training.switch(Scenario.CLOCK_WRONG, on=True)
    found = ask(road, path, "[ERR200024]")
    assert ("clock", "error") in about(found)
    assert found.verdict is TriageVerdict.CLOCK
    assert found.contact is Contact.CONSULTANT


@pytest.mark.parametrize(
    ("scenario", "key"),
    [
        (Scenario.STS_NOT_AUTHORISED, "no_session_right"),
        (Scenario.STS_DOWN, "no_session_platform"),
        (Scenario.STS_OTHER_KEY, "no_session_platform"),
    ],
)
def test_no_session_and_no_fault_of_the_certificate(road: Road, scenario: Scenario, key: str) -> None:
    path = complete(road)
    assert road.toolkit.training is not None
    road.toolkit.training.switch(scenario, on=True)
    found = ask(road, path)
    assert found.verdict is TriageVerdict.FINE
    assert ("session", "warning", key) in keys(found.lines)


def test_a_platform_that_does_not_answer(road: Road) -> None:
    path = complete(road)
    road.wire.before["CertRa"] = errors.PlatformTimeout(host="h", seconds=3, sent=True)
    found = ask(road, path)
    assert (found.verdict, found.contact) == (TriageVerdict.UNCHECKED, Contact.EHEALTH)
    assert ("known", "warning", "platform_timeout") in keys(found.lines)


def test_after_a_renewal(road: Road) -> None:
    """One file waits for its activation; then the other one opens nothing new any more."""
    life = Life(road, "default")
    old, new = life.renewed()
    waiting = ask(road, new.path)
    assert waiting.verdict is TriageVerdict.UNFINISHED
    assert ("depot", "warning", "etk_to_activate") in keys(waiting.lines)
    assert ask(road, old.path).verdict is TriageVerdict.FINE
    life.activate(new)
    found = ask(road, old.path, "[ERR200021]")
    assert found.verdict is TriageVerdict.FILE
    assert ("depot", "error", "depot_newer") in keys(found.lines)
    assert ask(road, new.path).verdict is TriageVerdict.FINE


def test_a_certificate_that_is_over_or_revoked(road: Road) -> None:
    life = Life(road, "default")
    file = life.due()
    assert ask(road, file.path).verdict is TriageVerdict.FINE
    life.revoke(file.keystore.key_id)
    revoked = ask(road, file.path)
    assert revoked.verdict is TriageVerdict.FILE
    assert ("known", "error", "revoked") in keys(revoked.lines)
    life.move("+3mo")
    assert ask(road, file.path).verdict is TriageVerdict.FILE


def test_a_person_that_the_registers_do_not_know(road: Road) -> None:
    path, known = complete(road), recognised(road)
    assert known.qualities is not None
    unknown = replace(known, qualities=replace(known.qualities, natural_person=False))
    found = ask(road, path, recognition=unknown)
    assert (found.verdict, found.contact) == (TriageVerdict.PERSON, Contact.REGISTERS)
    for language, body in zip(LANGUAGES, ("INAMI", "RIZIV", "LIKIV", "NIHDI"), strict=True):
        (line,) = (line for line in found.lines if line.key == "person_unknown")
        assert body in line.next_step(Translator(language))


def test_another_persons_card_is_reported_with_both_numbers(road: Road) -> None:
    path, other = complete(road), recognised(road, "bram")
    found = ask(road, path, recognition=other)
    (line,) = (line for line in found.lines if line.key == "person_other")
    message = line.message(Translator("en"))
    assert other.identity.niss.digits in message
    assert path.name.partition("=")[2].partition(" ")[0] in message
    hidden = line.fit_to_send().message(Translator("en"))
    assert other.identity.niss.digits not in hidden


def test_a_card_shows_its_holder_without_a_pin(road: Road) -> None:
    path = complete(road)
    own = ask(road, path, recognition=Recognition.without_pin(road.toolkit))
    assert ("person", "info", "person_unasked") in keys(own.lines)
    other = Recognition(road.toolkit.open_card("training:bram").identity())
    found = ask(road, path, recognition=other)
    assert ("person", "warning", "person_other") in keys(found.lines)
    assert found.verdict is TriageVerdict.FINE
    road.toolkit.open_card().unplug()  # type: ignore[attr-defined]  # a training card's
    assert Recognition.without_pin(road.toolkit) is None


def test_an_organisation_of_the_cards_holder(road: Road) -> None:
    life = Life(road, "ines", PHARMACY)
    file = life.first()
    listed = ask(road, file.path, recognition=recognised(road, "ines"))
    assert (listed.verdict, about(listed)[-1]) == (TriageVerdict.FINE, ("person", "ok"))
    unlisted = ask(road, file.path, recognition=recognised(road, "bram"))
    assert ("person", "warning", "organisation_unlisted") in keys(unlisted.lines)


def test_nothing_is_changed(road: Road) -> None:
    path = complete(road)
    before = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    ask(road, path, "SOA-01001", recognition=recognised(road))
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == before


def test_the_platform_is_asked_and_nothing_is_sent_that_counts(road: Road) -> None:
    path = complete(road)
    road.wire.seen.clear()
    ask(road, path)
    assert road.wire.seen
    for word in (
        "generateCertificate",
        "revoke",
        "submitCSR",
        "activate",
        "registerToken",
        "generateContract",
    ):
        assert road.wire.count(word) == 0


@pytest.mark.parametrize("verdict", list(TriageVerdict))
def test_every_verdict_has_its_sentence(verdict: TriageVerdict) -> None:
    found = Triage(verdict, ())
    for language in LANGUAGES:
        texts = Translator(language)
        assert found.sentence(texts).endswith(".")
        assert found.call(texts).endswith(".")


def test_qualities_of_the_platform_are_what_counts(road: Road) -> None:
    assert isinstance(recognised(road).qualities, ActorQualities)
