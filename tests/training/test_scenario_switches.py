"""Who a scenario is on for: switches of several processes, and whom a request is about."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth import certra
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.xml import local_name, unwrap, wrap
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Identifier, Organisation
from ehtoolkit.training import PEOPLE, Scenario, TrainingOrganisation, TrainingPlatform
from ehtoolkit.training.card.software import SoftwareCard
from ehtoolkit.training.service.authentication import affected_people
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.scenarios import switches_now

if TYPE_CHECKING:
    from tests.training.conftest import Client, Wire

    MakeClient = Callable[..., Client]

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
NAMES = tuple(person.name for person in PEOPLE)
PHARMACY = Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Été & fils")


def people_of(training: TrainingPlatform, scenario: Scenario) -> tuple[str, ...]:
    return next(
        scenario_state.people
        for scenario_state in training.scenarios()
        if scenario_state.scenario is scenario
    )


# ── switches ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("scenario", Scenario)
def test_each_has_a_title_and_a_sentence_in_every_language(scenario: Scenario) -> None:
    assert scenario == scenario.lower()
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.get(f"scenario.{scenario}").endswith(".")
        assert not texts.get(f"scenario.{scenario}.title").endswith(".")


def test_nothing_is_on_at_the_beginning(training: TrainingPlatform) -> None:
    assert [scenario.scenario for scenario in training.scenarios()] == list(Scenario)
    assert not any(scenario.is_on for scenario in training.scenarios())
    assert all(state.scenarios == () for state in training.person_states())


def test_a_switch_for_a_person_overrides_the_switch_for_all(
    training: TrainingPlatform,
) -> None:
    scenario = Scenario.PLATFORM_DOWN
    assert training.switch("Platform-Down", True, "KARL").people == ("karl",)
    assert training.switch("platform-down", True).people == NAMES
    state = training.switch("platform-down", False, "default")
    assert state.everybody
    assert state.people == NAMES[1:]
    assert training.switch("platform-down", True).people == NAMES
    training.switch("platform-down", False, "karl")
    off = training.switch("platform-down", False)
    assert (off.is_on, off.people) == (False, ())
    training.switch("slow", True, seconds=2)
    training.switch("slow", True, "bram", seconds=7)
    switches = switches_now(TrainingDatabase(training.folder / "platform.sqlite3"))
    assert float(switches.value(Scenario.SLOW, ("bram",)) or 0) == 7
    assert float(switches.value(Scenario.SLOW, ("ines",)) or 0) == 2
    assert scenario not in switches.of("karl")
    assert switches.of("karl") == (Scenario.SLOW,)


@pytest.mark.parametrize("name", ["", "nope", "slow; drop", "refused-"])
def test_a_scenario_that_does_not_exist(training: TrainingPlatform, name: str) -> None:
    with pytest.raises(errors.ScenarioUnknown) as unknown:
        training.switch(name, True)
    assert "answer-lost" in str(unknown.value.facts["known"])


def test_a_person_who_does_not_exist(training: TrainingPlatform) -> None:
    with pytest.raises(errors.CardUnknown):
        training.switch("slow", True, "nobody")
    with pytest.raises(errors.CardUnknown):
        training.set_mandate("nobody", PEOPLE[0].organisations[0], granted=True)
    with pytest.raises(errors.CardUnknown):
        training.unblock("nobody")
    assert not any(scenario.is_on for scenario in training.scenarios())


def test_reset_switches_all_off_and_gives_the_mandates_back(
    training: TrainingPlatform, tmp_path: Path
) -> None:
    for scenario in reversed(Scenario):  # so that the forgotten keystore comes before deliveries are withheld
        training.switch(scenario, True, "elise")
    training.set_mandate("elise", PEOPLE[0].organisations[0], granted=False)
    (keystore,) = (training.folder / "keystore").glob("*.p12")
    done = training.reset(real_folders=())
    assert [path.name for path in done.files] == [keystore.name]
    assert not keystore.exists()
    assert not any(scenario_state.is_on for scenario_state in training.scenarios())
    assert training.person_states()[0].mandates == PEOPLE[0].organisations
    assert training.certificates() == ()


def test_processes_that_switch_at_the_same_time(training: TrainingPlatform) -> None:
    """Each switches another person, many times over; nobody's word is lost, and all see the same."""
    code = (
        "import sys; from pathlib import Path; from ehtoolkit.training import TrainingPlatform\n"
        "t = TrainingPlatform(Path(sys.argv[1]), delivery_seconds=3600)\n"
        "for on in (True, False) * 20 + (True,):\n"
        "    t.switch('garbage', on, sys.argv[2])\n"
        "    t.switch('refused', on, sys.argv[2])\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(training.folder), name], stderr=subprocess.PIPE, text=True
        )
        for name in NAMES[:3]
    ]
    for run in runs:
        _, problems = run.communicate()
        assert (run.returncode, problems) == (0, "")
    assert people_of(training, Scenario.GARBAGE) == NAMES[:3]
    assert people_of(training, Scenario.REFUSED) == NAMES[:3]


