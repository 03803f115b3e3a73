"""Takes values out of a message: what is missing or has the wrong form makes the message invalid."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.soap.xml import XML, XSI, Element
from ehtoolkit.i18n import BRUSSELS

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


def children(parent: Element, tag: str) -> Iterator[Element]:
    """Return the children named ``tag``, in order."""
    return iter(parent.findall(tag))


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
    return None if found is None or is_nil(found) or not (found.text or "").strip() else text(found)


def is_nil(element: Element) -> bool:
    return element.get(XSI("nil")) in ("true", "1")


def boolean(parent: Element, tag: str) -> bool:
    """Return the value of the child ``tag``, an xs:boolean. Raises `errors.MessageInvalid` for another text."""
    values = {"true": True, "1": True, "false": False, "0": False}
    try:
        return values[child_text(parent, tag)]
    except KeyError as error:
        raise incomplete(tag) from error


def timestamp(parent: Element, tag: str) -> datetime:
    """Return the moment in the child ``tag``, an xs:dateTime; without a zone it is taken for Brussels time. Raises
    `errors.MessageInvalid` for another text."""
    try:
        # Java writes nanoseconds now and then, of which datetime keeps the first six digits.
        value = datetime.fromisoformat(_FRACTION.sub(r"\1", child_text(parent, tag)))
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
    return {one.get(XML("lang"), ""): one.text or "" for one in children(parent, tag)}
