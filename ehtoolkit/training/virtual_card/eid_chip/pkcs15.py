"""The directory files of the card, by which software finds its PIN, keys and certificates (PKCS#15 v1.1, in DER)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ehtoolkit.crypto import der
from ehtoolkit.training.virtual_card.eid_chip import layout

APPLICATION_LABEL: Final = "BELPIC"

_PIN_ID: Final = b"\x01"
_PIN_REFERENCE: Final = 1

# Bits, by their numbers in PKCS#15.
_PRIVATE, _MODIFIABLE = 0, 1
_SENSITIVE, _ALWAYS_SENSITIVE, _NEVER_EXTRACTABLE, _LOCAL = 0, 2, 3, 4
_RANDOM_NUMBERS, _EID_COMPLIANT = 2, 3
_PIN_LOCAL, _PIN_INITIALIZED, _PIN_PADDED = 1, 4, 5
_PIN_IS_BCD: Final = 0
_ELLIPTIC: Final = 0
"""Tag of an elliptic key among the private keys; an RSA key is a plain SEQUENCE."""


class Usage(IntEnum):
    """What a key is for: the number of its bit among the usages."""

    SIGN = 2
    NON_REPUDIATION = 9


@dataclass(frozen=True, slots=True)
class KeyDirectoryEntry:
    """A private key: ``number`` joins it with its certificate, ``reference`` is what MSE SET calls it.
    ``bits``: the length of an RSA key; None for an elliptic key. ``pin_each_time``: the card wants the PIN before each
    signature."""

    label: str
    number: int
    reference: int
    usage: Usage
    bits: int | None = None
    pin_each_time: bool = False


@dataclass(frozen=True, slots=True)
class CertificateDirectoryEntry:
    """A certificate: ``path`` from the root of the card, two bytes a file."""

    label: str
    number: int
    path: bytes
    authority: bool = False


def application_directory() -> bytes:
    """Return EF(DIR): the one application, its folder (ISO 7816-4: tags 61, 4F, 50, 51)."""
    fields = ((0x4F, layout.BELPIC_AID), (0x50, APPLICATION_LABEL.encode()), (0x51, layout.BELPIC_FOLDER))
    return der.value(0x61, *(der.value(tag, content) for tag, content in fields))


def object_directory() -> bytes:
    """Return EF(ODF): the paths of the three files below."""
    paths = ((0, layout.KEYS_FILE), (4, layout.CERTIFICATES_FILE), (8, layout.PINS_FILE))
    return b"".join(der.explicit(kind, _path(path)) for kind, path in paths)


def token_info(serial: bytes) -> bytes:
    """Return EF(TokenInfo): the chip's number, the label and what the card can do."""
    flags = der.named_bits(_RANDOM_NUMBERS, _EID_COMPLIANT)
    label = der.implicit_octets(0, APPLICATION_LABEL.encode())
    return der.sequence(der.integer(0), der.octet_string(serial), label, flags)


def pin_directory() -> bytes:
    """Return EF(AODF): the one PIN, of 4 to 12 digits in a block of eight bytes."""
    attributes = der.sequence(
        der.named_bits(_PIN_LOCAL, _PIN_INITIALIZED, _PIN_PADDED),
        der.enumerated(_PIN_IS_BCD),
        der.integer(4),
        der.integer(8),
        der.integer(12),
        der.implicit_octets(0, bytes((_PIN_REFERENCE,))),
        der.octet_string(b"\xff"),
        _path(layout.BELPIC_FOLDER),
    )
    return der.sequence(
        der.sequence(der.utf8_string("Basic PIN"), der.named_bits(_PRIVATE, _MODIFIABLE)),
        der.sequence(der.octet_string(_PIN_ID)),
        der.explicit(1, attributes),
    )


def key_directory(keys: Iterable[KeyDirectoryEntry]) -> bytes:
    """Return EF(PrKDF): the private keys that the card has."""
    return b"".join(map(_key, keys))


def certificate_directory(certificates: Iterable[CertificateDirectoryEntry], *, private: bool) -> bytes:
    """Return EF(CDF): the certificates that the card has. ``private``: marked as objects that want a login, as real
    cards mark them, although every command reads them."""
    flags = (_PRIVATE, _MODIFIABLE) if private else (_MODIFIABLE,)
    return b"".join(_certificate(certificate, der.named_bits(*flags)) for certificate in certificates)


def _key(key: KeyDirectoryEntry) -> bytes:
    consent = der.integer(1) if key.pin_each_time else b""
    content = (
        der.sequence(
            der.utf8_string(key.label),
            der.named_bits(_PRIVATE, _MODIFIABLE),
            der.octet_string(_PIN_ID),
            consent,
        ),
        der.sequence(
            der.octet_string(bytes((key.number,))),
            der.named_bits(key.usage),
            der.named_bits(_SENSITIVE, _ALWAYS_SENSITIVE, _NEVER_EXTRACTABLE, _LOCAL),
            der.integer(key.reference),
        ),
    )
    folder = _path(layout.BELPIC_FOLDER)
    if key.bits is None:
        return der.explicit(_ELLIPTIC, b"".join((*content, der.explicit(1, der.sequence(folder)))))
    return der.sequence(*content, der.explicit(1, der.sequence(folder, der.integer(key.bits))))


def _certificate(certificate: CertificateDirectoryEntry, flags: bytes) -> bytes:
    authority = der.boolean(True) if certificate.authority else b""
    return der.sequence(
        der.sequence(der.utf8_string(certificate.label), flags),
        der.sequence(der.octet_string(bytes((certificate.number,))), authority),
        der.explicit(1, der.sequence(_path(certificate.path))),
    )


def _path(path: bytes) -> bytes:
    return der.sequence(der.octet_string(path))
