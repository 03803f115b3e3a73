"""People without an identity card: their request, the login that confirms it, and what becomes of it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.ehealth import certra
from ehtoolkit.ehealth.certra import (
    ForeignRequest,
    certificate_request,
    check_delivered,
    public_key_identifier,
)
from ehtoolkit.ehealth.platform import Platform, base_url_of, platform_at
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.soap.xml import unwrap, wrap
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.identity import ContactData, DistinguishedName, Environment, Niss, Person
from ehtoolkit.settings import load_settings
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.http.server import TrainingServer
from ehtoolkit.training.state.invented_people import FOREIGNER
from ehtoolkit.training.state.mailbox import MailKind

if TYPE_CHECKING:
    from tests.training.conftest import Client, Wire

    MakeClient = Callable[..., Client]

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
URL = "http://training.invalid/CertRa/v2"
CONTACT = ContactData("anais@example.org", "+33 1 99 00 01 42")
Key = rsa.RSAPrivateKey


def submit(
    platform: Platform, key: Key, person: Person = FOREIGNER, name: DistinguishedName | None = None
) -> ForeignRequest:
    csr = certificate_request(key, name or DistinguishedName.for_person(person))
    return platform.certra.submit_csr_for_foreigner(person, CONTACT, csr)


def key_id(key: Key) -> str:
    return public_key_identifier(key.public_key())


def confirm(training: TrainingPlatform, wanted: str) -> None:
    training.confirm_request(training.find_request(wanted).key_id)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(errors.PlatformRefused) as refused:
        call()
    return str(refused.value.facts["code"])


def reason_of(call: Callable[[], object]) -> str:
    with pytest.raises(errors.ValidationImpossible) as refused:
        call()
    return str(refused.value.facts["reason"])


def test_the_invented_foreigner_has_a_sound_bis_number() -> None:
    assert Niss.parse(FOREIGNER.niss.digits).is_bis


def test_from_the_request_to_a_token_in_the_depot(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    key, encryption_key = keys[:2]
    asked_at = training.clock.now()
    asked = submit(platform, key)
    assert asked.validation_url.startswith("http://training.invalid/validation/")
    assert abs(asked.expires - asked_at - timedelta(days=30)) < timedelta(seconds=20)
    (mail,) = training.mails()
    assert mail.kind is MailKind.VALIDATE
    assert mail.to == "anais@example.org"
    assert asked.validation_url in mail.body
    assert "$" not in mail.subject + mail.body

    training.clock.move("+20d")
    with pytest.raises(errors.NotYetDelivered):
        platform.certra.get_certificate(key_id(key))
    confirm(training, asked.validation_url)
    with pytest.raises(errors.NotYetDelivered):
        platform.certra.get_certificate(key_id(key))
    training.clock.move("+2h")
    assert training.mails()[0].kind is MailKind.READY
    chain = platform.certra.get_certificate(key_id(key))
    check_delivered(chain, key.public_key(), DistinguishedName.for_person(FOREIGNER))
    assert DistinguishedName.of_name(chain[0].subject).name == "DELPORTE-GOMEZ ANAIS RENEE"

    holder = KeySigner(key, chain)
    challenge = platform.etkra.start_registration(encryption_key.public_key(), holder)
    from ehtoolkit.ehealth.etk import encryption_certificate, solve_challenge

    serial = solve_challenge(challenge, encryption_key)
    der = encryption_certificate(key, chain[0], encryption_key.public_key(), serial)
    registered = platform.etkra.complete_registration(der, holder)
    assert not registered.to_be_activated
    assert platform.depot.get_etk(FOREIGNER.identifier) == registered.etk
    assert platform.certra.get_certificate_info(holder).contact.email == "anais@example.org"


def test_confirmed_by_the_key_identifier_and_twice(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    submit(platform, keys[0])
    confirm(training, key_id(keys[0]).lower())
    confirm(training, key_id(keys[0]))
    training.clock.move("+2h")
    assert [mail.kind for mail in training.mails()] == [MailKind.READY, MailKind.VALIDATE]


def test_a_request_that_is_not_confirmed_in_time(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    asked = submit(platform, keys[0])
    training.clock.move("+31d")
    assert code_of(lambda: platform.certra.get_certificate(key_id(keys[0]))) == "CERT_VALIDATION_EXPIRED"
    assert reason_of(lambda: confirm(training, asked.validation_url)) == "expired"
    (record,) = certificate_register.all_records(training)
    assert record.refused_at == record.validate_by
    again = submit(platform, keys[2])  # another key, and all begins again
    confirm(training, again.validation_url)
    training.clock.move("+2h")
    assert platform.certra.get_certificate(key_id(keys[2]))


def test_one_that_was_refused(platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]) -> None:
    asked = submit(platform, keys[0])
    training.decide(key_id(keys[0]), deliver=False)
    assert code_of(lambda: platform.certra.get_certificate(key_id(keys[0]))) == "CERT_REFUSED"
    assert reason_of(lambda: confirm(training, asked.validation_url)) == "refused"


@pytest.mark.parametrize("wanted", ["00" * 20, "http://training.invalid/validation/nothing", "", "/", "None"])
def test_nothing_waits_there(
    wanted: str, platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...], client: MakeClient
) -> None:
    submit(platform, keys[0])
    client("karl", first=2).request()
    assert reason_of(lambda: training.find_request(wanted)) == "unknown"


def test_a_request_with_a_card_needs_no_confirmation(client: MakeClient, training: TrainingPlatform) -> None:
    asked = client("karl").request()
    assert reason_of(lambda: training.find_request(asked.key_id)) == "unknown"
    assert reason_of(lambda: training.confirm_request(asked.key_id)) == "unknown"


# ── repeats, and other keys ──────────────────────────────────────────────────────────────────────────────
def test_the_same_request_again_is_answered_as_the_first_time(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    first = submit(platform, keys[0])
    training.clock.move("+1d")
    assert submit(platform, keys[0]) == first
    assert len(certificate_register.all_records(training)) == 1
    assert len(training.mails()) == 1


def test_unconfirmed_requests_are_no_obstacle(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    """Anybody can make one; only one is ever delivered."""
    first, second = submit(platform, keys[0]), submit(platform, keys[2])
    assert first.validation_url != second.validation_url
    confirm(training, second.validation_url)
    assert reason_of(lambda: confirm(training, first.validation_url)) == "taken"
    assert code_of(lambda: submit(platform, keys[3])) == "CERT_ALREADY_REQUESTED"
    training.clock.move("+2h")
    assert reason_of(lambda: confirm(training, first.validation_url)) == "taken"
    assert code_of(lambda: submit(platform, keys[3])) == "CERT_ALREADY_ACTIVE"
    assert platform.certra.get_certificate(key_id(keys[2]))
    training.clock.move("+31d")
    assert code_of(lambda: platform.certra.get_certificate(key_id(keys[0]))) == "CERT_VALIDATION_EXPIRED"


def test_a_replacement_in_its_period(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    confirm(training, submit(platform, keys[0]).validation_url)
    training.clock.move("+34mo")
    holder = KeySigner(keys[0], platform.certra.get_certificate(key_id(keys[0])))
    asked = submit(platform, keys[2])
    assert platform.certra.get_certificate_info(holder).replaceable
    confirm(training, asked.validation_url)
    assert not platform.certra.get_certificate_info(holder).replaceable
    training.clock.move("+2h")
    assert platform.certra.get_certificate(key_id(keys[2]))
    record = certificate_register.get(training, key_id(keys[2]))
    assert record is not None
    assert record.replaces == key_id(keys[0])


def test_a_key_in_use_for_another_person(
    platform: Platform, client: MakeClient, keys: tuple[Key, ...]
) -> None:
    client("elise").request()
    assert code_of(lambda: submit(platform, keys[0])) == "KEY_ALREADY_USED"
    submit(platform, keys[2])
    other = Person(Niss("76230925172"), "Tomás", "Ibáñez")
    assert code_of(lambda: submit(platform, keys[2], other)) == "KEY_ALREADY_USED"
    assert code_of(client("karl", first=2).request) == "KEY_ALREADY_USED"


# ── what is turned away ──────────────────────────────────────────────────────────────────────────────────
def test_a_person_with_a_national_number(platform: Platform, client: MakeClient) -> None:
    elise = client("elise")
    assert code_of(lambda: submit(platform, elise.key, elise.person)) == "SSIN_NOT_BIS"


@pytest.mark.parametrize(
    "name",
    [
        DistinguishedName(FOREIGNER.identifier, "ANAIS RENEE DELPORTE-GOMEZ"),
        DistinguishedName(FOREIGNER.identifier, "DELPORTE-GOMEZ ANAIS RENEE", "APP-1"),
        DistinguishedName.for_person(Person(Niss("79031421872"), "Anaïs Renée", "Delporte-Gómez")),
    ],
    ids=["first name first", "application id", "other number"],
)
def test_a_subject_that_is_not_the_persons(
    platform: Platform, keys: tuple[Key, ...], name: DistinguishedName
) -> None:
    assert code_of(lambda: submit(platform, keys[0], name=name)) == "CSR_SUBJECT_MISMATCH"


def test_a_person_with_one_name_alone(
    platform: Platform, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    mononym = dataclasses.replace(FOREIGNER, first_names="", name="Sukarna")
    asked = submit(platform, keys[0], mononym)
    confirm(training, asked.validation_url)
    training.clock.move("+2h")
    leaf = platform.certra.get_certificate(key_id(keys[0]))[0]
    assert DistinguishedName.of_name(leaf.subject).name == "SUKARNA"


def test_a_key_that_is_too_small(platform: Platform) -> None:
    assert code_of(lambda: submit(platform, rsa.generate_private_key(65537, 1024))) == "KEY_UNFIT"  # noqa: S505


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"anais@example.org", b"anais", "CONTACT_DATA_INVALID"),
        (b"+33 1 99 00 01 42", b"call me", "CONTACT_DATA_INVALID"),
        (b'Type="SSIN"', b'Type="CBE"', "IDENTIFIER_INVALID"),
        (b">81431706470<", b">8143170647<", "IDENTIFIER_INVALID"),
        (b">81431706470<", b">76230925172<", "CSR_SUBJECT_MISMATCH"),
        (b"CSR>MII", b"CSR>AAA", "CSR_INVALID"),
        (b"CSR>MII", b"CSR>M?I", "SOA-03001"),
        (b"ForeignPerson>", b"Person>", "SOA-03001"),
    ],
)
def test_one_wrong_thing(wire: Wire, keys: tuple[Key, ...], old: bytes, new: bytes, code: str) -> None:
    csr = certificate_request(keys[0], DistinguishedName.for_person(FOREIGNER))
    request = certra.build_submit_csr_for_foreigner(NOW, FOREIGNER, CONTACT, csr.public_bytes(Encoding.DER))
    body = wrap(request)
    assert old in body
    answer = unwrap(wire.post(URL, body.replace(old, new), {}).body)
    assert [element.text for element in answer.iter("Code")] == [code]


@pytest.mark.parametrize("host", ["evil.example/x?", "a b", "<script>", "x" * 300, "user@evil.example", ""])
def test_an_odd_host_is_not_echoed(
    host: str, training: TrainingPlatform, keys: tuple[Key, ...], wire: Wire
) -> None:
    csr = certificate_request(keys[0], DistinguishedName.for_person(FOREIGNER))
    request = certra.build_submit_csr_for_foreigner(NOW, FOREIGNER, CONTACT, csr.public_bytes(Encoding.DER))
    answer = unwrap(wire.post(URL, wrap(request), {"Host": host, "X-Forwarded-Proto": "javascript"}).body)
    url = certra.read_foreign_request(answer).validation_url
    assert url.startswith("http://training.invalid/validation/")


# ── over HTTP ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def server(training: TrainingPlatform) -> Iterator[TrainingServer]:
    server = TrainingServer(training, token="secret-of-the-class")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def asked(
    server: TrainingServer, training: TrainingPlatform, keys: tuple[Key, ...]
) -> Iterator[ForeignRequest]:
    settings = load_settings(platform_url=server.url, platform_token="secret-of-the-class")
    transport = HttpTransport(settings)
    platform = platform_at(transport, base_url_of(Environment.TRAINING, server.url), training.clock)
    yield submit(platform, keys[0])
    transport.close()


def test_the_login_in_a_browser(
    asked: ForeignRequest,
    server: TrainingServer,
    platform: Platform,
    training: TrainingPlatform,
    keys: tuple[Key, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No token is asked for there; the page may do nothing but send its one form to itself."""
    caplog.set_level(logging.DEBUG)
    assert asked.validation_url.startswith(f"{server.url}/validation/")
    with httpx.Client(trust_env=False, timeout=10) as http:
        shown = http.get(asked.validation_url, headers={"Accept-Language": "nl-BE,nl;q=0.9,en;q=0.8"})
        assert shown.status_code == 200
        assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert shown.headers["Cache-Control"] == "no-store"
        assert '<html lang="nl">' in shown.text
        assert "Anaïs Renée Delporte-Gómez" in shown.text
        assert "<form" in shown.text
        training.clock.move("+2h")
        with pytest.raises(errors.NotYetDelivered):  # looking at it confirmed nothing
            platform.certra.get_certificate(key_id(keys[0]))
        done = http.post(asked.validation_url)
        assert done.status_code == 200
        assert '<html lang="fr">' in done.text
        assert "<form" not in done.text
        assert http.get(asked.validation_url).text == done.text
        training.clock.move("+2h")
        assert platform.certra.get_certificate(key_id(keys[0]))
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("ehtoolkit")]
    assert "GET /validation/ 200" in logged
    assert asked.validation_url.rpartition("/")[2] not in " ".join(logged)


def test_the_page_for_what_cannot_be_confirmed(
    asked: ForeignRequest, server: TrainingServer, training: TrainingPlatform, keys: tuple[Key, ...]
) -> None:
    with httpx.Client(trust_env=False, timeout=10) as http:
        for nothing in ("nothing", key_id(keys[0]), "x" * 64):
            answer = http.post(f"{server.url}/validation/{nothing}")
            assert (answer.status_code, "<form" in answer.text) == (404, False)
        assert http.get(f"{server.url}/validation/a/b").status_code == 401  # any other path needs the token
        training.clock.move("+31d")
        late = http.post(asked.validation_url)
        assert late.status_code == 409
        assert "délai" in late.text


def test_everything_that_a_client_sent_is_escaped(
    server: TrainingServer, training: TrainingPlatform, platform: Platform, keys: tuple[Key, ...]
) -> None:
    evil = dataclasses.replace(FOREIGNER, first_names="<script>alert(1)</script>", name='"Co" & co')
    asked = submit(platform, keys[0], evil)
    path = asked.validation_url.removeprefix("http://training.invalid")
    with httpx.Client(trust_env=False, timeout=10) as http:
        text = http.get(f"{server.url}{path}").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
