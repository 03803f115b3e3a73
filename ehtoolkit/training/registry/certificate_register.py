"""The platform's register of certificates: who asked for which, when it is delivered, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from ehtoolkit.ehealth.certificate_info import CertStatus
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training.authority.pki import Authorities, Issuer, key_usage, status_extensions
from ehtoolkit.training.state.certificate_record import CertificateRecord, from_row, to_row
from ehtoolkit.training.state.clock import TrainingClock, add_months
from ehtoolkit.training.state.database import TrainingDatabase, to_text
from ehtoolkit.training.state.invented_people import TrainingPerson
from ehtoolkit.training.state.mailbox import Mailbox
from ehtoolkit.training.state.people_store import PeopleStore
from ehtoolkit.training.state.scenarios import Scenario, Scenarios

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PublicKey

VALIDITY_MONTHS: Final = 36
"""Every certificate that was seen since 2020 ran 36 months."""
POLICY: Final = x509.ObjectIdentifier("1.3.6.1.4.1.32473.1.1")
"""Of certificates that prove nothing: from the arc that is kept for examples (RFC 5612)."""


class Register:
    """Read and write records. A record is read as it is now: a certificate that has become due is made by the read,
    and dated from the time when it became due."""

    def __init__(self, database: TrainingDatabase, authorities: Authorities, clock: TrainingClock) -> None:
        self._database = database
        self._authorities = authorities
        self._clock = clock
        self._scenarios = Scenarios(database)
        self._roster = PeopleStore(database)

    def get(self, key_id: str) -> CertificateRecord | None:
        return next(iter(self._select("key_id = ?", (key_id,))), None)

    def person(self, ssin: str) -> TrainingPerson | None:
        """Return the training person with that number; None for a stranger."""
        return self._roster.of(ssin)

    def of_holder(self, dn: DistinguishedName) -> list[CertificateRecord]:
        """Return all records of one holder and application id, the one asked for last first."""
        return self._select(
            "identifier_type = ? AND identifier = ? AND application_id IS ?",
            (dn.identifier.type, dn.identifier.value, dn.application_id),
        )

    def of_actor(self, identifier: Identifier) -> list[CertificateRecord]:
        """Return all records of one person or organisation, with any application id, the one asked for last first."""
        return self._select("identifier_type = ? AND identifier = ?", (identifier.type, identifier.value))

    def of_citizen(self, ssin: str, organisations: Iterable[Identifier]) -> list[CertificateRecord]:
        """Return all records that a person can see: their own, those they asked for, those of their organisations; the
        one asked for last first."""
        found = {one.key_id: one for one in self._select("signer = ?", (ssin,))}
        for identifier in (Identifier("SSIN", ssin), *organisations):
            found |= {one.key_id: one for one in self.of_actor(identifier)}
        return sorted(found.values(), key=lambda one: one.requested_at, reverse=True)

    def of_validation(self, code: str) -> CertificateRecord | None:
        """Return the record whose holder confirms it at the address that ends in ``code``; None where there is none."""
        return next(iter(self._select("validation_code = ?", (code,))), None)

    def all(self) -> list[CertificateRecord]:
        return self._select("TRUE", ())

    def of_certificate(self, certificate: x509.Certificate) -> CertificateRecord | None:
        """Return the record that exactly this certificate was delivered for; None where there is none."""
        der = certificate.public_bytes(Encoding.DER)
        record = self.get(public_key_identifier(certificate))
        return record if record is not None and record.der == der else None

    def add(self, record: CertificateRecord) -> None:
        row = to_row(record)
        marks = ", ".join(f":{name}" for name in row)
        with self._database.writing() as connection:
            connection.execute(f"INSERT INTO certificate ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608

    def validate(self, key_id: str, deliver_at: datetime, replaces: str | None) -> None:
        """Write down that its holder confirmed a request now, when it is delivered, and what it replaces."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE certificate SET validated_at = ?, deliver_at = ?, replaces = ? WHERE key_id = ?",
                (to_text(self._clock.now()), to_text(deliver_at), replaces, key_id),
            )

    def revoke(self, key_id: str, reason: str) -> None:
        """Write down that a certificate is revoked from now on."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE certificate SET revoked_at = ?, revocation_reason = ? WHERE key_id = ?",
                (to_text(self._clock.now()), reason, key_id),
            )

    def refuse(self, key_id: str) -> None:
        """Write down that a request is refused from now on, unless it was delivered meanwhile."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE certificate SET refused_at = ? WHERE key_id = ? AND der IS NULL",
                (to_text(self._clock.now()), key_id),
            )

    def release(self, key_id: str, deliver_at: datetime) -> None:
        """Write down another moment of delivery for a request that was not delivered."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE certificate SET deliver_at = ? WHERE key_id = ? AND der IS NULL",
                (to_text(deliver_at), key_id),
            )

    def forget(self, key_id: str) -> None:
        """Delete a certificate, its token, and the e-mails and sealed messages that go with them."""
        with self._database.writing() as connection:
            for table in ("sealed_letter", "mail", "token", "certificate"):
                connection.execute(f"DELETE FROM {table} WHERE key_id = ?", (key_id,))  # noqa: S608

    def withheld(self, record: CertificateRecord) -> bool:
        """Return whether the delivery of a certificate is kept back, however late it is."""
        if record.der is not None or record.refused_at is not None or record.awaits_validation:
            return False
        return self._scenarios.is_on_for(Scenario.NOT_YET_DELIVERED, record.signer)

    def chain(self, record: CertificateRecord) -> tuple[x509.Certificate, ...]:
        """Return the delivered certificate and the authorities above it, the root last; nothing before it is
        delivered."""
        certificate = record.certificate
        if certificate is None:
            return ()
        issuer = next(
            one for one in self._authorities.issuers if one.certificate.subject == certificate.issuer
        )
        return (certificate, *issuer.chain)

    def _select(self, condition: str, values: Sequence[str | None]) -> list[CertificateRecord]:
        query = f"SELECT * FROM certificate WHERE {condition} ORDER BY requested_at DESC"  # noqa: S608
        with self._database.reading() as connection:
            records = [from_row(row) for row in connection.execute(query, values)]
        now = self._clock.now()
        return [
            self._deliver(one) if _is_due(one, now) and not self.withheld(one) else one for one in records
        ]

    def _deliver(self, record: CertificateRecord) -> CertificateRecord:
        """Make the certificate of a record, unless another process was faster, and return the record as it is then. A
        request whose holder let the time for their confirmation pass is refused instead."""
        with self._database.writing() as connection:
            query = "SELECT * FROM certificate WHERE key_id = ?"
            current = from_row(connection.execute(query, (record.key_id,)).fetchone())
            if current.der is not None or current.refused_at is not None:
                return current
            if current.awaits_validation:
                connection.execute(
                    "UPDATE certificate SET refused_at = validate_by WHERE key_id = ?", (record.key_id,)
                )
                return from_row(connection.execute(query, (record.key_id,)).fetchone())
            certificate = _issue(current, self._issuer_for(current), self._end_of_replaced(current))
            connection.execute(
                "UPDATE certificate SET der = ?, not_before = ?, not_after = ? WHERE key_id = ?",
                (
                    certificate.public_bytes(Encoding.DER),
                    to_text(certificate.not_valid_before_utc),
                    to_text(certificate.not_valid_after_utc),
                    record.key_id,
                ),
            )
            return from_row(connection.execute(query, (record.key_id,)).fetchone())

    def _end_of_replaced(self, record: CertificateRecord) -> datetime | None:
        """Return when the certificate ends that this one renews, while it serves; None where this one renews none, and
        where that one was not delivered, was revoked, or has ended by the delivery of this one."""
        replaced = None if record.replaces is None else self.get(record.replaces)
        if replaced is None or replaced.revoked_at is not None or replaced.not_after is None:
            return None
        return replaced.not_after if replaced.not_after > record.deliver_at else None

    def _issuer_for(self, record: CertificateRecord) -> Issuer:
        person = self.person(record.signer)
        elliptic = person is not None and person.certificate_is_ec
        return self._authorities.issuing_ec if elliptic else self._authorities.issuing


def public_key_identifier(certificate: x509.Certificate) -> str:
    """Return the SHA-1 of the bits of a certificate's public key (RFC 5280, method 1), 40 hexadecimal digits, upper
    case."""
    return key_identifier(cast("PublicKey", certificate.public_key()))


def key_identifier(key: PublicKey) -> str:
    """Return the SHA-1 of the bits of a public key (RFC 5280, method 1), 40 hexadecimal digits, upper case."""
    return x509.SubjectKeyIdentifier.from_public_key(key).digest.hex().upper()


def _is_due(record: CertificateRecord, now: datetime) -> bool:
    return record.der is None and record.refused_at is None and record.deliver_at <= now


def issue(
    dn: DistinguishedName,
    public_key: PublicKey,
    start: datetime,
    issuer: Issuer,
    *,
    after: datetime | None = None,
) -> x509.Certificate:
    """Return a new eHealth certificate that is valid from ``start`` (aware, whole seconds) on.

    It ends `VALIDITY_MONTHS` later, or so long ``after`` the end of the one that it replaces: what is renewed early
    loses nothing.
    """
    return issuer.issue(
        dn.to_name(),
        public_key,
        (start, add_months(after or start, VALIDITY_MONTHS)),
        (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (key_usage("digital_signature", "content_commitment", "key_encipherment"), True),
            (
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
                ),
                False,
            ),
            (x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), False),
            *status_extensions(issuer),
        ),
    )


def _issue(record: CertificateRecord, issuer: Issuer, after: datetime | None) -> x509.Certificate:
    key = cast("PublicKey", load_der_public_key(record.spki))
    return issue(record.holder.dn, key, record.deliver_at.replace(microsecond=0), issuer, after=after)


# ── Requests that wait for their certificate ─────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class PendingRequests:
    """Changes requests under way, and writes the e-mails about it."""

    register: Register
    mailbox: Mailbox
    clock: TrainingClock

    def all(self, which: Callable[[CertificateRecord], bool]) -> list[CertificateRecord]:
        """Return the requests that nothing was decided about yet, and for which ``which`` is true."""
        now = self.clock.now()
        waiting = [one for one in self.register.all() if one.status(now) is CertStatus.IN_PROGRESS]
        return [one for one in waiting if which(one)]

    def refuse(self, record: CertificateRecord) -> None:
        """Refuse a request now, as the person who checks it would, and replace the e-mail that its certificate is
        ready."""
        self.register.refuse(record.key_id)
        self.mailbox.refuse(record, self.clock.now())

    def release(self, record: CertificateRecord) -> None:
        """Deliver now a request that was withheld beyond its time; one that is not due yet keeps its time."""
        if record.deliver_at < self.clock.now():
            self.deliver(record)

    def deliver(self, record: CertificateRecord) -> None:
        """Deliver a request now, whatever its time was."""
        now = self.clock.now()
        self.register.release(record.key_id, now)
        self.mailbox.postpone(record, now)
