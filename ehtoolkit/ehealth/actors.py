"""Persons, organisations, identifiers and contact data, as the messages write and read them."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit.ehealth.soap.xml import CERTRA, CERTRA_CORE, COMMONS, Element, Namespace, add
from ehtoolkit.ehealth.soap.xml_values import child, child_text, children, optional_text, text
from ehtoolkit.identity import Actor, ContactData, Identifier, Person


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


@dataclass(frozen=True, slots=True)
class RegisteredContact:
    """The contact data that the platform has. It may be older than today's rules, so nothing is checked."""

    email: str
    phone: str
    general_email: str | None = None
    general_phone: str | None = None


def add_identifier(parent: Element, namespace: Namespace, name: str, identifier: Identifier) -> None:
    """Add an IdType ``name`` to ``parent``: the number, with its bare type as attribute."""
    add(parent, namespace, name, identifier.value, Type=identifier.type)


def add_person(parent: Element, namespace: Namespace, name: str, person: Person) -> None:
    """Add an ActorType of a person to ``parent``: all first names in one FirstName, which is left out when there are
    none."""
    _add_actor(parent, namespace, name, person, person.first_names)


def add_certificate_identifier(
    parent: Element, actor: Actor, requestor: Person, application_id: str | None
) -> None:
    """Add a CertificateIdentifier to ``parent``: whom the certificate is for. An organisation carries the requestor's
    first names, odd as it is, because the proven client does so."""
    element = add(parent, CERTRA, "CertificateIdentifier")
    _add_actor(element, CERTRA_CORE, "Actor", actor, requestor.first_names)
    if application_id is not None:
        add(element, CERTRA_CORE, "ApplicationId", application_id)


def add_contact(parent: Element, namespace: Namespace, contact: ContactData) -> None:
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


def read_holder(certificate_identifier: Element) -> CertificateHolder:
    """Return the holder that a CertificateIdentifierType names. Raises `errors.MessageInvalid` (reason
    ``incomplete``)."""
    actor = child(certificate_identifier, CERTRA_CORE("Actor"))
    identifier = child(actor, COMMONS("Id"))
    first_names = children(actor, COMMONS("FirstName"))
    return CertificateHolder(
        type=identifier.get("Type", ""),
        number=text(identifier),
        name=child_text(actor, COMMONS("Name")),
        first_names=" ".join((one.text or "").strip() for one in first_names),
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


def _add_actor(parent: Element, namespace: Namespace, name: str, actor: Actor, first_names: str) -> None:
    element = add(parent, namespace, name)
    add_identifier(element, COMMONS, "Id", actor.identifier)
    if first_names:
        add(element, COMMONS, "FirstName", first_names)
    add(element, COMMONS, "Name", actor.name)
