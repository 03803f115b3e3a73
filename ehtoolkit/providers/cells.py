"""The cells of a table of providers: how each kind of value is written and read, and formulas made harmless.

A spreadsheet program computes a cell that begins with ``=``, ``+``, ``-``, ``@`` or a control character, whoever has
typed the name. An apostrophe before it makes it text; reading takes that apostrophe off again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final, get_args

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers.provider import Conventioned
from ehtoolkit.providers.types import KNOWN, TypeTable, require_type
from ehtoolkit.settings import LanguageName

COLUMNS: Final = (
    *("name", "first_names", "birth_date", "language", "niss", "inami", "recognition_number"),
    *("enterprise_number", "practice", "types", "type", "start", "end", "period_inami", "conventioned"),
    *("keystore", "key_id"),
)
"""In the order in which they are written. The names are also what scripts read."""

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n|%]")
_QUOTED: Final = re.compile(r"'+[=+\-@\t\r\n|%]")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_BELGIAN: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: 0?0:00(?::00)?)?", re.ASCII)
_WORDS: Final[Mapping[str, Conventioned]] = {
    "1": Conventioned.YES,
    "true": Conventioned.YES,
    "y": Conventioned.YES,
    "j": Conventioned.YES,
    "o": Conventioned.YES,
    "0": Conventioned.NO,
    "false": Conventioned.NO,
    "n": Conventioned.NO,
}


def neutral(text: str) -> str:
    """``text`` as no spreadsheet program computes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if _QUOTED.match(cell) else cell


def read_date(cell: str) -> date | None:
    """31/12/2026 (with dots or dashes too) or 2026-12-31, alone or at midnight; None for an empty cell.

    Raises `errors.RecordInvalid` (reason ``date``): a year of two digits is no date, it may be of either century.
    """
    text = cell.strip()
    if not text:
        return None
    iso, belgian = _ISO.fullmatch(text), _BELGIAN.fullmatch(text)
    try:
        if iso is not None:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if belgian is not None:
            return date(int(belgian[3]), int(belgian[2]), int(belgian[1]))
    except ValueError as error:
        raise errors.RecordInvalid(reason="date") from error
    raise errors.RecordInvalid(reason="date")


def read_language(cell: str) -> LanguageName | None:
    """``fr``, ``FR``, ``fr-BE``; None for an empty cell. Raises ``ValueError``."""
    code = cell.strip().lower()[:2]
    if not code:
        return None
    for language in get_args(LanguageName):
        if language == code:
            return language  # type: ignore[no-any-return]  # mypy knows of get_args only that it gives a tuple
    raise ValueError(cell)


def read_conventioned(cell: str) -> Conventioned | None:
    """By its name, its word in one of the four languages, 1 or 0; None for an empty cell. Raises ``ValueError``."""
    word = cell.strip().casefold()
    if not word:
        return None
    return _conventioned_words()[word] if word in _conventioned_words() else Conventioned(word)


def read_type(cell: str, table: TypeTable = KNOWN) -> str:
    """By its key, or its word in one of the four languages. Raises `errors.ProviderTypeUnknown`."""
    word = cell.strip().casefold()
    return _type_words()[word] if word in _type_words() else require_type(cell, table)


@cache
def column_names() -> Mapping[str, str]:
    """What columns may be called, in small letters: their own names, and their titles in the four languages."""
    titles = {
        Translator(language).get(f"registry.column.{name}").casefold(): name
        for language in LANGUAGES
        for name in COLUMNS
    }
    return {**titles, **{name: name for name in COLUMNS}}


@cache
def _conventioned_words() -> Mapping[str, Conventioned]:
    words = {
        Translator(language).get(f"registry.conventioned.{one}").casefold(): one
        for language in LANGUAGES
        for one in Conventioned
    }
    return {**_WORDS, **words}


@cache
def _type_words() -> Mapping[str, str]:
    return {
        Translator(language).get(f"registry.type.{kind}").casefold(): kind
        for language in LANGUAGES
        for kind in KNOWN
    }
