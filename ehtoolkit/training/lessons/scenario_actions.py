"""Immediate effects of switching a scenario, and a trainer's decisions about single requests; a transaction each."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, PrivateKey, generate_key
from ehtoolkit.ehealth.certificate_info_xml import CertStatus, RegisteredContact
from ehtoolkit.ehealth.etk import encryption_certificate, solve_challenge
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.holder_keystores import find_keystores, keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import map_os_errors
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.request_checks import spki
from ehtoolkit.training.keystores.issued_keystores import is_file_of, issued_key_ids
from ehtoolkit.training.service.etkra import complete_registration, start_registration
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.invented_people import TrainingPerson
from ehtoolkit.training.state.people_store import all_people
from ehtoolkit.training.state.scenarios import Scenario, set_switch, slowness, switches_now


def switch(
    platform: EmbeddedPlatform,
    scenario: Scenario,
    on: bool,
    person: TrainingPerson | None,
    *,
    seconds: float | None,
    keystores: Path,
) -> None:
    """Switch a scenario for ``person`` or, with None, for everybody; ``seconds`` and ``keystores``: as in
    `TrainingPlatform.switch`.

    Raises `errors.ScenarioUnfit`, and what writing a keystore raises.
    """
    name = None if person is None else person.name
    if scenario is Scenario.NOT_YET_DELIVERED:
        _switch_withheld(platform, on, name)
    elif scenario is Scenario.REFUSED:
        _switch_refused(platform, on, name)
    elif scenario is Scenario.FORGOTTEN_PASSWORD:
        if on and person is None:
            raise errors.ScenarioUnfit(name=scenario.value, person=None, reason="everybody")
        for switched in all_people(platform.database) if person is None else (person,):
            _switch_forgotten_password(platform, on, switched, keystores)
    else:
        value = str(slowness(seconds)) if on and scenario is Scenario.SLOW else None
        set_switch(platform.database, scenario, on, name, value)


def _switch_withheld(platform: EmbeddedPlatform, on: bool, person: str | None) -> None:
    """Switch ``not-yet-delivered`` on or off, for a person or, with None, for everybody. Off: what should have been
    delivered meanwhile is delivered now; a request that is not due yet keeps its time."""
    with platform.database.writing():
        withheld = [
            record
            for record in certificate_register.pending(platform)
            if certificate_register.is_withheld(platform, record)
        ]
        set_switch(platform.database, Scenario.NOT_YET_DELIVERED, on, person)
        for record in withheld:
            late = record.deliver_at < platform.clock.now()
            if late and not certificate_register.is_withheld(platform, record):
                certificate_register.deliver(platform, record)


def _switch_refused(platform: EmbeddedPlatform, on: bool, person: str | None) -> None:
    """Switch ``refused`` on or off, for a person or, with None, for everybody. On: the requests under way are refused
    now."""
    with platform.database.writing():
        set_switch(platform.database, Scenario.REFUSED, on, person)
        switches = switches_now(platform.database)
        for record in certificate_register.pending(platform):
            if switches.is_on_for(Scenario.REFUSED, record.signer):
                certificate_register.refuse(platform, record)


def _switch_forgotten_password(
    platform: EmbeddedPlatform, on: bool, person: TrainingPerson, folder: Path
) -> None:
    """Switch ``forgotten-password`` on or off for a person. On: a keystore of theirs, with a password that is kept
    nowhere, is put into ``folder``. Off: it is deleted."""
    database, scenario = platform.database, Scenario.FORGOTTEN_PASSWORD
    with database.writing():
        key_id = switches_now(database).value(scenario, (person.name,))
        if on and key_id is None:
            set_switch(database, scenario, True, person.name, _leave_keystore(platform, person, folder))
        if not on and key_id is not None:
            set_switch(database, scenario, False, person.name)
            _take_back(platform, key_id, folder)


def decide(platform: EmbeddedPlatform, key_id: str, *, deliver: bool) -> bool:
    """Deliver or refuse the request for this key now, and return whether that was done. False: there is none, it was
    decided, or, when it is to be delivered, its holder has to confirm it first or its delivery is withheld."""
    with platform.database.writing():
        record = certificate_register.get(platform, key_id)
        if record is None or record.status(platform.clock.now()) is not CertStatus.IN_PROGRESS:
            return False
        if not deliver:
            certificate_register.refuse(platform, record)
            return True
        if record.awaits_validation or certificate_register.is_withheld(platform, record):
            return False
        certificate_register.deliver(platform, record)
        return True


_IN_FORCE: Final = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)


def _leave_keystore(platform: EmbeddedPlatform, person: TrainingPerson, folder: Path) -> str:
    """Put a keystore for ``person``, with a random password that is kept nowhere, into the keystore folder ``folder``,
    and return the identifier of its key. The platform knows its certificate and its token.

    Raises `errors.ScenarioUnfit` (reason ``certificate``) while the platform has a certificate for that person, or
    (reason ``withheld``) while their certificates are not delivered, and what writing a keystore raises.
    """
    dn = DistinguishedName.for_person(person.person)
    now = platform.clock.now()
    if any(record.status(now) in _IN_FORCE for record in certificate_register.of_holder(platform, dn)):
        raise _unfit(person, "certificate")
    pair = generate_key(person.key_kind)
    record = _registered(platform, person, dn, pair)
    chain = certificate_register.chain_of(platform, record)[:-1]
    keystore = Keystore.prepare(pair, now).with_chain(chain)
    keystore = keystore.with_encryption(*_token(platform, record, pair, chain[0]))
    path = keystore_path(folder, dn.identifier, None, now, Environment.TRAINING)
    KeystoreFile.create(path, keystore, Secret(secrets.token_urlsafe(24)))
    return record.key_id


def _take_back(platform: EmbeddedPlatform, key_id: str, folder: Path) -> None:
    """Delete the keystores in ``folder`` that hold this key, and no key that the platform does not know or that does
    not show its identifier; let the platform forget the certificate unless it was revoked.

    Raises `errors.FolderNotWritable`; then nothing is forgotten.
    """
    known = issued_key_ids(platform.database)
    for found in find_keystores(folder):
        if is_file_of(found.path, (key_id,), known):
            with map_os_errors(found.path):
                found.path.unlink(missing_ok=True)
    record = certificate_register.get(platform, key_id)
    if record is not None and record.revoked_at is None:
        certificate_register.forget(platform, key_id)


def _registered(
    platform: EmbeddedPlatform, person: TrainingPerson, dn: DistinguishedName, pair: PrivateKey
) -> CertificateRecord:
    now = platform.clock.now()
    record = CertificateRecord(
        key_id=certificate_register.key_identifier(pair.public_key()),
        spki=spki(pair.public_key()),
        holder=Holder(dn, person.person.first_names, person.person.name),
        signer=person.person.niss.digits,
        contact=RegisteredContact(f"{person.name}@example.be", "+32 2 555 01 42"),
        requested_at=now,
        deliver_at=now,
    )
    certificate_register.add(platform, record)
    delivered = certificate_register.get(platform, record.key_id)
    if delivered is None or delivered.der is None:
        raise _unfit(person, "withheld")  # nothing is lost: there is no certificate
    return delivered


def _token(
    platform: EmbeddedPlatform, record: CertificateRecord, pair: PrivateKey, certificate: x509.Certificate
) -> tuple[RSAPrivateKey, x509.Certificate]:
    encryption = generate_key(NewKeyKind.RSA_2048)
    challenge = start_registration(platform, record, spki(encryption.public_key()))
    serial = solve_challenge(challenge, encryption)
    der = encryption_certificate(pair, certificate, encryption.public_key(), serial)
    complete_registration(platform, record, der)
    return encryption, x509.load_der_x509_certificate(der)


def _unfit(person: TrainingPerson, reason: Literal["certificate", "withheld"]) -> errors.ScenarioUnfit:
    return errors.ScenarioUnfit(name=Scenario.FORGOTTEN_PASSWORD.value, person=person.name, reason=reason)
