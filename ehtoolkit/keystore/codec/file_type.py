"""Detect what a file is that is no PKCS#12 keystore, and undo what mail programs, editors and transfers in text mode
did to one, where nothing is guessed.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.pem import (
    BOM,
    CERTIFICATES,
    ENCRYPTED_KEY,
    OPENSSH_KEY,
    PKCS7,
    PKCS12,
    PLAIN_KEYS,
    count_plain_keys,
    decode_base64,
    is_pem,
    labels_of,
    read_blocks,
)
from ehtoolkit.keystore.codec.structure import read_structure

_BOUNCY_CASTLE: Final = (b"\x00\x00\x00\x01", b"\x00\x00\x00\x02")
"""The versions of both its own formats, BKS and UBER."""
_SHORTEST_UBER: Final = 32
"""Bytes of what is encrypted: a digest of 20 and a kind, in blocks of 16. A BKS file without an entry has 21."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANKS: Final = b" \t\r\n"
_BASE64: Final = re.compile(rb"MI[A-Za-z0-9+/]{30}")  # base64 of the first bytes of any longer SEQUENCE
_KNOWN: Final = CERTIFICATES | PLAIN_KEYS | PKCS7 | {ENCRYPTED_KEY, OPENSSH_KEY, PKCS12}
_PAGE: Final = 8_192
"""Bytes in which a web page begins."""
_BEGINNING: Final = 128
_HEADER: Final = 7
_MAGIC: Final = (
    (b"\xfe\xed\xfe\xed", "jks"),
    (b"\xce\xce\xce\xce", "jceks"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x1f\x8b\x08", "archive"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
)
"""How files begin: keystores of Java, PDF, archives (ZIP and Office, 7z, RAR, gzip), pictures (PNG, JPEG, GIF)."""
_WEB_PAGE: Final = re.compile(
    rb"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body|script|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)


def detect_file_type(data: bytes) -> str | None:
    """Return the kind of file that ``data`` is, one of the words below; None for what begins as a PKCS#12 file does,
    sound or not.

    ``empty``, ``zeros``; ``jks``, ``jceks``, ``bks``, ``uber``, ``bcfks``: keystores of Java programs;
    ``base64``: a keystore as text, bare or between the lines ``BEGIN PKCS12`` and ``END PKCS12``; ``pem``: text
    with keys, or with more than certificates; ``certificate``: nothing but certificates, DER, base64 or PEM;
    ``private_key``: a bare one; ``cms``: a signed or encrypted message, as an ETK is; ``html``, ``pdf``, ``archive``,
    ``image``: a web page, and files of other programs; ``unknown``.
    """
    if not data:
        return "empty"
    if not data.strip(b"\0"):
        return "zeros"
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(_BOUNCY_CASTLE):
        return _kind_of_bouncy_castle(data)
    text = data.removeprefix(BOM).lstrip(_BLANKS)
    if is_pem(data):
        return _kind_of_pem(labels_of(data))
    if _BASE64.match(text):
        return "certificate" if _kind_of_der(binascii.a2b_base64(text[:32])) == "certificate" else "base64"
    if _is_web_page(data, text):
        return "html"
    beginning = data[:_BEGINNING].removeprefix(BOM)
    found = _kind_of_der(beginning)
    if found == "unknown" and b"\r\n" in beginning[:_HEADER]:  # a length that holds a line end was changed
        return _kind_of_der(beginning.replace(b"\r\n", b"\n"))
    return found


def _is_web_page(data: bytes, text: bytes) -> bool:
    """Return whether a file is a web page. ``text``: its bytes without BOM and blanks."""
    if data.startswith(_UTF_16):
        text = data[2:_PAGE].replace(b"\0", b"").lstrip(_BLANKS)
    return _WEB_PAGE.match(text) is not None


def _kind_of_pem(labels: Set[str]) -> str:
    if not labels & _KNOWN:  # of another program, or cut within its first line
        return "unknown"
    if labels <= {PKCS12}:
        return "base64"
    return "certificate" if labels <= CERTIFICATES else "pem"


def plain_keys(data: bytes) -> int:
    """Return how many private keys are in ``data``, a file of kind ``pem`` or ``private_key``, without encryption."""
    if is_pem(data):
        return count_plain_keys(data)
    return int(re.match(_SEQUENCE + rb"\x02", data, re.DOTALL) is not None)


def _kind_of_bouncy_castle(data: bytes) -> str:
    """Return ``bks`` or ``uber``: both begin with version, salt and iterations.

    BKS goes on with entries (kind, name, date) and ends with a zero and a digest, UBER with what is encrypted, any
    bytes.
    """
    salt = int.from_bytes(data[4:8], "big")
    rest = data[12 + salt :]
    if len(rest) < _SHORTEST_UBER:
        return "bks"
    date = 3 + int.from_bytes(rest[1:3], "big")
    return "bks" if 1 <= rest[0] <= 4 and rest[date : date + 2] == b"\0\0" else "uber"


_SEQUENCE: Final = rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)"
"""Its tag and its length."""
_PKCS5: Final = rb"\x2a\x86\x48\x86\xf7\x0d\x01\x05"
"""What the object identifiers of encryption with a password begin with."""
_PKCS7_OIDS: Final = rb"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_BEGINNINGS_OF_DER: Final = (
    (rb"(?!%b.)" % _SEQUENCE, None),  # it ends here
    (rb"%b\x02\x01[\x00\x01](?!.{0,13}%b)" % (_SEQUENCE, _PKCS7_OIDS), "private_key"),
    (rb"%b\x02" % _SEQUENCE, None),  # the version of a PFX, which is 3
    (rb"%b\x06" % _SEQUENCE, "cms"),
    (rb"%b(?!%b.)\x30" % (_SEQUENCE, _SEQUENCE), "certificate"),  # it ends within the second header
    (rb"%b%b\xa0" % (_SEQUENCE, _SEQUENCE), "certificate"),  # [0] begins its signed part
    (rb"%b%b\x06.%b" % (_SEQUENCE, _SEQUENCE, _PKCS5), "private_key"),
    (rb"%b%b%b..%b" % (_SEQUENCE, _SEQUENCE, _SEQUENCE, _PKCS5), "bcfks"),
)
"""Patterns of the first bytes of a SEQUENCE, and the kind of file that begins so; the first that matches counts."""


