"""The training people: those of the beginning, and those whom the trainer added."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date

from ehtoolkit import errors
from ehtoolkit.identity import Niss, Person
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import PEOPLE, Profession, TrainingPerson, person_named
from ehtoolkit.training.state.person_factory import NewPerson, address_in, create_person


def all_people(database: TrainingDatabase) -> tuple[TrainingPerson, ...]:
    """Return `PEOPLE`, then the added people in the order in which they came."""
    with database.reading() as connection:
        rows = connection.execute("SELECT * FROM person ORDER BY number").fetchall()
    return (*PEOPLE, *map(_person, rows))


def find_person(database: TrainingDatabase, name: str) -> TrainingPerson:
    """Return the person with that short name, in any case; `DEFAULT` is the first one. Raises
    `errors.CardUnknown`."""
    return person_named(name, all_people(database))


def short_name(database: TrainingDatabase, name: str) -> str:
    """Return the short name of the person that is meant by ``name``, or ``name`` itself where it is a card of no
    person here."""
    try:
        return find_person(database, name).name
    except errors.CardUnknown:
        return name


def person_with_number(database: TrainingDatabase, niss: str) -> TrainingPerson | None:
    """Return the person with that national number; None for a stranger, whose card is welcome too."""
    return next((person for person in all_people(database) if person.person.niss.digits == niss), None)


def add_person(
    database: TrainingDatabase, newcomer: NewPerson, today: date, *, cards: Collection[str] = ()
) -> TrainingPerson:
    """Add a person until the platform is reset, and return them. ``cards``: names that cards have already.

    Raises `errors.InputInvalid` (reason ``name`` or ``birth_date``).
    """
    with database.writing() as connection:
        known = all_people(database)
        person = create_person(
            newcomer,
            today,
            names={*cards, *(person.name for person in known)},
            numbers={person.person.niss.digits for person in known},
        )
        connection.execute(
            "INSERT INTO person (name, niss, first_names, surname, profession, language, gender, birth_place, "
            "nationality, card_number, qualified, card_is_ec, card_has_signature) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                person.name,
                person.person.niss.digits,
                person.person.first_names,
                person.person.name,
                person.profession,
                person.language,
                person.gender,
                person.birth_place,
                person.nationality,
                person.card_number,
                int(person.qualified),
                int(person.card_is_ec),
                int(person.card_has_signature),
            ),
        )
    return person


def _person(row: sqlite3.Row) -> TrainingPerson:
    return TrainingPerson(
        name=row["name"],
        person=Person(Niss(row["niss"]), row["first_names"], row["surname"]),
        profession=Profession(row["profession"]),
        language=row["language"],
        gender=row["gender"],
        birth_place=row["birth_place"],
        nationality=row["nationality"],
        card_number=row["card_number"],
        address=address_in(row["language"]),
        qualified=bool(row["qualified"]),
        card_is_ec=bool(row["card_is_ec"]),
        card_has_signature=bool(row["card_has_signature"]),
        has_photo=False,
    )