def test_what_another_process_switches_is_met_at_the_next_message(
    training: TrainingPlatform, client: MakeClient
) -> None:
    person = client()
    person.request()
    run = (
        "import sys; from pathlib import Path; from ehtoolkit.training import TrainingPlatform\n"
        "t = TrainingPlatform(Path(sys.argv[1]), delivery_seconds=3600)\n"
        "t.switch(sys.argv[2], sys.argv[3] == 'on', 'elise')\n"
    )

    def elsewhere(name: str, state: str) -> None:
        subprocess.run([sys.executable, "-c", run, str(training.folder), name, state], check=True)

    elsewhere("platform-down", "on")
    with pytest.raises(errors.PlatformFault):
        person.contract()
    elsewhere("platform-down", "off")
    assert person.contract()
    elsewhere("signature-not-activated", "on")
    with pytest.raises(errors.CardCertificateMissing):
        person.card.chain(CardKey.SIGNATURE)
    elsewhere("refused", "on")
    assert [certificate.status for certificate in training.certificates()] == ["REFUSED"]


def test_a_database_of_before_there_were_scenarios_is_taken_over(
    training: TrainingPlatform, tmp_path: Path
) -> None:
    """The first version had neither switches nor mandates; what is in it stays."""
    with sqlite3.connect(training.folder / "platform.sqlite3") as source:
        script = "\n".join(
            f"{row[0]};" for row in source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    source.close()
    old = tmp_path / "old"
    old.mkdir()
    with sqlite3.connect(old / "platform.sqlite3") as target:
        target.executescript(script)
        later = ("scenario", "mandate", "revocation_contract", "person", "session_challenge", "trainee")
        for table in (*later, "sealed_letter", "colleague", "card_authority"):
            target.execute(f"DROP TABLE {table}")
        target.execute("DROP INDEX certificate_of_validation")
        for column in ("validation_code", "validate_by", "validated_at"):
            target.execute(f"ALTER TABLE certificate DROP COLUMN {column}")
        target.execute("INSERT INTO setting VALUES ('clock_offset', '86400.0')")
        target.execute("PRAGMA user_version = 1")
    target.close()
    taken = TrainingPlatform(old, delivery_seconds=0)
    assert taken.clock.offset.days == 1
    taken.switch("slow", True, "elise")
    assert people_of(taken, Scenario.SLOW) == ("elise",)
    taken.close()
    again = TrainingPlatform(old, delivery_seconds=0)
    assert people_of(again, Scenario.SLOW) == ("elise",)
    again.close()


def test_an_unknown_card_gets_the_scenarios_for_all(training: TrainingPlatform) -> None:
    own = training.folder / "cards" / "visitor"
    (training.folder / "cards" / "bram").rename(own)
    card = training.card("visitor")
    assert card.pin_tries_left() == 3
    training.switch("blocked-pin", True, "bram")
    assert card.pin_tries_left() == 3
    training.switch("blocked-pin", True)
    assert card.pin_tries_left() == 0
    assert SoftwareCard(own).pin_tries_left() == 3


def test_people_are_listed_without_making_their_cards(tmp_path: Path) -> None:
    fresh = TrainingPlatform(tmp_path / "training", delivery_seconds=0)
    states = fresh.person_states()
    assert [(state.plugged, state.tries_left) for state in states] == [(True, 3)] * len(PEOPLE)
    assert not (tmp_path / "training" / "cards").exists()
    assert not (tmp_path / "training" / "ca").exists()
    fresh.close()


# ── whom a request is about ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def concerned(training: TrainingPlatform) -> Callable[[bytes], tuple[str, ...]]:
    return lambda body: affected_people(training, unwrap(body))


def test_everything_that_a_person_sends_is_his(
    client: MakeClient, wire: Wire, platform: Platform, concerned: Callable[[bytes], tuple[str, ...]]
) -> None:
    person = client("claire")
    platform.certra.get_actor_qualities(person.person, person.signer(CardKey.AUTHENTICATION))
    person.deliver()
    person.register()
    platform.etkra.activate(person.holder)
    info = platform.certra.get_certificate_info(person.holder)
    platform.certra.get_certificate_info_for_citizen(person.signer(CardKey.AUTHENTICATION))
    platform.depot.get_etk(person.person.identifier)
    contract = platform.certra.generate_revocation_contract(
        info.key_id, person.person, RevocationReason.SUPERSEDED
    )
    platform.certra.revoke(info.key_id, contract, person.signer(CardKey.SIGNATURE))
    platform.certra.get_generic_organization_types()

    found = {local_name(unwrap(body)): concerned(body) for body in wire.sent}
    assert found.pop("GetGenericOrganizationTypesRequest") == ()
    assert len(found) == 12
    assert set(found.values()) == {("claire",)}


def test_an_organisations_messages_are_of_those_who_act_for_it(
    client: MakeClient,
    wire: Wire,
    platform: Platform,
    training: TrainingPlatform,
    concerned: Callable[[bytes], tuple[str, ...]],
) -> None:
    person = client("ines")
    key_id = person.request(person.contract(PHARMACY)).key_id
    training.clock.move("+2h")
    person.chain = platform.certra.get_certificate(key_id)
    person.register()
    assert {concerned(body) for body in wire.sent} == {("ines",)}

    wire.sent.clear()
    training.set_mandate(
        "bram", TrainingOrganisation(PHARMACY.identifier, PHARMACY.name, PHARMACY.name), granted=True
    )
    platform.certra.get_existing_application_ids(PHARMACY.identifier)
    platform.depot.get_etk(PHARMACY.identifier)
    assert {concerned(body) for body in wire.sent} == {("bram", "ines")}


def test_unknown_and_malformed_requests_have_no_person(
    platform: Platform, wire: Wire, concerned: Callable[[bytes], tuple[str, ...]]
) -> None:
    platform.depot.get_etk(Identifier("CBE", "0403170701"))
    platform.depot.get_etk(Identifier("SSIN", "85511230733"))
    with pytest.raises(errors.PlatformRefused):
        platform.certra.get_certificate("AB" * 20)
    assert {concerned(body) for body in wire.sent} == {()}
    odd = certra.build_get_existing_application_ids(NOW, Identifier("CBE", "0403170701"))
    next(element for element in odd.iter() if element.get("Type")).set("Type", "MARS")
    assert concerned(wrap(odd)) == ()


def test_a_signature_that_cannot_be_read_says_nothing_and_the_rest_of_the_message_does(
    client: MakeClient, wire: Wire, platform: Platform, concerned: Callable[[bytes], tuple[str, ...]]
) -> None:
    person = client()
    platform.certra.get_actor_qualities(person.person, person.signer(CardKey.AUTHENTICATION))
    platform.certra.get_certificate_info_for_citizen(person.signer(CardKey.AUTHENTICATION))
    for nonsense in ("AAAA", "§", ""):
        found = []
        for body in wire.sent:
            request = unwrap(body)
            for element in request.iter("{*}X509Certificate"):
                element.text = nonsense
            found.append(concerned(wrap(request)))
        assert found == [("elise",), ()]  # the first has her number in it


def test_a_foreign_clients_messages_pass_through(data_folder: Path, training: TrainingPlatform) -> None:
    """With something on for somebody, every message is looked at, and none is answered otherwise."""
    vectors = sorted((data_folder / "captured-messages").glob("[0-9]*Request.soap.xml"))
    assert len(vectors) > 10
    training.switch("platform-down", True, "karl")
    for vector in vectors:
        path = vector.with_name(vector.name.replace(".soap.xml", ".headers")).read_text().split()[1]
        answer = training.transport().post(f"http://x{path}", vector.read_bytes(), {})
        assert answer.status == 200
        assert b"SOA-02001" not in answer.body
    training.switch("platform-down", True)
    for vector in vectors:
        answer = training.transport().post("http://x/CertRa/v2", vector.read_bytes(), {})
        assert b"SOA-02001" in answer.body


def test_a_platform_without_its_database_still_answers(training: TrainingPlatform) -> None:
    transport = training.transport()
    training.close()
    for path in training.folder.glob("platform.sqlite3*"):
        path.unlink()
    (training.folder / "platform.sqlite3").mkdir()
    body = wrap(operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(NOW))
    answer = transport.post("http://x/CertRa/v2", body, {})
    assert (answer.status, b"SOA-02001" in answer.body) == (500, True)
    (training.folder / "platform.sqlite3").rmdir()
