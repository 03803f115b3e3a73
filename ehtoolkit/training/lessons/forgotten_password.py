"""A keystore with a forgotten password, for the lesson in which it is revoked."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, generate_key
from ehtoolkit.ehealth.certificate_info import CertStatus, RegisteredContact
from ehtoolkit.ehealth.certificates.certificate_request import solve_challenge
from ehtoolkit.ehealth.certificates.etk import encryption_certificate
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.folder import find_keystores, keystore_path
from ehtoolkit.keystore.storage.writing import create_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import map_os_errors
from ehtoolkit.training.authority.request_checks import spki
from ehtoolkit.training.registry.certificate_register import Register, key_identifier
from ehtoolkit.training.service.tokens import TokenAuthority
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.invented_people import TrainingPerson
from ehtoolkit.training.state.scenarios import Scenario

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PrivateKey

_ALIVE: Final = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)


class ForgottenKeystores:
    """Makes them, with a certificate and a token that the platform knows, and takes them back."""

    def __init__(self, register: Register, tokens: TokenAuthority, clock: TrainingClock) -> None:
        self._register = register
        self._tokens = tokens
        self._clock = clock

    def leave(self, person: TrainingPerson, folder: Path) -> str:
        """Put a keystore for ``person``, with a random password that is kept nowhere, into the keystore folder
        ``folder``, and return the identifier of its key.

        Raises `errors.ScenarioUnfit` (reason ``certificate``) while the platform has a certificate for that person, or
        (reason ``withheld``) while their certificates are not delivered, and what writing a keystore raises.
        """
        holder = person.person
        dn = DistinguishedName.for_person(holder)
        now = self._clock.now()
        if any(one.status(now) in _ALIVE for one in self._register.of_holder(dn)):
            name = Scenario.FORGOTTEN_PASSWORD.value
            raise errors.ScenarioUnfit(name=name, person=person.name, reason="certificate")
        pair = generate_key(NewKeyKind.EC_P384 if person.certificate_is_ec else NewKeyKind.RSA_2048)
        record = self._registered(person, dn, pair)
        chain = self._register.chain(record)[:-1]
        keystore = Keystore.prepare(pair, now).with_chain(chain)
        keystore = keystore.with_encryption(*self._token(record, pair, chain[0]))
        path = keystore_path(folder, dn.identifier, None, now, Environment.TRAINING)
        create_keystore(path, keystore.contents, Secret(secrets.token_urlsafe(24)))
        return record.key_id

    def take_back(self, key_id: str, folder: Path) -> None:
        """Delete the keystores in ``folder`` that hold this key, and let the platform forget the certificate unless it
        was revoked.

        Raises `errors.FolderNotWritable`; then nothing is forgotten.
        """
        for found in find_keystores(folder):
            if key_id in (found.key_ids or ()):
                with map_os_errors(found.path):
                    found.path.unlink(missing_ok=True)
        record = self._register.get(key_id)
        if record is not None and record.revoked_at is None:
            self._register.forget(key_id)

    def _registered(
        self, person: TrainingPerson, dn: DistinguishedName, pair: PrivateKey
    ) -> CertificateRecord:
        now = self._clock.now()
        record = CertificateRecord(
            key_id=key_identifier(pair.public_key()),
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
        self._register.add(record)
        delivered = self._register.get(record.key_id)
        if delivered is None or delivered.der is None:
            # Its delivery is withheld, so there is nothing that could be lost.
            name = Scenario.FORGOTTEN_PASSWORD.value
            raise errors.ScenarioUnfit(name=name, person=person.name, reason="withheld")
        return delivered

    def _token(
        self, record: CertificateRecord, pair: PrivateKey, certificate: x509.Certificate
    ) -> tuple[RSAPrivateKey, x509.Certificate]:
        encryption = _new_pair()
        public = encryption.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        serial = solve_challenge(self._tokens.start(record, public), encryption)
        der = encryption_certificate(pair, certificate, encryption.public_key(), serial)
        self._tokens.complete(record, der)
        return encryption, x509.load_der_x509_certificate(der)


def _new_pair() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
