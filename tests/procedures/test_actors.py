"""For whom somebody may ask, by which rules; and a request for an organisation that cannot be."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.certra import ActorQualities, NamedOrganisation, OrganisationType
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.codec.pkcs12 import password_matches
from ehtoolkit.procedures.allowed_holders import (
    LIMIT,
    ApplicationIds,
    EligibleActors,
    ListedOrganisation,
    OrganisationCheck,
    eligible_actors,
    fetch_eligible_actors,
)
from ehtoolkit.procedures.authorization import TRIED
from ehtoolkit.procedures.organisation_types import BASE_SERVICES, OrganisationTypes, Rule, organisation_types
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.authority import certificate_register
from tests.procedures.conftest import PASSWORD, PIN, Road, road, warm_home
from tests.procedures.organisation_requests import OTHER, PRACTICE, ask, card_of
from tests.support.catalogues import messages

__all__ = ["road", "warm_home"]

PHARMACY = Identifier("NIHII-PHARMACY", "71452079")


def keys(found: EligibleActors) -> list[str]:
    return [notice.key for notice in found.notices("fr")]


# ── what may be asked for ────────────────────────────────────────────────────────────────────────────────
def test_the_organisations_are_listed_with_what_is_in_use(road: Road) -> None:
    ask(road)
    ask(road, application_id="app-2")
    found = fetch_eligible_actors(card_of(road), PIN, road.toolkit.context)
    assert found.natural_person
    assert found.types.live
    (practice,) = found.organisations
    assert practice.text == PRACTICE.text
    assert practice.identifier == PRACTICE
    assert set(practice.application_ids.used) == {None, "APP-2"}
    assert practice.application_ids.room == LIMIT - 2
    assert (practice.name("fr"), practice.name("nl")) == ("Cabinet Les Tilleuls", "Praktijk De Linden")
    assert practice.name("de") == "Cabinet Les Tilleuls"
    assert keys(found) == ["enterprise_only"]


def test_an_organisation_without_a_name_is_called_by_its_number(road: Road) -> None:
    """The schema lets a name be empty, and the others on the list have one."""

    def nameless(answer: Response) -> Response:
        body, count = re.subn(b"Cabinet Les Tilleuls|Praktijk De Linden", b"", answer.body)
        assert count == 2
        return Response(answer.status, answer.headers, body)

    road.wire.after["getActorQualities"] = nameless
    found = fetch_eligible_actors(card_of(road), PIN, road.toolkit.context)
    assert [organisation.name("fr") for organisation in found.organisations] == [PRACTICE.text]


def test_a_person_without_organisation_gets_a_reason(road: Road) -> None:
    found = fetch_eligible_actors(card_of(road, "karl"), PIN, road.toolkit.context)
    assert found.natural_person
    assert keys(found) == ["no_organisation", "not_appointed", "not_registered", "other_number"]


def test_a_person_unknown_to_the_registers_gets_a_reason(road: Road) -> None:
    found = fetch_eligible_actors(card_of(road, "wim"), PIN, road.toolkit.context)
    assert not found.natural_person
    assert keys(found) == ["not_qualified"]


def test_a_wrong_pin_is_the_cards_business(road: Road) -> None:
    with pytest.raises(errors.PinWrong):
        fetch_eligible_actors(card_of(road), Secret("4321"), road.toolkit.context)


def test_missing_facts_of_the_platform_are_unknown(road: Road) -> None:
    down = errors.PlatformFault(code="SOA-02001", origin="", detail="", correlation_id=None)
    road.wire.before = {"getGenericOrganizationTypes": down, "getexistingapplicationids": down}
    found = fetch_eligible_actors(card_of(road), PIN, road.toolkit.context)
    assert not found.types.live
    assert found.organisations[0].application_ids == ApplicationIds(known=False)
    assert found.organisations[0].application_ids.room is None
    assert keys(found) == ["enterprise_only", "ids_unknown", "types_offline"]


def test_a_platform_that_does_not_say_is_not_asked_about_each_organisation(road: Road) -> None:
    road.wire.before["getexistingapplicationids"] = errors.PlatformTimeout(
        host="platform", seconds=30, sent=True
    )
    many = tuple(NamedOrganisation("CBE", f"04{number:08d}", {"fr": "X"}) for number in range(40))
    found = eligible_actors(ActorQualities(True, many), road.toolkit.context)
    assert len(found.organisations) == 40
    assert road.wire.count("getexistingapplicationids") == 1


def test_who_has_very_many_organisations_chooses_first(road: Road) -> None:
    many = tuple(NamedOrganisation("CBE", f"04{number:08d}", {"fr": "X"}) for number in range(40))
    found = eligible_actors(ActorQualities(True, many), road.toolkit.context)
    assert [organisation.application_ids.known for organisation in found.organisations] == [True] * 20 + [
        False
    ] * 20
    assert keys(found) == ["enterprise_only"]


def test_a_type_that_is_newer_than_this_program_is_shown_and_not_offered(road: Road) -> None:
    new = NamedOrganisation("NIHII-TELECARE", "71452079", {"nl": "Zorg op afstand"})
    found = eligible_actors(ActorQualities(True, (new,)), road.toolkit.context)
    assert found.organisations[0].identifier is None
    assert found.organisations[0].name("fr") == "Zorg op afstand"
    assert keys(found) == ["type_unknown"]
    assert road.wire.count("getexistingapplicationids") == 0


@pytest.mark.parametrize(
    ("used", "key"),
    [(7, None), (8, "limit_near"), (9, "limit_near"), (10, "limit_reached"), (12, "limit_reached")],
)
def test_the_limit_of_ten_is_warned_of(road: Road, used: int, key: str | None) -> None:
    listed = "".join(f"<ApplicationId>A-{number}</ApplicationId>" for number in range(used))
    road.wire.after["getexistingapplicationids"] = replaced(
        rb"(GetExistingApplicationIdsResponse[^>]*?)/>",
        rb'\1 xmlns="urn:be:fgov:ehealth:certra:protocol:v2">'
        + listed.encode()
        + b"</certra:GetExistingApplicationIdsResponse>",
    )
    found = fetch_eligible_actors(card_of(road), PIN, road.toolkit.context)
    assert found.organisations[0].application_ids.room == max(0, LIMIT - used)
    assert [key for key in keys(found) if key.startswith("limit")] == ([key] if key else [])


def replaced(pattern: bytes, by: bytes) -> Callable[[Response], Response]:
    def act(answer: Response) -> Response:
        body, count = re.subn(pattern, by, answer.body)
        assert count, answer.body
        return Response(answer.status, answer.headers, body)

    return act


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_has_a_sentence_and_a_step(language: LanguageName) -> None:
    texts, types = Translator(language), OrganisationTypes.of_ours()
    new = ListedOrganisation(NamedOrganisation("EHP-TELECARE", "1", {"nl": "Zorg"}), ApplicationIds())
    enterprise = ListedOrganisation(NamedOrganisation("CBE", "0486132722", {}), ApplicationIds(known=False))
    found = [
        *EligibleActors(ActorQualities(False, ()), (new, enterprise), types).notices(language),
        *EligibleActors(ActorQualities(True, ()), (), types).notices(language),
        *OrganisationCheck(types, frozenset(Rule), ApplicationIds(("A",) * LIMIT)).notices("Zorg"),
        *OrganisationCheck(types, frozenset(), ApplicationIds(tuple(map(str, range(9))))).notices("Zorg"),
        *OrganisationCheck(types, frozenset(), ApplicationIds(tuple(map(str, range(10))))).notices("Zorg"),
    ]
    kept = {key.split(".")[1] for key in messages("actors", language)} - {"type"}
    assert {notice.key for notice in found} == kept
    for notice in found:
        sentence, step = notice.message(texts), notice.next_step(texts)
        assert sentence != step
        assert "{" not in sentence + step


# ── numbers against the platform's list ──────────────────────────────────────────────────────────────────
@pytest.fixture
def types(road: Road) -> OrganisationTypes:
    return organisation_types(road.toolkit.context)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("CBE=0486132723", "check_digits"),
        ("CBE-TREAT_CENTER=0486132723", "check_digits"),
        ("CBE=2486132793", "first_digit"),
        ("NIHII=71452078", "check_digits"),
        ("NIHII11=71452078001", "check_digits"),
        ("NIHII-PHARMACY=71452078", "check_digits"),
        ("NIHII-LABO=71452079", "pattern"),
        ("NIHII-HOSPITAL=81452075", "pattern"),
    ],
)
def test_a_number_that_the_list_does_not_let_pass(types: OrganisationTypes, number: str, reason: str) -> None:
    kind, _, value = number.partition("=")
    with pytest.raises(errors.IdentifierInvalid) as caught:
        types.check(Identifier(kind, value))
    assert caught.value.facts["reason"] == reason


@pytest.mark.parametrize(
    ("number", "unapplied"),
    [
        ("CBE=0486132722", set()),
        ("NIHII-PHARMACY=71452079", set()),
        ("NIHII11=71452079001", set()),
        ("SITE=1234", {Rule.PATTERN}),
        ("SITEPIT=9000000000", {Rule.PATTERN}),
        ("EHP=1234567890", set()),
        ("NIHII-GROUP=71452079", set()),
        ("NIHII-GROUP=94123456", {Rule.CHECK_DIGITS}),
        ("NIHII-GROUP_MIDWIVES=94123456", {Rule.CHECK_DIGITS}),
        ("NIHII-BELRAI=12345678", {Rule.PATTERN}),
    ],
)
def test_a_rule_that_cannot_be_applied_is_no_reason_to_refuse(
    types: OrganisationTypes, number: str, unapplied: set[Rule]
) -> None:
    kind, _, value = number.partition("=")
    assert types.check(Identifier(kind, value)) == unapplied


def test_a_type_that_the_platform_does_not_list() -> None:
    listed = OrganisationTypes.of_list([OrganisationType("CBE", {}, None, (), ())])
    with pytest.raises(errors.IdentifierInvalid) as caught:
        listed.check(PHARMACY)
    assert caught.value.facts["reason"] == "unlisted"


def test_a_check_digit_rule_without_a_family_is_reported() -> None:
    listed = OrganisationTypes.of_list([OrganisationType("SITE", {}, None, ("MOD11",), ())])
    assert listed.check(Identifier("SITE", "1234")) == {Rule.CHECK_DIGITS}


def test_without_the_list_ours_stands_in() -> None:
    ours = OrganisationTypes.of_ours()
    assert not ours.live
    assert "SSIN" not in ours.types
    assert ours.check(PHARMACY) == set()
    assert ours.check(Identifier("NIHII-PHARMACY", "71452078")) == set()  # its rule is the list's to tell
    with pytest.raises(errors.IdentifierInvalid):
        ours.check(Identifier("CBE", "0486132723"))
    assert ours.base_services("CBE") == BASE_SERVICES


def test_a_pattern_that_would_run_for_ever_is_not_applied() -> None:
    evil = OrganisationType("CBE", {}, r"((((\d*)*)*)*)*x", (), ())
    start = time.process_time()
    assert OrganisationTypes.of_list([evil]).check(PRACTICE) == {Rule.PATTERN}
    assert time.process_time() - start < 1


def test_names_of_types_in_the_users_language(types: OrganisationTypes) -> None:
    names = {language: types.name("NIHII-PHARMACY", Translator(language)) for language in LANGUAGES}
    assert names == {"fr": "Pharmacie", "nl": "Apotheek", "de": "Apotheke", "en": "Pharmacy"}
    new = OrganisationTypes.of_list(
        [OrganisationType("NIHII-TELECARE", {"nl": "Zorg op afstand"}, None, (), ())]
    )
    assert new.name("NIHII-TELECARE", Translator("de")) == "Zorg op afstand"
    assert new.name("NIHII-NOWHERE", Translator("de")) == "NIHII-NOWHERE"
    assert new.known == ()


def test_every_type_of_ours_has_a_name_in_four_languages() -> None:
    ours = OrganisationTypes.of_ours()
    for language in LANGUAGES:
        assert [kind for kind in ours.types if ours.name(kind, Translator(language)) == kind] == []


# ── a request ────────────────────────────────────────────────────────────────────────────────────────────
def test_only_the_base_services_of_the_type_are_asked_for(road: Road) -> None:
    ask(road)
    ask(road, PHARMACY, name="ines")
    records = certificate_register.all_records(road.toolkit.training)  # type: ignore[arg-type]
    services = {record.holder.dn.identifier.type: record.base_services for record in records}
    assert services == {"CBE": ("tsa", "codage", "other"), "NIHII-PHARMACY": BASE_SERVICES}


@pytest.mark.parametrize("application_id", [None, "KASSE-1"])
def test_an_application_id_in_use_is_reported_before_signing(road: Road, application_id: str | None) -> None:
    first = ask(road, application_id=application_id)
    first.keystore.unlink()  # so that no waiting keystore of ours speaks first
    asked = road.wire.count("getActorQualities")
    with pytest.raises(errors.ApplicationIdTaken) as caught:
        ask(road, application_id=application_id)
    facts = (
        {"application_id": "", "reason": "none"} if application_id is None else {"application_id": "KASSE-1"}
    )
    assert caught.value.facts == facts
    assert road.wire.count("getActorQualities") == asked
    assert road.keystores == []


def test_a_waiting_keystore_of_the_same_name_is_reported_first(road: Road) -> None:
    first = ask(road)
    with pytest.raises(errors.RequestWaiting) as caught:
        ask(road)
    assert caught.value.facts["path"] == str(first.keystore)


def test_an_application_id_that_is_malformed(road: Road) -> None:
    with pytest.raises(errors.DistinguishedNameInvalid) as caught:
        ask(road, application_id="été n° 1")
    assert caught.value.facts["reason"] == "application_id"
    assert road.wire.seen == []


def test_the_file_is_named_by_the_application_id_as_the_certificate_has_it(road: Road) -> None:
    outcome = ask(road, application_id="kasse-1")
    assert outcome.keystore.name.startswith("CBE=0486132722,KASSE-1 ")


def test_wrong_check_digits_never_reach_the_card(road: Road) -> None:
    with pytest.raises(errors.IdentifierInvalid):
        ask(road, Identifier("NIHII-PHARMACY", "71452078"), name="ines")
    assert road.wire.count("getActorQualities") == 0


# ── passwords apart ──────────────────────────────────────────────────────────────────────────────────────
def test_an_organisation_never_has_its_keepers_password(road: Road) -> None:
    personal = ask(road, None, password=PASSWORD)
    with pytest.raises(errors.PasswordReused) as caught:
        ask(road, password=PASSWORD)
    assert caught.value.facts == {"path": str(personal.keystore), "kind": "personal"}
    assert road.wire.count("generateContract") == 1
    assert ask(road, password=OTHER).keystore.exists()


def test_nor_the_keeper_that_of_his_organisation(road: Road) -> None:
    organisation = ask(road, password=OTHER)
    with pytest.raises(errors.PasswordReused) as caught:
        ask(road, None, password=OTHER)
    assert caught.value.facts == {"path": str(organisation.keystore), "kind": "organisation"}


def test_the_files_of_others_and_of_the_same_use_are_not_tried(road: Road) -> None:
    ask(road, None, password=PASSWORD)
    assert ask(road, PHARMACY, name="ines", password=PASSWORD).keystore.exists()
    ask(road, password=OTHER)
    assert ask(road, application_id="B", password=OTHER).keystore.exists()


def test_a_bounded_number_of_files_is_tried(road: Road) -> None:
    personal = ask(road, None, password=PASSWORD).keystore
    for number in range(TRIED):
        (personal.parent / f"SSIN=79031421872 2027010{number}-000000.p12").write_bytes(b"no keystore")
    assert ask(road, password=PASSWORD).keystore.exists()


def test_a_password_is_tried_by_the_integrity_value_alone(road: Road, tmp_path: Path) -> None:
    path = ask(road, None, password=PASSWORD).keystore
    assert password_matches(path, PASSWORD)
    assert not password_matches(path, OTHER)
    assert not password_matches(tmp_path / "no.p12", PASSWORD)
    whole = path.read_bytes()
    (tmp_path / "cut.p12").write_bytes(whole[: len(whole) // 2])
    assert not password_matches(tmp_path / "cut.p12", PASSWORD)
