"""Output of certificate commands: the state as JSON or a sentence, and the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from ehtoolkit import errors
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.options import PATH, EnumChoice, several
from ehtoolkit.cli.terminal import command_line, is_interactive, resume_command
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.identity.actor import normalise_phone, require_email
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.procedures.result import ProcedureResult

NEW_KEY: Final = several(
    click.option("--key", "kind", type=EnumChoice(NewKeyKind)),
    click.option("--profile", type=EnumChoice(EncryptionProfile)),
)
KEYSTORE: Final = click.argument("keystore", type=PATH)
_WAITING: Final = frozenset({State.WAITING, State.VALIDATING})
_SOUND: Final = frozenset({State.COMPLETE, State.ACTIVE, State.TO_ACTIVATE, State.RENEWABLE, State.NO_ETK})


def report_result(
    session: Session,
    outcome: ProcedureResult,
    verb: str,
    *,
    variant: str | None = None,
    more: Mapping[str, object] | None = None,
    without_card: bool = False,
) -> int:
    """Say where the certificate stands, with the sentence of ``cli.<verb>.<state>``, or of ``variant`` instead of
    the state; ``more`` is for the JSON object, ``without_card`` for the command that resumes the request. Returns the
    exit code."""
    session.warn_of_clock()
    value, validation = _describe(outcome), outcome.validation
    facts: dict[str, object] = (
        {} if validation is None else {"url": validation.url, "until": validation.until}
    )
    facts["complete"] = command_line(["ehtoolkit", "certificate", "complete", str(outcome.keystore)])
    facts["resume"] = resume_command(outcome.keystore, without_card=without_card)
    key = f"cli.{verb}.{variant or outcome.state}"
    session.result({**value, **(more or {})}, key, **value, **facts)
    return exit_code_of(outcome.state)


def _describe(outcome: ProcedureResult) -> dict[str, Any]:
    """Return the result of a procedure as JSON has it: ``keystore`` (path), ``key_id``, ``state``, ``next``, and the
    dates that are known; of a request without card that waits also ``validation_url`` and ``validate_by``."""
    validation = outcome.validation
    confirmed_at = (
        {} if validation is None else {"validation_url": validation.url, "validate_by": validation.until}
    )
    return {
        "keystore": outcome.keystore,
        "key_id": outcome.key_id,
        "state": outcome.state,
        "next": outcome.next,
        "not_before": outcome.not_before,
        "not_after": outcome.not_after,
        **confirmed_at,
    }


def exit_code_of(state: State) -> int:
    """Return the exit code of a command about a certificate in this state."""
    if state in _WAITING:
        return ExitCode.WAITING
    return ExitCode.FINE if state in _SOUND else ExitCode.NOT_FINE


CONTACT_CHECKS: Final[Mapping[str, Callable[[str], object]]] = {
    "--email": require_email,
    "--phone": normalise_phone,
}
"""The functions that check an e-mail address and a telephone number, by their options."""


def needed(
    session: Session,
    options: Mapping[str, str | None],
    *asked: str,
    checks: Mapping[str, Callable[[str], object]],
) -> list[str]:
    """Return the values of ``options`` that this command cannot do without, in their order. At a terminal those that
    were not given are asked for, one after the other, and again after an answer that ``checks`` refuse with
    `errors.InputInvalid`. ``asked``: the other options that were not given and are asked for later.

    Raises `errors.OptionMissing` that names all that are missing, those of ``asked`` too, where there is no terminal:
    the author of a script then learns of all of them at once.
    """
    missing = [option for option, value in options.items() if value is None]
    if missing and not is_interactive():
        raise errors.OptionMissing(option=", ".join([*missing, *asked]), reason="needed")
    return [
        _ask_value(session, option, checks.get(option, str)) if value is None else value
        for option, value in options.items()
    ]


def _ask_value(session: Session, option: str, check: Callable[[str], object]) -> str:
    """Ask for the value of ``option`` at the terminal, describe what is valid, and repeat until ``check`` raises no
    `errors.InputInvalid`."""
    question = session.texts.get(f"cli.ask.value.{option.removeprefix('--')}")
    while True:
        given = str(click.prompt(question, err=True)).strip()
        try:
            check(given)
        except errors.InputInvalid as error:
            session.print_error(error)
        else:
            return given


def confirmation_variant(outcome: ProcedureResult) -> str | None:
    """Return the variant of the sentence about a request that a person has to confirm; None for another one."""
    if outcome.validation is None:
        return None
    return "to_confirm_by_mail" if outcome.validation.url is None else "to_confirm"


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
