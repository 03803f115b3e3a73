"""Passwords that are guessed before all others are tried: common words, sequences, and what the file and its holder are
called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Set
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, Literal

from ehtoolkit.secret import Secret

Guess = Literal["common", "pattern", "personal"]

_ADDED: Final = 6
"""Digits and signs around a common word that make it no better: a year, an exclamation mark."""
_RUNS: Final = 2
"""Sequences that a password may consist of and still be one: ``abcd1234``."""
_UNIT: Final = 4
"""Longest text whose repetition is seen: ``kinekine``."""
_PART: Final = 4
"""Characters of a name or number from which on it may not be part of a password."""
_LETTERS: Final = str.maketrans("013457@$!|+", "oieastasiit")
"""Digits and signs that are written for letters."""
_ROWS: Final = (
    *("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm", "&1234567890"),
)
_NEIGHBOURS: Final = frozenset(pair for row in _ROWS for text in (row, row[::-1]) for pair in pairwise(text))
_SIGNS_AROUND: Final = re.compile(r"^[^a-z]+|[^a-z]+$")
_NUMBER: Final = re.compile(r"(?<!\d)\d{11}(?!\d)")
"""A national number, or a whole INAMI number."""
_WORD: Final = re.compile(r"[a-z]+|[0-9]+")


def guess_of(password: Secret, known: Iterable[str] = ()) -> Guess | None:
    """Return by what a password is guessed: ``common`` (a common password or word, also with digits around it),
    ``pattern`` (a sequence or a repetition), ``personal`` (a part of four characters or more of what is ``known``);
    None for one that is none of these.

    ``known``: the names and numbers of the holder, the name of the file.
    """
    typed = password.reveal().casefold()
    if _is_pattern(typed):
        return "pattern"
    if any(_is_common(text) for text in (typed, typed.translate(_LETTERS))):
        return "common"
    return "personal" if any(part in typed for text in known for part in _parts(text)) else None


def _is_pattern(text: str) -> bool:
    if any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, min(_UNIT, len(text) // 2) + 1)
    ):
        return True
    return sum(a != b and (a, b) not in _NEIGHBOURS for a, b in pairwise(text)) < _RUNS


def _is_common(text: str) -> bool:
    word = _SIGNS_AROUND.sub("", text)
    return text in _common() or (word in _common() and len(text) - len(word) <= _ADDED)


@cache
def _common() -> Set[str]:
    text = files("ehtoolkit.keystore").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _parts(text: str) -> Set[str]:
    """Return the words and numbers in a text, without accents; of a national or INAMI number also all its parts."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    found = {part for part in _WORD.findall(plain) if len(part) >= _PART}
    for number in _NUMBER.findall(re.sub(r"(?<=\d)[./-](?=\d)", "", plain)):
        found |= {number[place : place + _PART] for place in range(len(number) - _PART + 1)}
    return found
