"""Mandates of the training people: organisations for which they may request certificates."""

from __future__ import annotations

from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import TrainingOrganisation, TrainingPerson
from ehtoolkit.training.state.people_store import all_people, person_with_number
from ehtoolkit.training.state.scenarios import Scenario, switches_now


def active_mandates(database: TrainingDatabase, person: TrainingPerson) -> tuple[TrainingOrganisation, ...]:
    """Return the organisations that a person acts for, whatever scenario is on: those of the beginning, and what the
    trainer changed in them."""
    query = "SELECT * FROM mandate WHERE person = ? ORDER BY identifier_type, identifier"
    found = {organisation.identifier: organisation for organisation in person.organisations}
    for row in database.rows(query, person.name):
        identifier = Identifier(row["identifier_type"], row["identifier"])
        organisation = TrainingOrganisation(identifier, row["name_fr"], row["name_nl"])
        found.pop(organisation.identifier, None)
        if row["held"]:
            found[organisation.identifier] = organisation
    return tuple(found.values())


def registered_mandates(database: TrainingDatabase, ssin: str) -> tuple[TrainingOrganisation, ...]:
    """Return what the registers answer about the person with that number: nothing about a stranger, and nothing
    while his organisations are unknown to them."""
    known = person_with_number(database, ssin)
    if known is None or switches_now(database).is_on(Scenario.UNKNOWN_ORGANISATIONS, (known.name,)):
        return ()
    return active_mandates(database, known)


def mandate_holders(database: TrainingDatabase, identifier: Identifier) -> tuple[TrainingPerson, ...]:
    """Return the people who act for an organisation, whatever scenario is on."""
    return tuple(
        person
        for person in all_people(database)
        if any(granted.identifier == identifier for granted in active_mandates(database, person))
    )


def may_request(database: TrainingDatabase, signer: str, holder: DistinguishedName) -> bool:
    """Return whether the registers say that the person with the number ``signer`` may have this certificate.

    Persons unknown here are qualified for themselves and hold no mandate.
    """
    if holder.identifier.is_person:
        known = person_with_number(database, signer)
        return holder.identifier.value == signer and (known is None or known.qualified)
    mandates = registered_mandates(database, signer)
    return any(mandate.identifier == holder.identifier for mandate in mandates)


def known_organisation(database: TrainingDatabase, identifier: Identifier) -> TrainingOrganisation | None:
    """Return the organisation with that number, if one of the people acts for it, or acted for it from the beginning;
    else None."""
    people = all_people(database)
    found = (
        organisation
        for person in people
        for organisation in (*active_mandates(database, person), *person.organisations)
    )
    return next((organisation for organisation in found if organisation.identifier == identifier), None)


def set_mandate(
    database: TrainingDatabase, person: TrainingPerson, organisation: TrainingOrganisation, *, granted: bool
) -> None:
    """Give a person a mandate, or take it away."""
    identifier = organisation.identifier
    database.write(
        "INSERT OR REPLACE INTO mandate VALUES (?, ?, ?, ?, ?, ?)",
        person.name,
        identifier.type,
        identifier.value,
        organisation.name_fr,
        organisation.name_nl,
        int(granted),
    )