def _kind_of_der(data: bytes) -> str | None:
    if not data.startswith(b"\x30"):
        return "unknown"
    return next((kind for begins, kind in _BEGINNINGS_OF_DER if re.match(begins, data, re.DOTALL)), "unknown")


# ── What a transfer did ──────────────────────────────────────────────────────────────────────────────────
_BASE64_ALONE: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
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
    text = b"".join(data.removeprefix(BOM).split())
    try:
        return decode_base64(text) if _BASE64_ALONE.fullmatch(text) else None
    except errors.KeystoreDamaged:
        return None


def _from_pem(data: bytes) -> bytes | None:
    try:
        return next((block.der for block in read_blocks(data) if block.label == PKCS12), None)
    except errors.KeystoreError:
        return None


def _from_utf_8(data: bytes, octets: str, undefined: Mapping[int, int]) -> bytes | None:
    """Return the octets of a file of which each was taken for a character of the encoding ``octets``, which leaves
    those that are ``undefined`` as they are, and written as UTF-8; None where ``data`` is no such text."""
    try:
        characters = data.removeprefix(BOM).decode("utf-8").translate(undefined)
        return characters.encode(octets, "surrogateescape")
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
    ("utf_8", partial(_from_utf_8, octets="latin-1", undefined={})),
    ("windows_1252", partial(_from_utf_8, octets="cp1252", undefined=_UNDEFINED)),
    ("line_ends", _from_line_ends),
)


def _is_sound(data: bytes) -> bool:
    try:
        read_structure(data)
    except errors.KeystoreError:
        return False
    return True
