"""Make assertions of the training STS: the attributes from its registers, and the signed XML."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ehtoolkit.ehealth.soap.signature import KeySigner, sign_element
from ehtoolkit.ehealth.soap.xml import SAML, SIGNATURE, Element, add, serialise
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.identity.numbers import check_digits_of
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import Profession, TrainingPerson
from ehtoolkit.training.state.mandates import known_organisation
from ehtoolkit.training.state.people_store import person_with_number
from ehtoolkit.training.sts.requests import ID_ATTRIBUTE, RequestedClaim, written
from ehtoolkit.training.sts.service_faults import NOT_AUTHORISED, ServiceFault

_PERSON: Final = "urn:be:fgov:person:ssin"
_ORGANISATION: Final = "urn:be:fgov:ehealth:1.0"
_HOLDER: Final = f"{_ORGANISATION}:certificateholder"
IDENTIFICATION: Final = "urn:be:fgov:identification-namespace"
CERTIFIED: Final = "urn:be:fgov:certified-namespace:ehealth"
_IDENTIFIERS: Final = (":ssin", "-number")
"""How the names of attributes end whose values are the holder's identifier."""
_NIHII11: Final = ":nihii11"

_WORDS: Final[Mapping[Profession, tuple[str, str, str]]] = {
    Profession.PHYSIOTHERAPIST: ("physiotherapist", "5", "527"),
    Profession.NURSE: ("nurse", "4", "401"),
    Profession.SPEECH_THERAPIST: ("logopedist", "6", "801"),
    Profession.GENERAL_PRACTITIONER: ("doctor", "1", "003"),
    Profession.PHARMACIST: ("pharmacist", "2", "001"),
}
"""Per profession: its word in the names of attributes, and the first and the last digits of its INAMI numbers. Trainees
and secretaries have none."""


def attributes_for(
    database: TrainingDatabase, claims: Iterable[RequestedClaim], holder: DistinguishedName, *, granted: bool
) -> Mapping[str, str]:
    """Answer claims out of the registers: return the values of the attributes by their URI, in the order asked; unknown
    ones are left out. ``granted``: False while a trainer takes every right away.

    Raises `ServiceFault` for a number that is not the certificate's, and for what only the other kind of certificate
    can ask.
    """
    found: dict[str, str] = {}
    for claim in claims:
        value = _asserted(claim, holder) or _asked(database, claim.uri, holder, granted=granted)
        if value is not None:
            found.setdefault(claim.uri, value)
    return found


def _asserted(claim: RequestedClaim, holder: DistinguishedName) -> str | None:
    is_person = holder.identifier.is_person
    of_person = claim.uri.startswith((_PERSON, f"{_HOLDER}:person:"))
    if of_person != is_person and (of_person or _is_organisations(claim.uri)):
        raise ServiceFault(NOT_AUTHORISED, "These claims are not for a certificate of this kind.")
    if claim.value is None or not claim.uri.endswith((*_IDENTIFIERS, _NIHII11)):
        return None  # what is no number comes from the registers, whatever the request says
    if claim.value != holder.identifier.value:
        raise ServiceFault(NOT_AUTHORISED, "A number in the claims is not that of the certificate.")
    return claim.value


def _asked(database: TrainingDatabase, uri: str, holder: DistinguishedName, *, granted: bool) -> str | None:
    if holder.identifier.is_person:
        return _of_person(uri, person_with_number(database, holder.identifier.value), granted=granted)
    known = known_organisation(database, holder.identifier) is not None
    return _of_organisation(uri, holder, known=known and granted)


def _is_flag(uri: str) -> bool:
    return uri.endswith(":boolean")


def _is_organisations(uri: str) -> bool:
    """Return whether only an organisation has that attribute. Others of the prefix are for every holder:
    ``servicename:external``, for example."""
    return uri.startswith(_HOLDER) or (uri.startswith(_ORGANISATION) and "-number" in uri)


def _of_person(uri: str, person: TrainingPerson | None, *, granted: bool) -> str | None:
    if uri == f"{_PERSON}:ehealth:1.0:givenname":
        return None if person is None else person.person.first_names
    if uri == f"{_PERSON}:ehealth:1.0:surname":
        return None if person is None else person.person.name
    word, first, last = ("", "", "") if person is None else _WORDS.get(person.profession, ("", "", ""))
    has = bool(word) and granted and f":{word}:" in uri
    if _is_flag(uri):
        return "true" if has else "false"
    if uri.endswith(_NIHII11) and has and person is not None:
        return nihii11(person.person.niss.digits, first, last)
    return None


