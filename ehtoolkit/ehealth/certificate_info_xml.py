"""Read and write certificate holders and contacts, and read what the platform knows of a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.xml import (
    CERTRA,
    CERTRA_CORE,
    COMMONS,
    Element,
    Namespace,
    add,
    boolean,
    child,
    child_text,
    key_id,
    optional_child,
    optional_text,
    optional_timestamp,
    text,
    texts,
    timestamp,
)
from ehtoolkit.identity import PERSON_TYPE, Actor, ContactData, Identifier, Organisation, Person


class CertStatus(StrEnum):
    """What an authentication certificate is, in the words of the schema."""

    IN_PROGRESS = "IN_PROGRESS"
    VALID_ACTIVE = "VALID_ACTIVE"
    REFUSED = "REFUSED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class EtkStatus(StrEnum):
    """What the encryption token of a certificate is, in the words of the schema."""

    NOT_REQUESTED = "NOT_REQUESTED"
    IN_REQUEST = "IN_REQUEST"
    WAIT_FOR_ACTIVATION = "WAIT_FOR_ACTIVATION"
    VALID_ACTIVE = "VALID_ACTIVE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


_CERT_WORDS: Final = frozenset(CertStatus)
_ETK_WORDS: Final = frozenset(EtkStatus)


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """A CertificateInfoType.

    ``status`` is a `CertStatus`, ``etk_status`` an `EtkStatus`; both may be something new: then the properties below
    are None, and nothing may be changed (`require_understood`). ``not_before``, ``not_after`` and ``replaceable_from``
    are None until the certificate was delivered.
    """

    key_id: str
    requested_at: datetime
    holder: CertificateHolder
    status: str
    etk_status: str
    automatically_validated: bool
    revocable: bool
    replaceable: bool
    contact: RegisteredContact
    not_before: datetime | None = None
    not_after: datetime | None = None
    replaceable_from: datetime | None = None
    base_services: tuple[str, ...] = ()

    @property
    def known_status(self) -> CertStatus | None:
        """What the certificate is; None for a word that is not known."""
        return CertStatus(self.status) if self.status in _CERT_WORDS else None

    @property
    def known_token(self) -> EtkStatus | None:
        """What its encryption token is; None for a word that is not known."""
        return EtkStatus(self.etk_status) if self.etk_status in _ETK_WORDS else None

    @property
    def is_active(self) -> bool | None:
        """Whether the certificate serves, for the platform."""
        status = self.known_status
        return None if status is None else status is CertStatus.VALID_ACTIVE

    @property
    def has_token(self) -> bool | None:
        """Whether the platform has its encryption token, active or not."""
        token = self.known_token
        return None if token is None else token in (EtkStatus.WAIT_FOR_ACTIVATION, EtkStatus.VALID_ACTIVE)

    @property
    def token_waits(self) -> bool | None:
        """Whether its encryption token is still to be activated."""
        token = self.known_token
        return None if token is None else token is EtkStatus.WAIT_FOR_ACTIVATION

    @property
    def understood(self) -> bool:
        """Whether both words are known."""
        return self.known_status is not None and self.known_token is not None


def require_understood(info: CertificateInfo) -> CertificateInfo:
    """Return ``info``. Raises `errors.StatusUnclear` for a word that is not known: it stands before every step that
    relies on what certificate or token are."""
    if not info.understood:
        raise status_unclear(info)
    return info


def status_unclear(info: CertificateInfo) -> errors.StatusUnclear:
    """Return the error for a word that is not known."""
    return errors.StatusUnclear(certificate=info.status, token=info.etk_status, key_id=info.key_id)


def read_certificate_info(info: Element) -> CertificateInfo:
    """Return what a CertificateInfoType says. Raises `errors.MessageInvalid` (reason ``incomplete``)."""
    entity = child(info, CERTRA_CORE("CertificateEntity"))
    details = optional_child(info, CERTRA_CORE("AuthenticationCertificateDetails"))
    if details is not None:
        for required in ("SerialNumber", "DN"):  # by the schema; unused here
            child_text(details, CERTRA_CORE(required))
    return CertificateInfo(
        key_id=key_id(child_text(info, CERTRA_CORE("PublicKeyIdentifier"))),
        requested_at=timestamp(info, CERTRA_CORE("RequestedDate")),
        holder=_read_holder(child(entity, CERTRA_CORE("CertificateIdentifier"))),
        status=child_text(info, CERTRA_CORE("AuthenticationCertificateStatus")),
        etk_status=child_text(info, CERTRA_CORE("ETKStatus")),
        automatically_validated=boolean(info, CERTRA_CORE("AutomaticallyValidated")),
        revocable=boolean(info, CERTRA_CORE("Revocable")),
        replaceable=boolean(info, CERTRA_CORE("Replaceable")),
        contact=read_contact(child(info, CERTRA_CORE("ContactData"))),
        not_before=None if details is None else timestamp(details, CERTRA_CORE("ValidNotBefore")),
        not_after=None if details is None else timestamp(details, CERTRA_CORE("ValidNotAfter")),
        replaceable_from=optional_timestamp(info, CERTRA_CORE("ReplacementPeriodStartDate")),
        base_services=texts(info, CERTRA_CORE("BaseServiceUsage")),
    )


# ── Persons, organisations, identifiers and contact data ───────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class CertificateHolder:
    """Whom a certificate is for, in the platform's words: its types may be newer than ours, so they are
    plain.

    ``first_names`` of an organisation are those of who asked.
    """

    type: str
    number: str
    name: str
    first_names: str = ""
    application_id: str | None = None

    @property
    def is_person(self) -> bool:
        return self.type == PERSON_TYPE

    @property
    def full_name(self) -> str:
        """First names and surname of a person, the name of an organisation."""
        return f"{self.first_names} {self.name}".strip() if self.is_person else self.name

    @property
    def organisation(self) -> Organisation | None:
        """None for a person, and for a type that this program does not know."""
        try:
            return None if self.is_person else Organisation(Identifier(self.type, self.number), self.name)
        except errors.IdentifierInvalid:
            return None


@dataclass(frozen=True, slots=True)
class RegisteredContact:
    """The contact data that the platform has. It may be older than today's rules, so nothing is checked."""

    email: str
    phone: str
    general_email: str | None = None
    general_phone: str | None = None

    def as_contact(self) -> ContactData:
        """Return the same, to send again. Raises `errors.ContactInvalid` for what today's rules do not allow any
        more."""
        return ContactData(self.email, self.phone, self.general_email, self.general_phone)


