"""EtkRA: encryption tokens, from the challenge to their activation."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.certificate_info_xml import CertStatus, EtkStatus
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import ETKRA, Element, add_base64
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.authority.request_checks import (
    check_encryption_certificate,
    read_encryption_certificate,
    read_encryption_key,
    spki,
)
from ehtoolkit.training.service.answers import add_boolean
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.database import from_text, to_text
from ehtoolkit.training.state.refusal_reasons import Refusal
from ehtoolkit.training.state.scenarios import Scenario, is_on_for

_SERIAL_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One registration.

    Attributes:
        serial: the number in the challenge.
        der, etk: the encryption certificate and the token, None until the registration is complete.
    """

    serial: int
    spki: bytes
    der: bytes | None
    etk: bytes | None
    not_after: datetime | None
    activated_at: datetime | None
    revoked_at: datetime | None

    def status(self, now: datetime) -> EtkStatus:
        if self.revoked_at is not None:
            return EtkStatus.REVOKED
        if self.not_after is None:
            return EtkStatus.IN_REQUEST
        if now > self.not_after:
            return EtkStatus.EXPIRED
        waiting = self.activated_at is None
        return EtkStatus.WAIT_FOR_ACTIVATION if waiting else EtkStatus.VALID_ACTIVE


# ── EtkRA ────────────────────────────────────────────────────────────────────────────────────────────────
def _only_bytes(call: Call, name: str) -> bytes:
    reader = call.reader()
    data = reader.bytes(name)
    reader.end()
    return data


def _start(call: Call) -> Element:
    challenge = start_registration(call.platform, call.signer, _only_bytes(call, "PublicEncryptionKey"))
    answer = call.success()
    add_base64(answer, ETKRA, "Challenge", challenge)
    return answer


def start_registration(platform: EmbeddedPlatform, holder: CertificateRecord, public_key: bytes) -> bytes:
    """Begin the registration of a new encryption key (SubjectPublicKeyInfo as DER) and return the challenge: a serial
    number of 16 random bytes, encrypted for that key, and its SHA-256.

    The same key again gets the same number, since the first answer may have been lost. Raises `Refusal`.
    """
    key = read_encryption_key(public_key)
    wanted = spki(key)
    tokens = _tokens_of(platform, holder.key_id)
    if wanted == holder.spki:
        raise Refusal("KEY_ALREADY_USED")
    if any(token.etk is not None and token.spki != wanted for token in tokens):
        raise Refusal("ETK_ALREADY_REGISTERED")
    known = next((token for token in tokens if token.spki == wanted), None)
    serial = secrets.randbits(8 * _SERIAL_BYTES) or 1 if known is None else known.serial
    data = serial.to_bytes(_SERIAL_BYTES, "big")
    challenge = _encrypted(data, key) + hashlib.sha256(data).digest()
    if known is None:
        platform.database.insert(
            "token",
            serial=str(serial),
            key_id=holder.key_id,
            spki=wanted,
            started_at=to_text(platform.clock.now()),
        )
    return challenge


def _complete(call: Call) -> Element:
    token = complete_registration(call.platform, call.signer, _only_bytes(call, "ToBeRegistered"))
    answer = call.success()
    add_base64(answer, ETKRA, "ETK", token.etk or b"")
    add_boolean(answer, ETKRA, "ToBeActivated", token.activated_at is None)
    return answer


def complete_registration(platform: EmbeddedPlatform, holder: CertificateRecord, der: bytes) -> TokenRecord:
    """Register the encryption certificate (DER) and return its token; registering it again gives the same token. Raises
    `Refusal`."""
    encryption, key = read_encryption_certificate(der)
    authentication = holder.certificate
    if authentication is None:
        raise Refusal("SIGNER_NOT_TRUSTED")
    token = next((token for token in _tokens_of(platform, holder.key_id) if token.spki == spki(key)), None)
    if token is None:
        raise Refusal("ETK_NOT_STARTED")
    if token.der == der:
        return token
    if token.etk is not None:
        raise Refusal("ETK_ALREADY_REGISTERED")
    if encryption.serial_number != token.serial:
        raise Refusal("ETK_SERIAL_MISMATCH")
    check_encryption_certificate(encryption, authentication)
    etk = make_etk(
        encryption, certificate_register.chain_of(platform, holder), platform.authorities.etk_signer
    )
    now, end = platform.clock.now(), encryption.not_valid_after_utc
    activated_at = None if _waits_for_activation(platform, holder) else now
    platform.database.write(
        "UPDATE token SET der = ?, etk = ?, registered_at = ?, not_after = ?, activated_at = ? WHERE serial = ?",
        der,
        etk,
        to_text(now),
        to_text(end),
        None if activated_at is None else to_text(activated_at),
        str(token.serial),
    )
    return replace(token, der=der, etk=etk, not_after=end, activated_at=activated_at)


