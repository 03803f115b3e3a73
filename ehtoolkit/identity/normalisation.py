"""Normalise what people type or paste: blanks, digits in groups, telephone numbers, days.

Blanks are of many kinds: web pages and Word put no-break blanks between groups of digits, mails put marks without any
width. None of them belongs to a number.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from ehtoolkit import errors
from ehtoolkit.type_errors import instance_of

_UNSEEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Marks without width that a copied text carries along: soft hyphens, joiners, directions."""
_SEPARATORS: Final = re.compile(r"[\s./\-\u2010-\u2015]+")
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\s*[eE]\s*\+?\s*[0-9]{1,2}")


def tidy(text: str) -> str:
    """Return ``text`` with a plain blank for each run of blanks of any kind, none at its ends, and without invisible
    marks."""
    return " ".join(_UNSEEN.sub("", instance_of("text", text, str)).split())


def bare(text: str) -> str:
    """Return ``text`` without the blanks, dots, slashes and dashes that people put between groups of digits."""
    return _SEPARATORS.sub("", _UNSEEN.sub("", instance_of("text", text, str)))


def search_key(text: str) -> str:
    """Return ``text`` without accents and capitals, as it is searched and sorted."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def is_scientific(text: str) -> bool:
    """Return whether a spreadsheet has written a number by its power of ten, ``9,00314E+10``: its last digits are
    lost."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


# ── Telephone numbers ────────────────────────────────────────────────────────────────────────────────────
_HOME: Final = "BE"
_BELGIUM: Final = 32
_TYPED: Final = re.compile(r"\+?[0-9 ]+")
_BETWEEN: Final = re.compile(r"[\s/.()\u2010\u2011\u2013-]+")
_TRUNK: Final = re.compile(r"^((?:\+|00)[0-9\s]*)\(0\)")
"""The zero that is dialled inside a country alone, as in +32 (0)2: libphonenumber knows it of some countries."""
_UNASSIGNED: Final = re.compile(r"[1-9][0-9]{7}")
_CUT_SHORT: Final = re.compile(r"4[5-9]")


def normalise_phone(text: str) -> str:
    """Return the number in ``text`` as the platform takes it, digits and blanks with a plus sign only in front, and as
    it is written in its country: ``0475 12 34 56``, ``+32 2 555 01 42``. Without the sign of another country it is
    Belgian.

    One that libphonenumber does not know as assigned is taken, with the groups in which it was typed, where it has
    the length of one: the plans of numbers grow, and the library that is installed grows old.
    Raises `errors.ContactInvalid` (field ``phone``) for what cannot be one.
    """
    import phonenumbers  # no command but those with contact data needs it

    grouped = tidy(_BETWEEN.sub(" ", _TRUNK.sub(r"\1 ", tidy(text))))
    if not _TYPED.fullmatch(grouped):
        raise errors.ContactInvalid(field="phone")
    if re.match(r"0 ?0", grouped):  # the library wants the two zeros side by side
        grouped = "+" + re.sub(r"^0 ?0 ?", "", grouped)
    try:
        number = phonenumbers.parse(grouped, _HOME)
    except phonenumbers.NumberParseException as error:
        raise errors.ContactInvalid(field="phone") from error
    if phonenumbers.is_valid_number(number):
        abroad = phonenumbers.PhoneNumberFormat.INTERNATIONAL
        style = abroad if grouped.startswith("+") else phonenumbers.PhoneNumberFormat.NATIONAL
        return tidy(re.sub(r"[^0-9+]+", " ", phonenumbers.format_number(number, style)))
    digits = phonenumbers.national_significant_number(number)
    if number.country_code == _BELGIUM:
        possible = _is_unassigned_in_belgium(digits, grouped)
    else:
        possible = phonenumbers.is_possible_number(number)
    if not possible:
        raise errors.ContactInvalid(field="phone")
    return grouped


def _is_unassigned_in_belgium(digits: str, grouped: str) -> bool:
    """Return whether an unassigned number could be assigned. A mobile one that lacks a digit looks like one of
    Liège, whose zone is written apart.

    Args:
        digits: without the zero in front.
        grouped: as they were typed.
    """
    zone_apart = re.match(r"(?:\+ ?3 ?2 ?)?0?4 ", grouped)
    return bool(_UNASSIGNED.fullmatch(digits) and (zone_apart or not _CUT_SHORT.match(digits)))


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_BELGIAN: Final = re.compile(
    r"(\d{1,2}) ?[./ -] ?(\d{1,2}) ?[./ -] ?(\d{4}|\d{2})(?: 0?0:00(?::00)?)?", re.ASCII
)
_CENTURY: Final = 100


def parse_day(text: str, *, latest_year: int | None = None) -> date:
    """Read a day: 31/12/2026 (with dots, dashes or blanks too) or 2026-12-31, alone or at midnight.

    ``latest_year``: the last year that one of two digits may mean, which is then among the hundred years up to it:
    for a date of birth this year. None: two digits are no year, since they may be of either century.
    Raises ``ValueError``.
    """
    typed = tidy(text)
    iso, belgian = _ISO.fullmatch(typed), _BELGIAN.fullmatch(typed)
    if iso is not None:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    if belgian is None:
        raise ValueError("no day")
    year = int(belgian[3])
    if len(belgian[3]) == 2:
        if latest_year is None:
            raise ValueError("a year of two digits")
        year += (latest_year - year) // _CENTURY * _CENTURY
    return date(year, int(belgian[2]), int(belgian[1]))


def format_day(day: date | None) -> str:
    """Return the day as it is typed, ``14/03/1979``; empty for None."""
    return "" if day is None else f"{day:%d/%m}/{day.year:04d}"
