"""Decides about certificates: who may have one, for which key, and what to say about it afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info import CertStatus, RegisteredContact
from ehtoolkit.identity import (
    DistinguishedName,
    Identifier,
    Niss,
    Person,
    normalise_application_id,
    normalise_name,
)
from ehtoolkit.identity.contact import EMAIL_LIMIT
from ehtoolkit.training.authority.request_checks import check_csr, spki
from ehtoolkit.training.registry.certificate_register import PendingRequests, Register, key_identifier
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.contracts import Contracts, ContractText, require_unchanged, write_contract
from ehtoolkit.training.service.organisation_types import base_services_of
from ehtoolkit.training.service.requests import (
    ReceivedCertificateRequest,
    ReceivedContractRequest,
    RequestActor,
    RequestContact,
    ReturnedContract,
)
from ehtoolkit.training.state.certificate_record import CertificateRecord, Holder
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.invented_people import TrainingOrganisation
from ehtoolkit.training.state.mailbox import Mailbox
from ehtoolkit.training.state.mandates import Mandates
from ehtoolkit.training.state.refusals import Refusal
from ehtoolkit.training.state.scenarios import Scenario, Scenarios

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PublicKey

_EMAIL: Final = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE: Final = re.compile(r"[+0-9][0-9 ]*")

MANUAL_DELAY: Final = timedelta(days=10)
"""How long a person takes who checks what the registers do not know (the platform says: up to ten days)."""


@dataclass(frozen=True, slots=True)
class Qualities:
    """What a person may ask for: for himself, and for which organisations."""

    natural_person: bool
    organisations: tuple[TrainingOrganisation, ...]


class CertificateAuthority:
    """Everything about certificates. Every method raises `Refusal` for what it does not grant."""

    def __init__(
        self,
        register: Register,
        contracts: Contracts,
        mailbox: Mailbox,
        clock: TrainingClock,
        delivery: timedelta,
        mandates: Mandates,
        scenarios: Scenarios,
    ) -> None:
        self._register = register
        self._contracts = contracts
        self._mailbox = mailbox
        self._clock = clock
        self._delivery = delivery
        self._mandates = mandates
        self._scenarios = scenarios
        self._waiting = PendingRequests(register, mailbox, clock)

    def qualities(self, citizen: Citizen, ssin: str) -> Qualities:
        """Return what the signer may ask for; he can only ask about himself."""
        citizen.require_number("SSIN", ssin)
        known = self._register.person(ssin)
        if known is None:
            return Qualities(natural_person=True, organisations=())
        return Qualities(known.qualified, self._mandates.of(ssin))

    def contract(self, wish: ReceivedContractRequest) -> ContractText:
        """Write the contract for a wish that nobody signed: who signs the contract is what gets checked."""
        signer = _person(wish.signer)
        contract = write_contract(
            _holder(wish, signer), signer, contact_data(wish.contact), self._clock.now()
        )
        self._contracts.add(contract)
        return contract

    def request(self, citizen: Citizen, wish: ReceivedCertificateRequest) -> CertificateRecord:
        """Accept a signed request. The same key for the same holder again is answered as the first time."""
        contract = self._signed_contract(wish.contract)
        citizen.require_is(wish.contract.signer)
        contact = contact_data(wish.contact)
        holder = contract.holder
        unknown = set(wish.base_services) - set(base_services_of(holder.dn.identifier.type))
        if unknown:
            raise Refusal("BASE_SERVICE_UNKNOWN", BaseService=min(unknown))
        key = check_csr(wish.csr, holder.dn)
        self.require_wanted(key, citizen.ssin)
        key_id = key_identifier(key)
        earlier = self._register.get(key_id)
        if earlier is not None:
            if (earlier.holder.dn, earlier.signer) != (holder.dn, citizen.ssin):
                raise Refusal("KEY_ALREADY_USED")
            if earlier.refused_at is not None:
                raise Refusal("CERT_REFUSED", PublicKeyIdentifier=key_id)
            return earlier
        now = self._clock.now()
        automatic = self._mandates.may_ask_for(citizen.ssin, holder.dn) and not self._is_checked(citizen.ssin)
        record = CertificateRecord(
            key_id=key_id,
            spki=spki(key),
            holder=holder,
            signer=citizen.ssin,
            contact=contact,
            base_services=wish.base_services,
            automatic=automatic,
            replaces=self.replaced(holder.dn, now),
            requested_at=now,
            deliver_at=now + (self._delivery if automatic else MANUAL_DELAY),
        )
        self._register.add(record)
        self._mailbox.announce(record)
        if self._scenarios.is_on_for(Scenario.REFUSED, citizen.ssin):
            self._waiting.refuse(record)
        return record

    def delivered(self, key_id: str) -> tuple[x509.Certificate, ...]:
        """Return the certificate for a key and the authorities above it, without the root."""
        record = self._register.get(key_id)
        if record is None:
            raise Refusal("CERT_UNKNOWN", PublicKeyIdentifier=key_id)
        status = record.status(self._clock.now())
        if status is CertStatus.REFUSED:
            code = "CERT_VALIDATION_EXPIRED" if record.validation_expired else "CERT_REFUSED"
            raise Refusal(code, PublicKeyIdentifier=key_id)
        if status is CertStatus.IN_PROGRESS:
            raise Refusal("CERT_NOT_YET_DELIVERED", PublicKeyIdentifier=key_id)
        return self._register.chain(record)[:-1]

    def manageable_by(self, citizen: Citizen) -> list[CertificateRecord]:
        """Return all certificates that a person can see and revoke, the one asked for last first."""
        organisations = self._mandates.of(citizen.ssin)
        return self._register.of_citizen(citizen.ssin, (one.identifier for one in organisations))

    def application_ids(self, kind: str, number: str) -> list[str | None]:
        """Return the application ids that certificates of an organisation use now; None stands for one without."""
        now = self._clock.now()
        used = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)
        records = self._register.of_actor(identifier_of(kind, number))
        found = {one.holder.dn.application_id for one in records if one.status(now) in used}
        return sorted(found, key=lambda one: one or "")

    def replaceable(self, record: CertificateRecord) -> bool:
        """Return whether a replacement may be asked for now: in its period, and not asked for yet."""
        now = self._clock.now()
        alive = (CertStatus.IN_PROGRESS, CertStatus.VALID_ACTIVE)
        requests = self._register.of_holder(record.holder.dn)
        newest = next(
            (one for one in requests if one.status(now) in alive and not one.awaits_validation), None
        )
        return newest is not None and newest.key_id == record.key_id and record.replaceable(now)

    def require_wanted(self, key: PublicKey, ssin: str) -> None:
        """Raise `Refusal` for a key of a kind that a trainer has the platform refuse to that person."""
        unwanted = Scenario.ONLY_EC if isinstance(key, RSAPublicKey) else Scenario.ONLY_RSA
        if self._scenarios.is_on_for(unwanted, ssin):
            raise Refusal("KEY_UNFIT")

    def _is_checked(self, ssin: str) -> bool:
        """Return whether a person looks at the requests of this one, whatever the registers say."""
        checked = (Scenario.MANUAL_VALIDATION, Scenario.REFUSED)
        return any(self._scenarios.is_on_for(one, ssin) for one in checked)

    def _signed_contract(self, echoed: ReturnedContract) -> ContractText:
        """Return the contract that the platform wrote, after checking that the one that came back is the same."""
        contract = self._contracts.find(echoed.texts)
        if contract is None:
            raise Refusal("CONTRACT_UNKNOWN")
        require_unchanged(contract, echoed)
        return contract

    def replaced(self, dn: DistinguishedName, now: datetime) -> str | None:
        """Return the key identifier of the certificate that a new one would replace; None when there is none. Refuses
        where it is too early for a new one, or where one is being made already.

        A request that its holder has not confirmed stands in nobody's way, since anybody can make one.
        """
        by_status: dict[CertStatus, CertificateRecord] = {}
        for record in self._register.of_holder(dn):
            if record.awaits_validation:
                continue
            by_status.setdefault(record.status(now), record)
        waiting = by_status.get(CertStatus.IN_PROGRESS)
        if waiting is not None:
            raise Refusal("CERT_ALREADY_REQUESTED", PublicKeyIdentifier=waiting.key_id)
        active = by_status.get(CertStatus.VALID_ACTIVE)
        if active is None:
            return None
        start = active.replacement_start
        if start is not None and now < start:
            raise Refusal(
                "CERT_ALREADY_ACTIVE",
                PublicKeyIdentifier=active.key_id,
                ReplacementPeriodStartDate=start.isoformat(),
            )
        return active.key_id


def contact_data(contact: RequestContact) -> RegisteredContact:
    """Return the contact data of a request as they came, after checking that they have the platform's form: it takes
    more than our client sends. Raises `Refusal`."""
    for email in (contact.email, contact.general_email):
        if email is not None and (len(email) > EMAIL_LIMIT or not _EMAIL.fullmatch(email)):
            raise Refusal("CONTACT_DATA_INVALID", Field="email")
    for phone in (contact.phone, contact.general_phone):
        if phone is not None and not _PHONE.fullmatch(phone):
            raise Refusal("CONTACT_DATA_INVALID", Field="phone")
    return RegisteredContact(contact.email, contact.phone, contact.general_email, contact.general_phone)


def identifier_of(kind: str, number: str) -> Identifier:
    """Return type and number as an identifier, if their form is right; check digits are left to the client. Raises
    `Refusal`."""
    try:
        return Identifier(kind, number)
    except errors.IdentifierInvalid as error:
        raise Refusal("IDENTIFIER_INVALID", Reason=error.reason) from error


def _person(actor: RequestActor) -> Person:
    identifier = identifier_of(actor.type, actor.number)
    if not identifier.is_person:
        raise Refusal("IDENTIFIER_INVALID", Reason="type")
    return Person(Niss(identifier.value), actor.first_names or "", actor.name)


def _holder(wish: ReceivedContractRequest, signer: Person) -> Holder:
    actor = wish.actor
    identifier = identifier_of(actor.type, actor.number)
    try:
        if identifier.is_person:
            # A person signs for himself. Clients repeat him as the actor, without application id.
            if _person(actor) != signer or wish.application_id is not None:
                raise Refusal("ACTOR_MISMATCH")
            return Holder(DistinguishedName.for_person(signer), signer.first_names, signer.name)
        # The first names that clients send with an organisation are the signer's and mean nothing.
        application_id = (
            None if wish.application_id is None else normalise_application_id(wish.application_id)
        )
        dn = DistinguishedName(identifier, normalise_name(actor.name), application_id)
    except errors.DistinguishedNameInvalid as error:
        code = "APPLICATION_ID_INVALID" if error.reason == "application_id" else "NAME_INVALID"
        raise Refusal(code) from error
    return Holder(dn, None, actor.name)
