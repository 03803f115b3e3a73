"""The enterprise number: CBE, BCE, KBO, ZDU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.digits import bare, check_digits, require_digits

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
