"""How a certificate command ends: its keystore's state in JSON or as a sentence, and the exit code."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.session import Session
from ehtoolkit.procedures.outcome import Outcome, State

KEYSTORE = click.argument("keystore", type=click.Path(path_type=Path))
WAITING_STATES = frozenset({State.WAITING, State.VALIDATING})
SOUND_STATES = frozenset({State.COMPLETE, State.ACTIVE, State.TO_ACTIVATE, State.RENEWABLE, State.NO_ETK})


def finish(session: Session, outcome: Outcome, verb: str) -> int:
    """Say where the certificate stands, with the sentence of ``cli.<verb>.<state>``. Returns the exit code."""
    from ehtoolkit.cli.describe import describe_outcome

    session.result(
        describe_outcome(outcome),
        f"cli.{verb}.{outcome.state}",
        keystore=outcome.keystore,
        key_id=outcome.key_id,
        not_before=outcome.not_before,
        not_after=outcome.not_after,
    )
    if outcome.state in WAITING_STATES:
        return 3
    return 0 if outcome.state in SOUND_STATES else 1


def needed(value: str | None, option: str) -> str:
    """The value of an option that this command cannot do without. Raises `errors.OptionMissing`."""
    if value is None:
        raise errors.OptionMissing(option=option)
    return value
