"""Which software is known not to use EC authentication keys: a dated table with its sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Unfit:
    """A program, up to a version, that cannot work with an EC authentication key.

    Attributes:
        name: as its makers call it; the same in all languages.
        before: the first version, or month of a version, that can; empty where none is known.
        seen: when this was looked up.
        source: where it is said or was measured.
    """

    name: str
    before: str
    seen: date
    source: str

    def __str__(self) -> str:
        return f"{self.name} < {self.before}" if self.before else self.name


TABLE: Final = (
    Unfit(
        "eHealth connector (Java)",
        "4.3",
        date(2026, 11, 27),
        "4.0.2 run with an EC key: “not a RSAPrivateKey instance”; 4.7.3 run with P-384: whole life",
    ),
    Unfit(
        "Freehealth connector",
        "2025-08",
        date(2026, 11, 27),
        "icure/freehealth-connector 890806b78 (2025-08-21) and fcb0e54cb (2025-08-22)",
    ),
    Unfit(
        "machine-to-machine login with RS256",
        "",
        date(2026, 11, 27),
        "icure/freehealth-connector 9bb60d1b8 (2026-04), SSOServiceImpl.kt casts the key to RSAPrivateKey",
    ),
)


def software_without_elliptic_keys() -> str:
    """List the table's programs in one line."""
    return "; ".join(map(str, TABLE))
