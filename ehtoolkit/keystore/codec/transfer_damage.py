"""Undoes what mail programs, editors and transfers in text mode do to a keystore, where nothing is guessed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.structure import read_structure

_BOM: Final = b"\xef\xbb\xbf"
_PEM: Final = re.compile(rb"-----BEGIN PKCS12-----\s([A-Za-z0-9+/=\s]+)-----END PKCS12-----")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_UNDEFINED: Final = {octet: 0xDC00 + octet for octet in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""Octets that are no characters of Windows, to the marks by which Python carries such octets along."""
_ENOUGH: Final = 4
"""Line ends or characters: what is no text has as many of their form by chance in one file of four
billion."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A file whose damage by a transfer was undone.

    Attributes:
        data: the file as it was; its parts fit together, which no other reading of the damaged one's do.
        how: what was undone: ``base64``, ``pem``, ``utf_8``, ``windows_1252`` or ``line_ends``.
    """

    data: bytes = field(repr=False)
    how: str


def undo_transfer_damage(data: bytes) -> Repaired | None:
    """Return the keystore that a file was, None when it is sound, or damaged otherwise, or cannot be mended without
    guessing. Whether it is the right one, its MAC tells, with the password."""
    if len(data) > limits.SIZE or _is_sound(data):
        return None
    found: dict[bytes, Repaired] = {}
    for candidate in _candidates(data):
        if candidate.data not in found and _is_sound(candidate.data):
            found[candidate.data] = candidate
    return next(iter(found.values())) if len(found) == 1 else None


def is_text_mode(data: bytes) -> bool:
    """Return whether a damaged file shows the marks of a transfer in text mode: line ends of which every one is CR
    LF, or nothing but UTF-8. In what was never text both happen by chance alone."""
    line_ends = data.count(b"\r\n")
    if line_ends >= _ENOUGH and line_ends == data.count(b"\n"):
        return True
    try:
        characters = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum(character > "\x7f" for character in characters) >= _ENOUGH


def _candidates(data: bytes) -> Iterator[Repaired]:
    for how, undo in _UNDOING:
        undone = undo(data)
        if undone is not None:
            yield Repaired(undone, how)
            if b"\r\n" in undone and how in ("utf_8", "windows_1252"):
                yield Repaired(undone.replace(b"\r\n", b"\n"), how)


def _from_base64(data: bytes) -> bytes | None:
    text = b"".join(data.removeprefix(_BOM).split())
    return _decoded(text) if _BASE64.fullmatch(text) else None


def _from_pem(data: bytes) -> bytes | None:
    match = _PEM.search(data)
    return None if match is None else _decoded(match[1])


def _decoded(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_utf_8(data: bytes) -> bytes | None:
    """Return the octets of a file of which each was taken for a character of Latin-1 and written as UTF-8; None where
    ``data`` is no such text."""
    try:
        return data.removeprefix(_BOM).decode("utf-8").encode("latin-1")
    except UnicodeError:
        return None


def _from_windows(data: bytes) -> bytes | None:
    """Return the octets of a file of which each was taken for a character of Windows-1252, which leaves five octets as
    they are, and written as UTF-8; None where ``data`` is no such text."""
    try:
        characters = data.removeprefix(_BOM).decode("utf-8")
        return characters.translate(_UNDEFINED).encode("cp1252", "surrogateescape")
    except UnicodeError:
        return None


def _from_line_ends(data: bytes) -> bytes | None:
    """Return the octets of a file in which every LF was written as CR LF; None where there is no CR LF, or an LF
    without CR: then something else happened."""
    count = data.count(b"\r\n")
    return data.replace(b"\r\n", b"\n") if count and count == data.count(b"\n") else None


_UNDOING: Final[tuple[tuple[str, Callable[[bytes], bytes | None]], ...]] = (
    ("base64", _from_base64),
    ("pem", _from_pem),
    ("utf_8", _from_utf_8),
    ("windows_1252", _from_windows),
    ("line_ends", _from_line_ends),
)


def _is_sound(data: bytes) -> bool:
    try:
        read_structure(data)
    except errors.KeystoreError:
        return False
    return True
