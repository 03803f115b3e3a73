"""Regular expressions in Java's syntax, as the platform's list of organisation types has them, applied to numbers.

Sequences of letters, digits and classes of them are applied, each with a count: ``[0-9]{8}``. Other patterns are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 16
"""Characters of a text that is judged: numbers have eleven digits at most."""

_PART: Final = re.compile(
    r"(?P<atom>\\d|[0-9A-Za-z]|\[(?:\\d|[0-9A-Za-z](?:-[0-9A-Za-z])?)+\])"
    r"(?:\{(?P<least>[0-9]{1,4})(?P<comma>,(?P<most>[0-9]{0,4}))?\}|(?P<sign>[?*+]))?(?![?*+{])"
)
_MEMBER: Final = re.compile(r"\\d|(.)(?:-(.))?")
_SIGNS: Final = {"?": (0, 1), "*": (0, LONGEST_TEXT), "+": (1, LONGEST_TEXT)}
_DIGITS: Final = frozenset("0123456789")


class _Part(NamedTuple):
    """From ``least`` to ``most`` of the characters in ``allowed``."""

    allowed: frozenset[str]
    least: int
    most: int


def fits(pattern: str, text: str) -> bool | None:
    """Return whether the whole ``text`` fits, as Java's `String.matches` decides.

    None if that is not known: the pattern is longer than `LONGEST_PATTERN` or of another kind, or the text is not
    printable ASCII or is longer than `LONGEST_TEXT`.
    """
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        return None
    pieces = _read(pattern.removeprefix("^").removesuffix("$"))
    if pieces is None or not (text.isascii() and text.isprintable()):
        return None
    ends = {0}
    for part in pieces:
        ends = {end for start in ends for end in _ends(part, text, start)}
    return len(text) in ends


def _ends(part: _Part, text: str, start: int) -> range:
    """Return where ``part`` can end that begins at ``start``."""
    length = next((at for at, sign in enumerate(text[start:]) if sign not in part.allowed), len(text) - start)
    return range(start + part.least, start + min(part.most, length) + 1)


def _read(pattern: str) -> Sequence[_Part] | None:
    pieces, position = list[_Part](), 0
    while position < len(pattern):
        found = _PART.match(pattern, position)
        allowed = None if found is None else _characters(found["atom"])
        if found is None or allowed is None:
            return None
        least, most = _count(found)
        if least > most:
            return None
        pieces.append(_Part(allowed, least, most))
        position = found.end()
    return pieces


def _count(part: re.Match[str]) -> tuple[int, int]:
    if part["least"] is None:
        return _SIGNS.get(part["sign"], (1, 1))
    least = int(part["least"])
    if part["comma"] is None:
        return least, least
    return least, int(part["most"]) if part["most"] else max(least, LONGEST_TEXT)


def _characters(atom: str) -> frozenset[str] | None:
    """Return the characters of a class; None for a range that ends before it begins."""
    allowed = frozenset[str]()
    for member in _MEMBER.finditer(atom.strip("[]")):
        first, last = member[1], member[2] or member[1]
        if first is None:
            allowed |= _DIGITS
        elif first > last:
            return None
        else:
            allowed |= frozenset(map(chr, range(ord(first), ord(last) + 1)))
    return allowed
