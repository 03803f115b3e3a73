"""What a file that is no PKCS#12 keystore is, by its first bytes."""

from __future__ import annotations

import re
from typing import Final

_MAGIC: Final = (
    (b"\xfe\xed\xfe\xed", "jks"),
    (b"\xce\xce\xce\xce", "jceks"),
    (b"\x00\x00\x00\x01", "bks"),
    (b"\x00\x00\x00\x02", "bks"),
    (b"-----BEGIN ", "pem"),
)
_BASE64: Final = re.compile(rb"MI[A-Za-z0-9+/]{30}")  # base64 of the first bytes of any longer SEQUENCE
_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02


def kind_of(data: bytes) -> str | None:
    """``empty``, ``zeros``, ``jks``, ``jceks``, ``bks``, ``pem``, ``base64``, ``certificate`` or ``unknown``;
    None for what begins as a PKCS#12 file does."""
    if not data:
        return "empty"
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for magic, kind in _MAGIC:
        if data.startswith(magic) or (kind == "pem" and text.startswith(magic)):
            return kind
    if _BASE64.match(text):
        return "base64"
    if not data.strip(b"\0"):
        return "zeros"
    if data[0] != _SEQUENCE:
        return "unknown"
    # A PFX begins with its version, a certificate with its signed part, which is a sequence again.
    inner = _first_inside(data)
    if inner == _SEQUENCE:
        return "certificate"
    return None if inner in (_INTEGER, None) else "unknown"


def _first_inside(data: bytes) -> int | None:
    """The tag after the outermost header; None when the data ends before it."""
    if len(data) < 2:
        return None
    header = 2 if data[1] <= 0x80 else 2 + (data[1] & 0x7F)
    return data[header] if header < len(data) else None
