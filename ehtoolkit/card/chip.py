"""The identity data of the chip: files signed by the National Register, and data objects of the official module."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import CardFiles, CardIdentity
from ehtoolkit.identity import Niss, PostalAddress

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


SHARED_FIELDS: Final = tuple(
    each.name for each in fields(IdentityFile) if each.name in {other.name for other in fields(CardIdentity)}
)
"""The fields that have the same name here and in `CardIdentity`."""


def parse_identity_file(content: bytes) -> IdentityFile:
    """Read the file; unknown fields are passed over, text that is not UTF-8 shows replacement characters.

    Raises `errors.CardFault` (code ``files``) when it is no file of fields.
    """
    found = parse_fields(content)
    texts = {name: _text(found, tag) for tag, name in TEXT_TAGS.items()}
    return IdentityFile(
        valid_from=parse_date(_text(found, VALID_FROM)),
        valid_until=parse_date(_text(found, VALID_UNTIL)),
        birth_date=parse_date(_text(found, BIRTH_DATE)),
        chip_number=found.get(CHIP_NUMBER, b""),
        photo_hash=found.get(PHOTO_HASH, b""),
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
    found = parse_fields(content)
    street, zip_code, municipality = (_text(found, tag) for tag in (STREET, ZIP_CODE, MUNICIPALITY))
    return PostalAddress(street, zip_code, municipality)


def signed_address(address_file: bytes, identity_signature: bytes) -> bytes:
    """Return what the address signature is over: the file without its padding, then the whole identity signature, so
    that an address cannot be moved to another card."""
    return address_file.rstrip(b"\0") + identity_signature


# ── Data objects of the official module ────────────────────────────────────────────────────────────────
NISS_LABEL: Final = "national_number"
PHOTO_LABEL: Final = "PHOTO_FILE"
TEXT_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "surname": "surname",
        "first_names": "firstnames",
        "third_name_initial": "first_letter_of_third_given_name",
        "birth_place": "location_of_birth",
        "nationality": "nationality",
        "gender": "gender",
        "card_number": "card_number",
        "document_type": "document_type",
    }
)
"""Field of `CardIdentity` → label of its data object."""
DATE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "birth_date": "date_of_birth",
        "valid_from": "validity_begin_date",
        "valid_until": "validity_end_date",
    }
)
IDENTITY_LABELS: Final = (NISS_LABEL, *TEXT_LABELS.values(), *DATE_LABELS.values(), PHOTO_LABEL)
"""Every data object that an identity is made of; the number comes first: without it there are none."""

FILE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identity": "DATA_FILE",
        "identity_signature": "SIGN_DATA_FILE",
        "address": "ADDRESS_FILE",
        "address_signature": "SIGN_ADDRESS_FILE",
        "rrn_certificate": "CERT_RN_FILE",
    }
)
"""Field of `CardFiles` → label of its data object. The photo is among those of the identity."""


def read_identity(data: Mapping[str, bytes]) -> CardIdentity:
    """Return the identity from data objects by label (values in UTF-8; what is missing stays empty).

    Raises `errors.CardFault` (code ``identity``) when there is no national number among them.
    """
    try:
        niss = Niss(_stripped(data, NISS_LABEL))
    except errors.IdentifierInvalid as error:
        raise errors.CardFault(code="identity") from error
    texts = {name: _stripped(data, label) for name, label in TEXT_LABELS.items()}
    days = {name: parse_date(_stripped(data, label)) for name, label in DATE_LABELS.items()}
    photo = data.get(PHOTO_LABEL) or None
    return CardIdentity(niss=niss, photo=photo, **texts, **days)  # type: ignore[arg-type]


def read_files(data: Mapping[str, bytes]) -> CardFiles:
    """Return the signed files from data objects by label; what is missing stays empty."""
    return CardFiles(**{name: data.get(label, b"") for name, label in FILE_LABELS.items()})


def _stripped(data: Mapping[str, bytes], label: str) -> str:
    return data.get(label, b"").decode("utf-8", "replace").strip(" \0")


# ── Days ───────────────────────────────────────────────────────────────────────────────────────────────
_DATE: Final = re.compile(r"(\d{1,2})[ .]+(\d{1,2}|[^\W\d]+)\.?[ .]+(\d{4})")
_MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        beginning: number
        for number, beginnings in enumerate(
            (
                ("JAN",),
                ("FEB", "FEV"),
                ("MAR", "MAA", "MRT"),
                ("APR", "AVR"),
                ("MAI", "MEI"),
                ("JUN", "JUIN"),
                ("JUL", "JUIL"),
                ("AUG", "AOU"),
                ("SEP",),
                ("OCT", "OKT"),
                ("NOV",),
                ("DEC", "DEZ"),
            ),
            start=1,
        )
        for beginning in beginnings
    }
)
"""How French, Dutch and German names of months begin, without accents."""


def parse_date(text: str) -> date | None:
    """Return the day that ``text`` names as chips write it: ``14.03.2021``, ``14 MARS 1979``, ``14 MAAR 1979``,
    ``14.MÄR.1979``.

    None for a day that is not known (a year alone, zeros) and for everything else.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year = found.groups()
    number = int(month) if month.isdecimal() else _month(month)
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def _month(name: str) -> int:
    plain = unicodedata.normalize("NFD", name.upper()).encode("ascii", "ignore").decode()
    return next((number for start, number in _MONTHS.items() if plain.startswith(start)), 0)
