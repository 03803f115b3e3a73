"""Read and write XML of strangers, SOAP envelopes and the namespaces of the eHealth services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from lxml import etree

from ehtoolkit import errors

Element = etree._Element
"""The type of elements. Without this private name of lxml, what functions take and return has no type; lxml exports no
other. No upstream issue found. `tests/unit/ehealth/test_signxml_internals.py` fails when it is gone."""

SIZE_LIMIT: Final = 8_000_000
"""Bytes of the longest document that is parsed; a genuine message is smaller than 100 kB."""

# What may stand before the root element. Atomic groups: a stranger chooses what is matched here.
_PROLOG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+", re.DOTALL)


class Namespace(str):
    """A namespace; called with a local name, it gives the qualified name as lxml writes it, ``{namespace}name``."""

    __slots__ = ()

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
    declared = {PREFIXES[one]: one for one in (namespace, *prefixes)}
    return etree.Element(namespace(name), nsmap=declared)


def add(
    parent: Element, namespace: Namespace, name: str, text: str | None = None, /, **attributes: str
) -> Element:
    """Add a new last child to ``parent`` and return it, its prefix being the one of `PREFIXES`.

    Raises `errors.InputInvalid` (facts: element) for a character that XML does not have, such as a control
    character in a name that was typed.
    """
    child = etree.SubElement(parent, namespace(name), nsmap={PREFIXES[namespace]: namespace})
    try:
        child.text = text
        for key, value in attributes.items():
            child.set(key, value)
    except ValueError as error:
        raise errors.InputInvalid(element=name, reason="characters") from error
    return child


def local_name(element: Element) -> str:
    """Return the name of ``element`` without its namespace."""
    return etree.QName(element).localname


# ── Namespaces ───────────────────────────────────────────────────────────────────────────────────────────
SOAP: Final = Namespace("http://schemas.xmlsoap.org/soap/envelope/")
SIGNATURE: Final = Namespace("http://www.w3.org/2000/09/xmldsig#")
XML: Final = Namespace("http://www.w3.org/XML/1998/namespace")
XSI: Final = Namespace("http://www.w3.org/2001/XMLSchema-instance")

CERTRA: Final = Namespace("urn:be:fgov:ehealth:certra:protocol:v2")
CERTRA_CORE: Final = Namespace("urn:be:fgov:ehealth:certra:core:v2")
ETKRA: Final = Namespace("urn:be:fgov:ehealth:etkra:protocol:v2")
DEPOT: Final = Namespace("urn:be:fgov:ehealth:etkdepot:1_0:protocol")
COMMONS: Final = Namespace("urn:be:fgov:ehealth:commons:core:v2")
COMMONS_1: Final = Namespace("urn:be:fgov:ehealth:commons:1_0:core")
"""What the depot, an older service, takes its Status from; the children of that Status have no namespace."""
ETEE: Final = Namespace("urn:be:fgov:ehealth:etee:commons:core:v2")
"""Of EteeStatusDetail; what is inside has no namespace."""
SOA_ERRORS: Final = Namespace("urn:be:fgov:ehealth:errors:soa:v1")

TRUST: Final = Namespace("http://docs.oasis-open.org/ws-sx/ws-trust/200512")
AUTHORIZATION: Final = Namespace("http://docs.oasis-open.org/wsfed/authorization/200706")
SAML: Final = Namespace("urn:oasis:names:tc:SAML:1.0:assertion")
SAML_PROTOCOL: Final = Namespace("urn:oasis:names:tc:SAML:1.0:protocol")
SECURITY: Final = Namespace(
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
)
UTILITY: Final = Namespace(
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
)

PREFIXES: Final[Mapping[Namespace, str]] = MappingProxyType(
    {
        SOAP: "soap",
        SIGNATURE: "ds",
        XSI: "xsi",
        CERTRA: "certra",
        CERTRA_CORE: "core",
        ETKRA: "etkra",
        DEPOT: "depot",
        COMMONS: "commons",
        COMMONS_1: "commons1",
        ETEE: "etee",
        SOA_ERRORS: "soa",
        TRUST: "wst",
        AUTHORIZATION: "auth",
        SAML: "saml",
        SAML_PROTOCOL: "samlp",
        SECURITY: "wsse",
        UTILITY: "wsu",
    }
)
"""The prefixes that we write. Nothing that is read may depend on a prefix."""

SUCCESS: Final = "urn:be:fgov:ehealth:2.0:status:Success"
"""The top status code of an answer that is not a refusal."""


# ── Envelopes ────────────────────────────────────────────────────────────────────────────────────────────
_PREFIX: Final = PREFIXES[SOAP]
_OPENING: Final = f'<{_PREFIX}:Envelope xmlns:{_PREFIX}="{SOAP}"><{_PREFIX}:Header/><{_PREFIX}:Body>'.encode()
_CLOSING: Final = f"</{_PREFIX}:Body></{_PREFIX}:Envelope>".encode()


def wrap(message: Element | bytes) -> bytes:
    """Return the bytes of an envelope with ``message`` in its body. The message is written as it stands and never moved
    into another tree, so that nothing under a signature can change."""
    return _OPENING + (message if isinstance(message, bytes) else serialise(message)) + _CLOSING


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
