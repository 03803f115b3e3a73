"""Commands and groups whose help is in the user's language: options in groups, examples, close names of a typo."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click

from ehtoolkit.cli.help.sections import EXAMPLES, SECTIONS, used_options
from ehtoolkit.i18n import LANGUAGES, Translator, language_of

_SHARED: Final = frozenset(name for names in SECTIONS.values() for name in names)


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
    """A command whose help is in the user's language; code in another place may lack sentences, and is shown as it
    stands there."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts = help_texts(ctx)
        pieces = [
            texts.get("help.word.options") if piece == "[OPTIONS]" else piece
            for piece in self.collect_usage_pieces(ctx)
        ]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=texts.get("help.word.usage") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts, key = help_texts(ctx), help_key(command_words(ctx))
        text = texts.get(key) if texts.has(key) else self.help or ""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command, then the shared ones that do something for it, in their groups."""
        texts, command = help_texts(ctx), command_words(ctx)
        every = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        options = {"help" if "--help" in one.opts else one.name or "": one for one in every}
        own = [one for one in every if one.name not in _SHARED and "--help" not in one.opts]
        used = used_options(command)
        sections = {"options": own} | {
            title: [options[name] for name in names if name in options and name in used]
            for title, names in SECTIONS.items()
        }
        if "help" in options:
            sections["output" if sections["output"] else "options"].append(options["help"])
        for title, names in sections.items():
            records = [_record(one, ctx, command, texts) for one in names]
            if shown := [one for one in records if one is not None]:
                with formatter.section(texts.get(f"help.section.{title}")):
                    formatter.write_dl(shown)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lines = EXAMPLES.get(command_words(ctx), ())
        if not lines:
            return
        with formatter.section(help_texts(ctx).get("help.section.examples")):
            for line in lines:  # whole, to be copied
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Return what a shell offers: of the shared options those that do something."""
        used = used_options(command_words(ctx))
        hidden = {
            name
            for one in self.get_params(ctx)
            if one.name in _SHARED and one.name not in used
            for name in one.opts
        }
        return [one for one in super().shell_complete(ctx, incomplete) if one.value not in hidden]


LANGUAGE: Final = "ehtoolkit.language"
"""Where a context keeps what was given to a group: its commands speak that language too."""


def _keep_language(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[LANGUAGE] = value


class LocalisedGroup(LocalisedCommand, click.Group):
    """A group of such commands."""

    command_class = LocalisedCommand

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        language = click.Option(
            ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, callback=_keep_language
        )
        return [language, *super().get_params(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts, group = help_texts(ctx), command_words(ctx)
        rows = []
        for name in self.list_commands(ctx):
            key = help_key(f"{group} {name}".strip())
            rows.append(
                (name, _beginning(texts.get(key)) if texts.has(key) else self.short_help_of(ctx, name))
            )
        with formatter.section(texts.get("help.section.commands")):
            formatter.write_dl(rows)

    def short_help_of(self, ctx: click.Context, name: str) -> str:
        """Return what stands beside a command that has no sentence in the catalogue."""
        found = self.get_command(ctx, name)
        return "" if found is None else found.get_short_help_str(80)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and not name.startswith("-"):
            raise UnknownCommand(name, get_close_matches(name, self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


class LazyGroup(LocalisedGroup):
    """A group whose commands are named by ``name -> (module, attribute, help)`` and imported on use."""

    def __init__(self, lazy: Mapping[str, tuple[str, str, str]], **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # click's own keyword arguments
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, attribute, _ = self._lazy[cmd_name]
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return command

    def short_help_of(self, ctx: click.Context, name: str) -> str:
        return self._lazy[name][2]


class UnknownCommand(click.UsageError):
    """A command that is not there. ``close``: those that were perhaps meant."""

    def __init__(self, name: str, close: Sequence[str], ctx: click.Context) -> None:
        super().__init__(f"No such command {name!r}.", ctx)
        self.name, self.close = name, tuple(close)


def _record(
    option: click.Option, ctx: click.Context, command: str, texts: Translator
) -> tuple[str, str] | None:
    shown = copy.copy(option)
    shown.help = option_help(command, option, texts) or option.help
    record = shown.get_help_record(ctx)
    if record is None:
        return None
    extra = option.get_help_extra(ctx)
    added = []
    if "default" in extra:
        added.append(f"{texts.get('help.word.default')}: {extra['default']}")
    if "range" in extra:
        added.append(extra["range"])
    if "required" in extra:
        added.append(texts.get("help.word.required"))
    return record[0], "  ".join(filter(None, (shown.help, f"[{'; '.join(added)}]" if added else "")))


def _beginning(text: str) -> str:
    """Return the first thing that ``text`` says, up to a full stop, a colon or a semicolon, with a full stop at its
    end."""
    for end in (". ", ": ", "; "):
        text = text.partition(end)[0]
    return text.rstrip(".\u00a0") + "."
