"""``ehtoolkit training scenario`` and ``mandate``: what a trainer lets go otherwise than it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from ehtoolkit.identity import Identifier
    from ehtoolkit.training.state.invented_people import TrainingOrganisation
    from ehtoolkit.training.state.scenarios import ScenarioState

_ON_OFF = click.Choice(["on", "off"])


@click.command(
    cls=LocalisedCommand,
    help="The scenarios and whom they are on for; or switch one on or off, for all or for a person.",
)
@click.argument("name", required=False)
@click.argument("state", required=False, type=_ON_OFF)
@click.option("--person", metavar="NAME", help="For this one alone; see training people.")
@click.option("--seconds", type=float, help="How slow the answers of slow are.")
@shared
def scenario(
    session: Session, name: str | None, state: str | None, person: str | None, seconds: float | None
) -> int:
    if name is None or state is None:
        return _list(session, name)
    keystores = session.settings.keystores if session.settings.environment == "training" else None
    switched = session.training.switch(name, state == "on", person, seconds=seconds, keystores=keystores)
    session.result(
        _describe(session, switched),
        f"cli.training.scenario.switched_{'on' if switched.is_on else 'off'}",
        name=switched.scenario,
        people=_whom(session, switched),
    )
    return 0


@click.command(cls=LocalisedCommand, help="Let a training person act for an organisation, or no longer.")
@click.argument("person")
@click.argument("organisation", metavar="TYPE=ID")
@click.argument("state", type=_ON_OFF)
@click.option("--name", help="Of an organisation that no training person acts for from the beginning.")
@shared
def mandate(session: Session, person: str, organisation: str, state: str, name: str | None) -> int:
    from ehtoolkit.identity import Identifier

    person = session.training.person(person).name
    found = _organisation(session, Identifier.parse(organisation), name)
    session.training.set_mandate(person, found, held=state == "on")
    value = {"person": person, "organisation": found.identifier.text, "held": state == "on"}
    session.result(value, f"cli.training.mandate.{state}", person=person, organisation=found.identifier.text)
    return 0


def _list(session: Session, name: str | None) -> int:
    from ehtoolkit.training.state.scenarios import scenario_named

    wanted = None if name is None else scenario_named(name)
    found = [one for one in session.training.scenarios() if wanted in (None, one.scenario)]
    described = [_describe(session, one) for one in found]
    if session.options.as_json:
        session.result({"scenarios": described}, "cli.training.scenario.off")
        return 0
    for one, value in zip(found, described, strict=True):
        echo("{name:<24} {whom}\n    {sentence}".format(whom=_whom(session, one), **value))
    return 0


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


def _whom(session: Session, state: ScenarioState) -> str:
    if state.everybody and len(state.people) == len(session.training.people()):
        return session.texts.get("cli.training.scenario.everybody")
    return ", ".join(state.people) or session.texts.get("cli.training.scenario.off")


def _organisation(session: Session, identifier: Identifier, name: str | None) -> TrainingOrganisation:
    """Return the organisation with the name given, or the one that it has in the training register.

    Raises `errors.IdentifierInvalid`, `errors.OptionMissing`, `errors.DistinguishedNameInvalid`.
    """
    from ehtoolkit.identity import DistinguishedName
    from ehtoolkit.training.state.invented_people import TrainingOrganisation

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
