"""Wrong usage in the user's language: what click or a command found, and where the help is.

`click_language` is the one part that knows click's English sentences: gettext finds a translation by them. Where a
version of click has another sentence, users read it in English, and `tests/unit/cli/test_usage.py` fails. No upstream
issue found.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Final, TypeVar

import click

from ehtoolkit.i18n import Translator

if TYPE_CHECKING:
    from ehtoolkit.settings import LanguageName


T = TypeVar("T")
_VARIABLE: Final = "LANGUAGE"
"""gettext reads it first."""


@contextmanager
def click_language(language: LanguageName) -> Iterator[None]:
    """Have click write its messages in ``language`` in the block. Programs that a command starts do not notice:
    commands run outside of it."""
    domain, before = gettext.textdomain(), os.environ.get(_VARIABLE)
    gettext.bindtextdomain("click", str(files("ehtoolkit").joinpath("locale")))
    gettext.textdomain("click")
    os.environ[_VARIABLE] = language
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


class UsageProblem(click.UsageError):
    """Wrong usage that a command has found. Its sentence is ``cli.usage.<key>``, filled in with ``facts``."""

    def __init__(self, key: str, ctx: click.Context | None = None, /, **facts: object) -> None:
        super().__init__(key, ctx)
        self.key, self.facts = key, facts


class ParameterProblem(click.BadParameter):
    """The same for one value."""

    def __init__(
        self, key: str, ctx: click.Context | None, param: click.Parameter | None, /, **facts: object
    ) -> None:
        super().__init__(key, ctx, param)
        self.key, self.facts = key, facts


class ParsedValue(click.ParamType[T]):
    """A value that ``parse`` makes of what is typed. When it raises ``ValueError``, the `ParameterProblem` has the name
    of the type as its key."""

    def __init__(self, name: str, parse: Callable[[str], T]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> T:
        try:
            return self._parse(str(value))
        except ValueError as error:
            raise ParameterProblem(self.name, ctx, param, value=value) from error


def usage_message(usage: click.ClickException, texts: Translator) -> str:
    """Return what is wrong, and what there is instead."""
    if isinstance(usage, UsageProblem | ParameterProblem):
        return texts.get(f"cli.usage.{usage.key}", **usage.facts)
    with click_language(texts.language):
        return usage.format_message()


def usage_lines(usage: click.ClickException, texts: Translator) -> str:
    """Return the usage of the command, where help is, and what is wrong."""
    lines = []
    ctx = usage.ctx if isinstance(usage, click.UsageError) else None
    if ctx is not None:
        with click_language(texts.language):
            lines.append(ctx.get_usage())
        lines.append(texts.get("cli.usage.help", command=f"{ctx.command_path} --help") + "\n")
    lines.append(usage_message(usage, texts))
    return "\n".join(lines)