def nihii11(ssin: str, first: str, last: str) -> str:
    """Return an INAMI number with valid check digits that an invented person has for good: made from the number at the
    national register, the first digit of the profession and the three of the competence."""
    head = f"{first}{ssin[4:9]}"
    return f"{head}{check_digits_of(head)[0]}{last}"


def _of_organisation(uri: str, holder: DistinguishedName, *, known: bool) -> str | None:
    if _is_flag(uri):
        if not uri.endswith(":pharmacy-holder:boolean") and ":recognised" not in uri:
            return "false"
        return "true" if known else "false"
    if uri.endswith(_NIHII11):
        return f"{holder.identifier.value}000" if known else None
    if uri.endswith(("nihii-number", "cbe-number", "ehp-number")):
        return holder.identifier.value
    return None


EARLIER: Final = timedelta(minutes=5)
"""How long before it is issued an assertion begins."""
_ISSUER: Final = "urn:be:fgov:ehealth:sts:1_0"
_HOLDER_OF_KEY: Final = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"
_FORMAT: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_METHOD: Final = "urn:oasis:names:tc:SAML:1.0:am:X509-PKI"
_FOLD: Final = 76
_QUOTED: Final = frozenset(',=+<>#;\n"\\')


@dataclass(frozen=True, slots=True)
class NewAssertion:
    """``holder``: the certificate whose key has to be shown with it. ``attributes``: values by URI."""

    holder: x509.Certificate
    attributes: Mapping[str, str]
    issued: datetime
    expires: datetime

    def signed(self, signer: KeySigner) -> bytes:
        """Return the assertion with its signature by ``signer`` as the last child."""
        return serialise(sign_element(self._element(), signer, ID_ATTRIBUTE))

    def _element(self) -> Element:
        head = {
            ID_ATTRIBUTE: f"_{uuid4().hex}",
            "IssueInstant": written(self.issued),
            "Issuer": _ISSUER,
            "MajorVersion": "1",
            "MinorVersion": "1",
        }
        assertion = etree.Element(SAML("Assertion"), head, nsmap={None: SAML})  # type: ignore[dict-item]  # lxml takes None for the default
        _add(
            assertion,
            "Conditions",
            NotBefore=written(self.issued - EARLIER),
            NotOnOrAfter=written(self.expires),
        )
        authentication = _add(
            assertion,
            "AuthenticationStatement",
            AuthenticationInstant=written(self.issued),
            AuthenticationMethod=_METHOD,
        )
        confirmation = _add(self._add_subject(authentication), "SubjectConfirmation")
        _add(confirmation, "ConfirmationMethod", _HOLDER_OF_KEY)
        data = add(add(confirmation, SIGNATURE, "KeyInfo"), SIGNATURE, "X509Data")
        add(data, SIGNATURE, "X509Certificate", _folded(self.holder))
        statement = _add(assertion, "AttributeStatement")
        self._add_subject(statement)
        for uri, value in self.attributes.items():
            namespace = IDENTIFICATION if uri.endswith(_IDENTIFIERS) else CERTIFIED
            attribute = _add(statement, "Attribute", AttributeName=uri, AttributeNamespace=namespace)
            _add(attribute, "AttributeValue", value)
        return assertion

    def _add_subject(self, statement: Element) -> Element:
        subject = _add(statement, "Subject")
        _add(
            subject,
            "NameIdentifier",
            rfc1779(self.holder.subject),
            Format=_FORMAT,
            NameQualifier=rfc1779(self.holder.issuer),
        )
        return subject


def rfc1779(name: x509.Name) -> str:
    """Return the name as text, the common name first, values with special characters in double quotes."""
    attributes = (attribute for rdn in reversed(name.rdns) for attribute in rdn)
    return ", ".join(
        f"{attribute.rfc4514_attribute_name}={_quoted(str(attribute.value))}" for attribute in attributes
    )


def _quoted(value: str) -> str:
    if not _QUOTED.intersection(value) and value == value.strip():
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _folded(certificate: x509.Certificate) -> str:
    return "\n".join(textwrap.wrap(base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(), _FOLD))


def _add(parent: Element, name: str, text: str | None = None, /, **attributes: str) -> Element:
    """Add a child in the default namespace of the assertion, and return it."""
    child = etree.SubElement(parent, SAML(name), attributes)
    child.text = text
    return child
