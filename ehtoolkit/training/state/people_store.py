"""The training people: those of the beginning, and those whom the trainer added."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date
from typing import Any, Final

from ehtoolkit.identity import Niss, Person
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import PEOPLE, Profession, TrainingPerson, person_named
from ehtoolkit.training.state.person_factory import ADDRESSES, NewPerson, create_person

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
