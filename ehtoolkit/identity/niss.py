"""The national number of a person: NISS, INSZ, ENSS, SSIN; BIS numbers included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.digits import bare, check_digits, require_digits

_CENTURY: Final = 2000
"""From this year of birth on the check digits are those of "2" and the nine digits."""
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Niss:
    """Eleven digits: birth date (yymmdd), counter (3), check digits (2).

    The constructor takes what a card or a certificate says and looks at the form alone; `parse` takes what a
    person types and checks everything. Raises `errors.IdentifierInvalid` (kind ``niss``).
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
        if not niss._date_plausible():
            raise errors.IdentifierInvalid(kind="niss", reason="date")
        return niss

    @classmethod
    def of_birth(cls, born: date, counter: int) -> Niss:
        """The number of whoever was the ``counter``-th (1 to 998) to be registered for the day ``born`` (1900 to
        2099): odd counters are men's, even ones women's."""
        number = f"{born:%y%m%d}{counter:03d}"
        return cls(number + check_digits(number if born.year < _CENTURY else f"2{number}"))

    @property
    def formatted(self) -> str:
        d = self.digits
        return f"{d[:2]}.{d[2:4]}.{d[4:6]}-{d[6:9]}.{d[9:]}"

    @property
    def is_bis(self) -> bool:
        """Whether it was given to somebody outside the national register: the month is 20 or 40 too high."""
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

    def _date_plausible(self) -> bool:
        # Month 0: the birth date is not known, or the counters of its day were used up; the day then goes on counting.
        # A day that the month does not have (0 and too many): the day is not known. Source: the register's technical
        # instructions (IT000) as python-stdnum has them (stdnum/be/nn.py).
        return self._month() <= _MONTHS
