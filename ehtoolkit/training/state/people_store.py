"""The people of the training platform: the invented ones, and those that a trainer adds, made from a name and a birth
date."""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.card.trust import age_on
from ehtoolkit.identity import DistinguishedName, Niss, Person, PostalAddress
from ehtoolkit.identity.numbers import check_digits
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import (
    DEFAULT,
    PEOPLE,
    GenderName,
    LanguageName,
    Profession,
    TrainingPerson,
    person_named,
)

BORN_FROM: Final = 1900
"""The first year of birth that a national number can tell."""
ADULT: Final = 18
"""The age from which an identity card has a Signature certificate."""
LONGEST: Final = 60
"""Characters of a name: more than a card has room for, less than a page shows."""

ADDRESSES: Final = {
    "fr": PostalAddress("Sentier des Quatre Merles 9", "5000", "Namur"),
    "nl": PostalAddress("Vier-Merelspad 9", "9000", "Gent"),
    "de": PostalAddress("Vier-Amsel-Steg 9", "4700", "Eupen"),
}
"""Of people who were added, by their language; they were born there, too."""
_NATIONALITIES: Final = {"fr": "Belge", "nl": "Belg", "de": "Belgier"}
_FIRST_COUNTERS: Final = {"F": 998, "M": 997}
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4})", re.ASCII)
_NO_FOLDERS: Final = frozenset({"aux", "con", "nul", "prn", DEFAULT})
"""Names that Windows keeps for itself: a card's folder is called as its person."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What a trainer enters about a new person; everything else is invented.

    ``card_is_ec``: a card of the newer kind.
    """

    first_names: str
    name: str
    born: date
    gender: GenderName
    language: LanguageName = "fr"
    profession: Profession = Profession.NURSE
    card_is_ec: bool = False


def read_birth_date(text: str) -> date:
    """Return the date that people type as ``14/03/1979`` or ``1979-03-14``.

    Raises `errors.InputInvalid` (reason ``birth_date``).
    """
    found = _DAY_FIRST.fullmatch(text.strip())
    try:
        if found is None:
            return date.fromisoformat(text.strip())
        day, month, year = map(int, found.groups())
        return date(year, month, day)
    except ValueError as error:
        raise errors.InputInvalid(reason="birth_date") from error


def read_gender(text: str) -> GenderName:
    """Return F or M, typed in either case. Raises `errors.InputInvalid` (reason ``gender``)."""
    match text.strip().upper():
        case "F":
            return "F"
        case "M":
            return "M"
    raise errors.InputInvalid(reason="gender")


def create_person(
    newcomer: NewPerson, today: date, *, names: Collection[str], numbers: Collection[str]
) -> TrainingPerson:
    """Return a new person, with a national number that is free. ``names`` and ``numbers``: those in use.

    A person who is not `ADULT` yet gets a card without Signature certificate. Raises `errors.InputInvalid` (reason
    ``name`` or ``birth_date``).
    """
    if newcomer.born.year < BORN_FROM or newcomer.born > today:
        raise errors.InputInvalid(reason="birth_date")
    first_names, name = _words(newcomer.first_names), _words(newcomer.name)
    niss = _number(newcomer.born, newcomer.gender, numbers)
    holder = Person(niss, first_names, name)
    try:
        DistinguishedName.for_person(holder)
    except errors.DistinguishedNameInvalid as error:
        raise errors.InputInvalid(reason="name") from error
    return TrainingPerson(
        name=_short_name(f"{first_names} {name}", names),
        person=holder,
        profession=newcomer.profession,
        language=newcomer.language,
        gender=newcomer.gender,
        birth_place=ADDRESSES[newcomer.language].municipality,
        nationality=_NATIONALITIES[newcomer.language],
        card_number=_card_number(),
        address=ADDRESSES[newcomer.language],
        qualified=newcomer.profession is not Profession.SECRETARY,
        card_is_ec=newcomer.card_is_ec,
        card_has_signature=age_on(newcomer.born, today) >= ADULT,
        has_photo=False,
    )


