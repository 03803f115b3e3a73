"""`command`, which makes a command; groups; wrong usage. All of it speaks the user's language: help has its options in
sections, and examples.

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
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

import click

from ehtoolkit.cli.help.examples import examples_of
from ehtoolkit.cli.options import OUTPUT, SHARED_NAMES, SHARED_OPTIONS, Options, SharedOption
from ehtoolkit.i18n import LANGUAGES, Translator, language_of

if TYPE_CHECKING:  # a session stands on everything, which --help does not need
    from ehtoolkit.cli.command_session import Session
    from ehtoolkit.settings import LanguageName

P = ParamSpec("P")

_SECTIONS: Final = ("options", "secrets", "platform", "output")


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


def help_texts(ctx: click.Context) -> Translator:
    """Return the sentences in the language that the command line asks for, else the terminal's."""
    wanted = ctx.find_root().obj
    return Translator(language_of(wanted if isinstance(wanted, str) else None))


def command_words(ctx: click.Context) -> str:
    """Return the command as it is typed, without the program's name and arguments."""
    words = []
    at: click.Context | None = ctx
    while at is not None and at.parent is not None:
        words.append(at.info_name or "")
        at = at.parent
    return " ".join(reversed(words))


def help_key(command: str) -> str:
    """Return the key of a command's help: ``help.keystore.show``."""
    return ".".join(("help", *(command.split() or ["ehtoolkit"])))


def option_help(command: str, option: click.Option, texts: Translator) -> str | None:
    """Return the sentence of an option, by its long name: that of the command, else what it is everywhere; None without
    one."""
    name = max(option.opts, key=len).lstrip("-")
    keys = (f"{help_key(command)}.option.{name}", f"help.option.{name}")
    return next((texts.get(key) for key in keys if texts.has(key)), None)


class LocalisedCommand(click.Command):
    """A command whose help is in the catalogue ``help``, in the user's language. A command without a sentence there
    shows the one of its code."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        wanted = extra.get("obj") if parent is None else parent.find_root().obj
        with click_language(language_of(wanted if isinstance(wanted, str) else None)):
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

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        options = help_texts(ctx).get("help.word.options")
        return [options if piece == self.options_metavar else piece for piece in pieces]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts, key = help_texts(ctx), help_key(command_words(ctx))
        text = texts.get(key) if texts.has(key) else self.help or ""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command alone, then those that it shares with others, in their sections."""
        texts, command = help_texts(ctx), command_words(ctx)
        sections: dict[str, list[tuple[str, str]]] = {name: [] for name in _SECTIONS}
        own_help = None
        for option in self.get_params(ctx):
            if not isinstance(option, click.Option):
                continue
            shown = copy.copy(option)
            shown.help = option_help(command, option, texts) or option.help
            record = shown.get_help_record(ctx)
            if record is None:
                continue
            if "--help" in option.opts:
                own_help = record
            else:
                sections[option.section if isinstance(option, SharedOption) else "options"].append(record)
        if own_help is not None:
            sections["output" if sections["output"] else "options"].append(own_help)
        for name, records in sections.items():
            if records:
                with formatter.section(texts.get(f"help.section.{name}")):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lines = examples_of(command_words(ctx))
        if not lines:
            return
        with formatter.section(help_texts(ctx).get("help.section.examples")):
            for line in lines:  # whole, to be copied
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


LANGUAGE: Final = "ehtoolkit.language"
"""Where a context keeps what was given to a group: its commands speak that language too."""


def _keep_language(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[LANGUAGE] = value


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

            kwargs["lang"] = kwargs["lang"] or click.get_current_context().meta.get(LANGUAGE)
            with closing(Session(Options(**{name: kwargs.pop(name) for name in names}))) as session:
                return function(session, *args, **kwargs)

        made = click.command(cls=LocalisedCommand)(in_session)
        # Copies: the reference pages give each its own help.
        made.params += [copy.copy(SHARED_OPTIONS[name]) for name in names]
        return made

    return decorate


class LazyGroup(LocalisedCommand, click.Group):
    """A group that imports a command on use. ``members``: by name, ``module:attribute`` in `ehtoolkit.cli`, or a
    group."""

    def __init__(self, name: str, members: Mapping[str, str | LazyGroup], **settings: Any) -> None:
        super().__init__(name, **settings)
        self._members = members

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._members.get(cmd_name)
        found = resolve_name(f"ehtoolkit.cli.{place}") if isinstance(place, str) else place
        if found is not None and not isinstance(found, click.Command):
            raise TypeError(f"{place} is not a command")
        return found

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        language = click.Option(
            ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, callback=_keep_language
        )
        return [language, *super().get_params(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        group = command_words(ctx)
        rows = [(name, self._short_help(ctx, f"{group} {name}".strip())) for name in self.list_commands(ctx)]
        with formatter.section(help_texts(ctx).get("help.section.commands")):
            formatter.write_dl(rows)

    def _short_help(self, ctx: click.Context, command: str) -> str:
        """Return the beginning of a command's help, without importing the command where the catalogue has it."""
        texts, key = help_texts(ctx), help_key(command)
        if texts.has(key):
            return _beginning(texts.get(key))
        found = self.get_command(ctx, command.rpartition(" ")[2])
        return "" if found is None else found.get_short_help_str(80)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and not name.startswith("-"):
            with click_language(help_texts(ctx).language):
                raise click.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)


def _beginning(text: str) -> str:
    """Return the first thing that ``text`` says, up to a full stop, a colon or a semicolon, with a full stop at its
    end."""
    for end in (". ", ": ", "; "):
        text = text.partition(end)[0]
    return text.rstrip(".\u00a0") + "."


# ── Wrong usage ──────────────────────────────────────────────────────────────────────────────────────────
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
