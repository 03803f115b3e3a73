"""Belgian numbers with their check digits: NISS, INAMI, enterprise number."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from ehtoolkit import errors
from ehtoolkit.system.text_safety import tidy
from ehtoolkit.type_errors import instance_of

_CENTURY: Final = 2000
"""From this year of birth on the check digits are those of "2" and the nine digits."""
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Niss:
    """Eleven digits: birth date (yymmdd), counter (3), check digits (2).

    The constructor takes what a card or a certificate says and looks at the form alone; `parse` takes what a
    person types and checks everything. Raises `errors.IdentifierInvalid` (kind ``niss``).

    >>> from ehtoolkit import Niss
    >>> niss = Niss.parse("79.03.14-218.72")
    >>> niss.digits, niss.birth_date.isoformat(), niss.is_bis
    ('79031421872', '1979-03-14', False)
    """

    digits: str

    def __post_init__(self) -> None:
        require_digits(self.digits, (11,), "niss")

    @classmethod
    def parse(cls, text: str) -> Niss:
        """Read ``79.03.14-218.72``, with or without dots, dashes and blanks; the month and the check digits
        must hold."""
        niss = cls(bare(text))
        if niss._century() is None:
            raise errors.IdentifierInvalid(kind="niss", reason="check_digits")
        # Month 0: the birth date is not known, or the counters of its day were used up; the day then goes on counting.
        # A day that the month does not have (0 and too many): the day is not known. Source: the register's technical
        # instructions (IT000) as python-stdnum has them (stdnum/be/nn.py).
        if niss._month() > _MONTHS:
            raise errors.IdentifierInvalid(kind="niss", reason="date")
        return niss

    @classmethod
    def of_birth(cls, born: date, counter: int) -> Niss:
        """Return the number of a person born on ``born`` (1900 to 2099).

        Args:
            counter: 1 to 998, the person's place in the register of that day: odd for men, even for women.
        """
        number = f"{born:%y%m%d}{counter:03d}"
        return cls(number + check_digits(number if born.year < _CENTURY else f"2{number}"))

    @property
    def formatted(self) -> str:
        d = self.digits
        return f"{d[:2]}.{d[2:4]}.{d[4:6]}-{d[6:9]}.{d[9:]}"

    @property
    def is_bis(self) -> bool:
        """Whether it was given to someone outside the national register: the month is 20 or 40 too high."""
        return int(self.digits[2:4]) >= 20

    @property
    def birth_date(self) -> date | None:
        """The date of birth; None where the number does not tell, or where its check digits do not hold."""
        century = self._century()
        if century is None:
            return None
        try:
            return date(century + int(self.digits[:2]), self._month(), int(self.digits[4:6]))
        except ValueError:
            return None

    def __str__(self) -> str:
        return self.digits

    def _century(self) -> int | None:
        # From 2000 on the check digits are those of "2" and the nine digits: they tell the century. Both
        # rules never hold at once, since 2,000,000,000 is no multiple of 97.
        if check_digits(self.digits[:9]) == self.digits[9:]:
            return 1900
        if check_digits("2" + self.digits[:9]) == self.digits[9:]:
            return 2000
        return None

    def _month(self) -> int:
        month = int(self.digits[2:4])
        return month % 20 if month < 60 else month


# ── Digits as people type them, and the rule of check digits ─────────────────────────────────────────────
_SEPARATORS: Final = re.compile(r"[\s./\-\u2010-\u2015]+")
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\s*[eE]\s*\+?\s*[0-9]{1,2}")


def bare(text: str) -> str:
    """Return ``text`` without the blanks, dots, slashes and dashes that people put between groups of digits."""
    return _SEPARATORS.sub("", tidy(text))


def is_scientific(text: str) -> bool:
    """Return whether a spreadsheet has written a number by its power of ten, ``9,00314E+10``: its last digits are
    lost."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


