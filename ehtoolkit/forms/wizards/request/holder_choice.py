"""Whom the certificate is for: the card's holder, an organisation that the platform lists, or one that is typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.engine.wizard import Blocker, Values
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.identity import Actor, DistinguishedName, Identifier, Organisation, Person
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS
from ehtoolkit.identity.distinguished_name import normalise_application_id
from ehtoolkit.procedures.allowed_holders import EligibleActors, ListedOrganisation

MYSELF: Final = ""
"""The choice of a certificate for the holder of the card himself."""
TYPED: Final = "typed"
"""The choice of an organisation that the platform does not list."""


def holder_field(prefill: Prefill) -> dict[str, str]:
    """Return the field of the first of the two steps, with what is known."""
    return {"actor": MYSELF if prefill.organisation is None else prefill.organisation.text}


def organisation_fields(prefill: Prefill) -> dict[str, str]:
    """Return the fields of the second step, with what is known."""
    organisation = prefill.organisation
    return {
        "kind": "" if organisation is None else organisation.type,
        "number": "" if organisation is None else organisation.value,
        "organisation_name": prefill.name,
        "application_id": prefill.application_id,
    }


def settled_choice(values: Values, choices: EligibleActors) -> str:
    """Return what is chosen once the platform has listed what there is: the choice as it was, where it is still one;
    else what is closest to it."""
    chosen = str(values["actor"])
    offered = [
        organisation.text for organisation in choices.organisations if organisation.identifier is not None
    ]
    if chosen == TYPED or chosen in offered:
        return chosen
    # Known from an address or a note, and not listed for this person.
    if chosen != MYSELF and values["number"]:
        return TYPED
    return MYSELF if choices.natural_person or not offered else offered[0]


def listed_choice(values: Values, choices: EligibleActors | None) -> ListedOrganisation | None:
    """Return the listed organisation that is chosen; None when none is."""
    return None if choices is None else choices.organisation(str(values["actor"]))


def chosen_actor(values: Values, choices: EligibleActors, person: Person, language: str) -> Actor:
    """Return the actor as chosen, or typed; a listed organisation by its name in ``language``, where it has one.

    Raises `errors.IdentifierInvalid` for a number that the form did not let pass.
    """
    if values["actor"] == MYSELF:
        return person
    listed = listed_choice(values, choices)
    if listed is not None and listed.identifier is not None:
        return Organisation(listed.identifier, listed.name(language))
    name = " ".join(str(values["organisation_name"]).split())
    return Organisation(_typed(values), name)


def chosen_application_id(values: Values) -> str | None:
    """Return the application id, normalised; None for a person, and where none was typed. Raises
    `errors.DistinguishedNameInvalid`."""
    typed = str(values["application_id"]).strip()
    return normalise_application_id(typed) if typed and values["actor"] != MYSELF else None


def chosen_name(actor: Actor, values: Values) -> DistinguishedName:
    """Return the name of the certificate, as far as type, number and application id tell it."""
    return DistinguishedName.for_actor(actor, chosen_application_id(values))


def holder_blocks(values: Values, choices: EligibleActors | None) -> Iterable[Blocker]:
    if choices is not None and values["actor"] == MYSELF and not choices.natural_person:
        yield Blocker("request.block.not_qualified", "actor")


def organisation_blocks(values: Values, choices: EligibleActors | None) -> Iterable[Blocker]:
    """Yield what is missing or wrong; whether the application id is free, only the platform knows."""
    if values["actor"] == TYPED and choices is not None:
        yield from _number_blocks(values, choices)
        yield from _name_blocks(values)
    try:
        chosen_application_id(values)
    except errors.DistinguishedNameInvalid:
        yield Blocker("request.block.application_id", "application_id")


def field_of(error: errors.EhToolkitError) -> str | None:
    """Return the field that an error about the organisation concerns; None for any other error."""
    match error:
        case errors.ApplicationIdTaken():
            return "application_id"
        case errors.IdentifierInvalid():
            return "number"
        case errors.DistinguishedNameInvalid():
            return "organisation_name" if error.reason == "name" else "application_id"
    return None


def _typed(values: Values) -> Identifier:
    return Identifier.parse(f"{values['kind']}={values['number']}")


def _number_blocks(values: Values, choices: EligibleActors) -> Iterable[Blocker]:
    kind = str(values["kind"])
    if not kind:
        yield Blocker("request.block.kind", "kind")
    if not str(values["number"]).strip():
        yield Blocker("request.block.number.empty", "number")
        return
    if kind not in IDENTIFIER_LENGTHS:
        return
    try:
        choices.types.check(_typed(values))
    except errors.IdentifierInvalid as error:
        known = error.reason if error.reason in ("check_digits", "first_digit", "pattern") else "form"
        yield Blocker(f"request.block.number.{known}", "number", {"length": IDENTIFIER_LENGTHS[kind]})


def _name_blocks(values: Values) -> Iterable[Blocker]:
    name = str(values["organisation_name"]).strip()
    if not name:
        yield Blocker("request.block.name.empty", "organisation_name")
        return
    try:
        # Any number will do: it is the name that is looked at.
        DistinguishedName.for_organisation(Organisation(Identifier("SITE", "0000"), name))
    except errors.DistinguishedNameInvalid:
        yield Blocker("request.block.name.form", "organisation_name")
