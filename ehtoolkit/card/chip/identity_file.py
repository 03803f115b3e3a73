"""The identity file of the chip (3F00/DF01/4031): what the National Register has signed about the holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from ehtoolkit.card.chip.dates import CardLanguage, numeric_date, parse_date, worded_date
from ehtoolkit.card.chip.tlv import encode_fields, parse_fields
from ehtoolkit.card.port import CardIdentity

_TEXTS: Final[Mapping[int, str]] = MappingProxyType(
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
_CHIP_NUMBER, _VALID_FROM, _VALID_UNTIL, _BIRTH_DATE, _PHOTO_HASH = 2, 3, 4, 12, 17

_SHARED: Final = (
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

    ``first_names``: the first two. ``chip_number``: 16 bytes, the serial number of the chip.
    ``photo_hash``: over the JPEG; its length tells the algorithm. ``municipality``: the one that issued the
    card.
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
        """The names of the fields in which ``identity`` says something else; the photo is not looked at.

        A field that ``identity`` does not have is none: some modules give names and number alone.
        """
        found = [] if identity.niss.digits == self.national_number.strip(" \0") else ["niss"]
        for name in _SHARED:
            told = getattr(identity, name)
            ours = getattr(self, name)
            if told and told != (ours.strip(" \0") if isinstance(ours, str) else ours):
                found.append(name)
        return tuple(found)


def parse_identity_file(content: bytes) -> IdentityFile:
    """Read the file; unknown fields are passed over, text that is not UTF-8 shows replacement characters.

    Raises `errors.CardFault` (code ``files``) when it is no file of fields.
    """
    fields = parse_fields(content)
    texts = {name: _text(fields, tag) for tag, name in _TEXTS.items()}
    return IdentityFile(
        valid_from=parse_date(_text(fields, _VALID_FROM)),
        valid_until=parse_date(_text(fields, _VALID_UNTIL)),
        birth_date=parse_date(_text(fields, _BIRTH_DATE)),
        chip_number=fields.get(_CHIP_NUMBER, b""),
        photo_hash=fields.get(_PHOTO_HASH, b""),
        **texts,
    )


def encode_identity_file(identity: IdentityFile, language: CardLanguage = "fr") -> bytes:
    """Write the file as a chip has it: all fields in the order of their tags, the birth date in words."""
    fields = {tag: getattr(identity, name).encode() for tag, name in _TEXTS.items()}
    fields |= {
        _CHIP_NUMBER: identity.chip_number,
        _VALID_FROM: numeric_date(identity.valid_from).encode(),
        _VALID_UNTIL: numeric_date(identity.valid_until).encode(),
        _BIRTH_DATE: worded_date(identity.birth_date, language).encode(),
        _PHOTO_HASH: identity.photo_hash,
    }
    return encode_fields(dict(sorted(fields.items())))


def identity_file_of(identity: CardIdentity, *, chip_number: bytes, photo_hash: bytes) -> IdentityFile:
    """The fields that agree with ``identity``; the birthplace stands for the municipality of issue."""
    return IdentityFile(
        national_number=identity.niss.digits,
        municipality=identity.birth_place,
        chip_number=chip_number,
        photo_hash=photo_hash,
        **{name: getattr(identity, name) for name in _SHARED},
    )


def _text(fields: Mapping[int, bytes], tag: int) -> str:
    return fields.get(tag, b"").decode("utf-8", "replace")
