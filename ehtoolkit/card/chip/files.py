"""The identity file of the chip (3F00/DF01/4031): what the National Register has signed about the holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.chip.dates import parse_date
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.identity import PostalAddress

TEXT_TAGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "card_number",
        5: "municipality",
        6: "national_number",
        7: "surname",
        8: "first_names",
        9: "third_name_initial",
        10: "nationality",
        11: "birth_place",
        13: "gender",
        14: "nobility",
        15: "document_type",
        16: "special_status",
    }
)
CHIP_NUMBER, VALID_FROM, VALID_UNTIL, BIRTH_DATE, PHOTO_HASH = 2, 3, 4, 12, 17

SHARED_FIELDS: Final = (
    "surname",
    "first_names",
    "third_name_initial",
    "birth_date",
    "birth_place",
    "nationality",
    "gender",
    "card_number",
    "valid_from",
    "valid_until",
    "document_type",
)
"""The fields that have the same name here and in `CardIdentity`."""


@dataclass(frozen=True, slots=True)
class IdentityFile:
    """The fields of the file; what it lacks is empty or None, and so is a day that it does not tell whole.

    Attributes:
        first_names: the first two.
        chip_number: 16 bytes, the serial number of the chip.
        photo_hash: over the JPEG; its length tells the algorithm.
        municipality: the one that issued the card.
    """

    national_number: str = ""
    surname: str = ""
    first_names: str = ""
    third_name_initial: str = ""
    birth_date: date | None = None
    birth_place: str = ""
    nationality: str = ""
    gender: str = ""
    card_number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    document_type: str = ""
    municipality: str = ""
    nobility: str = ""
    special_status: str = ""
    chip_number: bytes = b""
    photo_hash: bytes = field(default=b"", repr=False)

    def differences(self, identity: CardIdentity) -> tuple[str, ...]:
        """Return the names of the fields in which ``identity`` says something else; the photo is not looked at.

        A field that ``identity`` does not have is no difference: some modules give names and number alone.
        """
        found = [] if identity.niss.digits == self.national_number.strip(" \0") else ["niss"]
        for name in SHARED_FIELDS:
            content = getattr(identity, name)
            ours = getattr(self, name)
            if content and content != (ours.strip(" \0") if isinstance(ours, str) else ours):
                found.append(name)
        return tuple(found)


def parse_identity_file(content: bytes) -> IdentityFile:
    """Read the file; unknown fields are passed over, text that is not UTF-8 shows replacement characters.

    Raises `errors.CardFault` (code ``files``) when it is no file of fields.
    """
    fields = parse_fields(content)
    texts = {name: _text(fields, tag) for tag, name in TEXT_TAGS.items()}
    return IdentityFile(
        valid_from=parse_date(_text(fields, VALID_FROM)),
        valid_until=parse_date(_text(fields, VALID_UNTIL)),
        birth_date=parse_date(_text(fields, BIRTH_DATE)),
        chip_number=fields.get(CHIP_NUMBER, b""),
        photo_hash=fields.get(PHOTO_HASH, b""),
        **texts,
    )


def _text(fields: Mapping[int, bytes], tag: int) -> str:
    return fields.get(tag, b"").decode("utf-8", "replace")


# ── Tag, length, value ───────────────────────────────────────────────────────────────────────────────────
LENGTH_GOES_ON: Final = 0xFF
"""A byte of a length after which another one follows."""


def parse_fields(content: bytes) -> dict[int, bytes]:
    """Return the values by tag, in the order of the file; of a tag that comes twice, the last.

    Raises `errors.CardFault` (code ``files``) when the file ends within a field.
    """
    fields: dict[int, bytes] = {}
    position = 0
    while position < len(content):
        tag = content[position]
        if tag == 0 and position > 0:
            break
        length, begin = _length(content, position + 1)
        position = begin + length
        if position > len(content):
            raise errors.CardFault(code="files")
        fields[tag] = content[begin:position]
    return fields


def _length(content: bytes, position: int) -> tuple[int, int]:
    """Return the length that begins at ``position``, and where it ends."""
    length = 0
    while position < len(content):
        byte = content[position]
        length += byte
        position += 1
        if byte != LENGTH_GOES_ON:
            return length, position
    raise errors.CardFault(code="files")


# ── The address file ─────────────────────────────────────────────────────────────────────────────────────
ADDRESS_FILE_SIZE: Final = 121
"""Bytes of the file on the chip; shorter content is padded with zeros."""

STREET, ZIP_CODE, MUNICIPALITY = 1, 2, 3


def parse_address_file(content: bytes) -> PostalAddress:
    """Read the file; unknown fields are passed over, text that is not UTF-8 shows replacement characters.

    Raises `errors.CardFault` (code ``files``) when it is no file of fields.
    """
    fields = parse_fields(content)
    street, zip_code, municipality = (
        fields.get(tag, b"").decode("utf-8", "replace") for tag in (STREET, ZIP_CODE, MUNICIPALITY)
    )
    return PostalAddress(street, zip_code, municipality)


def signed_address(address_file: bytes, identity_signature: bytes) -> bytes:
    """Return what the address signature is over: the file without its padding, then the whole identity signature, so
    that an address cannot be moved to another card."""
    return address_file.rstrip(b"\0") + identity_signature
