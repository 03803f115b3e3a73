"""Read and write untrusted XML: SOAP envelopes, namespaces of the eHealth services, and the values in messages."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Self

from cryptography import x509
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.clock import BRUSSELS
from ehtoolkit.crypto.certificates import UNREADABLE

Element = etree._Element
"""The type of elements. Without this private name of lxml, what functions take and return has no type; lxml exports no
other. No upstream issue found. `tests/unit/ehealth/test_signxml_internals.py` fails when it is gone."""

SIZE_LIMIT: Final = 8_000_000
"""Bytes of the longest document that is parsed; a genuine message is smaller than 100 kB."""

# What may stand before the root element. Atomic groups: a stranger chooses what is matched here.
_PROLOG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+", re.DOTALL)


class Namespace(str):
    """A namespace; called with a local name, it gives the qualified name as lxml writes it, ``{namespace}name``.

    ``prefix``: the one that we write. Nothing that is read may depend on a prefix.
    """

    __slots__ = ("prefix",)
    prefix: str

    def __new__(cls, name: str, prefix: str) -> Self:
        namespace = super().__new__(cls, name)
        namespace.prefix = prefix
        return namespace

    def __call__(self, name: str) -> str:
        return f"{{{self}}}{name}"


def parse(data: bytes) -> Element:
    """Return the root element of ``data``, comments left out (they would cut texts in two).

    Raises `errors.MessageInvalid` with reason ``empty``, ``too_large``, ``html``, ``dtd``, ``not_xml``
    (broken, cut off, or in an encoding other than UTF-8 and its likes) or ``content`` (processing
    instructions, which SOAP forbids).
    """
    _check_outside(data)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise errors.MessageInvalid(reason="not_xml") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise errors.MessageInvalid(reason="dtd")
    if next(root.iter(etree.ProcessingInstruction, etree.Entity), None) is not None:
        raise errors.MessageInvalid(reason="content")
    return root


def _check_outside(data: bytes) -> None:
    if len(data) > SIZE_LIMIT:
        raise errors.MessageInvalid(reason="too_large")
    if not data.strip():
        raise errors.MessageInvalid(reason="empty")
    if b"\x00" in data:  # UTF-16 and UTF-32, in which the next look would see nothing
        raise errors.MessageInvalid(reason="not_xml")
    prolog = _PROLOG.match(data)
    start = data[prolog.end() if prolog else 0 :][:20].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise errors.MessageInvalid(reason="html")
    if start.startswith(b"<!doctype"):  # only here; in a CDATA section it is a contract's HTML, and fine
        raise errors.MessageInvalid(reason="dtd")


def serialise(element: Element) -> bytes:
    """Return ``element`` as UTF-8 without XML declaration and without what follows it in its parent."""
    return etree.tostring(element, encoding="utf-8", xml_declaration=False, with_tail=False)


def new_element(namespace: Namespace, name: str, prefixes: Iterable[Namespace] = ()) -> Element:
    """Return a new root; ``prefixes`` are further namespaces to declare there, so that children need not."""
    declared = {each.prefix: each for each in (namespace, *prefixes)}
    return etree.Element(namespace(name), nsmap=declared)


def add(
    parent: Element, namespace: Namespace, name: str, text: str | None = None, /, **attributes: str
) -> Element:
    """Add a new last child to ``parent`` and return it, with the prefix of its namespace.

    Raises `errors.InputInvalid` (facts: element) for a character that XML does not have, such as a control
    character in a name that was typed.
    """
    child = etree.SubElement(parent, namespace(name), nsmap={namespace.prefix: namespace})
    try:
        child.text = text
        for key, value in attributes.items():
            child.set(key, value)
    except ValueError as error:
        raise errors.InputInvalid(element=name, reason="characters") from error
    return child


def add_base64(parent: Element, namespace: Namespace, name: str, data: bytes) -> Element:
    """Add a new last child to ``parent`` with ``data``, an xs:base64Binary, and return it."""
    return add(parent, namespace, name, base64.b64encode(data).decode())


def local_name(element: Element) -> str:
    """Return the name of ``element`` without its namespace."""
    return etree.QName(element).localname


# ── Namespaces ───────────────────────────────────────────────────────────────────────────────────────────
SOAP: Final = Namespace("http://schemas.xmlsoap.org/soap/envelope/", "soap")
SIGNATURE: Final = Namespace("http://www.w3.org/2000/09/xmldsig#", "ds")
XML: Final = Namespace("http://www.w3.org/XML/1998/namespace", "xml")
XSI: Final = Namespace("http://www.w3.org/2001/XMLSchema-instance", "xsi")

CERTRA: Final = Namespace("urn:be:fgov:ehealth:certra:protocol:v2", "certra")
CERTRA_CORE: Final = Namespace("urn:be:fgov:ehealth:certra:core:v2", "core")
ETKRA: Final = Namespace("urn:be:fgov:ehealth:etkra:protocol:v2", "etkra")
DEPOT: Final = Namespace("urn:be:fgov:ehealth:etkdepot:1_0:protocol", "depot")
COMMONS: Final = Namespace("urn:be:fgov:ehealth:commons:core:v2", "commons")
COMMONS_1: Final = Namespace("urn:be:fgov:ehealth:commons:1_0:core", "commons1")
"""What the depot, an older service, takes its Status from; the children of that Status have no namespace."""
ETEE: Final = Namespace("urn:be:fgov:ehealth:etee:commons:core:v2", "etee")
"""Of EteeStatusDetail; what is inside has no namespace."""
SOA_ERRORS: Final = Namespace("urn:be:fgov:ehealth:errors:soa:v1", "soa")

TRUST: Final = Namespace("http://docs.oasis-open.org/ws-sx/ws-trust/200512", "wst")
AUTHORIZATION: Final = Namespace("http://docs.oasis-open.org/wsfed/authorization/200706", "auth")
SAML: Final = Namespace("urn:oasis:names:tc:SAML:1.0:assertion", "saml")
SAML_PROTOCOL: Final = Namespace("urn:oasis:names:tc:SAML:1.0:protocol", "samlp")
SECURITY: Final = Namespace(
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd", "wsse"
)
UTILITY: Final = Namespace(
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd", "wsu"
)

SUCCESS: Final = "urn:be:fgov:ehealth:2.0:status:Success"
"""The top status code of an answer that is not a refusal."""


# ── Envelopes ────────────────────────────────────────────────────────────────────────────────────────────
def wrap(message: Element | bytes, body_id: str | None = None) -> bytes:
    """Return the bytes of an envelope with ``message`` in its body. The message is written as it stands and never moved
    into another tree, so that nothing under a signature can change. ``body_id``: the wsu:Id of the body."""
    soap, wsu = SOAP.prefix, UTILITY.prefix
    name = "" if body_id is None else f' xmlns:{wsu}="{UTILITY}" {wsu}:Id="{body_id}"'
    opening = f'<{soap}:Envelope xmlns:{soap}="{SOAP}"><{soap}:Header/><{soap}:Body{name}>'.encode()
    content = message if isinstance(message, bytes) else serialise(message)
    return opening + content + f"</{soap}:Body></{soap}:Envelope>".encode()


def unwrap(data: bytes) -> Element:
    """Return the message in the envelope ``data``: a request, an answer or a Fault. A Header may be there or not.

    Raises `errors.MessageInvalid` (reasons of `parse`, and ``envelope``).
    """
    root = parse(data)
    if root.tag != SOAP("Envelope"):
        raise errors.MessageInvalid(reason="envelope")
    bodies = root.findall(SOAP("Body"))
    if len(bodies) != 1 or len(bodies[0]) != 1 or _has_text(bodies[0]):
        raise errors.MessageInvalid(reason="envelope")
    return bodies[0][0]


def _has_text(body: Element) -> bool:
    return bool((body.text or "").strip() or (body[0].tail or "").strip())


# ── Values in a message ────────────────────────────────────────────────────────────────────────────────
_KEY_ID: Final = re.compile(r"[0-9A-Fa-f]{40}")
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")


def child(parent: Element, tag: str) -> Element:
    """Return the one child named ``tag``. Raises `errors.MessageInvalid` (reason ``incomplete``; facts: element)."""
    found = parent.findall(tag)
    if len(found) != 1:
        raise incomplete(tag)
    return found[0]


def optional_child(parent: Element, tag: str) -> Element | None:
    """Return the child named ``tag``, or None without one. Raises `errors.MessageInvalid` when there are several."""
    return child(parent, tag) if parent.find(tag) is not None else None


def text(element: Element) -> str:
    """Return the text of ``element`` without blanks around it. Raises `errors.MessageInvalid` when there is none, or
    elements among it."""
    value = (element.text or "").strip()
    if not value or len(element):
        raise incomplete(element.tag)
    return value


def child_text(parent: Element, tag: str) -> str:
    return text(child(parent, tag))


def optional_text(parent: Element, tag: str) -> str | None:
    """Return the text of the child ``tag``; None when it is absent, nil or empty."""
    found = optional_child(parent, tag)
    return None if found is None else text_or_none(found)


def text_or_none(element: Element) -> str | None:
    """Return the text of ``element``; None when it is nil or empty."""
    is_nil = element.get(XSI("nil")) in ("true", "1")
    return None if is_nil or not (element.text or "").strip() else text(element)


def texts(parent: Element, tag: str) -> tuple[str, ...]:
    """Return the texts of all children ``tag``, none of which is empty."""
    return tuple(text(element) for element in parent.findall(tag))


def boolean(parent: Element, tag: str) -> bool:
    """Return the value of the child ``tag``, an xs:boolean. Raises `errors.MessageInvalid` for another text."""
    values = {"true": True, "1": True, "false": False, "0": False}
    try:
        return values[child_text(parent, tag)]
    except KeyError as error:
        raise incomplete(tag) from error


def timestamp(parent: Element, tag: str) -> datetime:
    """Return the moment in the child ``tag``; see `moment`."""
    return moment(child_text(parent, tag), tag)


def moment(written: str, tag: str) -> datetime:
    """Return the moment in an xs:dateTime, of the element or attribute ``tag``; without a zone it is taken for Brussels
    time. Raises `errors.MessageInvalid` for another text."""
    try:
        # Java writes nanoseconds now and then, of which datetime keeps the first six digits.
        value = datetime.fromisoformat(_FRACTION.sub(r"\1", written))
    except ValueError as error:
        raise incomplete(tag) from error
    return value if value.tzinfo else value.replace(tzinfo=BRUSSELS)


def optional_timestamp(parent: Element, tag: str) -> datetime | None:
    return None if optional_text(parent, tag) is None else timestamp(parent, tag)


def octets(element: Element) -> bytes:
    """Return the bytes of ``element``, an xs:base64Binary, whatever line ends and blanks are in it. Raises
    `errors.MessageInvalid` for another text."""
    try:
        return base64.b64decode("".join(text(element).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise incomplete(element.tag) from error


def child_octets(parent: Element, tag: str) -> bytes:
    return octets(child(parent, tag))


def key_id(value: str) -> str:
    """Return a PublicKeyIdentifier, 40 hexadecimal digits of either case, in upper case. Raises `errors.MessageInvalid`
    for another text."""
    if not _KEY_ID.fullmatch(value):
        raise incomplete("PublicKeyIdentifier")
    return value.upper()


def certificate(element: Element) -> x509.Certificate:
    """Return the X.509 certificate that ``element`` has in base64. Raises `errors.MessageInvalid` for one that cannot
    be read."""
    try:
        return x509.load_der_x509_certificate(octets(element))
    except UNREADABLE as error:
        raise incomplete(element.tag) from error


def incomplete(tag: str) -> errors.MessageInvalid:
    """Return the error for an element that is absent, double, or not what it should be."""
    return errors.MessageInvalid(reason="incomplete", element=tag.rpartition("}")[2])


def texts_by_language(parent: Element, tag: str) -> dict[str, str]:
    """Return the values of a TextType: its ``tag`` children by their xml:lang, texts as they are, empty ones too."""
    return {element.get(XML("lang"), ""): element.text or "" for element in parent.findall(tag)}
