"""Prefill the Request form: from a page's address, or the record of a request that was never sent.

Whatever an address holds was perhaps written by someone else: it is read piece by piece, what does not hold is left
out, and what is left only fills in fields that the user sees and confirms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlencode

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo, RegisteredContact
from ehtoolkit.forms.address_keys import keep_contact, kept_contact
from ehtoolkit.identity import Identifier
from ehtoolkit.identity.actor import normalise_phone, require_email
from ehtoolkit.identity.distinguished_name import normalise_application_id
from ehtoolkit.keystore.storage.records import RequestRecord

Read = TypeVar("Read")

PAGE: Final = "request.ipynb"
LONGEST_NAME: Final = 200
_LONGEST_QUERY: Final = 4_000


@dataclass(frozen=True, slots=True)
class Prefill:
    """What a request is filled in with beforehand.

    Attributes:
        organisation: None for a personal certificate.
        name: the organisation's. Empty: not known.

    Nothing is checked here: `of_query` and `of_note` take in what is sound, and the form checks what is typed.
    """

    organisation: Identifier | None = None
    name: str = ""
    application_id: str = ""
    email: str = ""
    phone: str = ""
    general_email: str = ""
    general_phone: str = ""

    @classmethod
    def of_query(cls, query: str) -> Prefill:
        """Return the prefill from the address of the page. ``query``: its part after ``?``; of a parameter given twice
        the first counts."""
        try:
            given = parse_qs(query[:_LONGEST_QUERY], max_num_fields=30)
        except ValueError:  # too many fields: no program of ours wrote that
            return cls()
        texts = {field: given.get(parameter, [""])[0] for field, parameter in _PARAMETERS.items()}
        texts |= kept_contact(given.get(_KEPT, [""])[0])
        sound = {
            field: value
            for field, read in _READERS.items()
            if (value := _sound(read, texts.get(field, ""))) is not None
        }
        organisation = _sound(_organisation, given.get("actor", [""])[0])
        if organisation is None:
            sound = {field: value for field, value in sound.items() if field in _OF_THE_PERSON}
        return cls(organisation, **sound)

    @classmethod
    def of_note(cls, note: RequestRecord) -> Prefill:
        """Return the prefill from what was noted when the request was made."""
        holder = note.holder
        return cls._for(holder.identifier, holder.name, holder.application_id, note)

    @classmethod
    def of_again(cls, again: CertificateInfo) -> Prefill:
        """Return the prefill from what the platform has of a certificate that is to be asked for again."""
        holder, organisation = again.holder, again.holder.organisation
        identifier = None if organisation is None else organisation.identifier
        return cls._for(identifier, holder.name, holder.application_id, again.contact)

    @classmethod
    def _for(
        cls,
        holder: Identifier | None,
        name: str,
        application_id: str | None,
        known: RequestRecord | RegisteredContact,
    ) -> Prefill:
        contact: dict[str, Any] = {field: getattr(known, field) or "" for field in _CONTACT}
        if holder is None or holder.is_person:
            return cls(**contact)
        return cls(holder, name, application_id or "", **contact)

    def query(self) -> str:
        """Return these values as the query of an address; what is not known is left out. Contact data are kept on this
        computer, and their key is in the query."""
        given = {parameter: getattr(self, field) for field, parameter in _PARAMETERS.items()}
        if self.organisation is not None:
            given = {"actor": self.organisation.text, **given}
        contact = {field: value for field in _CONTACT if (value := getattr(self, field))}
        if contact:
            given[_KEPT] = keep_contact(contact)
        return urlencode({parameter: value for parameter, value in given.items() if value})

    @property
    def address(self) -> str:
        """Of the Request form, filled in."""
        query = self.query()
        return f"{PAGE}?{query}" if query else PAGE


def _organisation(text: str) -> Identifier:
    identifier = Identifier.parse(text)
    if identifier.is_person:  # whose certificate it is, the card says
        raise errors.IdentifierInvalid(kind="identifier", reason="type")
    return identifier


def _name(text: str) -> str:
    name = " ".join(text.split())[:LONGEST_NAME]
    if not name.isprintable():
        raise errors.DistinguishedNameInvalid(reason="name")
    return name


_PARAMETERS: Final = {"name": "name", "application_id": "application"}
"""Field → its parameter in an address."""
_KEPT: Final = "contact"
"""The parameter with the key of contact data that are kept (`ehtoolkit.forms.address_keys`)."""
_READERS: Final[dict[str, Callable[[str], str]]] = {
    "name": _name,
    "application_id": normalise_application_id,
    "email": require_email,
    "phone": normalise_phone,
    "general_email": require_email,
    "general_phone": normalise_phone,
}
_OF_THE_PERSON: Final = ("email", "phone")
_CONTACT: Final = (*_OF_THE_PERSON, "general_email", "general_phone")


def _sound(read: Callable[[str], Read], text: str) -> Read | None:
    """Return what ``read`` makes of ``text``; None for nothing, and for what it does not take."""
    if not text.strip():
        return None
    try:
        return read(text.strip())
    except errors.InputInvalid:
        return None
