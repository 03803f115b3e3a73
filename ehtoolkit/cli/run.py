"""Run one command line: every error becomes a sentence, or a JSON object, and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from ehtoolkit import errors
from ehtoolkit.cli.app import app
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.terminal import (
    command_line,
    discard_all,
    discard_output,
    echo,
    expand_patterns,
    plain_facts,
    prepare_streams,
)
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.system.text_safety import json_text

_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})

COMPLETION: Final = "_EHTOOLKIT_COMPLETE"
"""Set when a shell asks what could come next."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but `SystemExit` of the interpreter leaves it."""
    prepare_streams()
    arguments = expand_patterns(arguments)
    if "--nagios" in arguments:
        return _run_as_plugin(arguments)
    try:
        return _run(arguments)
    except OSError as error:  # an error could not be told: nobody reads it, or the disk takes no more
        discard_all()
        return ExitCode.UNREAD if isinstance(error, BrokenPipeError) else ExitCode.STORAGE


def _run(arguments: Sequence[str]) -> int:
    wants_json = "--json" in arguments
    if COMPLETION in os.environ:  # it knows PowerShell, which click does not
        import ehtoolkit.cli.completion  # noqa: F401
    try:
        result = app.main(
            args=list(arguments), prog_name="ehtoolkit", standalone_mode=False, obj=_language(arguments)
        )
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _report(errors.Cancelled(), arguments, wants_json)
    except click.ClickException as usage:
        return _usage(usage, arguments, wants_json)
    except errors.EhToolkitError as error:
        return _report(error, arguments, wants_json)
    except (
        SystemExit
    ) as stop:  # so click ends when a pipe is closed at its other end, and when it helps a shell
        if stop.code != 1:
            raise
        discard_output()
        return ExitCode.UNREAD
    except Exception as error:  # noqa: BLE001  # the last border before the user: no traceback reaches him
        return _fault(error, arguments, wants_json)
    return result if isinstance(result, int) else ExitCode.FINE


def _fault(error: Exception, arguments: Sequence[str], wants_json: bool) -> int:
    """Report what is no error of ours: that standard output takes no more, or a fault of the program."""
    if isinstance(error, BrokenPipeError):
        discard_output()
        return ExitCode.UNREAD
    if isinstance(error, OSError) and error.errno in _FULL:  # of other files it is an error of ours by now
        discard_output()
        return _report(errors.DiskFull(folder="stdout"), arguments, wants_json)
    logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
    return _report(errors.Unexpected(kind=type(error).__name__), arguments, wants_json)


def _run_as_plugin(arguments: Sequence[str]) -> int:
    """Run a command line as a monitoring plug-in, and return its exit code. Whatever keeps it from its work is UNKNOWN,
    in one line on standard output, which is all that a monitoring system reads."""
    texts = Translator(language_of(_language(arguments)))
    try:
        code = app.main(
            args=list(arguments), prog_name="ehtoolkit", standalone_mode=False, obj=_language(arguments)
        )
        return code if isinstance(code, int) else ExitCode.FINE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as usage:
        from ehtoolkit.cli.help.usage import usage_message

        message = usage_message(usage, texts)
    except errors.EhToolkitError as error:
        message = texts.error(error)
    except (click.Abort, KeyboardInterrupt):
        message = texts.error(errors.Cancelled())
    except SystemExit as stop:  # as in `_run`
        if stop.code != 1:
            raise
        discard_output()
        message = ""
    except Exception as error:  # as in `_run`
        logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
        message = texts.error(errors.Unexpected(kind=type(error).__name__))
    from ehtoolkit.auditing.export.plugin import plugin_failure

    result = plugin_failure(message)
    try:
        echo(result.line)
    except OSError:  # nobody reads it: the status still tells
        discard_output()
    return int(result.status)


def _usage(usage: click.ClickException, arguments: Sequence[str], wants_json: bool) -> int:
    if wants_json:
        _print_json({"error": "usage", "message": usage.format_message(), "facts": {}})
    else:
        from ehtoolkit.cli.help.usage import usage_lines

        echo(usage_lines(usage, Translator(language_of(_language(arguments)))), err=True)
    return ExitCode.USAGE


def _report(error: errors.EhToolkitError, arguments: Sequence[str], wants_json: bool) -> int:
    texts = Translator(language_of(_language(arguments)))
    message, next_step = texts.error(error), texts.next_step(error)
    if isinstance(error, errors.NewKeyRefused):
        next_step = f"{next_step}\n{texts.get('cli.other_key', option=error.option)}"
    if isinstance(error, errors.NeverSent | errors.Cancelled) and error.path is not None:
        next_step = f"{next_step}\n{texts.get('cli.resume', command=_resuming(error, arguments))}"
    if wants_json:
        facts = plain_facts(error.facts)
        _print_json({"error": error.key, "message": message, "next": next_step, "facts": facts})
    else:
        echo(f"{message}\n{next_step}".rstrip(), err=True)
    return error.exit_code


def _resuming(error: errors.NeverSent | errors.Cancelled, arguments: Sequence[str]) -> str:
    """Return the command line that goes on with the keystore of ``error``."""
    foreign = (
        isinstance(error, errors.NeverSent) and error.kind == "foreign"
    ) or "request-foreigner" in arguments
    request = "request-foreigner" if foreign else "request"
    return command_line(["ehtoolkit", "certificate", request, "--resume", str(error.path)])


def _print_json(value: dict[str, object]) -> None:
    echo(json_text(value))


def _language(arguments: Sequence[str]) -> str | None:
    """Return the language that was asked for, by --lang or EHTOOLKIT_LANGUAGE; None: the terminal's."""
    return _given(arguments, "--lang") or os.environ.get("EHTOOLKIT_LANGUAGE")


def _given(arguments: Sequence[str], option: str) -> str | None:
    """Return the value of an option on a command line that may not even have been parsed; None without one."""
    for position, argument in enumerate(arguments):
        if argument == option:
            return arguments[position + 1] if position + 1 < len(arguments) else None
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    return None
