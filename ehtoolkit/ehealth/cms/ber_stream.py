"""Read BER, and DER with it, from a stream: what is small as a whole, the octets of a content in pieces.

Memory stays flat for a content of any length. Java and OpenSSL write indefinite lengths, and octet strings in segments
of 1,000 and of 4,096 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from ehtoolkit.crypto import der

SEQUENCE: Final = 0x30
SET: Final = 0x31
OCTET_STRING: Final = 0x04
CONTEXT_0: Final = 0xA0
"""``[0]``, constructed."""

CHUNK: Final = 1 << 16
"""Bytes that are handed on at a time."""
NESTING: Final = 32
"""Levels of values within values; a certificate has a dozen."""
SEGMENT_NESTING: Final = 8
"""Levels of segments within segments of one octet string; writers have one."""
VALUES: Final = 50_000
"""Values in one part that is read as a whole, or passed over."""
SPARE_SEGMENTS: Final = 10_000
LEAST_SEGMENT: Final = 64
"""An octet string may have `SPARE_SEGMENTS`, and one more for each so many bytes: less is work without content."""

_CONSTRUCTED: Final = 0x20
_INDEFINITE: Final = -1
_END_OF_CONTENTS: Final = b"\0\0"
_SEGMENTED: Final = frozenset({0x24, 0x2C, 0x33, 0x34, 0x36, 0x3B, 0x3C, 0x3E})
"""OCTET STRING and the strings of characters, each in segments."""


class ByteSource(Protocol):
    """What a message or a content is read from: a binary file, or what stands for one."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""
        ...


SERIAL_BITS: Final = 512
"""Of a certificate's serial number; standards have 160 at most, and Python writes no number of some thousand digits."""


class MalformedCms(ValueError):
    """Bytes that are no CMS, or not all of it.

    Attributes:
        layer: the name that its stream was given.
        truncated: the bytes end before the structure does.
    """

    def __init__(self, layer: str, *, truncated: bool = False) -> None:
        super().__init__(layer)
        self.layer = layer
        self.truncated = truncated


class CmsLimitExceeded(MalformedCms):
    """A structure that no sound message has, refused before it is decoded.

    Attributes:
        reason: ``nesting``, ``values``, ``segments``, ``size``, ``recipients`` or ``certificates``.
        limit: how much there may be.
    """

    def __init__(self, layer: str, reason: str, limit: int) -> None:
        super().__init__(layer)
        self.reason = reason
        self.limit = limit


