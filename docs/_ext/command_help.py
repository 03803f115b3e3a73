"""The English help of the commands for sphinx-click, which reads it from their code: ours is in the catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from sphinx.application import Sphinx

from ehtoolkit.cli.app import app as program
from ehtoolkit.cli.help import command_words, examples_of, help_key, option_help
from ehtoolkit.i18n import Translator

ENGLISH = Translator("en")


def fill_in_help(app: Sphinx) -> None:
    for words, command in _tree(program, ()):
        command.name = words.rpartition(" ")[2] or "ehtoolkit"  # that of its function may be another
        command.help = _escaped(ENGLISH.get(help_key(words)))
        for option in command.params:
            if isinstance(option, click.Option):
                option.help = _escaped(option_help(words, option, ENGLISH) or "")


def _tree(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if below := command.get_command(context, name):
                yield from _tree(below, (*path, name))


def _escaped(text: str) -> str:
    """Return a text as reStructuredText: options are literal, and no other character is markup."""
    text = re.sub(r"([*`|_\\])", r"\\\1", text)
    return re.sub(r"(?<![\w-])(--[a-z][a-z-]*)", r"``\1``", text)


def add_examples(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    if examples := examples_of(command_words(context)):
        lines += ["", ".. code-block:: console", "", *(f"   $ {line}" for line in examples), ""]


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", fill_in_help)
    app.connect("sphinx-click-process-epilog", add_examples)
