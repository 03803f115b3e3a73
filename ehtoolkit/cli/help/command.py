"""`command`, which makes a command; and groups. Their help is in the user's language: options in sections, and
examples."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from contextlib import closing
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec

import click

from ehtoolkit.cli.help.examples import examples_of
from ehtoolkit.cli.help.usage import UsageProblem, click_language
from ehtoolkit.cli.options import OUTPUT, SHARED_NAMES, SHARED_OPTIONS, Options, SharedOption
from ehtoolkit.i18n import LANGUAGES, Translator, language_of

if TYPE_CHECKING:  # a session stands on everything, which --help does not need
    from ehtoolkit.cli.command_session import Session

P = ParamSpec("P")

_SECTIONS: Final = ("options", "secrets", "platform", "output")


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
    """A command whose help is in the catalogue ``help``, in the user's language."""

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
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(help_texts(ctx).get(help_key(command_words(ctx))))

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
        texts = help_texts(ctx)
        rows = [
            (name, _beginning(texts.get(help_key(f"{group} {name}")))) for name in self.list_commands(ctx)
        ]
        with formatter.section(texts.get("help.section.commands")):
            formatter.write_dl(rows)

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
