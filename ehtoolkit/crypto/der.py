"""Write DER, and read BER, and DER with it: one walk that checks every length gives the tree of values.

What is written are the few shapes that PKCS#12 files and the directory files of a card are made of.

The sender of a file that is read chooses its nesting, its lengths and the number of its values: the walk stops at the
limits that its caller sets, and a value is decoded only when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Generic, Literal, NamedTuple, Self, TypeVar

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
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
"""Bytes of a number that is decoded, and of an object identifier anywhere: no keystore has longer ones. Libraries write
an identifier as decimal numbers, at a cost that grows with the square of its length."""
INDEFINITE: Final = -1
"""The length of a value that two zero bytes end."""

Data = bytes | memoryview
"""What is read: a view where a copy would be large."""

Fault = Literal["structure", "truncated"]
Excess = Literal["nesting", "values"]


class BerError(ValueError):
    """Bytes that are not BER, or a value of another kind than expected. ``reason``: ``structure``, or ``truncated``
    where the bytes end before the value does."""

    def __init__(self, reason: Fault) -> None:
        super().__init__(reason)
        self.reason = reason


class BerLimitExceeded(Exception):
    """A structure beyond a limit. ``reason``: ``nesting`` or ``values``; ``limit``: how much is allowed."""

    def __init__(self, reason: str, limit: int) -> None:
        super().__init__(reason, limit)
        self.reason = reason
        self.limit = limit


class Limits(NamedTuple):
    """What a walk accepts.

    Attributes:
        nesting, values: levels of values within values, and values in one walk.
        free_octets: an OCTET STRING of so many bytes does not count, the file's size bounds their number; 0: all count.
    """

    nesting: int
    values: int
    free_octets: int = 0


class BerElement(NamedTuple):
    """One value in ``data``: its header begins at ``start``, its content lies from ``content`` to ``stop``,
    and ``end`` is where the next value begins. ``children``: the values in it, when it is constructed and they were
    asked for.

    Of a value that is cut off, ``stop`` is where the data end, and ``end`` lies behind them."""

    data: Data
    tag: int
    start: int
    content: int
    stop: int
    end: int
    children: Sequence[Any]

    @property
    def body(self) -> bytes:
        """The content as it is."""
        return bytes(self.data[self.content : self.stop])

    @property
    def view(self) -> memoryview:
        """The content as it is, not copied."""
        return memoryview(self.data)[self.content : self.stop]

    @property
    def size(self) -> int:
        """Bytes of the value, with its header."""
        return self.end - self.start

    @property
    def is_cut_off(self) -> bool:
        """Whether the data end before the value does."""
        return self.end > len(self.data)

    @staticmethod
    def fault(reason: Fault) -> Exception:
        """Return what is raised for a value that is not BER, or of another kind than expected."""
        return BerError(reason)

    @staticmethod
    def excess(reason: Excess, limit: int) -> Exception:
        """Return what is raised beyond a limit."""
        return BerLimitExceeded(reason, limit)

    def parts(self, tag: int = SEQUENCE, least: int = 0) -> Sequence[Self]:
        """Return the children of a value that must have this tag and ``least`` of them. Raises
        `BerError`."""
        if self.tag != tag or len(self.children) < least:
            raise self.fault("structure")
        return self.children

    def octets(self, tag: int = OCTET_STRING) -> bytes:
        """Return the content of an OCTET STRING, its segments joined. ``tag``: the primitive one, if tagged implicitly.
        Raises `BerError` for another tag."""
        if self.tag == tag:
            return self.body
        if self.tag != tag | _CONSTRUCTED:
            raise self.fault("structure")
        return b"".join(
            child.view if child.tag == OCTET_STRING else child.octets() for child in self.children
        )

    def number(self) -> int:
        """Return the value of an INTEGER. Raises `BerError` for another value."""
        if self.tag != INTEGER or not 0 < self.stop - self.content <= _SMALL:
            raise self.fault("structure")
        return int.from_bytes(self.body, "big", signed=True)

    def identifier(self) -> str:
        """Return an OBJECT IDENTIFIER as dotted numbers. Raises `BerError` for another value."""
        if self.tag != OBJECT_IDENTIFIER or not 0 < self.stop - self.content <= _SMALL:
            raise self.fault("structure")
        try:
            return _dotted(self.body)
        except ValueError as error:
            raise self.fault("structure") from error

    def der(self) -> bytes:
        """Return the value with lengths as DER has them; the order within a SET stays."""
        if not self.tag & _CONSTRUCTED:
            return value(self.tag, self.body)
        if self.tag in _SEGMENTED:
            return value(self.tag & ~_CONSTRUCTED, b"".join(_leaves(self)))
        return value(self.tag, b"".join(child.der() for child in self.children))


AnyElement = TypeVar("AnyElement", bound=BerElement)


def parse(
    kind: type[AnyElement],
    data: Data,
    position: int,
    limits: Limits,
    levels: int | None = None,
    *,
    partial: bool = False,
) -> AnyElement:
    """Return the value that begins at ``position``; what follows it is ignored.

    Args:
        kind: `BerElement`, or a class of it with other exceptions.
        data, position: where the value begins.
        limits: what it may have.
        levels: how many levels of children are kept, None for all. The children of deeper values are not even looked
            at where a length shows the end.
        partial: return what there is of a value that is cut off; without its last child where not even the header of
            that is whole.

    Raises `BerLimitExceeded` over a limit, `BerError` when tags and lengths do not fit together, or when an object
    identifier is longer than any in use.
    """
    walk = _Walk(kind, data, limits, limits.nesting if levels is None else levels, partial=partial)
    try:
        return walk.read(position, INDEFINITE, limits.nesting)
    except IndexError as error:
        raise kind.fault("truncated") from error
    except BerError as error:  # of a header
        raise kind.fault(error.reason) from error


class _Walk(Generic[AnyElement]):
    """Counts the values of one text."""

    __slots__ = ("data", "free", "kept", "kind", "left", "limits", "partial")

    def __init__(
        self, kind: type[AnyElement], data: Data, limits: Limits, levels: int, *, partial: bool
    ) -> None:
        self.kind = kind
        self.data = data
        self.limits = limits
        self.left = limits.values
        self.free = limits.free_octets or len(data) + 1
        self.kept = limits.nesting - levels  # children of values deeper than this are not
        self.partial = partial

    def read(self, start: int, limit: int, depth: int) -> AnyElement:
        """Return the value at ``start``. ``limit``: where the innermost value around it ends that has a length."""
        data, kind = self.data, self.kind
        tag, length, content = header(data, start)
        if tag != OCTET_STRING or length < self.free:
            self.left -= 1
            if self.left < 0:
                raise kind.excess("values", self.limits.values)
        if tag & _CONSTRUCTED and depth == 0:
            raise kind.excess("nesting", self.limits.nesting)
        if tag == OBJECT_IDENTIFIER and length > _SMALL:
            raise kind.fault("structure")
        if length == INDEFINITE:
            if not tag & _CONSTRUCTED:
                raise kind.fault("structure")
            return self._read_to_mark(tag, start, content, limit, depth)
        end = content + length
        if limit != INDEFINITE and end > limit:
            raise kind.fault("structure")
        stop = min(end, len(data)) if self.partial else end
        if stop > len(data):
            raise kind.fault("truncated")
        if not tag & _CONSTRUCTED or depth <= self.kept:
            return kind(data, tag, start, content, stop, end, ())
        return kind(data, tag, start, content, stop, end, self._children(content, stop, end, depth))

    def _children(self, position: int, stop: int, limit: int, depth: int) -> list[AnyElement]:
        children: list[AnyElement] = []
        try:
            while position < stop:
                child = self.read(position, limit, depth - 1)
                children.append(child)
                position = child.end
        except IndexError:  # the header of the last child is cut off
            if not self.partial:
                raise
        return children

    def _read_to_mark(self, tag: int, start: int, content: int, limit: int, depth: int) -> AnyElement:
        children: list[AnyElement] = []
        position = content
        try:
            while self.data[position] or self.data[position + 1]:
                child = self.read(position, limit, depth - 1)
                if depth > self.kept:
                    children.append(child)
                position = child.end
        except IndexError:
            if not self.partial:
                raise
            length = len(self.data)
            return self.kind(self.data, tag, start, content, length, length + 1, children)
        if limit != INDEFINITE and position + 2 > limit:
            raise self.kind.fault("structure")
        return self.kind(self.data, tag, start, content, position, position + 2, children)


def header(data: Data, position: int) -> tuple[int, int, int]:
    """Return tag and length (`INDEFINITE`: two zero bytes end the value) of the value at ``position``, and where its
    content begins. Raises `BerError`, IndexError where ``data`` ends before it."""
    tag, first = data[position], data[position + 1]
    if tag & 0x1F == 0x1F:  # tags of several bytes: neither PKCS#12 nor CMS has them
        raise BerError("structure")
    position += 2
    if first < 0x80:
        return tag, first, position
    if first == 0x80:
        return tag, INDEFINITE, position
    octets = first & 0x7F
    if octets > 8:
        raise BerError("structure")
    data[position + octets - 1]  # not there: truncated
    return tag, int.from_bytes(data[position : position + octets], "big"), position + octets


def _leaves(element: BerElement) -> Sequence[bytes]:
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
        raise BerError("structure")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:])))


# ── Write DER ────────────────────────────────────────────────────────────────────────────────────────────
_BOOLEAN: Final = 0x01
_ENUMERATED: Final = 0x0A
_UTF8_STRING: Final = 0x0C
_PRINTABLE_STRING: Final = 0x13
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_PRIMITIVE_CONTEXT: Final = 0x80
NULL: Final = b"\x05\x00"


def value(tag: int, *content: bytes) -> bytes:
    """Return one value: its tag (a single byte), its length in the shortest form, its content."""
    length = sum(map(len, content))
    if length < 0x80:
        header = bytes((tag, length))
    else:
        octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
        header = bytes((tag, 0x80 | len(octets))) + octets
    return b"".join((header, *content))


def sequence(*items: bytes) -> bytes:
    return value(SEQUENCE, *items)


def set_of(*items: bytes) -> bytes:
    """Return a SET OF with its parts in the order given, which for what others wrote is theirs, not DER's."""
    return value(SET, *items)


