"""Wrong usage in the user's language: what click or a command found, as a sentence with what to type instead.

It is also the one module that reads the words of click's messages: the value in quotation marks, and "unexpected extra
argument" with the arguments in brackets. Without them, the sentence does not name what was typed. No upstream issue
found. `tests/unit/cli/test_usage.py` fails when click writes them otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import click

from ehtoolkit.cli.help.command import UnknownCommand
from ehtoolkit.i18n import Translator

_VALUE: Final = re.compile(r"'(?P<value>[^']*)'")
"""How click quotes what was typed; the first is it."""


class UsageProblem(click.UsageError):
    """Wrong usage that a command has found. ``key`` and ``facts``: of the sentence, ``cli.usage.<key>``; ``message``
    is what the JSON object has, in English."""

    def __init__(self, key: str, message: str, /, **facts: object) -> None:
        super().__init__(message)
        self.key, self.facts = key, facts


class ParameterProblem(click.BadParameter):
    """The same of one value."""

    def __init__(
        self,
        key: str,
        message: str,
        ctx: click.Context | None,
        param: click.Parameter | None,
        /,
        **facts: object,
    ) -> None:
        super().__init__(message, ctx, param)
        self.key, self.facts = key, facts


def usage_message(usage: click.ClickException, texts: Translator) -> str:
    """Return what is wrong, and what there is instead."""
    match usage:
        case UsageProblem() | ParameterProblem():
            return texts.get(f"cli.usage.{usage.key}", **usage.facts)
        case UnknownCommand():
            return _with_close(texts, texts.get("cli.usage.command", name=usage.name), usage.close)
        case click.NoSuchOption():
            message = texts.get("cli.usage.option", name=usage.option_name)
            return _with_close(texts, message, usage.possibilities or ())
        case click.MissingParameter():
            return texts.get("cli.usage.missing", name=_name(usage))
        case click.BadOptionUsage():
            return texts.get("cli.usage.value_missing", name=usage.option_name)
        case click.BadParameter():
            return _bad_value(usage, texts)
        case click.UsageError() if "unexpected extra argument" in usage.message.lower():
            extra = re.search(r"\(([^()]*)\)\s*$", usage.message)
            return texts.get("cli.usage.extra", value=extra[1] if extra else "")
        case _:
            return usage.format_message()


def usage_lines(usage: click.ClickException, texts: Translator) -> str:
    """Return the usage of the command, where help is, and what is wrong."""
    lines = []
    ctx = usage.ctx if isinstance(usage, click.UsageError) else None
    if ctx is not None:
        lines.append(ctx.get_usage())
        lines.append(texts.get("cli.usage.help", command=f"{ctx.command_path} --help") + "\n")
    lines.append(usage_message(usage, texts))
    return "\n".join(lines)


def _bad_value(usage: click.BadParameter, texts: Translator) -> str:
    name, kind = _name(usage), None if usage.param is None else usage.param.type
    found = _VALUE.search(usage.message)
    value = found["value"] if found else ""
    match kind:
        case click.Choice():
            return texts.get(
                "cli.usage.choice", name=name, value=value, choices=", ".join(map(str, kind.choices))
            )
        case click.IntRange() if kind.min is not None and kind.max is not None:
            return texts.get("cli.usage.range", name=name, least=kind.min, most=kind.max)
        case click.types.IntParamType():
            return texts.get("cli.usage.whole", name=name, value=value)
        case click.Path():
            return texts.get("cli.usage.path", name=name, value=value)
        case _:
            return texts.get("cli.usage.value", name=name, reason=usage.message)


def _name(usage: click.BadParameter) -> str:
    if isinstance(usage.param_hint, str):
        return usage.param_hint
    if isinstance(usage.param, click.Option):
        return usage.param.opts[-1]
    return (
        "" if usage.param is None else usage.param.make_metavar(usage.ctx or click.Context(click.Command("")))
    )


def _with_close(texts: Translator, message: str, close: Sequence[str]) -> str:
    return f"{message} {texts.get('cli.usage.close', names=', '.join(close))}" if close else message
