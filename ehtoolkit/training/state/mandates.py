"""Mandates of the training people: organisations for which they may request certificates."""

from __future__ import annotations

import sqlite3

from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import TrainingOrganisation, TrainingPerson
from ehtoolkit.training.state.people_store import PeopleStore
from ehtoolkit.training.state.scenarios import Scenario, Scenarios


class Mandates:
    """The mandates that the training people have from the beginning, and what the trainer changed in them."""

    def __init__(self, database: TrainingDatabase, scenarios: Scenarios) -> None:
        self._database = database
        self._scenarios = scenarios
        self._roster = PeopleStore(database)

    def held(self, person: TrainingPerson) -> tuple[TrainingOrganisation, ...]:
        """Return the organisations that a person acts for, whatever scenario is on."""
        query = "SELECT * FROM mandate WHERE person = ? ORDER BY identifier_type, identifier"
        with self._database.reading() as connection:
            rows = connection.execute(query, (person.name,)).fetchall()
        found = {one.identifier: one for one in person.organisations}
        for row in rows:
            organisation = _organisation(row)
            found.pop(organisation.identifier, None)
            if row["held"]:
                found[organisation.identifier] = organisation
        return tuple(found.values())

    def of(self, ssin: str) -> tuple[TrainingOrganisation, ...]:
        """Return what the registers answer about the person with that number: nothing about a stranger, and nothing
        while his organisations are unknown to them."""
        known = self._roster.of(ssin)
        if known is None or self._scenarios.is_on(Scenario.UNKNOWN_ORGANISATIONS, known.name):
            return ()
        return self.held(known)

    def holders(self, identifier: Identifier) -> tuple[TrainingPerson, ...]:
        """Return the people who act for an organisation, whatever scenario is on."""
        return tuple(
            person
            for person in self._roster.all()
            if any(one.identifier == identifier for one in self.held(person))
        )

    def may_ask_for(self, signer: str, holder: DistinguishedName) -> bool:
        """Return whether the registers say that the person with the number ``signer`` may have this certificate.

        Persons unknown here are qualified for themselves and hold no mandate.
        """
        known = self._roster.of(signer)
        if holder.identifier.is_person:
            return holder.identifier.value == signer and (known is None or known.qualified)
        return any(one.identifier == holder.identifier for one in self.of(signer))

    def known(self, identifier: Identifier) -> TrainingOrganisation | None:
        """Return the organisation with that number, if somebody acts for it, or acted for it from the beginning; else
        None."""
        people = self._roster.all()
        found = (one for person in people for one in (*self.held(person), *person.organisations))
        return next((one for one in found if one.identifier == identifier), None)

    def change(self, person: TrainingPerson, organisation: TrainingOrganisation, *, held: bool) -> None:
        """Give a person a mandate, or take it away."""
        identifier = organisation.identifier
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO mandate VALUES (?, ?, ?, ?, ?, ?)",
                (
                    person.name,
                    identifier.type,
                    identifier.value,
                    organisation.name_fr,
                    organisation.name_nl,
                    int(held),
                ),
            )


def _organisation(row: sqlite3.Row) -> TrainingOrganisation:
    identifier = Identifier(row["identifier_type"], row["identifier"])
    return TrainingOrganisation(identifier, row["name_fr"], row["name_nl"])