def octet_string(content: bytes) -> bytes:
    return value(OCTET_STRING, content)


def integer(number: int) -> bytes:
    """Return an INTEGER with a number that is not negative."""
    return value(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def enumerated(number: int) -> bytes:
    """Return an ENUMERATED with one of less than 128 possibilities."""
    return value(_ENUMERATED, bytes((number,)))


def boolean(truth: bool) -> bytes:
    return value(_BOOLEAN, b"\xff" if truth else b"\x00")


def printable_string(text: str) -> bytes:
    return value(_PRINTABLE_STRING, text.encode("ascii"))


def time(moment: datetime) -> bytes:
    """Return a moment in UTC as certificates have it (RFC 5280, section 4.1.2.5)."""
    if moment.year < 2050:
        return value(_UTC_TIME, f"{moment:%y%m%d%H%M%SZ}".encode())
    return value(_GENERALIZED_TIME, f"{moment:%Y%m%d%H%M%SZ}".encode())


def bit_string(octets: bytes) -> bytes:
    """Return a BIT STRING of whole octets."""
    return value(BIT_STRING, b"\0" + octets)


def utf8_string(text: str) -> bytes:
    return value(_UTF8_STRING, text.encode())


def named_bits(*bits: int) -> bytes:
    """Return a BIT STRING with these bits set, by their numbers, and no zeros after the last of them (X.690,
    11.2.2)."""
    length = max(bits, default=-1) + 1
    unused = -length % 8
    number = sum(1 << (length - 1 - bit) for bit in bits) << unused
    return value(BIT_STRING, bytes((unused,)) + number.to_bytes((length + unused) // 8))


def object_identifier(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *others):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return value(OBJECT_IDENTIFIER, bytes(content))


def explicit(number: int, inner: bytes) -> bytes:
    """Return ``inner`` as ``[number] EXPLICIT``."""
    return value(CONTEXT | number, inner)


def implicit_octets(number: int, content: bytes) -> bytes:
    """Return ``content`` as ``[number] IMPLICIT OCTET STRING``."""
    return value(_PRIMITIVE_CONTEXT | number, content)


def content(encoded: bytes) -> bytes:
    """Return what is inside one DER value; the inverse of `value`."""
    return encoded[header(encoded, 0)[2] :]


def first_value(data: bytes) -> bytes:
    """Return the value that ``data`` begins with, without what follows it; ``data`` itself where it is shorter than its
    length says."""
    octets = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
    length = int.from_bytes(data[2 : 2 + octets]) if octets else int.from_bytes(data[1:2])
    return data[: 2 + octets + length]
