"""Decides about encryption tokens: challenge, registration, activation, and what the depot holds."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.certificate_info import CertStatus, EtkStatus
from ehtoolkit.training.authority.etk import make_etk
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.authority.request_checks import (
    check_encryption_certificate,
    public_key_of,
    read_encryption_certificate,
    read_encryption_key,
    spki,
)
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.service.requests import DepotSearch
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase, from_text, to_text
from ehtoolkit.training.state.refusals import Refusal
from ehtoolkit.training.state.scenarios import Scenario, Scenarios

_SERIAL_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One registration.

    Attributes:
        serial: the number in the challenge.
        der, etk: the encryption certificate and the token, None until the registration is complete.
    """

    serial: int
    key_id: str
    spki: bytes
    der: bytes | None
    etk: bytes | None
    registered_at: datetime | None
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


@dataclass(frozen=True, slots=True)
class DepotEntry:
    """The token of a holder that is current in the depot."""

    record: CertificateRecord
    etk: bytes


class TokenAuthority:
    """Everything about encryption tokens. Every method raises `Refusal` for what it does not grant."""

    def __init__(
        self,
        database: TrainingDatabase,
        register: Register,
        signer: Issuer,
        clock: TrainingClock,
        scenarios: Scenarios,
    ) -> None:
        self._database = database
        self._register = register
        self._signer = signer
        self._clock = clock
        self._scenarios = scenarios

    def start(self, holder: CertificateRecord, public_key: bytes) -> bytes:
        """Begin the registration of a new encryption key and return the challenge: a serial number of 16 random bytes,
        encrypted for that key, and its SHA-256.

        The same key again gets the same number, since the first answer may have been lost.
        """
        key = read_encryption_key(public_key)
        wanted = spki(key)
        tokens = self._of(holder.key_id)
        if wanted == holder.spki:
            raise Refusal("KEY_ALREADY_USED")
        if any(one.etk is not None and one.spki != wanted for one in tokens):
            raise Refusal("ETK_ALREADY_REGISTERED")
        known = next((one for one in tokens if one.spki == wanted), None)
        serial = secrets.randbits(8 * _SERIAL_BYTES) or 1 if known is None else known.serial
        data = serial.to_bytes(_SERIAL_BYTES, "big")
        challenge = _encrypted(data, key) + hashlib.sha256(data).digest()
        if known is None:
            with self._database.writing() as connection:
                connection.execute(
                    "INSERT INTO token (serial, key_id, spki, started_at) VALUES (?, ?, ?, ?)",
                    (str(serial), holder.key_id, wanted, to_text(self._clock.now())),
                )
        return challenge

    def complete(self, holder: CertificateRecord, der: bytes) -> TokenRecord:
        """Register the encryption certificate and return its token; registering it again gives the same token."""
        encryption = read_encryption_certificate(der)
        authentication = holder.certificate
        if authentication is None:
            raise Refusal("SIGNER_NOT_TRUSTED")
        encoded = spki(public_key_of(encryption))
        token = next((one for one in self._of(holder.key_id) if one.spki == encoded), None)
        if token is None:
            raise Refusal("ETK_NOT_STARTED")
        if token.der == der:
            return token
        if token.etk is not None:
            raise Refusal("ETK_ALREADY_REGISTERED")
        if encryption.serial_number != token.serial:
            raise Refusal("ETK_SERIAL_MISMATCH")
        check_encryption_certificate(encryption, authentication)
        etk = make_etk(encryption, self._register.chain(holder), self._signer)
        now = to_text(self._clock.now())
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE token SET der = ?, etk = ?, registered_at = ?, not_after = ?, activated_at = ? "
                "WHERE serial = ?",
                (
                    der,
                    etk,
                    now,
                    to_text(encryption.not_valid_after_utc),
                    None if self._waits_for_activation(holder) else now,
                    str(token.serial),
                ),
            )
        return self._select("serial = ?", (str(token.serial),))[0]

    def activate(self, holder: CertificateRecord) -> None:
        """Make the token of this certificate the current one of its holder; once more changes nothing."""
        tokens = [one for one in self._of(holder.key_id) if one.etk is not None]
        if not tokens:
            raise Refusal("ETK_NOT_REGISTERED")
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE token SET activated_at = coalesce(activated_at, ?) WHERE serial = ?",
                (to_text(self._clock.now()), str(tokens[0].serial)),
            )

    def revoke(self, record: CertificateRecord) -> None:
        """End every token of a certificate that is being revoked."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE token SET revoked_at = ? WHERE key_id = ?",
                (to_text(self._clock.now()), record.key_id),
            )

    def status(self, record: CertificateRecord) -> EtkStatus:
        """Return the status of the token that belongs to this certificate."""
        now = self._clock.now()
        tokens = self._of(record.key_id)
        if not tokens:
            return EtkStatus.NOT_REQUESTED
        if record.status(now) is CertStatus.REVOKED:
            return EtkStatus.REVOKED
        registered = [one for one in tokens if one.etk is not None]
        return (registered or tokens)[0].status(now)

    def current(self, search: Sequence[DepotSearch]) -> list[DepotEntry]:
        """Return the current tokens that fit every identifier of the search, one per application id.

        Only the one that was activated last counts: when it is over, an older one does not come back.
        """
        first, *others = search
        if any((one.type, one.value) != (first.type, first.value) for one in others):
            return []  # no holder here has two numbers
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT token.*, certificate.application_id FROM token JOIN certificate USING (key_id) "
                "WHERE identifier_type = ? AND identifier = ? AND activated_at IS NOT NULL "
                "ORDER BY activated_at DESC",
                (first.type, first.value),
            ).fetchall()
        newest = {row["application_id"]: row for row in reversed(rows)}
        entries = (
            self._entry(_from_row(row))
            for application_id, row in newest.items()
            if all(one.application_id in (None, application_id or "") for one in search)
        )
        return [entry for entry in entries if entry is not None]

    def _entry(self, token: TokenRecord) -> DepotEntry | None:
        record = self._register.get(token.key_id)
        if record is None or token.etk is None or self.status(record) is not EtkStatus.VALID_ACTIVE:
            return None
        return DepotEntry(record, token.etk)

    def _waits_for_activation(self, holder: CertificateRecord) -> bool:
        """Return whether the holder has a current token of another certificate: the new one replaces it then. What the
        real depot does after a revocation is not known: a trainer can have the new one wait there too."""
        waited_for = {EtkStatus.VALID_ACTIVE}
        if self._scenarios.is_on_for(Scenario.ACTIVATION_AFTER_REVOCATION, holder.signer):
            waited_for.add(EtkStatus.REVOKED)
        others = [one for one in self._register.of_holder(holder.holder.dn) if one.key_id != holder.key_id]
        return any(self.status(one) in waited_for for one in others)

    def _of(self, key_id: str) -> list[TokenRecord]:
        return self._select("key_id = ?", (key_id,))

    def _select(self, condition: str, values: tuple[str, ...]) -> list[TokenRecord]:
        query = f"SELECT * FROM token WHERE {condition} ORDER BY started_at DESC"  # noqa: S608
        with self._database.reading() as connection:
            return [_from_row(row) for row in connection.execute(query, values)]


def _encrypted(data: bytes, key: RSAPublicKey) -> bytes:
    try:
        return key.encrypt(data, padding.PKCS1v15())
    except UNREADABLE as error:  # the number has the length of a modulus and is none
        raise Refusal("KEY_UNFIT") from error


def _from_row(row: sqlite3.Row) -> TokenRecord:
    def moment(name: str) -> datetime | None:
        return None if row[name] is None else from_text(row[name])

    return TokenRecord(
        serial=int(row["serial"]),
        key_id=row["key_id"],
        spki=row["spki"],
        der=row["der"],
        etk=row["etk"],
        registered_at=moment("registered_at"),
        not_after=moment("not_after"),
        activated_at=moment("activated_at"),
        revoked_at=moment("revoked_at"),
    )
