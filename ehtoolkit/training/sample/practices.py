"""The practices of the sample, and an invented provider of one of them.

Numbers have valid check digits and come from the top of their blocks, where the registers hardly get to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ehtoolkit.identity import DistinguishedName, Niss, Person
from ehtoolkit.identity.numbers import check_digits_of
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.state.invented_people import GenderName


@dataclass(frozen=True, slots=True)
class Practice:
    """An invented practice.

    Attributes:
        folder: what its folder is called.
        enterprise_number: with valid check digits, above all numbers that are given out in that block.
    """

    name: str
    folder: str
    language: LanguageName
    enterprise_number: str


PHYSIOTHERAPISTS: Final = Practice(
    "Kinésithérapie Les Trois Saules, Namur", "trois-saules", "fr", "0999120190"
)
GROUP: Final = Practice("Groepspraktijk De Zilverbeek, Aalst", "zilverbeek", "nl", "0999230355")
MEDICAL_HOUSE: Final = Practice("Maison médicale du Vieux Lavoir, Dinant", "vieux-lavoir", "fr", "0999340520")
RAVEL: Final = Practice("Praxis am Ravelweg, Eupen", "ravelweg", "de", "0999450683")
PHARMACY: Final = Practice("Apotheek De Vuurtorenkaai, Oostende", "vuurtorenkaai", "nl", "0999560848")
DENTISTS: Final = Practice(
    "Cabinet dentaire de l'Écluse fleurie, Liège", "ecluse-fleurie", "fr", "0999670023"
)

PRACTICES: Final = (PHYSIOTHERAPISTS, GROUP, MEDICAL_HOUSE, RAVEL, PHARMACY, DENTISTS)


@dataclass(frozen=True, slots=True)
class Member:
    """An invented provider.

    Attributes:
        kind: the type of provider.
        place: among all of them, from 1; the numbers are made of it.
    """

    first_names: str
    name: str
    gender: GenderName
    born: date
    kind: str
    practice: Practice
    place: int

    @property
    def niss(self) -> Niss:
        """The counter is the last of its day for the gender, as with every training person."""
        return Niss.of_birth(self.born, 998 if self.gender == "F" else 997)

    @property
    def person(self) -> Person:
        return Person(self.niss, self.first_names, self.name)

    @property
    def dn(self) -> DistinguishedName:
        return DistinguishedName.for_person(self.person)

    @property
    def inami(self) -> str:
        return inami_number(self.kind, self.place)


_FIRST_DIGIT_AND_CODE: Final = {
    "physiotherapist": ("5", "527"),
    "doctor": ("1", "004"),
    "dentist": ("3", "001"),
    "pharmacist": ("2", "001"),
    "nurse": ("4", "405"),
    "midwife": ("4", "401"),
    "podiatrist": ("5", "701"),
    "speech_therapist": ("6", "802"),
    "psychologist": ("7", "001"),
}


def inami_number(kind: str, place: int) -> str:
    """Return an INAMI number of eleven digits: the profession's, 99 and the place, the check digits, the competence
    code."""
    digit, code = _FIRST_DIGIT_AND_CODE[kind]
    head = f"{digit}99{place:03d}"
    return head + check_digits_of(head)[0] + code


LEFT: Final = Person(Niss.of_birth(date(1958, 9, 26), 997), "Laurent", "Marique")
"""Someone who has left his practice; his keystore has not."""
