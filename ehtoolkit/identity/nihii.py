"""The number of a care provider at the health insurance institute: NIHII, INAMI, RIZIV, LIKIV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity.digits import bare, check_digits, require_digits

MODULI: Final = (97, 89)
"""97 ran out of numbers: since 2013 nurses and midwives, since April 2019 doctors also get numbers by 89 (NIHDI's
page for software suppliers). The first six digits alone then no longer tell a person; the first eight do."""


@dataclass(frozen=True, slots=True)
class Nihii:
    """Eight digits, the last two of which are check digits, or eleven with the competence code after them.

    The constructor looks at the form alone, `parse` at the check digits too. Raises
    `errors.IdentifierInvalid` (kind ``nihii``).
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
    """The pairs of check digits that six digits may have; first the one of most numbers."""
    return tuple(check_digits(head, modulus) for modulus in MODULI)
