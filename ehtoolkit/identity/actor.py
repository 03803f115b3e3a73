"""The actor of a certificate: a person or an organisation, and postal addresses."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit import errors
from ehtoolkit.identity.identifier import PERSON_TYPE, Identifier
from ehtoolkit.identity.numbers import Niss
from ehtoolkit.result_display import Displayed
from ehtoolkit.type_errors import instance_of


@dataclass(frozen=True, slots=True, repr=False)
class Person(Displayed):
    """A person with his names verbatim as the card has them, case and accents too (the platform compares).

    ``first_names`` holds all first given names, with blanks between, without the initial of the third.

    >>> from ehtoolkit import Niss, Person
    >>> person = Person(Niss("79031421872"), "Élise Marie", "Vandamme")
    >>> person.full_name
    'Élise Marie Vandamme'
    >>> person  # a notebook shows and saves this
    Person(niss='790314*****', first_names='Élise Marie', name='Vandamme')
    """

    niss: Niss
    first_names: str
    name: str

    def __post_init__(self) -> None:
        instance_of("niss", self.niss, Niss)
        instance_of("first_names", self.first_names, str)
        instance_of("name", self.name, str)

    @property
    def identifier(self) -> Identifier:
        return Identifier(PERSON_TYPE, self.niss.digits)

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}".strip()


@dataclass(frozen=True, slots=True, repr=False)
class Organisation(Displayed):
    """An organisation with the name that the platform knows. Raises `errors.IdentifierInvalid` (reason
    ``type``) for the type of persons.

    >>> from ehtoolkit import Identifier, Organisation
    >>> Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Étang").identifier.text
    'NIHII-PHARMACY=71452079'
    """

    identifier: Identifier
    name: str

    def __post_init__(self) -> None:
        instance_of("identifier", self.identifier, Identifier)
        instance_of("name", self.name, str)
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
