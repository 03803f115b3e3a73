"""Invented secrets that are found wherever they are, in whatever way they are written down."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

_WORD: Final = "EhX9Qv7Kw2Tn"
_DIGITS: Final = "9073418265"
FAULT: Final = "Fault"


class Markers:
    """Gives passwords and PINs, no two alike, and knows what they look like when they are written down.

    All share a part that nothing else has: whoever finds that has found one of them.
    """

    def __init__(self) -> None:
        self._given = 0

    def password(self, note: str = "") -> str:
        """Printable, with what HTML, JSON, URLs and shells write in another way. ``note``: letters in it."""
        return f"{_WORD}{note} \"{self._next():02}'<&%\\ #"

    def pin(self) -> str:
        """12 digits: as long as the card takes, and as a PUK is."""
        return f"{_DIGITS}{self._next():02}"

    def _next(self) -> int:
        self._given += 1
        return self._given


def serials(data: bytes) -> set[str]:
    """Which of them are written plainly, or as JSON, in ``data``: their numbers."""
    plain = re.findall(rf"{_WORD}[A-Za-z]* \\*\"(\d\d)|{_DIGITS}(\d\d)".encode(), data)
    return {(word or other).decode() for word, other in plain}


def serial(marker: str) -> str:
    (found,) = serials(marker.encode())
    return found


def needles() -> tuple[bytes, ...]:
    """The shared parts in every writing that is looked for."""
    return tuple(dict.fromkeys(writing for core in (_WORD, _DIGITS) for writing in _writings(core)))


def _writings(core: str) -> Iterator[bytes]:
    plain = core.encode()
    for octets in (plain, core.encode("utf-16-le"), core.encode("utf-16-be")):
        yield octets
        yield octets.hex().encode()
        yield octets.hex().upper().encode()
        for lead in range(3):
            # What comes before and after decides the first and the last characters, so these do not count.
            written = base64.b64encode(b"\0" * lead + octets)
            written = written[4 if lead else 0 : (len(octets) + lead) // 3 * 4]
            yield from (written, written.translate(bytes.maketrans(b"+/", b"-_")))
    yield quote(core).encode()
    yield "".join(f"%{octet:02x}" for octet in plain).encode()
    yield "".join(f"%{octet:02X}" for octet in plain).encode()
    yield json.dumps(core).strip('"').encode()
    yield "".join(f"\\u{octet:04x}" for octet in plain).encode()
    yield "".join(f"&#{octet};" for octet in plain).encode()
    yield ", ".join(map(str, plain)).encode()  # an array of numbers
    yield ",".join(map(str, plain)).encode()
