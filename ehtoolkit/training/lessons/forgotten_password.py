"""A keystore with a forgotten password, for the lesson in which it is revoked."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, generate_key
from ehtoolkit.ehealth.certificate_info import CertStatus, RegisteredContact
from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.ehealth.etk_services import solve_challenge
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.folder import find_keystores, keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import map_os_errors
from ehtoolkit.training.authority import register
from ehtoolkit.training.authority.platform import EmbeddedPlatform
from ehtoolkit.training.authority.request_checks import spki
from ehtoolkit.training.service.etkra import complete_registration, start_registration
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.invented_people import TrainingPerson
from ehtoolkit.training.state.scenarios import Scenario

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey

_IN_FORCE: Final = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)


def leave_keystore(platform: EmbeddedPlatform, person: TrainingPerson, folder: Path) -> str:
    """Put a keystore for ``person``, with a random password that is kept nowhere, into the keystore folder ``folder``,
    and return the identifier of its key. The platform knows its certificate and its token.

    Raises `errors.ScenarioUnfit` (reason ``certificate``) while the platform has a certificate for that person, or
    (reason ``withheld``) while their certificates are not delivered, and what writing a keystore raises.
    """
    dn = DistinguishedName.for_person(person.person)
    now = platform.clock.now()
    if any(record.status(now) in _IN_FORCE for record in register.of_holder(platform, dn)):
        raise _unfit(person, "certificate")
    pair = generate_key(NewKeyKind.EC_P384 if person.certificate_is_ec else NewKeyKind.RSA_2048)
    record = _registered(platform, person, dn, pair)
    chain = register.chain_of(platform, record)[:-1]
    keystore = Keystore.prepare(pair, now).with_chain(chain)
    keystore = keystore.with_encryption(*_token(platform, record, pair, chain[0]))
    path = keystore_path(folder, dn.identifier, None, now, Environment.TRAINING)
    KeystoreFile.create(path, keystore, Secret(secrets.token_urlsafe(24)))
    return record.key_id


def take_back(platform: EmbeddedPlatform, key_id: str, folder: Path) -> None:
    """Delete the keystores in ``folder`` that hold this key, and let the platform forget the certificate unless it was
    revoked.

    Raises `errors.FolderNotWritable`; then nothing is forgotten.
    """
    for found in find_keystores(folder):
        if key_id in (found.key_ids or ()):
            with map_os_errors(found.path):
                found.path.unlink(missing_ok=True)
    record = register.get(platform, key_id)
    if record is not None and record.revoked_at is None:
        register.forget(platform, key_id)


def _registered(
    platform: EmbeddedPlatform, person: TrainingPerson, dn: DistinguishedName, pair: PrivateKey
) -> CertificateRecord:
    now = platform.clock.now()
    record = CertificateRecord(
        key_id=register.key_identifier(pair.public_key()),
        spki=spki(pair.public_key()),
        holder=Holder(dn, person.person.first_names, person.person.name),
        signer=person.person.niss.digits,
        contact=RegisteredContact(f"{person.name}@example.be", "+32 2 555 01 42"),
        base_services=(),
        automatic=True,
        replaces=None,
        requested_at=now,
        deliver_at=now,
    )
    register.add(platform, record)
    delivered = register.get(platform, record.key_id)
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
