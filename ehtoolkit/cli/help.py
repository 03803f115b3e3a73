"""Help in the user's language: texts from the catalogue ``help``, options in sections, and examples."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import click

from ehtoolkit.cli.invocation import Invocation
from ehtoolkit.cli.options import SharedOption
from ehtoolkit.i18n import Translator, language_of

_SECTIONS: Final = ("options", "secrets", "platform", "output")


def help_texts(ctx: click.Context) -> Translator:
    """Return the sentences in the language that the command line asks for, else the terminal's."""
    return Translator(language_of(Invocation.of(ctx).language))


def command_words(ctx: click.Context) -> str:
    """Return the command as it is typed, without the program's name and arguments."""
    return ctx.command_path.partition(" ")[2]


def help_key(command: str) -> str:
    """Return the key of a command's help: ``help.keystore.show``."""
    return ".".join(("help", *(command.split() or ["ehtoolkit"])))


def option_help(command: str, option: click.Option, texts: Translator) -> str | None:
    """Return the sentence of an option, by its long name: that of the command, else what it is everywhere; None without
    one."""
    name = max(option.opts, key=len).lstrip("-")
    keys = (f"{help_key(command)}.option.{name}", f"help.option.{name}")
    return next((texts.get(key) for key in keys if texts.has(key)), None)


class TranslatedHelp(click.Command):
    """A command whose help is in the catalogue ``help``, in the user's language."""

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


class TranslatedGroupHelp(TranslatedHelp, click.Group):
    """The same of a group: its commands come before its options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        group, texts = command_words(ctx), help_texts(ctx)
        rows = [
            (name, _beginning(texts.get(help_key(f"{group} {name}")))) for name in self.list_commands(ctx)
        ]
        with formatter.section(texts.get("help.section.commands")):
            formatter.write_dl(rows)


def _beginning(text: str) -> str:
    """Return the first thing that ``text`` says, up to a full stop, a colon or a semicolon, with a full stop at its
    end."""
    for end in (". ", ": ", "; "):
        text = text.partition(end)[0]
    return text.rstrip(".\u00a0") + "."


# ── Examples ─────────────────────────────────────────────────────────────────────────────────────────────
def examples_of(command: str) -> Sequence[str]:
    """Return lines that can be typed, from ``help_examples.txt``, which has them under the command's name in brackets.
    ``command``: as it is typed, without the program's name."""
    return _examples().get(command or "ehtoolkit", ())


@cache
def _examples() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for line in files("ehtoolkit.cli").joinpath("help_examples.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif line:
            lines.append(line)
    return found
