"""Bare digits out of what people type, and the check-digit rule of Belgian numbers."""

from __future__ import annotations

import re
from typing import Final

from ehtoolkit import errors

_SEPARATORS: Final = re.compile(r"[\s./\-\u2010-\u2015]+")


def bare(text: str) -> str:
    """``text`` without the blanks, dots, slashes and dashes that people put between groups of digits."""
    return _SEPARATORS.sub("", text)


def require_digits(value: str, lengths: tuple[int, ...], kind: str) -> None:
    """Raise `errors.IdentifierInvalid` unless ``value`` is ASCII digits, of one of ``lengths``."""
    if value and not re.fullmatch(r"[0-9]+", value):
        raise errors.IdentifierInvalid(kind=kind, reason="characters")
    if len(value) not in lengths:
        raise errors.IdentifierInvalid(kind=kind, reason="length")


def check_digits(number: str, modulus: int = 97) -> str:
    """The two check digits of ``number``: 97 minus its remainder by 97 (so 01 to 97), or the same of another
    modulus."""
    return f"{modulus - int(number) % modulus:02d}"
