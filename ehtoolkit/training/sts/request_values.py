"""Take values out of a request for a session: the STS's own reader, apart from the clients'.

What is missing, double or of the wrong form raises `errors.MessageInvalid` (reason ``incomplete``).
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Final

from cryptography import x509

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.i18n import BRUSSELS

_MOMENT: Final = re.compile(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}(\.\d{1,20})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def only_child(parent: Element, tag: str) -> Element:
    found = [element for element in parent if element.tag == tag]
    if len(found) != 1:
        raise incomplete(tag)
    return found[0]


def only_descendant(parent: Element, *tags: str) -> Element:
    """Return the only child of the only child … with these names."""
    for tag in tags:
        parent = only_child(parent, tag)
    return parent


def maybe_child(parent: Element, tag: str) -> Element | None:
    """Return the only child with that name; None without one."""
    return only_child(parent, tag) if any(element.tag == tag for element in parent) else None


def text_of(element: Element) -> str:
    """Return the text of an element, which has to have some and no children, without spaces around it."""
    found = "".join(str(text) for text in element.itertext()).strip()
    if not found or len(element):
        raise incomplete(element.tag)
    return found


def child_text(parent: Element, tag: str) -> str:
    return text_of(only_child(parent, tag))


def maybe_text(parent: Element, tag: str) -> str | None:
    """Return the text of the only child with that name; None where it is missing or empty."""
    found = maybe_child(parent, tag)
    return None if found is None or not (found.text or "").strip() else text_of(found)


def child_moment(parent: Element, tag: str) -> datetime:
    """Return the moment in the only child with that name, an xs:dateTime; without a zone it is Brussels time."""
    text = child_text(parent, tag)
    if not _MOMENT.fullmatch(text):
        raise incomplete(tag)
    try:
        moment = datetime.fromisoformat(text)  # without the last digits of the nanoseconds that Java writes
    except ValueError as error:
        raise incomplete(tag) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=BRUSSELS)


def certificate_in(element: Element) -> x509.Certificate:
    """Return the certificate that an element has in base64, folded or not."""
    try:
        return x509.load_der_x509_certificate(
            base64.b64decode("".join(text_of(element).split()), validate=True)
        )
    except UNREADABLE as error:  # ValueError, of base64, among them
        raise incomplete(element.tag) from error


def incomplete(tag: object) -> errors.MessageInvalid:
    """Return the error for an element that is missing, double, or not what it should be."""
    return errors.MessageInvalid(reason="incomplete", element=str(tag).rpartition("}")[2])


def written(moment: datetime) -> str:
    """Return a moment in UTC with milliseconds, as assertions of the real STS have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