def add_identifier(parent: Element, namespace: Namespace, name: str, identifier: Identifier) -> None:
    """Add an IdType ``name`` to ``parent``: the number, with its bare type as attribute."""
    add(parent, namespace, name, identifier.value, Type=identifier.type)


def add_person(parent: Element, namespace: Namespace, name: str, person: Person) -> None:
    """Add an ActorType of a person to ``parent``: all first names in one FirstName, which is left out when there are
    none."""
    add_actor(parent, namespace, name, person.identifier, person.first_names, person.name)


def add_certificate_identifier(
    parent: Element, actor: Actor, requestor: Person, application_id: str | None
) -> None:
    """Add a CertificateIdentifier to ``parent``: whom the certificate is for. An organisation carries the requestor's
    first names, odd as it is, because the proven client does so."""
    element = add(parent, CERTRA, "CertificateIdentifier")
    add_actor(element, CERTRA_CORE, "Actor", actor.identifier, requestor.first_names, actor.name)
    if application_id is not None:
        add(element, CERTRA_CORE, "ApplicationId", application_id)


def add_contact(parent: Element, namespace: Namespace, contact: ContactData | RegisteredContact) -> None:
    """Add ContactData to ``parent``; what is not there is left out, never sent empty."""
    element = add(parent, namespace, "ContactData")
    for name, value in (
        ("EmailPrivate", contact.email),
        ("EmailGeneral", contact.general_email),
        ("PhonePrivate", contact.phone),
        ("PhoneGeneral", contact.general_phone),
    ):
        if value is not None:
            add(element, CERTRA_CORE, name, value)


def _read_holder(certificate_identifier: Element) -> CertificateHolder:
    """Return the holder that a CertificateIdentifierType names. Raises `errors.MessageInvalid` (reason
    ``incomplete``)."""
    actor = child(certificate_identifier, CERTRA_CORE("Actor"))
    identifier = child(actor, COMMONS("Id"))
    first_names = actor.findall(COMMONS("FirstName"))
    return CertificateHolder(
        type=identifier.get("Type", ""),
        number=text(identifier),
        name=child_text(actor, COMMONS("Name")),
        first_names=" ".join((name.text or "").strip() for name in first_names),
        application_id=optional_text(certificate_identifier, CERTRA_CORE("ApplicationId")),
    )


def read_contact(contact: Element) -> RegisteredContact:
    """Return the addresses in a ContactDataType. An old request may have an empty one, which is no reason not to read
    what else the platform says."""
    return RegisteredContact(
        email=optional_text(contact, CERTRA_CORE("EmailPrivate")) or "",
        phone=optional_text(contact, CERTRA_CORE("PhonePrivate")) or "",
        general_email=optional_text(contact, CERTRA_CORE("EmailGeneral")),
        general_phone=optional_text(contact, CERTRA_CORE("PhoneGeneral")),
    )


def add_actor(
    parent: Element,
    namespace: Namespace,
    name: str,
    identifier: Identifier,
    first_names: str | None,
    actor_name: str,
) -> None:
    """Add an ActorType ``name`` to ``parent``; without ``first_names``, no FirstName."""
    element = add(parent, namespace, name)
    add_identifier(element, COMMONS, "Id", identifier)
    if first_names:
        add(element, COMMONS, "FirstName", first_names)
    add(element, COMMONS, "Name", actor_name)
