"""Run one command line: every error becomes a sentence, or a JSON object, and an exit code."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Sequence

import click

from ehtoolkit import errors
from ehtoolkit.cli.app import app
from ehtoolkit.cli.output import echo, expand_patterns, prepare_streams
from ehtoolkit.text_safety import json_text

FINE, NOT_FINE, USAGE, WAITING, CARD, PLATFORM = range(6)


def exit_code(error: errors.EhToolkitError) -> int:
    """0 fine, 1 what was asked about is not fine, 2 usage, 3 waiting, 4 card or PIN, 5 platform."""
    match error:
        case errors.NotYetDelivered():
            return WAITING
        case errors.PlatformRefused():
            return NOT_FINE
        case errors.InputInvalid():
            return USAGE
        case errors.CardError():
            return CARD
        case errors.PlatformError():
            return PLATFORM
        case _:
            return NOT_FINE


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command line; nothing but `SystemExit` of the interpreter leaves it."""
    prepare_streams()
    arguments = expand_patterns(arguments)
    wants_json = "--json" in arguments
    try:
        result = app.main(args=list(arguments), prog_name="ehtoolkit", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _report(errors.Cancelled(), arguments, wants_json, USAGE)
    except click.ClickException as usage:
        return _usage(usage, wants_json)
    except errors.EhToolkitError as error:
        return _report(error, arguments, wants_json, exit_code(error))
    except BrokenPipeError:
        sys.stderr.close()  # what read us has gone; a second complaint helps nobody
        return NOT_FINE
    except Exception as error:  # the last border before the user: no traceback reaches him
        logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
        return _report(errors.Unexpected(kind=type(error).__name__), arguments, wants_json, NOT_FINE)
    return result if isinstance(result, int) else FINE


def _usage(usage: click.ClickException, wants_json: bool) -> int:
    if wants_json:
        _print_json({"error": "usage", "message": usage.format_message(), "facts": {}})
    else:
        shown = io.StringIO()
        usage.show(file=shown)
        echo(shown.getvalue(), err=True, nl=False)
    return USAGE


def _report(error: errors.EhToolkitError, arguments: Sequence[str], wants_json: bool, code: int) -> int:
    from ehtoolkit.texts import Texts, language_of

    texts = Texts(language_of(_given(arguments, "--lang"), _wanted_language()))
    message, next_step = texts.error(error), texts.next_step(error)
    if isinstance(error, errors.NewKeyRefused):
        next_step = f"{next_step}\n{texts.get('cli.other_key', option=error.facts['option'])}"
    if wants_json:
        facts = {
            name: value if isinstance(value, int | None) else str(value)
            for name, value in error.facts.items()
        }
        _print_json({"error": error.key, "message": message, "next": next_step, "facts": facts})
    else:
        echo(f"{message}\n{next_step}".rstrip(), err=True)
    return code


def _print_json(value: dict[str, object]) -> None:
    echo(json_text(value))


def _wanted_language() -> str | None:
    import os

    return os.environ.get("EHTOOLKIT_LANGUAGE")


def _given(arguments: Sequence[str], option: str) -> str | None:
    """The value of an option on a command line that may not even have been parsed."""
    for position, argument in enumerate(arguments):
        if argument == option:
            return arguments[position + 1] if position + 1 < len(arguments) else None
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    return None
