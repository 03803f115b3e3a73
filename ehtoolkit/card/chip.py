"""The identity data of the chip, as the official module's data objects give it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.identity import Niss

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

_DATE: Final = re.compile(r"(\d{1,2})[ .]+(\w+)\.?[ .]+(\d{4})")
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


def identity_of(data: Mapping[str, bytes]) -> CardIdentity:
    """The identity from data objects by label (values in UTF-8; what is missing stays empty).

    Raises `errors.CardFault` (code ``identity``) when there is no national number among them.
    """
    try:
        niss = Niss(_text(data, NISS_LABEL))
    except errors.IdentifierInvalid as error:
        raise errors.CardFault(code="identity") from error
    texts = {name: _text(data, label) for name, label in TEXT_LABELS.items()}
    days = {name: parse_date(_text(data, label)) for name, label in DATE_LABELS.items()}
    photo = data.get(PHOTO_LABEL) or None
    return CardIdentity(niss=niss, photo=photo, **texts, **days)  # type: ignore[arg-type]


def parse_date(text: str) -> date | None:
    """A day as chips write it: ``14.03.2021``, ``14 MARS 1979``, ``14 MAAR 1979``, ``14.MÄR.1979``.

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


def _text(data: Mapping[str, bytes], label: str) -> str:
    return data.get(label, b"").decode("utf-8", "replace").strip(" \0")
