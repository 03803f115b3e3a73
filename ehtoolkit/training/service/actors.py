"""People, organisations and contact data as requests name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.ehealth.soap.xml import CERTRA_CORE, COMMONS, Element
from ehtoolkit.identity import Identifier, Niss, Person
from ehtoolkit.identity.actor import EMAIL_LIMIT
from ehtoolkit.training.service.element_reader import ElementReader, invalid, text_of
from ehtoolkit.training.state.refusal_reasons import Refusal

_EMAIL: Final = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE: Final = re.compile(r"[+0-9][0-9 ]*")


@dataclass(frozen=True, slots=True)
class RequestActor:
    """A person or an organisation as a request names it; nothing in it is checked yet."""

    type: str
    number: str
    first_names: str | None
    name: str

    @property
    def identifier(self) -> Identifier:
        """The number. Raises `Refusal`."""
        return identifier_of(self.type, self.number)

    @property
    def person(self) -> Person:
        """The actor as a person. Raises `Refusal` for the number of an organisation."""
        if not self.identifier.is_person:
            raise Refusal("IDENTIFIER_INVALID", Reason="type")
        return Person(Niss(self.number), self.first_names or "", self.name)


def read_actor(element: Element) -> RequestActor:
    reader = ElementReader(element, COMMONS)
    identifier = reader.take("Id")
    first_names = [text_of(name) for name in reader.many("FirstName")]
    name = reader.text("Name")
    reader.end()
    kind = identifier.get("Type")
    if kind is None:
        raise invalid("Id")
    return RequestActor(kind, text_of(identifier), " ".join(first_names) if first_names else None, name)


def read_contact(element: Element) -> RegisteredContact:
    """Return contact data as they came; `check_contact` checks them."""
    reader = ElementReader(element, CERTRA_CORE)
    email = reader.text("EmailPrivate")
    general_email = reader.maybe_text("EmailGeneral")
    phone = reader.text("PhonePrivate")
    general_phone = reader.maybe_text("PhoneGeneral")
    reader.end()
    return RegisteredContact(email, phone, general_email, general_phone)


def check_contact(contact: RegisteredContact) -> None:
    """Check that contact data have the platform's form: it takes more than our client sends. Raises `Refusal`."""
    for email in (contact.email, contact.general_email):
        if email is not None and (len(email) > EMAIL_LIMIT or not _EMAIL.fullmatch(email)):
            raise Refusal("CONTACT_DATA_INVALID", Field="email")
    for phone in (contact.phone, contact.general_phone):
        if phone is not None and not _PHONE.fullmatch(phone):
            raise Refusal("CONTACT_DATA_INVALID", Field="phone")


def identifier_of(kind: str, number: str) -> Identifier:
    """Return type and number as an identifier, if their form is right; check digits are left to the client. Raises
    `Refusal`."""
    try:
        return Identifier(kind, number)
    except errors.IdentifierInvalid as error:
        raise Refusal("IDENTIFIER_INVALID", Reason=error.reason) from error
