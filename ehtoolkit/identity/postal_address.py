"""Where somebody lives, as a Belgian identity card says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Three lines of text without further rules: the register has addresses that fit none."""

    street_and_number: str
    zip_code: str
    municipality: str
