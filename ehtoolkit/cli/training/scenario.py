"""``training scenario`` and ``mandate``: switch what a training person meets, and whom a person acts for."""

from __future__ import annotations

from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, KEYSTORE_FOLDER
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training.state.invented_people import TrainingOrganisation
from ehtoolkit.training.state.scenarios import ScenarioState, scenario_named

ON_OFF = click.Choice(["on", "off"])


@command(ENVIRONMENT, KEYSTORE_FOLDER)
@click.argument("name", required=False)
@click.argument("state", required=False, type=ON_OFF)
@click.option("--person", metavar="NAME")
@click.option("--seconds", type=float)
def scenario(
    session: Session, name: str | None, state: str | None, person: str | None, seconds: float | None
) -> None:
    if name is None or state is None:
        _list(session, name)
        return
    keystores = session.settings.keystores if session.settings.environment == "training" else None
    switched = session.training.switch(name, state == "on", person, seconds=seconds, keystores=keystores)
    session.result(
        _describe(session, switched),
        f"cli.training.scenario.switched_{'on' if switched.is_on else 'off'}",
        name=switched.scenario,
        people=_affected(session, switched),
    )


def _list(session: Session, name: str | None) -> None:
    wanted = None if name is None else scenario_named(name)
    found = [state for state in session.training.scenarios() if wanted in (None, state.scenario)]
    described = [_describe(session, state) for state in found]
    width = max(len(state.scenario) for state in found)
    lines = (
        "{name:<{width}} {affected}\n    {sentence}".format(
            affected=_affected(session, state), width=width, **value
        )
        for state, value in zip(found, described, strict=True)
    )
    session.result_lines({"scenarios": described}, lines)


def _describe(session: Session, state: ScenarioState) -> dict[str, Any]:
    return {
        "name": str(state.scenario),
        "title": session.texts.get(f"scenario.{state.scenario}.title"),
        "sentence": session.texts.get(f"scenario.{state.scenario}"),
        "on": state.is_on,
        "everybody": state.everybody,
        "people": list(state.people),
        "seconds": state.seconds,
    }


def _affected(session: Session, state: ScenarioState) -> str:
    if state.everybody and len(state.people) == len(session.training.people()):
        return session.texts.get("cli.training.scenario.everybody")
    return ", ".join(state.people) or session.texts.get("cli.training.scenario.off")


@command()
@click.argument("person")
@click.argument("organisation", metavar="TYPE=ID")
@click.argument("state", type=ON_OFF)
@click.option("--name")
def mandate(session: Session, person: str, organisation: str, state: str, name: str | None) -> None:
    person = session.training.person(person).name
    found = _organisation(session, Identifier.parse(organisation), name)
    session.training.set_mandate(person, found, granted=state == "on")
    value = {"person": person, "organisation": found.identifier.text, "held": state == "on"}
    session.result(value, f"cli.training.mandate.{state}", person=person, organisation=found.identifier.text)


def _organisation(session: Session, identifier: Identifier, name: str | None) -> TrainingOrganisation:
    """Return the organisation with the name given, or the one that it has in the training register.

    Raises `errors.IdentifierInvalid`, `errors.OptionMissing`, `errors.DistinguishedNameInvalid`.
    """
    if identifier.is_person:
        raise errors.IdentifierInvalid(kind="identifier", reason="type")
    if name is not None:
        organisation = TrainingOrganisation(identifier, name, name)
        DistinguishedName.for_organisation(organisation.organisation)
        return organisation
    found = session.training.organisation(identifier)
    if found is None:
        raise errors.OptionMissing(option="--name", reason="needed")
    return found
