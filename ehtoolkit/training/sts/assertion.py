"""Makes the assertion of the training STS, as the one public assertion of the acceptance STS is made."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ehtoolkit.ehealth.soap.signature import KeySigner, sign_element
from ehtoolkit.ehealth.soap.xml import SAML, SIGNATURE, Element, add, serialise
from ehtoolkit.training.sts.attributes import AttributeResult
from ehtoolkit.training.sts.request_values import written
from ehtoolkit.training.sts.requests import ID_ATTRIBUTE

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
    """``holder``: the certificate whose key has to be shown with it."""

    holder: x509.Certificate
    attributes: Sequence[AttributeResult]
    issued: datetime
    expires: datetime

    def signed(self, signer: KeySigner) -> bytes:
        """Return the assertion with its signature by ``signer`` as the last child."""
        return serialise(sign_element(self._element(), signer, ID_ATTRIBUTE))

    def _element(self) -> Element:
        assertion = etree.Element(SAML("Assertion"), nsmap={None: SAML})  # type: ignore[dict-item]  # lxml takes None for the default
        for name, value in (
            (ID_ATTRIBUTE, f"_{uuid4().hex}"),
            ("IssueInstant", written(self.issued)),
            ("Issuer", _ISSUER),
            ("MajorVersion", "1"),
            ("MinorVersion", "1"),
        ):
            assertion.set(name, value)
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
        for result in self.attributes:
            attribute = _add(
                statement, "Attribute", AttributeName=result.uri, AttributeNamespace=result.namespace
            )
            _add(attribute, "AttributeValue", result.value)
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
    child = etree.SubElement(parent, SAML(name))
    child.text = text
    for key, value in attributes.items():
        child.set(key, value)
    return child
