"""Split PEM text (RFC 7468) into its blocks, and decode base64: for detecting what a file is, and for reading it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec import limits

PLAIN_KEYS: Final = frozenset({"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"})
ENCRYPTED_KEY: Final = "ENCRYPTED PRIVATE KEY"
OPENSSH_KEY: Final = "OPENSSH PRIVATE KEY"
CERTIFICATES: Final = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
PKCS7: Final = frozenset({"PKCS7", "CMS"})
PKCS12: Final = "PKCS12"
ENCRYPTED: Final = b"Proc-Type: 4,ENCRYPTED"
"""The header of a private key that openssl encrypted in its own way, before PKCS#8."""

BOM: Final = b"\xef\xbb\xbf"
"""With which Notepad begins UTF-8."""
_BEGIN: Final = b"-----BEGIN "
_WITHIN: Final = 4_096
"""Bytes in which the first line has to be: openssl writes the names of an entry before it."""
_MARK: Final = re.compile(rb"-----(BEGIN|END) ([!-,.-~](?:[ -]?[!-,.-~]){0,63})-----")
_PLAIN_KEY: Final = re.compile(
    rb"-----BEGIN (?:%b)-----(?!\s{1,4}%b)" % ("|".join(sorted(PLAIN_KEYS)).encode(), ENCRYPTED)
)
_CUT: Final = re.compile(rb"-----BEGIN [ -~]{0,80}\Z")
_NAME: Final = re.compile(r"friendlyName: ?([^\r\n]{1,500})")
_ALPHABET: Final = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_SHOWN: Final = 2_000
"""Bytes before a block in which openssl writes the names of its entry."""


@dataclass(frozen=True, slots=True)
class PemBlock:
    """A block of PEM.

    Attributes:
        text: from its first line to its last.
        alias: the name that openssl writes before it; None without one.
    """

    label: str
    text: bytes = field(repr=False)
    alias: str | None

    @property
    def der(self) -> bytes:
        """What is between the lines. Raises `errors.KeystoreDamaged`."""
        begin, end = self.text.index(b"-----", 5) + 5, self.text.rindex(b"-----END ")
        return decode_base64(self.text[begin:end])


def is_pem(data: bytes) -> bool:
    """Return whether PEM begins in a file."""
    return _BEGIN in data[:_WITHIN]


def labels_of(data: bytes) -> frozenset[str]:
    """Return the labels of the blocks that begin in a text."""
    return frozenset(mark[2].decode() for mark in _MARK.finditer(data) if mark[1] == b"BEGIN")


def read_blocks(data: bytes) -> Iterator[PemBlock]:
    """Yield the blocks of a text in their order. Raises `errors.KeystoreDamaged` (reason ``truncated``) for a block
    without its end, `errors.LimitExceeded` for too many."""
    begin, before = None, 0
    for number, mark in enumerate(_MARK.finditer(data)):
        limits.check("elements", number // 2)
        if mark[1] == b"BEGIN":
            if begin is not None:
                break
            begin = mark
        elif begin is not None and mark[2] == begin[2]:
            names = _NAME.findall(
                data[max(before, begin.start() - _SHOWN) : begin.start()].decode("utf-8", "replace")
            )
            yield PemBlock(
                mark[2].decode(), data[begin.start() : mark.end()], names[-1].strip() if names else None
            )
            begin, before = None, mark.end()
    if begin is not None or _CUT.search(data, before):
        raise errors.KeystoreDamaged(reason="truncated")


def count_plain_keys(data: bytes) -> int:
    """Return how many private keys without encryption begin in a text, also where the end of one is missing."""
    return len(_PLAIN_KEY.findall(data))


def decode_base64(text: bytes) -> bytes:
    """Return what is written in base64, with line ends and blanks anywhere. Raises `errors.KeystoreDamaged` (reason
    ``truncated`` where its end is missing, else ``structure``)."""
    letters = b"".join(text.removeprefix(BOM).split())
    try:
        return base64.b64decode(letters, validate=True)
    except binascii.Error as error:
        is_cut = len(letters) % 4 and _ALPHABET.fullmatch(letters)
        raise errors.KeystoreDamaged(reason="truncated" if is_cut else "structure") from error