def differing_digits(one: str, other: str) -> str:
    """Return the places in which two numbers differ, counted from 1, in words: ``7-9, 11``. Two numbers that are masked
    look alike; their places tell nothing of the digits.

    >>> differing_digits("79031421872", "79031419997")
    '7-11'
    """
    places = [
        place for place, (first, second) in enumerate(itertools.zip_longest(one, other), 1) if first != second
    ]
    runs = [
        [place for _, place in run]
        for _, run in itertools.groupby(enumerate(places), lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def require_digits(value: str, lengths: tuple[int, ...], kind: str) -> None:
    """Check that ``value`` is ASCII digits, of one of ``lengths``. Raises `errors.IdentifierInvalid` when it is not."""
    instance_of(kind, value, str)
    if value and not re.fullmatch(r"[0-9]+", value):
        raise errors.IdentifierInvalid(kind=kind, reason="characters")
    if len(value) not in lengths:
        raise errors.IdentifierInvalid(kind=kind, reason="length")


def check_digits(number: str, modulus: int = 97) -> str:
    """Return the two check digits of ``number``: 97 minus its remainder by 97 (so 01 to 97), or the same with another
    modulus."""
    return f"{modulus - int(number) % modulus:02d}"


def with_lost_zero(kind: str, digits: str) -> str:
    """Return ``digits`` with the 0 in front that a spreadsheet takes from a number, where the check digits prove that
    it was there; otherwise ``digits``.

    ``kind``: ``niss`` or ``cbe``.
    """
    try:
        return parse_number(kind, f"0{digits}").digits
    except errors.IdentifierInvalid:
        return digits


# ── INAMI numbers ────────────────────────────────────────────────────────────────────────────────────────
MODULI: Final = (97, 89)
"""97 ran out of numbers: since 2013 nurses and midwives, since April 2019 doctors also get numbers by 89 (NIHDI's
page for software suppliers). The first six digits alone then no longer tell a person; the first eight do."""


@dataclass(frozen=True, slots=True)
class Nihii:
    """Eight digits, the last two of which are check digits, or eleven with the competence code after them.

    The constructor looks at the form alone, `parse` at the check digits too. Raises
    `errors.IdentifierInvalid` (kind ``nihii``).

    >>> from ehtoolkit import Nihii
    >>> number = Nihii.parse("5/38861/71/521")
    >>> number.digits, number.competence_code
    ('53886171521', '521')
    """

    digits: str

    def __post_init__(self) -> None:
        require_digits(self.digits, (8, 11), "nihii")

    @classmethod
    def parse(cls, text: str) -> Nihii:
        """Read ``5-38861-71-521`` or ``5-38861-71``, with or without dashes, slashes, dots and blanks."""
        nihii = cls(bare(text))
        if nihii.digits[6:8] not in check_digits_of(nihii.digits[:6]):
            raise errors.IdentifierInvalid(kind="nihii", reason="check_digits")
        return nihii

    @property
    def formatted(self) -> str:
        d = self.digits
        return "-".join(part for part in (d[:1], d[1:6], d[6:8], d[8:]) if part)

    @property
    def competence_code(self) -> str | None:
        """The last three of eleven digits, which tell the qualification."""
        return self.digits[8:] or None

    def __str__(self) -> str:
        return self.digits


def check_digits_of(head: str) -> tuple[str, ...]:
    """Return the pairs of check digits that six digits may have; first the one of most numbers."""
    return tuple(check_digits(head, modulus) for modulus in MODULI)


# ── Enterprise numbers ───────────────────────────────────────────────────────────────────────────────────
_FIRST: Final = ("0", "1")
_OLD_LENGTH: Final = 9


@dataclass(frozen=True, slots=True)
class Cbe:
    """Ten digits, the first of which is 0 or 1 and the last two of which are check digits.

    The constructor looks at the form alone, `parse` at the check digits too. Raises
    `errors.IdentifierInvalid` (kind ``cbe``).
    """

    digits: str

    def __post_init__(self) -> None:
        require_digits(self.digits, (10,), "cbe")

    @classmethod
    def parse(cls, text: str) -> Cbe:
        """Read ``0486.132.722``, with or without dots and blanks; a ``BE`` before it is ignored.

        Nine digits are the old form, which has got a 0 in front (source: python-stdnum, stdnum/be/vat.py).
        """
        digits = bare(text).upper().removeprefix("BE")
        cbe = cls(f"0{digits}" if len(digits) == _OLD_LENGTH else digits)
        if cbe.digits[0] not in _FIRST:
            raise errors.IdentifierInvalid(kind="cbe", reason="first_digit")
        if check_digits(cbe.digits[:8]) != cbe.digits[8:]:
            raise errors.IdentifierInvalid(kind="cbe", reason="check_digits")
        return cbe

    @property
    def formatted(self) -> str:
        return f"{self.digits[:4]}.{self.digits[4:7]}.{self.digits[7:]}"

    def __str__(self) -> str:
        return self.digits


# ── As people write them ─────────────────────────────────────────────────────────────────────────────────
def parse_number(kind: str, text: str) -> Niss | Nihii | Cbe:
    """Read a number of ``kind``: ``niss``, ``nihii`` or ``cbe``. Raises `errors.IdentifierInvalid`."""
    kinds: dict[str, type[Niss | Nihii | Cbe]] = {"niss": Niss, "nihii": Nihii, "cbe": Cbe}
    return kinds[kind].parse(text)


def format_number(kind: str, text: str) -> str:
    """Return the number in groups: ``79.03.14-218.72``, ``5-38861-71-521``, ``0486.132.722``; ``text`` where it is no
    such number or its check digits do not hold, so that one sees what was typed.

    ``kind``: ``niss``, ``nihii`` or ``cbe``.
    """
    try:
        return parse_number(kind, text).formatted
    except errors.IdentifierInvalid:
        return text
