"""Reads one element after the other from a request, in the order of the schema; prefixes do not matter."""

from __future__ import annotations

import base64
import re
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.xml import Element, local_name

_HEX_20: Final = re.compile(r"[0-9A-Fa-f]{40}")


class ElementReader:
    """Takes the children of an element in order. Everything that is missing, out of order or left over raises
    `errors.MessageInvalid` (reason ``content``, element: its name)."""

    def __init__(self, element: Element, namespace: str) -> None:
        self._element = element
        self._namespace = namespace
        self._left = list(element)

    def take(self, name: str) -> Element:
        """Return the next child, which must have this name, and go past it."""
        found = self.maybe(name)
        if found is None:
            raise invalid(name)
        return found

    def only(self, name: str) -> Element:
        """Return the one child that is left, which must have this name."""
        found = self.take(name)
        self.end()
        return found

    def maybe(self, name: str) -> Element | None:
        """Return the next child if it has this name, and go past it; else return None."""
        if self._left and self._left[0].tag == f"{{{self._namespace}}}{name}":
            return self._left.pop(0)
        return None

    def many(self, name: str) -> list[Element]:
        """Return all next children with this name, and go past them; may be empty."""
        found = []
        while (element := self.maybe(name)) is not None:
            found.append(element)
        return found

    def text(self, name: str) -> str:
        """Return the text of the next child, which must have this name."""
        return text_of(self.take(name))

    def maybe_text(self, name: str) -> str | None:
        """Return the text of the next child if it has this name; else None."""
        found = self.maybe(name)
        return None if found is None else text_of(found)

    def bytes(self, name: str) -> bytes:
        """Return the bytes that the next child has as base64; blanks and line ends in it do not matter."""
        try:
            return base64.b64decode("".join(self.text(name).split()), validate=True)
        except ValueError as error:  # of base64, and of text that is not ASCII
            raise invalid(name) from error

    def key_id(self) -> str:
        """Return the key identifier in the next child: twenty bytes as 40 hexadecimal digits, upper case."""
        text = self.text("PublicKeyIdentifier").strip()
        if not _HEX_20.fullmatch(text):
            raise invalid("PublicKeyIdentifier")
        return text.upper()

    def end(self) -> None:
        """Check that no child is left."""
        if self._left:
            raise invalid(local_name(self._left[0]))


def text_of(element: Element) -> str:
    """Return all text of an element, verbatim. Raises `errors.MessageInvalid` when it has children."""
    if len(element):
        raise invalid(local_name(element))
    return element.text or ""


def invalid(name: str) -> errors.MessageInvalid:
    """Return the error for an element that is missing, out of place or has the wrong content."""
    return errors.MessageInvalid(reason="content", element=name)