def _waits_for_activation(platform: EmbeddedPlatform, holder: CertificateRecord) -> bool:
    """Return whether the holder has a current token of another certificate: the new one replaces it then. What the real
    depot does after a revocation is not known: a trainer can have the new one wait there too."""
    waited_for = {EtkStatus.VALID_ACTIVE}
    if is_on_for(platform.database, Scenario.ACTIVATION_AFTER_REVOCATION, holder.signer):
        waited_for.add(EtkStatus.REVOKED)
    return any(
        token_status(platform, other) in waited_for
        for other in certificate_register.of_holder(platform, holder.holder.dn)
        if other.key_id != holder.key_id
    )


def _activate(call: Call) -> Element:
    """Make the token of this certificate the current one of its holder; once more changes nothing."""
    call.reader().end()
    holder: CertificateRecord = call.signer
    platform = call.platform
    tokens = [token for token in _tokens_of(platform, holder.key_id) if token.etk is not None]
    if not tokens:
        raise Refusal("ETK_NOT_REGISTERED")
    query = "UPDATE token SET activated_at = coalesce(activated_at, ?) WHERE serial = ?"
    platform.database.write(query, to_text(platform.clock.now()), str(tokens[0].serial))
    return call.success()


ENDPOINTS: Final = (
    Endpoint(op.START_ETK_REGISTRATION, "holder", _start),
    Endpoint(op.COMPLETE_ETK_REGISTRATION, "holder", _complete),
    Endpoint(op.ACTIVATE_ETK, "holder", _activate),
)


# ── for the other services ───────────────────────────────────────────────────────────────────────────────
def revoke_tokens(platform: EmbeddedPlatform, record: CertificateRecord) -> None:
    """End every token of a certificate that is being revoked."""
    now = to_text(platform.clock.now())
    platform.database.write("UPDATE token SET revoked_at = ? WHERE key_id = ?", now, record.key_id)


def token_status(platform: EmbeddedPlatform, record: CertificateRecord) -> EtkStatus:
    """Return the status of the token that belongs to this certificate."""
    now = platform.clock.now()
    tokens = _tokens_of(platform, record.key_id)
    if not tokens:
        return EtkStatus.NOT_REQUESTED
    if record.status(now) is CertStatus.REVOKED:
        return EtkStatus.REVOKED
    registered = [token for token in tokens if token.etk is not None]
    return (registered or tokens)[0].status(now)


def _tokens_of(platform: EmbeddedPlatform, key_id: str) -> list[TokenRecord]:
    """Return the registrations of a certificate, the newest first."""
    query = "SELECT * FROM token WHERE key_id = ? ORDER BY started_at DESC"
    return [_from_row(row) for row in platform.database.rows(query, key_id)]


def _encrypted(data: bytes, key: RSAPublicKey) -> bytes:
    try:
        return key.encrypt(data, padding.PKCS1v15())
    except UNREADABLE as error:  # the number has the length of a modulus and is none
        raise Refusal("KEY_UNFIT") from error


def _from_row(row: sqlite3.Row) -> TokenRecord:
    names = ("not_after", "activated_at", "revoked_at")
    moments = {name: None if row[name] is None else from_text(row[name]) for name in names}
    return TokenRecord(int(row["serial"]), row["spki"], row["der"], row["etk"], **moments)


def make_etk(encryption: x509.Certificate, chain: Sequence[x509.Certificate], signer: Issuer) -> bytes:
    """Return the encryption token as DER: the certificate ``encryption``, signed by ``signer``.

    As in the one public sample: SHA-256, PKCS#1 v1.5, no signed attributes; with the certificates of the signer, and
    the ``chain`` of the holder's authentication key.
    """
    builder = pkcs7.PKCS7SignatureBuilder().set_data(encryption.public_bytes(Encoding.DER))
    builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())
    for certificate in chain:
        builder = builder.add_certificate(certificate)
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoAttributes])
