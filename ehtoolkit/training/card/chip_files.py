"""Write the identity file and the address file of a training card, as a chip has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from ehtoolkit.card.chip import (
    ADDRESS_FILE_SIZE,
    BIRTH_DATE,
    CHIP_NUMBER,
    LENGTH_GOES_ON,
    MUNICIPALITY,
    PHOTO_HASH,
    SHARED_FIELDS,
    STREET,
    TEXT_TAGS,
    VALID_FROM,
    VALID_UNTIL,
    ZIP_CODE,
    IdentityFile,
    parse_fields,
)
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.identity import PostalAddress
from ehtoolkit.training.state.invented_people import LanguageName

NO_STATUS: Final = "0"
"""The special status of most people, as cards have it: none."""


def encode_identity_file(identity: IdentityFile, language: LanguageName = "fr") -> bytes:
    """Return the file as a chip has it: all fields in the order of their tags, the birth date in words, in the language
    of the municipality that issued the card."""
    fields = {tag: getattr(identity, name).encode() for tag, name in TEXT_TAGS.items()}
    fields |= {
        CHIP_NUMBER: identity.chip_number,
        VALID_FROM: numeric_date(identity.valid_from).encode(),
        VALID_UNTIL: numeric_date(identity.valid_until).encode(),
        BIRTH_DATE: worded_date(identity.birth_date, language).encode(),
        PHOTO_HASH: identity.photo_hash,
    }
    return encode_fields(dict(sorted(fields.items())))


def with_validity(content: bytes, valid_from: date, valid_until: date) -> bytes:
    """Return the identity file ``content`` with other days of validity, and every other field as it is. Raises what
    `parse_identity_file` raises."""
    days = {VALID_FROM: valid_from, VALID_UNTIL: valid_until}
    return encode_fields(
        parse_fields(content) | {tag: numeric_date(day).encode() for tag, day in days.items()}
    )


def identity_file_of(identity: CardIdentity, *, chip_number: bytes, photo_hash: bytes) -> IdentityFile:
    """Return an identity file whose fields agree with ``identity``; the birthplace stands for the municipality of
    issue."""
    return IdentityFile(
        national_number=identity.niss.digits,
        municipality=identity.birth_place,
        chip_number=chip_number,
        photo_hash=photo_hash,
        special_status=NO_STATUS,
        **{name: getattr(identity, name) for name in SHARED_FIELDS},
    )


def encode_fields(fields: Mapping[int, bytes]) -> bytes:
    """Return the file with these fields (tags 0 to 255, of which 0 may only come first), without padding."""
    encoded = bytearray()
    for tag, value in fields.items():
        if tag == 0 and encoded:
            raise ValueError("tag 0 can only be the first")
        whole, rest = divmod(len(value), LENGTH_GOES_ON)
        encoded += bytes([tag, *[LENGTH_GOES_ON] * whole, rest]) + value
    return bytes(encoded)


def encode_address_file(address: PostalAddress) -> bytes:
    """Return the file as a chip has it, padded; longer than `ADDRESS_FILE_SIZE` where the texts are."""
    fields = {
        STREET: address.street_and_number.encode(),
        ZIP_CODE: address.zip_code.encode(),
        MUNICIPALITY: address.municipality.encode(),
    }
    return encode_fields(fields).ljust(ADDRESS_FILE_SIZE, b"\0")


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────
_MONTHS: Final[Mapping[LanguageName, tuple[str, ...]]] = {
    "fr": ("JAN", "FEV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOUT", "SEPT", "OCT", "NOV", "DEC"),
    "nl": ("JAN", "FEB", "MAAR", "APR", "MEI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEC"),
    "de": ("JAN", "FEB", "MÄR", "APR", "MAI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEZ"),
}


def numeric_date(day: date | None) -> str:
    """Return ``day`` as the validity of a card is written, ``14.03.2021``; empty for a day that is not known."""
    return "" if day is None else f"{day:%d.%m}.{day.year:04}"


def worded_date(day: date | None, language: LanguageName) -> str:
    """Return ``day`` as a birth date is written, ``14 MARS 1979``, in German with dots; empty where it is not known."""
    if day is None:
        return ""
    between = "." if language == "de" else " "
    return between.join((f"{day.day:02}", _MONTHS[language][day.month - 1], f"{day.year:04}"))
