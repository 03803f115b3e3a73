"""Distinguished names as text: the grammar, with everything that other programs do to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ehtoolkit import errors

Attribute = tuple[str, str]
"""The short name of an attribute's type (``CN``, ``OU``, ``O``, ``C``) and its value."""

_BLANKS: Final = " \t\r\n"
_TYPE: Final = re.compile(
    rf"[{_BLANKS}]*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)[{_BLANKS}]*=[{_BLANKS}]*"
)
_QUOTED: Final = re.compile(rf'"((?:[^"\\]|\\.)*)"[{_BLANKS}]*', re.DOTALL)
_PLAIN: Final = re.compile(r"(?:[^\\,;+\"]|\\.)*", re.DOTALL)
_ESCAPED: Final = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)
_SPECIAL: Final = re.compile(r'[\\,+"<>;]|^[ #]|(?<=.) $', re.DOTALL)


def escape(value: str) -> str:
    """``value`` with a backslash before what would end or change it; ``=`` stays, as on the platform."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), value)


def parse_attributes(text: str) -> Sequence[Attribute]:
    """The attributes of ``text`` in their order; one attribute between commas (or semicolons).

    Understands backslashes before any character, hexadecimal pairs, values in double quotes (as .NET and Java
    write them) and blanks around the separators. Raises `errors.DistinguishedNameInvalid` (``syntax``).
    """
    attributes: list[Attribute] = []
    position = 0
    while True:
        kind = _TYPE.match(text, position)
        if kind is None:
            raise errors.DistinguishedNameInvalid(reason="syntax")
        quoted = _QUOTED.match(text, kind.end())
        if quoted is not None:
            value, position = _unescape(quoted.group(1)), quoted.end()
        else:
            plain = _PLAIN.match(text, kind.end())
            raw = plain.group() if plain is not None else ""
            value, position = _unescape(_stripped(raw)), kind.end() + len(raw)
        attributes.append((kind.group(1).upper(), value))
        if position == len(text):
            return attributes
        if text[position] not in ",;":
            raise errors.DistinguishedNameInvalid(reason="syntax")
        position += 1


def _stripped(raw: str) -> str:
    # A blank at the end counts only behind a backslash; one in front was taken with the equals sign.
    stripped = raw.rstrip(_BLANKS)
    escaped = (len(stripped) - len(stripped.rstrip("\\"))) % 2 == 1
    return raw[: len(stripped) + 1] if escaped else stripped


def _unescape(raw: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group(2)
        return bytes.fromhex(match.group(1).replace("\\", "")).decode("utf-8")

    try:
        return _ESCAPED.sub(plain, raw)
    except UnicodeDecodeError as error:
        raise errors.DistinguishedNameInvalid(reason="syntax") from error
