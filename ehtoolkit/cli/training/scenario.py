"""``training scenario``: switch difficulties of the platform on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT, KEYSTORE_FOLDER
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.cli.training.arguments import ON_OFF

if TYPE_CHECKING:
    from ehtoolkit.training.state.scenarios import ScenarioState


@click.command(cls=LocalisedCommand)
@click.argument("name", required=False)
@click.argument("state", required=False, type=ON_OFF)
@click.option("--person", metavar="NAME")
@click.option("--seconds", type=float)
@shared(ENVIRONMENT, KEYSTORE_FOLDER)
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
        people=_affected(session, switched),
    )
    return 0


def _list(session: Session, name: str | None) -> int:
    from ehtoolkit.training.state.scenarios import scenario_named

    wanted = None if name is None else scenario_named(name)
    found = [state for state in session.training.scenarios() if wanted in (None, state.scenario)]
    described = [_describe(session, state) for state in found]
    if session.options.as_json:
        session.result({"scenarios": described}, "cli.training.scenario.off")
        return 0
    for state, value in zip(found, described, strict=True):
        echo("{name:<24} {affected}\n    {sentence}".format(affected=_affected(session, state), **value))
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


def _affected(session: Session, state: ScenarioState) -> str:
    if state.everybody and len(state.people) == len(session.training.people()):
        return session.texts.get("cli.training.scenario.everybody")
    return ", ".join(state.people) or session.texts.get("cli.training.scenario.off")
