"""Renewal: a new file with the old decryption keys, the old one untouched; and every reason why it cannot be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData, Environment, Organisation
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.renew import renew, renewable
from ehtoolkit.procedures.request import holder_lock
from ehtoolkit.secret import Secret
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.state.clock import add_months
from tests.keystore.other_programs import BRIEFLY, Java, need
from tests.procedures.conftest import PIN, Road
from tests.support.keystores import write_over
from tests.support.openssl_cms import opened, seal
from tests.support.training_life import PHARMACY, PRACTICE, Life

NEW_PASSWORD = Secret("Kine-2029")
CUT = errors.PlatformTimeout(host="platform", seconds=30, sent=True)
NEVER_LEFT = errors.PlatformUnreachable(host="platform", reason="connect", sent=False)


@pytest.fixture
def life(road: Road) -> Life:
    return Life(road)


@pytest.mark.interop
@pytest.mark.parametrize(
    ("card", "organisation", "application_id"),
    [
        ("elise", None, None),
        ("karl", None, None),
        ("claire", None, None),
        ("ines", PHARMACY, None),
        ("ines", PHARMACY, "APP-1"),
    ],
    ids=["RSA card", "EC card", "EC authority", "organisation", "application id"],
)
def test_from_request_to_activation(
    road: Road, tmp_path: Path, card: str, organisation: Organisation | None, application_id: str | None
) -> None:
    life = Life(road, card, organisation, application_id)
    old = life.first()
    sealed = seal(life.published(), b"before the renewal", tmp_path)
    first_etk = life.published().serial
    life.move("+34mo")
    before = old.path.read_bytes()

    asked = life.renew(old, password=NEW_PASSWORD)
    assert (asked.state, asked.next) == (State.WAITING, Action.COMPLETE)
    assert asked.keystore.parent == old.path.parent
    assert find_keystores(old.path.parent)[0].path == asked.keystore
    assert asked.key_id != old.keystore.key_id
    prepared = life.open(asked.keystore, NEW_PASSWORD)
    assert prepared.keystore.state(road.toolkit.context.clock.now()) is State.PREPARED
    assert [key.alias for key in prepared.keystore.encryption] == [
        key.alias for key in old.keystore.encryption
    ]

    life.move("+1d")
    done = complete(prepared, road.toolkit.context)
    assert (done.state, done.next) == (State.TO_ACTIVATE, Action.ACTIVATE)
    (current,) = prepared.keystore.current_encryption
    assert current.alias != str(first_etk)
    assert life.published().serial == first_etk

    activated = life.activate(prepared)
    assert (activated.outcome.state, activated.already) == (State.ACTIVE, False)
    assert str(life.published().serial) == current.alias
    assert prepared.keystore.holder is not None
    assert old.keystore.holder is not None
    assert prepared.keystore.holder.same_holder(old.keystore.holder)
    assert old.keystore.not_after is not None
    assert prepared.keystore.not_after == add_months(old.keystore.not_after, 36)
    assert activated.retired == (old.path,)
    assert old.path.read_bytes() == before

    texts = {
        opened(sealed, key, tmp_path) for key in life.open(asked.keystore, NEW_PASSWORD).keystore.encryption
    }
    assert b"before the renewal" in texts
    fresh = seal(life.published(), b"after it", tmp_path)
    assert opened(fresh, current, tmp_path) == b"after it"
    assert b"after it" not in {opened(fresh, key, tmp_path) for key in old.keystore.encryption}


def with_one_more(old: KeystoreFile) -> Keystore:
    own, pair = old.keystore, rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = encryption_certificate(own.authentication.key, own.chain[0], pair.public_key(), 4711)
    return own.with_encryption(pair, load_der_x509_certificate(made))


def test_a_key_that_is_merged_into_the_old_file_meanwhile_comes_along(life: Life) -> None:
    """As with a merge in another window while the contract is read."""
    old = life.due()
    before = [str(key.alias) for key in old.keystore.encryption]

    def change(_: object) -> None:
        life.open(old.path).save(with_one_more(old))

    asked = life.renew(old, show=change)
    names = [str(key.alias) for key in life.open(asked.keystore).keystore.encryption]
    assert sorted(names) == sorted([*before, "4711"])


def import_by_keytool(source: Path, target: Path, password: Secret) -> None:
    subprocess.run(
        [
            *(need("keytool"), f"-J{BRIEFLY}", "-importkeystore", "-noprompt", "-srckeystore", str(source)),
            *("-destkeystore", str(target), "-deststoretype", "PKCS12"),
            *("-srcstorepass", password.reveal(), "-deststorepass", password.reveal()),
        ],
        check=True,
        capture_output=True,
    )


def export_by_openssl(file: KeystoreFile, password: Secret, folder: Path) -> None:
    """Write the authentication key alone over ``file``."""
    own = file.keystore.authentication
    key = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key)
    (folder / "chain.pem").write_bytes(
        b"".join(certificate.public_bytes(Encoding.PEM) for certificate in own.chain)
    )
    subprocess.run(
        [
            *(
                need("openssl"),
                "pkcs12",
                "-export",
                "-inkey",
                str(folder / "key.pem"),
                "-name",
                "authentication",
            ),
            *(
                "-in",
                str(folder / "chain.pem"),
                "-out",
                str(file.path),
                "-passout",
                f"pass:{password.reveal()}",
            ),
        ],
        check=True,
        capture_output=True,
    )


@pytest.mark.interop
@pytest.mark.parametrize("writer", ["BouncyCastle", "JDK", "keytool"])
def test_a_key_that_another_program_adds_comes_along(
    life: Life, java: Java, tmp_path: Path, writer: str
) -> None:
    """Other programs write with new salts, under the same password."""
    old, mixed, password = life.due(), tmp_path / "mixed.p12", tmp_path / "password"
    before = [str(key.alias) for key in old.keystore.encryption]
    password.write_text(life.password.reveal())

    def add(_: object) -> None:
        KeystoreFile.create(mixed, with_one_more(old), life.password)
        old.path.unlink()
        if writer == "keytool":
            import_by_keytool(mixed, old.path, life.password)
        else:
            provider = ("0", "SunJSSE") if writer == "JDK" else ("1", "BC")
            java.write([(mixed, password, old.path, password, *provider, "PKCS12", "new")], tmp_path)

    asked = life.renew(old, show=add, password=NEW_PASSWORD, present=life.password)
    names = [str(key.alias) for key in life.open(asked.keystore, NEW_PASSWORD).keystore.encryption]
    assert sorted(names) == sorted([*before, "4711"])


@pytest.mark.interop
def test_a_key_that_another_program_drops_comes_along(life: Life, tmp_path: Path) -> None:
    """`openssl pkcs12 -export` keeps a single private key."""
    old = life.due()
    before = [str(key.alias) for key in old.keystore.encryption]
    asked = life.renew(old, show=lambda _: export_by_openssl(old, life.password, tmp_path))
    assert [str(key.alias) for key in life.open(asked.keystore).keystore.encryption] == before


@pytest.mark.parametrize("how", ["other password", "cut off", "other keystore"])
def test_a_changed_old_file_that_does_not_open_stops_the_renewal(road: Road, life: Life, how: str) -> None:
    old = life.due()
    files = road.keystores

    def change(_: object) -> None:
        if how == "other password":
            write_over(old.path, old.keystore, NEW_PASSWORD)
        elif how == "cut off":
            old.path.write_bytes(old.path.read_bytes()[:-500])
        else:
            pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            other = Keystore.prepare(pair, road.toolkit.context.clock.now())
            write_over(old.path, other, life.password)

    sent = road.wire.count("generatecertificate")
    with pytest.raises(errors.KeystoreError) as caught:
        life.renew(old, show=change)
    expected = {
        "other password": ("file_busy", "password"),
        "cut off": ("keystore_damaged", "truncated"),
        "other keystore": ("file_busy", "changed"),
    }[how]
    assert (caught.value.key, caught.value.facts["reason"]) == expected
    if how == "other password":  # it has changed: no sentence says that it has not
        said = " ".join(Translator(language).error(caught.value) for language in LANGUAGES)
        assert not re.search("not changed|pas modifié|niet gewijzigd|nicht geändert", said)
    assert (road.wire.count("generatecertificate"), road.keystores) == (sent, files)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_renewal_of_an_archived_file_is_written_beside_the_archive(
    road: Road, life: Life, tmp_path: Path, elsewhere: bool
) -> None:
    old = life.due()
    if elsewhere:
        folder = tmp_path / "practice"
        folder.mkdir()
        old = life.open(old.path.rename(folder / old.path.name))
    archived = life.open(archive_keystore(old.path))
    assert archived.path.parent.name == "archive"
    asked = life.renew(archived)
    assert asked.keystore.parent == archived.path.parent.parent
    assert find_keystores(archived.path.parent)[0].path == archived.path
    error = life.refused(archived)  # the new file is found from the archive
    assert isinstance(error, errors.RequestWaiting)
    assert error.facts["path"] == str(asked.keystore)


def test_a_second_renewal_keeps_the_keys_of_all(road: Road, life: Life) -> None:
    _, second = life.renewed()
    life.activate(second)
    life.move("+36mo")
    third = life.open(life.renew(second).keystore)
    life.move("+1d")
    assert complete(third, road.toolkit.context).state is State.TO_ACTIVATE
    assert len(third.keystore.encryption) == 3
    assert len(third.keystore.current_encryption) == 1
    assert life.activate(third).outcome.state is State.ACTIVE
    assert len(life.activate(third).retired) == 2


def test_what_the_platform_has_is_shown_and_can_be_changed(road: Road, life: Life) -> None:
    old = life.due()
    context = road.toolkit.context
    renewal = renewable(old, context)
    assert renewal.contact.email == "elise@example.be"
    assert renewal.contact.general_phone == "+32 4 555 01 00"
    assert renewal.not_after == old.keystore.not_after
    assert renewal.info.replaceable_from is not None
    assert renewal.info.replaceable_from <= context.clock.now()

    asked = life.renew(
        old,
        contact=lambda known: replace(
            RegisteredContact.as_contact(known), email="new@example.be", general_phone=None
        ),
    )
    life.move("+1d")
    new = life.open(asked.keystore)
    complete(new, context)
    life.move("+36mo")
    known = renewable(new, context).contact
    assert (known.email, known.phone, known.general_phone) == ("new@example.be", "+32 4 555 01 42", None)


def test_contact_data_that_are_not_allowed_are_refused_before_anything_is_asked(
    road: Road, life: Life
) -> None:
    old = life.due()
    with pytest.raises(errors.ContactInvalid):
        life.renew(old, contact=lambda _: ContactData("nobody", "+32 4 555 01 42"))
    assert road.keystores == [old.path]
    assert road.wire.count("generateContract") == 1  # that of the first request


def test_the_note_of_a_renewal_names_its_own_key(road: Road, life: Life) -> None:
    old = life.due()
    asked = life.renew(old)
    note = read_request_record(road.toolkit.context.notes, asked.key_id)
    assert note is not None
    assert "SSIN=79031421872" in note.distinguished_name
    assert note.environment is Environment.TRAINING


# ── why it cannot be ─────────────────────────────────────────────────────────────────────────────────────
def test_too_early_says_from_when(life: Life) -> None:
    file = life.first()
    error = life.refused(file)
    assert isinstance(error, errors.RenewalTooEarly)
    assert file.keystore.not_after is not None
    assert error.facts["date"] == add_months(file.keystore.not_after, -3)


def test_the_last_second_before_the_period_and_the_first_of_it(road: Road, life: Life) -> None:
    file = life.first()
    assert file.keystore.not_after is not None
    start = add_months(file.keystore.not_after, -3)
    life.move((start - timedelta(minutes=5)).isoformat())
    assert isinstance(life.refused(file), errors.RenewalTooEarly)
    life.move(start.isoformat())
    assert renewable(file, road.toolkit.context).old is file


def test_a_renewal_that_was_revoked_can_be_asked_for_again(road: Road, life: Life) -> None:
    """Its password was lost. The platform lets the old certificate be replaced again, so the new one, whose file is
    still there, is no successor any more."""
    old = life.due()
    asked = life.renew(old)
    life.move("+1d")
    assert isinstance(life.refused(old), errors.RequestWaiting)
    life.revoke(asked.key_id)
    again = life.renew(old)
    assert again.state is State.WAITING
    life.move("+1d")
    new = life.open(again.keystore)
    assert complete(new, road.toolkit.context).state is State.TO_ACTIVATE
    assert life.activate(new).outcome.state is State.ACTIVE


def test_a_keystore_that_waits_for_its_certificate_is_completed_first(life: Life) -> None:
    file = life.open(life.ask().keystore)
    error = life.refused(file)
    assert isinstance(error, errors.WrongState)
    assert error.facts["state"] == State.PREPARED


def test_the_error_names_the_holder_of_another_persons_keystore(road: Road, life: Life) -> None:
    file = life.due()
    error = life.refused(file, card="karl")
    assert isinstance(error, errors.DifferentKeystoreHolder)
    assert "VANDAMME" in str(error.facts["holder"])
    assert "HENNES" in str(error.facts["card"])
    assert road.wire.count("getActorQualities") == 1  # of the first request: no PIN was asked in vain


def test_an_organisation_by_a_card_without_mandate(road: Road) -> None:
    life = Life(road, "elise", PRACTICE)
    file = life.due()
    error = life.refused(file, card="karl")
    assert isinstance(error, errors.NotEntitled)
    assert error.facts["card"] == "Karl Hennes"
    assert PRACTICE.identifier.text in str(error.facts["organisation"])
    assert life.renew(file).state is State.WAITING


def test_a_keystore_of_another_environment(road: Road, life: Life) -> None:
    file = life.due()
    for note in road.toolkit.context.notes.glob("*.json"):
        note.unlink()
    elsewhere = replace(road.toolkit.context, environment=Environment.PRODUCTION)
    with pytest.raises(errors.WrongEnvironment) as caught:
        renewable(file, elsewhere)
    assert caught.value.facts["kind"] == Environment.TRAINING


def test_an_expired_card_is_reported_before_the_pin(road: Road, life: Life) -> None:
    life.move("+50mo")  # a training card is good for seven more years
    file = life.due()
    asked: list[CardKey] = []

    def pin(key: CardKey) -> Secret:
        asked.append(key)
        return PIN

    with pytest.raises(errors.CardCertificateExpired):
        renew(file, road.toolkit.open_card(), pin, life.password, road.toolkit.context, show=lambda _: None)
    assert asked == []
    assert road.keystores == [file.path]


def test_a_contract_that_is_not_agreed_to_leaves_nothing(road: Road, life: Life) -> None:
    file = life.due()

    def refuse(_: object) -> None:
        raise errors.TermsNotAccepted

    with pytest.raises(errors.TermsNotAccepted):
        life.renew(file, show=refuse)
    assert road.keystores == [file.path]
    assert life.renew(file).state is State.WAITING


def test_a_wrong_pin_leaves_nothing(road: Road, life: Life) -> None:
    file = life.due()
    pins = iter([PIN, Secret("4321")])
    with pytest.raises(errors.PinWrong):
        renew(
            file,
            road.toolkit.open_card(),
            lambda _: next(pins),
            life.password,
            road.toolkit.context,
            show=lambda _: None,
        )
    assert road.keystores == [file.path]


def test_an_unacceptable_new_password_is_reported_before_the_card_is_used(road: Road, life: Life) -> None:
    file = life.due()
    with pytest.raises(errors.PasswordNotAllowed):
        life.renew(file, password=Secret("mot de passé"))
    assert road.wire.count("getActorQualities") == 1


def test_the_password_of_an_organisation_stays_and_is_not_made_a_personal_one(road: Road) -> None:
    Life(road, "elise").first()
    life = Life(road, "elise", PRACTICE, password=Secret("Regen-2026"))
    file = life.due()
    with pytest.raises(errors.PasswordReused):
        life.renew(file, password=Secret("Kine-2026"))
    assert life.renew(file).state is State.WAITING


# ── one at a time, and only one ──────────────────────────────────────────────────────────────────────────
def test_a_second_renewal_is_refused_while_one_waits_and_leads_to_the_new_file(
    road: Road, life: Life
) -> None:
    file = life.due()
    asked = life.renew(file)
    error = life.refused(file)
    assert isinstance(error, errors.RequestWaiting)
    assert error.facts == {"path": str(asked.keystore), "reason": "renewal"}
    life.move("+1d")
    ready = life.refused(file)
    assert isinstance(ready, errors.RequestWaiting)
    with pytest.raises(errors.RequestWaiting):  # nor by a new request
        life.ask()

    new = life.open(asked.keystore)
    complete(new, road.toolkit.context)
    error = life.refused(file)
    assert isinstance(error, errors.AlreadyRenewed)
    assert error.facts == {"path": str(file.path), "newer": str(new.path)}
    with pytest.raises(errors.RenewalTooEarly):
        life.renew(new)


PROGRAM = """
import json, sys
from pathlib import Path
from ehtoolkit import connect, errors, Secret
from ehtoolkit.training.authority import certificate_register
try:
    with connect(home=Path(sys.argv[1])) as eh:
        done = eh.renew_certificate(
            Path(sys.argv[2]), Secret("Kine-2026"), pin=lambda _: Secret("1234"), agree=lambda _: None
        )
    print(json.dumps({"state": done.state}))
except errors.EhToolkitError as error:
    print(json.dumps({"error": error.key, "facts": {name: str(value) for name, value in error.facts.items()}}))
"""


def elsewhere(road: Road, file: KeystoreFile) -> dict[str, object]:
    """The same renewal by another process."""
    command = [sys.executable, "-c", PROGRAM, str(road.toolkit.settings.home), str(file.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_another_process_is_refused_while_one_works_and_while_one_waits(road: Road, life: Life) -> None:
    file = life.due()
    with holder_lock(life.requested.name, road.toolkit.context):
        assert elsewhere(road, file)["error"] == "request_running"
    asked = life.renew(file)
    answer = elsewhere(road, file)
    assert answer["error"] == "request_waiting"
    assert answer["facts"] == {"path": str(asked.keystore), "reason": "renewal"}
    assert road.toolkit.training is not None
    assert len(certificate_register.all_records(road.toolkit.training)) == 2
