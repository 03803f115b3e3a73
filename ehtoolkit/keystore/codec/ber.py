"""Read BER, and DER with it: one walk that checks every length gives the tree of values.

A file's sender chooses its nesting, its lengths and the number of its values: the walk stops at the limits of
`ehtoolkit.keystore.codec.limits`, and a value is decoded only when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec import limits

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31
CONTEXT: Final = 0xA0
"""``[0]``, constructed: the other numbers follow it."""

_CONSTRUCTED: Final = 0x20
_SEGMENTED: Final = frozenset({0x24, 0x2C, 0x33, 0x34, 0x36, 0x3B, 0x3C, 0x3E})
"""OCTET STRING and the strings of characters, each in segments."""
_SMALL: Final = 64
"""Bytes of a number or an object identifier that is decoded: longer ones are none that a keystore has."""
_INDEFINITE: Final = -1


class Element(NamedTuple):
    """One value in ``data``: its header begins at ``start``, its content lies from ``content`` to ``stop``,
    and ``end`` is where the next value begins. ``children``: the values in it, when it is constructed."""

    data: bytes
    tag: int
    start: int
    content: int
    stop: int
    end: int
    children: Sequence[Element]

    @property
    def body(self) -> bytes:
        """The content as it is."""
        return self.data[self.content : self.stop]

    def parts(self, tag: int = SEQUENCE, least: int = 0) -> Sequence[Element]:
        """Return the children of a value that must have this tag and ``least`` of them. Raises
        `errors.KeystoreDamaged`."""
        if self.tag != tag or len(self.children) < least:
            raise errors.KeystoreDamaged(reason="structure")
        return self.children

    def octets(self, tag: int = OCTET_STRING) -> bytes:
        """Return the content of an OCTET STRING, its segments joined. ``tag``: the primitive one, where it is tagged
        implicitly. Raises `errors.KeystoreDamaged` for a value of another tag."""
        if self.tag == tag:
            return self.body
        if self.tag != tag | _CONSTRUCTED:
            raise errors.KeystoreDamaged(reason="structure")
        return b"".join(child.octets() for child in self.children)

    def number(self) -> int:
        """Return the value of an INTEGER. Raises `errors.KeystoreDamaged` for another value."""
        if self.tag != INTEGER or not 0 < self.stop - self.content <= _SMALL:
            raise errors.KeystoreDamaged(reason="structure")
        return int.from_bytes(self.body, "big", signed=True)

    def identifier(self) -> str:
        """Return an OBJECT IDENTIFIER as dotted numbers. Raises `errors.KeystoreDamaged` for another value."""
        if self.tag != OBJECT_IDENTIFIER or not 0 < self.stop - self.content <= _SMALL:
            raise errors.KeystoreDamaged(reason="structure")
        return _dotted(self.body)

    def der(self) -> bytes:
        """Return the value with lengths as DER has them; the order within a SET stays."""
        if not self.tag & _CONSTRUCTED:
            return der.value(self.tag, self.body)
        if self.tag in _SEGMENTED:
            return der.value(self.tag & ~_CONSTRUCTED, b"".join(_leaves(self)))
        return der.value(self.tag, b"".join(child.der() for child in self.children))


def parse(data: bytes) -> Element:
    """Return the first value in ``data``; what follows it is ignored.

    Raises `errors.LimitExceeded` (reason ``nesting`` or ``elements``) over a limit,
    `errors.KeystoreDamaged` (reason ``truncated`` or ``structure``) when tags and lengths do not fit
    together.
    """
    return parse_at(data, 0)


def parse_at(data: bytes, position: int, elements: int = limits.ELEMENTS) -> Element:
    """Return the value that begins at ``position``, with at most ``elements`` values in it. Raises as `parse`."""
    try:
        return _Walk(data, elements).read(position, _INDEFINITE, limits.NESTING)
    except IndexError as error:
        raise errors.KeystoreDamaged(reason="truncated") from error


def parse_whole(data: bytes) -> Element:
    """Return the one value that ``data`` is, with nothing behind it. Raises as `parse`."""
    element = parse(data)
    if element.end != len(data):
        raise errors.KeystoreDamaged(reason="structure")
    return element


def header(data: bytes, position: int) -> tuple[int, int | None, int]:
    """Return the tag at ``position``, the length (None where two zero bytes end the value), and where the content
    begins.

    Raises `errors.KeystoreDamaged`, IndexError where ``data`` ends before it.
    """
    tag, length, content = _header(data, position)
    return tag, None if length == _INDEFINITE else length, content


class _Walk:
    """Counts the values of one text."""

    __slots__ = ("data", "left", "most")

    def __init__(self, data: bytes, most: int) -> None:
        self.data = data
        self.left = self.most = most

    def read(self, start: int, limit: int, depth: int) -> Element:
        """Return the value at ``start``. ``limit``: where the innermost value around it ends that has a length."""
        data = self.data
        tag, length, content = _header(data, start)
        self.left -= 1
        if self.left < 0:
            raise errors.LimitExceeded(reason="elements", value=self.most + 1, limit=self.most)
        if tag & _CONSTRUCTED and depth == 0:
            raise errors.LimitExceeded(reason="nesting", value=limits.NESTING + 1, limit=limits.NESTING)
        if length == _INDEFINITE:
            if not tag & _CONSTRUCTED:
                raise errors.KeystoreDamaged(reason="structure")
            return self._read_to_mark(tag, start, content, limit, depth)
        end = content + length
        if limit != _INDEFINITE and end > limit:
            raise errors.KeystoreDamaged(reason="structure")
        if end > len(data):
            raise errors.KeystoreDamaged(reason="truncated")
        if not tag & _CONSTRUCTED:
            return Element(data, tag, start, content, end, end, ())
        children = []
        position = content
        while position < end:
            child = self.read(position, end, depth - 1)
            children.append(child)
            position = child.end
        return Element(data, tag, start, content, end, end, children)

    def _read_to_mark(self, tag: int, start: int, content: int, limit: int, depth: int) -> Element:
        children = []
        position = content
        while self.data[position] or self.data[position + 1]:
            child = self.read(position, limit, depth - 1)
            children.append(child)
            position = child.end
        if limit != _INDEFINITE and position + 2 > limit:
            raise errors.KeystoreDamaged(reason="structure")
        return Element(self.data, tag, start, content, position, position + 2, children)


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    tag, first = data[position], data[position + 1]
    if tag & 0x1F == 0x1F:  # tags of several bytes: PKCS#12 has none
        raise errors.KeystoreDamaged(reason="structure")
    position += 2
    if first < 0x80:
        return tag, first, position
    if first == 0x80:
        return tag, _INDEFINITE, position
    octets = first & 0x7F
    if octets > 8:
        raise errors.KeystoreDamaged(reason="structure")
    data[position + octets - 1]  # not there: truncated
    return tag, int.from_bytes(data[position : position + octets], "big"), position + octets


def _leaves(element: Element) -> Sequence[bytes]:
    if not element.tag & _CONSTRUCTED:
        return (element.body,)
    return [leaf for child in element.children for leaf in _leaves(child)]


@lru_cache(maxsize=256)
def _dotted(body: bytes) -> str:
    arcs, arc = [], 0
    for byte in body:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    if body[-1] & 0x80:
        raise errors.KeystoreDamaged(reason="structure")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:])))
