"""The actor of a certificate: a person or an organisation, and postal addresses."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit import errors
from ehtoolkit.identity.identifier import PERSON_TYPE, Identifier
from ehtoolkit.identity.numbers import Niss


@dataclass(frozen=True, slots=True)
class Person:
    """A person with his names verbatim as the card has them, case and accents too (the platform compares).

    ``first_names`` holds all first given names, with blanks between, without the initial of the third.
    """

    niss: Niss
    first_names: str
    name: str

    @property
    def identifier(self) -> Identifier:
        return Identifier(PERSON_TYPE, self.niss.digits)

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with the name that the platform knows. Raises `errors.IdentifierInvalid` (reason
    ``type``) for the type of persons."""

    identifier: Identifier
    name: str

    def __post_init__(self) -> None:
        if self.identifier.is_person:
            raise errors.IdentifierInvalid(kind="identifier", reason="type")


Actor = Person | Organisation


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Three lines of text without further rules: the register has addresses that fit none."""

    street_and_number: str
    zip_code: str
    municipality: str
