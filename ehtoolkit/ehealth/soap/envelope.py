"""SOAP 1.1 around a message: an empty Header, and the message as the one child of Body."""

from __future__ import annotations

from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.namespaces import PREFIXES, SOAP, name_in
from ehtoolkit.ehealth.soap.xml import Element, parse, serialise

_PREFIX: Final = PREFIXES[SOAP]
_OPENING: Final = f'<{_PREFIX}:Envelope xmlns:{_PREFIX}="{SOAP}"><{_PREFIX}:Header/><{_PREFIX}:Body>'.encode()
_CLOSING: Final = f"</{_PREFIX}:Body></{_PREFIX}:Envelope>".encode()


def wrap(message: Element) -> bytes:
    """The envelope's bytes. The message is written as it stands and never moved into another tree, so that
    nothing under a signature can change."""
    return _OPENING + serialise(message) + _CLOSING


def unwrap(data: bytes) -> Element:
    """The message in the envelope ``data``: a request, an answer or a Fault. A Header may be there or not.

    Raises `errors.MessageInvalid` (reasons of `parse`, and ``envelope``).
    """
    root = parse(data)
    if root.tag != name_in(SOAP, "Envelope"):
        raise errors.MessageInvalid(reason="envelope")
    bodies = root.findall(name_in(SOAP, "Body"))
    if len(bodies) != 1 or len(bodies[0]) != 1 or _has_text(bodies[0]):
        raise errors.MessageInvalid(reason="envelope")
    return bodies[0][0]


def _has_text(body: Element) -> bool:
    return bool((body.text or "").strip() or (body[0].tail or "").strip())
