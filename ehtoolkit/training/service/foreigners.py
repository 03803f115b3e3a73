"""Decides about people without an identity card: their requests, and the login by which they confirm them."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info import CertStatus
from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.training.authority.request_checks import check_csr, spki
from ehtoolkit.training.registry.certificate_register import Register, key_identifier
from ehtoolkit.training.service.certificates import CertificateAuthority, contact_data, identifier_of
from ehtoolkit.training.service.requests import ReceivedForeignRequest, RequestActor
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.mailbox import Mailbox
from ehtoolkit.training.state.refusals import Refusal

VALIDATION_PERIOD: Final = timedelta(days=30)
"""How long a request may wait for its holder's login (the schema names a date and no period)."""
VALIDATION_PATH: Final = "/validation/"

_KEY_ID: Final = re.compile(r"[0-9A-Fa-f]{40}")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A request that waits for its holder's login: where, and until when."""

    url: str
    validate_by: datetime


class ForeignAuthority:
    """Everything about people with a BIS number who have no card to sign with."""

    def __init__(
        self,
        database: TrainingDatabase,
        register: Register,
        authority: CertificateAuthority,
        mailbox: Mailbox,
        clock: TrainingClock,
        delivery: timedelta,
    ) -> None:
        self._database = database
        self._register = register
        self._authority = authority
        self._mailbox = mailbox
        self._clock = clock
        self._delivery = delivery

    def submit(self, wish: ReceivedForeignRequest, base_url: str) -> Submitted:
        """Take down a request that nobody signed; nothing is made of it before the login.

        ``base_url``: scheme and host under which the asker found this platform. The same key for the same
        person again is answered as the first time. Raises `Refusal`.
        """
        person = _person(wish.person)
        contact = contact_data(wish.contact)
        try:
            dn = DistinguishedName.for_person(person)
        except errors.DistinguishedNameInvalid as error:
            raise Refusal("NAME_INVALID") from error
        key = check_csr(wish.csr, dn)
        self._authority.require_wanted(key, person.niss.digits)
        key_id = key_identifier(key)
        with self._database.writing():
            record = self._register.get(key_id)
            if record is None:
                now = self._clock.now()
                record = CertificateRecord(
                    key_id=key_id,
                    spki=spki(key),
                    holder=Holder(dn, person.first_names, person.name),
                    signer=person.niss.digits,
                    contact=contact,
                    base_services=(),
                    automatic=True,
                    replaces=self._authority.replaced(dn, now),
                    requested_at=now,
                    deliver_at=now + VALIDATION_PERIOD,
                    validation_code=secrets.token_urlsafe(24),
                    validate_by=now + VALIDATION_PERIOD,
                )
                self._register.add(record)
                self._mailbox.ask_to_validate(record, _url(record, base_url))
        if record.validate_by is None or (record.holder.dn, record.signer) != (dn, person.niss.digits):
            raise Refusal("KEY_ALREADY_USED")
        return Submitted(_url(record, base_url), record.validate_by)

    def at(self, code: str) -> CertificateRecord:
        """Return the request whose validation address ends in ``code``, confirmed or not. Only its holder knows the
        address.

        Raises `errors.ValidationImpossible` (reason ``unknown``, ``expired`` or ``refused``).
        """
        return self._require_open(self._register.of_validation(code))

    def find(self, wanted: str) -> CertificateRecord:
        """Return the request with that validation address or key identifier, for a trainer. Raises as `at` does."""
        wanted = wanted.strip()
        if _KEY_ID.fullmatch(wanted):
            return self._require_open(self._register.get(wanted.upper()))
        return self.at(wanted.rstrip("/").rpartition("/")[2])

    def validate(self, key_id: str) -> CertificateRecord:
        """Confirm the request, as the holder does by logging in, and return it; once more changes nothing.

        Raises as `at` does, and `errors.ValidationImpossible` (reason ``taken``) when the holder has a certificate, or
        one in the making, that this one may not replace yet.
        """
        with self._database.writing():
            record = self._require_open(self._register.get(key_id))
            if not record.awaits_validation:
                return record
            now = self._clock.now()
            try:
                replaces = self._authority.replaced(record.holder.dn, now)
            except Refusal as error:
                raise errors.ValidationImpossible(reason="taken") from error
            self._register.validate(record.key_id, now + self._delivery, replaces)
            validated = self._require_open(self._register.get(key_id))
            self._mailbox.announce_delivery(validated)
            return validated

    def _require_open(self, record: CertificateRecord | None) -> CertificateRecord:
        if record is None or record.validate_by is None:
            raise errors.ValidationImpossible(reason="unknown")
        if record.status(self._clock.now()) is CertStatus.REFUSED:
            raise errors.ValidationImpossible(reason="expired" if record.validation_expired else "refused")
        return record


def _person(actor: RequestActor) -> Person:
    """Return the person that a request names. Raises `Refusal` for a number that is not a BIS number; its check digits
    are left to the client, as everywhere here."""
    identifier = identifier_of(actor.type, actor.number)
    if not identifier.is_person:
        raise Refusal("IDENTIFIER_INVALID", Reason="type")
    niss = Niss(identifier.value)
    if not niss.is_bis:
        raise Refusal("SSIN_NOT_BIS")
    return Person(niss, actor.first_names or "", actor.name)


def _url(record: CertificateRecord, base_url: str) -> str:
    return f"{base_url}{VALIDATION_PATH}{record.validation_code}"
