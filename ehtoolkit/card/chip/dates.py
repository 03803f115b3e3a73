"""Days as chips write them: in digits, or with a month in French, Dutch or German."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

CardLanguage = Literal["fr", "nl", "de"]
"""The language of the municipality that issued the card."""

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

_WRITTEN: Final[Mapping[CardLanguage, tuple[str, ...]]] = MappingProxyType(
    {
        "fr": ("JAN", "FEV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOUT", "SEPT", "OCT", "NOV", "DEC"),
        "nl": ("JAN", "FEB", "MAAR", "APR", "MEI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEC"),
        "de": ("JAN", "FEB", "MÄR", "APR", "MAI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEZ"),
    }
)


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


def numeric_date(day: date | None) -> str:
    """Return ``day`` as the validity of a card is written, ``14.03.2021``; empty for a day that is not known."""
    return "" if day is None else f"{day.day:02}.{day.month:02}.{day.year:04}"


def worded_date(day: date | None, language: CardLanguage) -> str:
    """Return ``day`` as a birth date is written, ``14 MARS 1979``, in German with dots; empty where it is not known."""
    if day is None:
        return ""
    between = "." if language == "de" else " "
    return between.join((f"{day.day:02}", _WRITTEN[language][day.month - 1], f"{day.year:04}"))


def _month(name: str) -> int:
    plain = unicodedata.normalize("NFD", name.upper()).encode("ascii", "ignore").decode()
    return next((number for start, number in _MONTHS.items() if plain.startswith(start)), 0)
