"""Run one command line: every error becomes a sentence, or a JSON object, and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

import click

from ehtoolkit import errors
from ehtoolkit.cli.app import COMPLETION, app
from ehtoolkit.cli.command import usage_lines, usage_message
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.invocation import Invocation, OfOtherEnvironment
from ehtoolkit.cli.terminal import (
    discard,
    echo,
    expand_patterns,
    is_interactive,
    plain_facts,
    prepare_streams,
    resume_command,
)
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.system.text_safety import json_text

_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})

Problem = errors.EhToolkitError | click.ClickException
_UNKNOWN: Final = 3
"""The exit code of a monitoring plug-in that could not do its work."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but `SystemExit` of the interpreter leaves it."""
    prepare_streams()
    given = Invocation(tuple(expand_patterns(arguments)))
    if "--nagios" in given.arguments:
        code = _run(given, _report_to_monitoring)
        return _UNKNOWN if code == ExitCode.UNREAD else code
    try:
        return _run(given, _report)
    except OSError as error:  # the problem cannot be printed: the reader is gone, or the disk is full
        discard(sys.stdout, sys.stderr)
        return ExitCode.UNREAD if isinstance(error, BrokenPipeError) else ExitCode.STORAGE


def _run(given: Invocation, report: Callable[[Problem, Invocation], int]) -> int:
    """Run one command line. ``report`` prints what ends it, and returns the exit code."""
    if COMPLETION in os.environ:  # it knows PowerShell, which click does not
        import ehtoolkit.cli.completion  # noqa: F401
    try:
        result = app.main(args=list(given.arguments), prog_name="ehtoolkit", standalone_mode=False, obj=given)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return report(errors.Cancelled(), given)
    except (click.ClickException, errors.EhToolkitError) as problem:
        return report(problem, given)
    except SystemExit as stop:  # how click ends when the reader has closed a pipe, and when it helps a shell
        if stop.code != 1:
            raise
        discard(sys.stdout)
        return ExitCode.UNREAD
    except BrokenPipeError:
        discard(sys.stdout)
        return ExitCode.UNREAD
    except Exception as error:  # noqa: BLE001  # the last border before the user, who sees no traceback
        return report(_unexpected(error), given)
    return result if isinstance(result, int) else ExitCode.FINE


def _unexpected(error: Exception) -> errors.EhToolkitError:
    """Return the error for an exception of another kind: standard output is full, or the program has a fault."""
    if isinstance(error, OSError) and error.errno in _FULL:  # of other files it is an error of ours by now
        discard(sys.stdout)
        return errors.DiskFull(folder="stdout")
    return errors.Unexpected.unless_known(error)


def _report_to_monitoring(problem: Problem, given: Invocation) -> int:
    """Print a problem as a monitoring plug-in does: UNKNOWN, in one line on standard output, the only stream that a
    monitoring system reads."""
    from ehtoolkit.auditing.export.nagios_plugin import plugin_failure

    texts = Translator(language_of(given.language))
    if isinstance(problem, click.ClickException):
        result = plugin_failure(usage_message(problem, texts))
    else:
        result = plugin_failure(texts.error(problem))
    try:
        echo(result.line)
    except OSError:  # the reader is gone: it still gets the status
        discard(sys.stdout)
    return int(result.status)


def _report(problem: Problem, given: Invocation) -> int:
    """Print a problem for people on standard error, or as a JSON object."""
    texts = Translator(language_of(given.language))
    wants_json = "--json" in given.arguments
    if isinstance(problem, errors.WrongEnvironment):
        problem = OfOtherEnvironment(problem, given.in_environment(problem.kind))
    if isinstance(problem, OfOtherEnvironment):
        return _report_elsewhere(problem, texts, wants_json=wants_json)
    if isinstance(problem, click.ClickException):
        if wants_json:
            echo(json_text({"error": "usage", "message": usage_message(problem, texts), "facts": {}}))
        else:
            echo(usage_lines(problem, texts), err=True)
        return ExitCode.USAGE
    message, next_step = texts.error(problem), texts.next_step(problem)
    if isinstance(problem, errors.NewKeyRefused):
        next_step = f"{next_step}\n{texts.get('cli.other_key', option=problem.option)}"
    if isinstance(problem, errors.NeverSent | errors.Cancelled) and problem.path is not None:
        next_step = f"{next_step}\n{texts.get('cli.resume', command=_resuming(problem, given))}"
    _print_error(problem, message, next_step, wants_json=wants_json)
    return problem.exit_code


def _print_error(error: errors.EhToolkitError, message: str, next_step: str, *, wants_json: bool) -> None:
    if wants_json:
        facts = plain_facts(error.facts)
        echo(json_text({"error": error.key, "message": message, "next": next_step, "facts": facts}))
    else:
        echo(f"{message}\n{next_step}".strip(), err=True)


def _report_elsewhere(problem: OfOtherEnvironment, texts: Translator, *, wants_json: bool) -> int:
    """Print that a keystore is of another environment, and the command for it; at a terminal, offer to run that."""
    error, repeated = problem.error, problem.repeated
    message = texts.error(error)
    if is_interactive():
        echo(message, err=True)
        if _wants_repeated(error.kind, texts):
            return _run(repeated, _report)
        message = message if wants_json else ""
    next_step = texts.get("cli.environment.repeat", command=repeated.line)
    _print_error(error, message, next_step, wants_json=wants_json)
    return error.exit_code


def _resuming(error: errors.NeverSent | errors.Cancelled, given: Invocation) -> str:
    """Return the command line that goes on with the keystore of ``error``."""
    foreign = (
        isinstance(error, errors.NeverSent) and error.kind == "foreign"
    ) or "request-foreigner" in given.arguments
    return resume_command(str(error.path), without_card=foreign)


def _wants_repeated(environment: str, texts: Translator) -> bool:
    """Return whether the user at the terminal wants the command repeated in ``environment``, which nothing contacts
    before."""
    from ehtoolkit.identity import Environment

    try:
        question = texts.get("cli.ask.environment", environment=Environment(environment))
        return click.confirm(question, err=True, default=False)
    except click.Abort:  # the terminal is closed, or Ctrl+C
        echo(err=True)
        return False
