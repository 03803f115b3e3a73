"""Show numbers and days as people write them; what is none is shown as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.numbers import Cbe, Nihii, Niss

_READERS: Final[Mapping[str, Callable[[str], Niss | Nihii | Cbe]]] = MappingProxyType(
    {"niss": Niss.parse, "nihii": Nihii.parse, "cbe": Cbe.parse}
)


def format_number(kind: str, text: str) -> str:
    """Return the number in groups: ``79.03.14-218.72``, ``5-38861-71-521``, ``0486.132.722``; ``text`` where it is no
    such number or its check digits do not hold, so that one sees what was typed.

    ``kind``: ``niss``, ``nihii`` or ``cbe``.
    """
    try:
        return _READERS[kind](text).formatted
    except errors.IdentifierInvalid:
        return text


def format_day(day: date | None) -> str:
    """Return the day as it is typed, ``14/03/1979``; empty for None."""
    return "" if day is None else f"{day:%d/%m}/{day.year:04d}"
