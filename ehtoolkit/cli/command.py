"""`command`, which makes a command, groups of commands, and wrong usage in the user's language.

`click_language` is the one part that knows click's English sentences: gettext finds a translation by them. Where a
version of click has another sentence, users read it in English, and `tests/unit/cli/test_usage.py` fails. No upstream
issue found.
"""

from __future__ import annotations

import copy
import functools
import gettext
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.resources import files
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import click

from ehtoolkit.cli.help import TranslatedGroupHelp, TranslatedHelp, help_texts
from ehtoolkit.cli.invocation import Invocation
from ehtoolkit.cli.options import OUTPUT, SHARED_NAMES, SHARED_OPTIONS, Options
from ehtoolkit.i18n import LANGUAGES, Translator, language_of

if TYPE_CHECKING:  # a session stands on everything, which the help of a group does not need
    from ehtoolkit.cli.command_session import Session
    from ehtoolkit.settings import LanguageName

P = ParamSpec("P")
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


# ── Wrong usage ──────────────────────────────────────────────────────────────────────────────────────────
class UsageProblem(click.UsageError):
    """Wrong usage that a command has found. Its sentence is ``cli.usage.<key>``, filled in with ``facts``."""

    def __init__(self, key: str, ctx: click.Context | None = None, /, **facts: object) -> None:
        super().__init__(key, ctx)
        self.key, self.facts = key, facts


class ParsedValue(click.ParamType[T]):
    """A value that ``parse`` makes of what is typed. When it raises ``ValueError``, the `UsageProblem` has the name of
    the type as its key."""

    def __init__(self, name: str, parse: Callable[[str], T]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> T:
        try:
            return self._parse(str(value))
        except ValueError as error:
            raise UsageProblem(self.name, ctx, value=value) from error


def usage_message(usage: click.ClickException, texts: Translator) -> str:
    """Return what is wrong, and what there is instead."""
    if isinstance(usage, UsageProblem):
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


# ── Commands and groups ──────────────────────────────────────────────────────────────────────────────────
LANGUAGE: Final = "ehtoolkit.language"
"""Where a context keeps what was given to a group: its commands speak that language too."""


class LocalisedCommand(TranslatedHelp):
    """A command that speaks the user's language, also when its arguments are wrong."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        given = extra.get("obj") if parent is None else parent.find_root().obj
        wanted = given.language if isinstance(given, Invocation) else None
        with click_language(language_of(wanted)):
            return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a shared option that this command does not have with a sentence of its own."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            name = error.option_name
            if name not in SHARED_NAMES or isinstance(self, click.Group):
                raise
            raise UsageProblem("unused", ctx, command=ctx.command_path, name=name) from error


def command(
    *groups: tuple[str, ...],
) -> Callable[[Callable[Concatenate[Session, P], int | None]], LocalisedCommand]:
    """Make a command of a function, with the shared options of ``groups`` and those that every command has (see
    `ehtoolkit.cli.options`). The first argument of the function is the session that these options make, which is closed
    when the command ends. The function returns the exit code; None is 0."""
    wanted = frozenset(name for group in (*groups, OUTPUT) for name in group)
    names = [name for name in SHARED_OPTIONS if name in wanted]

    def decorate(function: Callable[Concatenate[Session, P], int | None]) -> LocalisedCommand:
        @functools.wraps(function)
        def in_session(*args: Any, **kwargs: Any) -> int | None:
            from ehtoolkit.cli.command_session import Session

            ctx = click.get_current_context()
            kwargs["lang"] = kwargs["lang"] or ctx.meta.get(LANGUAGE)
            options = Options(**{name: kwargs.pop(name) for name in names})
            with closing(Session(options, Invocation.of(ctx))) as session:
                return function(session, *args, **kwargs)

        made = click.command(cls=LocalisedCommand)(in_session)
        # Copies: the reference pages give each its own help.
        made.params += [copy.copy(SHARED_OPTIONS[name]) for name in names]
        return made

    return decorate


Members = Mapping[str, "str | Members"]
"""The commands of a group by name: ``module:attribute`` in `ehtoolkit.cli`, or the commands of a group below."""


class LazyGroup(LocalisedCommand, TranslatedGroupHelp):
    """A group that imports a command on use."""

    def __init__(self, name: str, members: Members, **settings: Any) -> None:
        super().__init__(name, **settings)
        self._members = {
            name: below if isinstance(below, str) else LazyGroup(name, below)
            for name, below in members.items()
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._members.get(cmd_name)
        found: click.Command | None = (
            resolve_name(f"ehtoolkit.cli.{place}") if isinstance(place, str) else place
        )
        return found

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        language = click.Option(
            ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, callback=_keep_language
        )
        return [language, *super().get_params(ctx)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and not name.startswith("-"):
            with click_language(help_texts(ctx).language):
                raise click.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)


def _keep_language(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[LANGUAGE] = value
