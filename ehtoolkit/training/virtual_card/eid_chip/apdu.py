"""Command APDUs as the protocol T=0 carries them, and the status words that answer them (ISO 7816-3 and -4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OK: Final = b"\x90\x00"
WRONG_LENGTH: Final = b"\x67\x00"
NOT_VERIFIED: Final = b"\x69\x82"
PIN_BLOCKED: Final = b"\x69\x83"
CONDITIONS_NOT_MET: Final = b"\x69\x85"
NO_CURRENT_FILE: Final = b"\x69\x86"
WRONG_DATA: Final = b"\x6a\x80"
FILE_NOT_FOUND: Final = b"\x6a\x82"
WRONG_P1_P2: Final = b"\x6a\x86"
LENGTH_AGAINST_P1_P2: Final = b"\x6a\x87"
REFERENCE_NOT_FOUND: Final = b"\x6a\x88"
WRONG_OFFSET: Final = b"\x6b\x00"
WRONG_INSTRUCTION: Final = b"\x6d\x00"
WRONG_CLASS: Final = b"\x6e\x00"
NO_DIAGNOSIS: Final = b"\x6f\x00"

_HEADER: Final = 4
_FULL: Final = 256


def tries_left(count: int) -> bytes:
    """Return the status word ``63Cx``: not verified, ``count`` tries left."""
    return bytes((0x63, 0xC0 | count))


def exact_length(count: int) -> bytes:
    """Return the status word ``6Cxx``: ask again with this Le (256 is written 00)."""
    return bytes((0x6C, count % _FULL))


def response_waits(count: int) -> bytes:
    """Return the status word ``61xx``: the answer waits for GET RESPONSE; 00 for 256 bytes or more."""
    return bytes((0x61, count if count < _FULL else 0))


@dataclass(frozen=True, slots=True)
class Command:
    """A header and what follows it. ``p3`` is the fifth byte, 0 where there is none: the length of ``data`` in a
    command that brings some, and that of the answer (0 for 256) in one that asks for some."""

    cla: int
    ins: int
    p1: int
    p2: int
    p3: int = 0
    data: bytes = b""

    @property
    def p1_p2(self) -> int:
        return self.p1 << 8 | self.p2

    @property
    def expected(self) -> int:
        """How many bytes the answer should have, of a command without data."""
        return self.p3 or _FULL


def parse_command(apdu: bytes) -> Command | None:
    """Return the command in ``apdu``; None for what is no command APDU of a card without extended length: too short, or
    of another length than it says. One byte of Le after the data is allowed, and not looked at: T=0 does not carry
    it."""
    if len(apdu) < _HEADER:
        return None
    cla, ins, p1, p2 = apdu[:_HEADER]
    body = apdu[_HEADER:]
    if len(body) <= 1:
        return Command(cla, ins, p1, p2, p3=body[0] if body else 0)
    length, rest = body[0], body[1:]
    if length == 0 or len(rest) not in (length, length + 1):
        return None
    return Command(cla, ins, p1, p2, p3=length, data=rest[:length])