def _words(text: str) -> str:
    """Return a name with single blanks. Raises `errors.InputInvalid` (reason ``name``) when it has no letter, or more
    than `LONGEST` characters."""
    found = " ".join(text.split())
    if not 0 < len(found) <= LONGEST or not any(map(str.isalpha, found)):
        raise errors.InputInvalid(reason="name")
    return found


def _number(born: date, gender: GenderName, taken: Collection[str]) -> Niss:
    """Return a national number for that birth date and gender that is not ``taken``. The counter comes from the top,
    where the national register hardly gets to: odd for men, even for women. Raises `errors.InputInvalid` (reason
    ``birth_date``) when all are taken."""
    counters = range(_FIRST_COUNTERS[gender], 0, -2)
    free = (Niss.of_birth(born, counter) for counter in counters)
    found = next((number for number in free if number.digits not in taken), None)
    if found is None:  # five hundred people of one day
        raise errors.InputInvalid(reason="birth_date")
    return found


def _short_name(full_name: str, taken: Collection[str]) -> str:
    """Return the first word with ASCII letters in a name, without accents and in lower case, or ``person`` where there
    is none; with a number behind it when it is in use, or when a folder cannot have that name."""
    plain = unicodedata.normalize("NFKD", full_name).encode("ascii", "ignore").decode()
    words = ("".join(filter(str.isalpha, word)).lower() for word in plain.split())
    stem = next(filter(None, words), "person")
    names = (stem if number == 1 else f"{stem}{number}" for number in range(1, len(taken) + 3))
    return next(name for name in names if name not in taken and name not in _NO_FOLDERS)


def _card_number() -> str:
    """Return a new card number: twelve digits, the last two of which check the others."""
    number = f"592{secrets.randbelow(10_000_000):07d}"
    return number + check_digits(number)


# ── All people ────────────────────────────────────────────────────────────────────────────────────────
_TEXTS: Final = ("name", "profession", "language", "gender", "birth_place", "nationality", "card_number")
_FLAGS: Final = ("qualified", "card_is_ec", "card_has_signature")


def all_people(database: TrainingDatabase) -> tuple[TrainingPerson, ...]:
    """Return `PEOPLE`, then the added people in the order in which they came."""
    return (*PEOPLE, *map(_person, database.rows("SELECT * FROM person ORDER BY number")))


def find_person(database: TrainingDatabase, name: str) -> TrainingPerson:
    """Return the person with that short name, in any case; `DEFAULT` is the first one. Raises
    `errors.CardUnknown`."""
    return person_named(name, all_people(database))


def person_with_number(database: TrainingDatabase, niss: str) -> TrainingPerson | None:
    """Return the person with that national number; None for a stranger, whose card is welcome too."""
    return next((person for person in all_people(database) if person.person.niss.digits == niss), None)


def add_person(
    database: TrainingDatabase, newcomer: NewPerson, today: date, *, cards: Collection[str] = ()
) -> TrainingPerson:
    """Add a person until the platform is reset, and return them. ``cards``: names that cards have already.

    Raises `errors.InputInvalid` (reason ``name`` or ``birth_date``).
    """
    with database.writing():
        known = all_people(database)
        person = create_person(
            newcomer,
            today,
            names={*cards, *(person.name for person in known)},
            numbers={person.person.niss.digits for person in known},
        )
        holder = person.person
        columns = {"niss": holder.niss.digits, "first_names": holder.first_names, "surname": holder.name}
        database.insert("person", **columns, **{name: getattr(person, name) for name in (*_TEXTS, *_FLAGS)})
    return person


def _person(row: sqlite3.Row) -> TrainingPerson:
    values: dict[str, Any] = {name: row[name] for name in _TEXTS} | {name: bool(row[name]) for name in _FLAGS}
    values["profession"] = Profession(row["profession"])
    holder = Person(Niss(row["niss"]), row["first_names"], row["surname"])
    return TrainingPerson(person=holder, address=ADDRESSES[row["language"]], has_photo=False, **values)
