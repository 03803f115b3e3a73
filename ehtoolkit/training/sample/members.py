"""The forty invented providers of the sample: who they are, what is wrong with their records and their keystores.

Numbers have valid check digits and come from the top of their blocks, where the registers hardly get to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Final

from ehtoolkit.identity import Niss, Person
from ehtoolkit.identity.numbers import check_digits_of
from ehtoolkit.settings import LanguageName
from ehtoolkit.training.state.invented_people import GenderName


# ── The practices ────────────────────────────────────────────────────────────────────────────────────────
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


# ── The forty invented providers of the sample: who they are, what is wrong with their records and their keystores ───
class RecordFault(Enum):
    """What is wrong with a record; `ehtoolkit.training.sample.provider_records` makes it so."""

    NISS_MISSING = auto()
    NISS_CHECK_DIGITS = auto()
    NISS_DATE = auto()
    NISS_FORM = auto()
    BIRTH_DATE = auto()
    IN_HASTE = auto()
    INAMI_FORM = auto()
    INAMI_CHECK_DIGITS = auto()
    OTHER_PROFESSION = auto()
    ENTERPRISE_FORM = auto()
    ENTERPRISE_CHECK_DIGITS = auto()
    NO_PERIOD = auto()
    PERIOD_BACKWARDS = auto()
    PERIOD_WITHOUT_NUMBER = auto()
    PERIOD_OF_OTHER_PROFESSION = auto()
    WITHOUT_COMPETENCE = auto()
    OTHER_COMPETENCE = auto()
    OVERLAP = auto()
    OVERLAP_OPEN = auto()
    GAP = auto()
    NEW_NUMBER = auto()
    TO_COME = auto()
    OVER = auto()


class KeystoreCase(Enum):
    """How it is with a provider's keystore; `ehtoolkit.training.sample.keystores` makes it so."""

    GOOD = auto()
    NONE = auto()
    NOT_ASSIGNED = auto()
    GONE = auto()
    RENEWED = auto()
    RENEWED_UNNOTICED = auto()
    RENEWABLE = auto()
    ENDS = auto()
    EXPIRED = auto()
    TO_COME = auto()
    PREPARED = auto()
    NO_ETK = auto()
    ACCEPTANCE = auto()
    FORGOTTEN_PASSWORD = auto()
    MISNAMED = auto()
    COPIED = auto()
    COLLEAGUES = auto()
    PRACTICES = auto()
    PHARMACYS = auto()
    TYPE_UNKNOWN = auto()


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
    fault: RecordFault | None
    keystore: KeystoreCase
    place: int

    @property
    def niss(self) -> Niss:
        """The counter is the last of its day for the gender, as with every training person."""
        return Niss.of_birth(self.born, 998 if self.gender == "F" else 997)

    @property
    def person(self) -> Person:
        return Person(self.niss, self.first_names, self.name)

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


R, K = RecordFault, KeystoreCase
_Row = tuple[Practice, str, str, GenderName, str, str, RecordFault | None, KeystoreCase]