class BerStream:
    """One walk over values, never back.

    Args:
        read: gives up to so many bytes, or more, and none at the end.
        layer: name by which errors of nested streams are distinguished.
    """

    def __init__(self, read: Callable[[int], bytes], layer: str = "") -> None:
        self.layer = layer
        self._read = read
        self._buffer = b""
        self._at = 0
        self._before = 0  # bytes that are gone from the buffer
        self._open: list[
            tuple[int, int]
        ] = []  # of each open value: its end, and the nearest end that is known
        self._bound = _INDEFINITE
        self._values = 0

    @property
    def position(self) -> int:
        """Bytes that were read so far."""
        return self._before + self._at

    def exhausted(self) -> bool:
        """Return whether nothing follows at all."""
        return self._at == len(self._buffer) and not self._more()

    # ── values that are gone into ────────────────────────────────────────────────────────────────────────
    def enter(self, tag: int) -> None:
        """Go into the constructed value that comes next. Raises `MalformedCms` for another tag."""
        found, length = self._header()
        if found != tag:
            raise MalformedCms(self.layer)
        self._push(length)

    def peek(self) -> int | None:
        """Return the tag that comes next; None at the end of the value that was entered last."""
        if self._at_end():
            return None
        self._need(1)
        return self._buffer[self._at]

    def leave(self) -> None:
        """Go out of the value that was entered last, past what else is in it."""
        while not self._at_end():
            self.skip()
        self._pop()

    # ── values that are read ─────────────────────────────────────────────────────────────────────────────
    def element(self, most: int) -> bytes:
        """Read the next value whole, with lengths as DER has them; the order within a SET stays.

        Raises `CmsLimitExceeded` over ``most`` bytes, `MalformedCms`.
        """
        self._values = 0
        return self._der(NESTING, most)

    def skip(self) -> None:
        """Pass over the next value, however long it is: lists of what an authority has revoked can be very long."""
        self._values = 0
        self._skip(NESTING)

    def octets(self, tag: int = OCTET_STRING) -> Iterator[bytes]:
        """Read an OCTET STRING in pieces, none empty, its segments joined up to `CHUNK`.

        Args:
            tag: of the primitive form, where it is tagged implicitly.
        """
        found, length = self._header()
        if found == tag and length != _INDEFINITE:
            yield from self._content(length)
            return
        if found != tag | _CONSTRUCTED:
            raise MalformedCms(self.layer)
        self._push(length)
        yield from self._segments()

    def _segments(self) -> Iterator[bytes]:
        depth, number, size, parts = 1, 0, 0, list[bytes]()
        start = self.position
        while depth:
            if self._at_end():
                self._pop()
                depth -= 1
                continue
            found, length = self._header()
            number += 1
            if number > SPARE_SEGMENTS + (self.position - start) // LEAST_SEGMENT:
                raise CmsLimitExceeded(self.layer, "segments", number - 1)
            if found == OCTET_STRING | _CONSTRUCTED:
                if depth == SEGMENT_NESTING:
                    raise CmsLimitExceeded(self.layer, "nesting", SEGMENT_NESTING)
                self._push(length)
                depth += 1
            elif found != OCTET_STRING or length == _INDEFINITE:
                raise MalformedCms(self.layer)
            else:
                for piece in self._content(length):
                    parts.append(piece)
                    size += len(piece)
                    if size >= CHUNK:
                        yield b"".join(parts)
                        parts, size = [], 0
        if parts:
            yield b"".join(parts)

    def _content(self, length: int) -> Iterator[bytes]:
        while length:
            there = len(self._buffer) - self._at
            if not there:
                self._need(1)
                continue
            piece = self._buffer[self._at : self._at + min(length, CHUNK)]
            self._at += len(piece)
            length -= len(piece)
            yield piece

    def _skip(self, depth: int) -> None:
        self._count()
        tag, length = self._header()
        if length != _INDEFINITE:
            for _ in self._content(length):
                pass
            return
        if not tag & _CONSTRUCTED:
            raise MalformedCms(self.layer)
        if not depth:
            raise CmsLimitExceeded(self.layer, "nesting", NESTING)
        self._push(length)
        while not self._at_end():
            self._skip(depth - 1)
        self._pop()

    def _count(self) -> None:
        self._values += 1
        if self._values > VALUES:
            raise CmsLimitExceeded(self.layer, "values", VALUES)

    def _der(self, depth: int, most: int) -> bytes:
        self._count()
        tag, length = self._header()
        if length > most:
            raise CmsLimitExceeded(self.layer, "size", most)
        if not tag & _CONSTRUCTED:
            if length == _INDEFINITE:
                raise MalformedCms(self.layer)
            self._need(length)
            self._at += length
            return der.value(tag, self._buffer[self._at - length : self._at])
        if not depth:
            raise CmsLimitExceeded(self.layer, "nesting", NESTING)
        self._push(length)
        parts, size = list[bytes](), 0
        while not self._at_end():
            part = self._der(depth - 1, most - size)
            size += len(part)
            if size > most:
                raise CmsLimitExceeded(self.layer, "size", most)
            parts.append(part)
        self._pop()
        if tag not in _SEGMENTED:
            return der.value(tag, b"".join(parts))
        if any(part[0] != tag & ~_CONSTRUCTED for part in parts):
            raise MalformedCms(self.layer)
        return der.value(tag & ~_CONSTRUCTED, b"".join(map(der.content, parts)))

    # ── bytes ────────────────────────────────────────────────────────────────────────────────────────────
    def _header(self) -> tuple[int, int]:
        if len(self._buffer) - self._at < 2:
            self._need(2)
        at = self._at
        tag, first = self._buffer[at], self._buffer[at + 1]
        if (tag & 0x1F in (0, 0x1F) and tag < 0x40) or tag & 0x1F == 0x1F:
            raise MalformedCms(self.layer)  # no value has these tags in CMS
        if first < 0x80:
            self._at, length = at + 2, first
        elif first == 0x80:
            self._at = at + 2
            return tag, _INDEFINITE
        else:
            octets = first & 0x7F
            if octets > 8:
                raise MalformedCms(self.layer)
            self._need(2 + octets)
            at = self._at + 2
            length = int.from_bytes(self._buffer[at : at + octets])
            self._at = at + octets
        if self._bound != _INDEFINITE and self.position + length > self._bound:
            raise MalformedCms(self.layer)
        return tag, length

    def _push(self, length: int) -> None:
        if len(self._open) > 2 * NESTING:
            raise CmsLimitExceeded(self.layer, "nesting", NESTING)
        end = _INDEFINITE if length == _INDEFINITE else self.position + length
        self._open.append((end, self._bound))
        if end != _INDEFINITE:
            self._bound = end

    def _at_end(self) -> bool:
        end = self._open[-1][0]
        if end != _INDEFINITE:
            return self._before + self._at >= end
        if len(self._buffer) - self._at < 2:
            self._need(2)
        return self._buffer.startswith(_END_OF_CONTENTS, self._at)

    def _pop(self) -> None:
        end, self._bound = self._open.pop()
        if end == _INDEFINITE:
            self._at += 2
            if self._bound != _INDEFINITE and self.position > self._bound:
                raise MalformedCms(self.layer)

    def _need(self, count: int) -> None:
        while len(self._buffer) - self._at < count:
            if not self._more():
                raise MalformedCms(self.layer, truncated=True)

    def _more(self) -> bool:
        more = self._read(CHUNK)
        if more:
            self._before += self._at
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
        return bool(more)
