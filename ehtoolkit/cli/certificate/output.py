"""Output of certificate commands: the state as JSON or a sentence, and the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit import errors
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.procedures.result import ProcedureResult, State

if TYPE_CHECKING:
    from ehtoolkit.procedures.state.standing import Standing

KEYSTORE = click.argument("keystore", type=click.Path(path_type=Path))
WAITING_STATES = frozenset({State.WAITING, State.VALIDATING})
SOUND_STATES = frozenset({State.COMPLETE, State.ACTIVE, State.TO_ACTIVATE, State.RENEWABLE, State.NO_ETK})


def report_result(
    session: Session,
    outcome: ProcedureResult,
    verb: str,
    *,
    variant: str | None = None,
    more: Mapping[str, object] | None = None,
) -> int:
    """Say where the certificate stands, with the sentence of ``cli.<verb>.<state>``, or of ``variant`` instead of
    the state; ``more`` is for the JSON object. Returns the exit code."""
    from ehtoolkit.cli.json_objects import describe_outcome

    session.warn_of_clock()
    session.result(
        {**describe_outcome(outcome), **(more or {})},
        f"cli.{verb}.{variant or outcome.state}",
        keystore=outcome.keystore,
        key_id=outcome.key_id,
        not_before=outcome.not_before,
        not_after=outcome.not_after,
        url=None if outcome.validation is None else outcome.validation.url,
        until=None if outcome.validation is None else outcome.validation.until,
    )
    return exit_code_of(outcome.state)


def exit_code_of(state: State) -> int:
    """Return the exit code of a command about a certificate in this state."""
    if state in WAITING_STATES:
        return ExitCode.WAITING
    return ExitCode.FINE if state in SOUND_STATES else ExitCode.NOT_FINE


def report_status(session: Session, standing: Standing) -> int:
    """Say where the certificate stands and everything that was found. Returns the exit code: that of the platform's
    failure when it was not asked, 1 for a finding that is an error, else that of the state; a certificate that can be
    fetched is not waited for."""
    from ehtoolkit.cli.findings import print_brief
    from ehtoolkit.cli.json_objects import describe_standing
    from ehtoolkit.finding import Severity

    variant = None if standing.checked else "unchecked"
    more = describe_standing(standing, session.texts)
    code = report_result(session, standing.outcome, "status", variant=variant, more=more)
    if not session.options.as_json:
        print_brief(session, standing.findings)
        if standing.unchecked is not None:
            echo(session.texts.error(standing.unchecked), err=True)
            echo(session.texts.next_step(standing.unchecked), err=True)
    if standing.unchecked is not None:
        return standing.unchecked.exit_code
    if standing.severity is Severity.ERROR:
        return ExitCode.NOT_FINE
    return ExitCode.FINE if standing.has("ready") else code


def contact_checks() -> dict[str, Callable[[str], object]]:
    """Return the functions that check an e-mail address and a telephone number, by their options."""
    from ehtoolkit.identity.actor import require_email
    from ehtoolkit.identity.normalisation import normalise_phone

    return {"--email": require_email, "--phone": normalise_phone}


def needed(
    session: Session,
    options: Mapping[str, str | None],
    *asked: str,
    checks: Mapping[str, Callable[[str], object]] | None = None,
) -> list[str]:
    """Return the values of ``options`` that this command cannot do without, in their order. At a terminal those that
    were not given are asked for, one after the other, and again after an answer that ``checks`` refuse with
    `errors.InputInvalid`. ``asked``: the other options that were not given and are asked for later.

    Raises `errors.OptionMissing` that names all that are missing, those of ``asked`` too, where there is no terminal:
    the author of a script then learns of all of them at once.
    """
    missing = [option for option, value in options.items() if value is None]
    if missing and not session.can_ask:
        raise errors.OptionMissing(option=", ".join([*missing, *asked]), reason="needed")
    known = checks or {}
    return [
        session.ask_value(option, known.get(option, str)) if value is None else value
        for option, value in options.items()
    ]


# ── A request that stopped after its key pair was written ────────────────────────────────────────────────
@contextmanager
def naming_what_was_prepared(folder: Path) -> Iterator[None]:
    """Run the body; when the user stops it, raise `errors.Cancelled` with the path of a keystore that came into
    ``folder`` in here. Without such a keystore the user's stop goes on."""
    before = _names(folder)
    try:
        yield
    except (KeyboardInterrupt, click.Abort) as stop:
        for found in find_keystores(folder):  # newest first
            if found.path.name not in before:
                raise errors.Cancelled(path=str(found.path)) from stop
        raise


def _names(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir()}
    except OSError:  # it does not exist yet; or what writes there reports that it cannot be listed
        return set()