_ROWS: Final[tuple[_Row, ...]] = (
    # ── physiotherapists, Namur ──────────────────────────────────────────────────────────────────────────
    (PHYSIOTHERAPISTS, "Aline", "Bertholet", "F", "1984-05-17", "physiotherapist", None, K.GOOD),
    (PHYSIOTHERAPISTS, "Benoît", "Charlier", "M", "1977-11-02", "physiotherapist", None, K.RENEWABLE),
    (PHYSIOTHERAPISTS, "Céline Anne", "Dothée", "F", "1990-03-29", "physiotherapist", None, K.RENEWED_UNNOTICED),
    (PHYSIOTHERAPISTS, "Damien", "Evrard", "M", "1969-08-14", "physiotherapist", R.WITHOUT_COMPETENCE, K.GOOD),
    (PHYSIOTHERAPISTS, "Estelle", "Fontignies", "F", "2002-01-09", "physiotherapist", R.TO_COME, K.TO_COME),
    (PHYSIOTHERAPISTS, "Fabrice", "Gilissen", "M", "1981-06-21", "physiotherapist", R.GAP, K.GOOD),
    (PHYSIOTHERAPISTS, "Géraldine", "Hannecart", "F", "1988-12-05", "physiotherapist", None, K.COPIED),
    (PHYSIOTHERAPISTS, "Hugues", "Istasse", "M", "1974-04-30", "physiotherapist", R.NISS_MISSING, K.NONE),
    # ── group practice, Aalst ────────────────────────────────────────────────────────────────────────────
    (GROUP, "Annelies", "Baetens", "F", "1979-09-18", "doctor", None, K.RENEWED),
    (GROUP, "Bart", "Coppieters", "M", "1972-02-11", "doctor", R.OTHER_PROFESSION, K.GOOD),
    (GROUP, "Charlotte", "De Ridder", "F", "1986-07-27", "nurse", None, K.EXPIRED),
    (GROUP, "Dries", "Eeckhout", "M", "1993-10-08", "physiotherapist", R.OVERLAP, K.GOOD),
    (GROUP, "Evelien", "Fierens", "F", "1982-03-03", "midwife", R.NEW_NUMBER, K.GOOD),
    (GROUP, "Filip", "Goossens", "M", "1976-05-25", "nurse", None, K.GOOD),
    (GROUP, "Greet", "Hellemans", "F", "1991-11-16", "nurse", None, K.COLLEAGUES),
    (GROUP, "Hilde", "Impens", "F", "1968-01-22", "nurse", R.IN_HASTE, K.GOOD),
    # ── medical house, Dinant ────────────────────────────────────────────────────────────────────────────
    (MEDICAL_HOUSE, "Amandine", "Bodart", "F", "1985-08-01", "doctor", None, K.GOOD),
    (MEDICAL_HOUSE, "Bruno", "Colsoul", "M", "1963-12-19", "doctor", R.NISS_CHECK_DIGITS, K.GOOD),
    (MEDICAL_HOUSE, "Caroline", "Delvigne", "F", "1971-06-06", "nurse", R.OVER, K.GOOD),
    (MEDICAL_HOUSE, "Denis", "Ernotte", "M", "1987-04-12", "speech_therapist", R.PERIOD_WITHOUT_NUMBER, K.ENDS),
    (MEDICAL_HOUSE, "Émilie", "Focant", "F", "1994-09-23", "psychologist", None, K.NO_ETK),
    (MEDICAL_HOUSE, "François Xavier", "Gerlache", "M", "1980-10-31", "physiotherapist", R.PERIOD_BACKWARDS, K.GOOD),
    (MEDICAL_HOUSE, "Gwenaëlle", "Henrot", "F", "1978-02-28", "doctor", None, K.FORGOTTEN_PASSWORD),
    # ── practice, Eupen ──────────────────────────────────────────────────────────────────────────────────
    (RAVEL, "Anja", "Brüls", "F", "1983-07-07", "nurse", R.BIRTH_DATE, K.GOOD),
    (RAVEL, "Bernd", "Classen", "M", "1970-03-15", "physiotherapist", None, K.GOOD),
    (RAVEL, "Christa", "Dahmen", "F", "1966-11-28", "doctor", None, K.MISNAMED),
    (RAVEL, "Dieter", "Emonts", "M", "1992-05-04", "podiatrist", None, K.GOOD),
    (RAVEL, "Elke", "Foxius", "F", "1989-12-12", "midwife", R.PERIOD_OF_OTHER_PROFESSION, K.GOOD),
    # ── pharmacy with home nursing, Oostende ─────────────────────────────────────────────────────────────
    (PHARMACY, "An", "Boterberg", "F", "1975-01-30", "pharmacist", None, K.PRACTICES),
    (PHARMACY, "Bram", "Cools", "M", "1984-08-20", "pharmacist", R.ENTERPRISE_CHECK_DIGITS, K.PRACTICES),
    (PHARMACY, "Cato", "Dhaene", "F", "1996-06-18", "pharmacist", None, K.PHARMACYS),
    (PHARMACY, "Dirk", "Everaert", "M", "1973-10-10", "nurse", R.ENTERPRISE_FORM, K.PREPARED),
    (PHARMACY, "Els", "Florizoone", "F", "1981-04-02", "nurse", None, K.GOOD),
    (PHARMACY, "Frank", "Geldhof", "M", "1967-09-09", "nurse", R.OVERLAP_OPEN, K.GONE),
    # ── dentists, Liège ──────────────────────────────────────────────────────────────────────────────────
    (DENTISTS, "Arnaud", "Bastin", "M", "1986-02-06", "dentist", R.NISS_FORM, K.GOOD),
    (DENTISTS, "Brigitte", "Collard", "F", "1964-05-21", "dentist", R.NISS_DATE, K.GOOD),
    (DENTISTS, "Christelle", "Defawe", "F", "1979-11-11", "dentist", R.INAMI_CHECK_DIGITS, K.GOOD),
    (DENTISTS, "Didier", "Ernst", "M", "1972-07-03", "dentist", R.INAMI_FORM, K.TYPE_UNKNOWN),
    (DENTISTS, "Élodie", "Forthomme", "F", "1990-10-27", "dentist", R.NO_PERIOD, K.ACCEPTANCE),
    (DENTISTS, "Frédéric", "Grignard", "M", "1977-03-13", "dentist", R.OTHER_COMPETENCE, K.NOT_ASSIGNED),
)  # fmt: skip

MEMBERS: Final = tuple(
    Member(first_names, name, gender, date.fromisoformat(born), kind, practice, fault, keystore, place)
    for place, (practice, first_names, name, gender, born, kind, fault, keystore) in enumerate(_ROWS, start=1)
)

LEFT: Final = Person(Niss.of_birth(date(1958, 9, 26), 997), "Laurent", "Marique")
"""Someone who has left his practice; his keystore has not."""
