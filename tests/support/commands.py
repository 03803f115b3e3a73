"""The commands and the shared options, as the program has them: what a test goes through when it is about all."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

import click

from ehtoolkit.cli.app import app
from ehtoolkit.cli.help.sections import EXAMPLES, used_options
from ehtoolkit.cli.options import shared


def command_tree(
    group: click.Command = app, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Yield every group and command, as it is typed."""
    yield " ".join(path), group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield from command_tree(found, (*path, name))


COMMANDS: Final = [name for name, found in command_tree() if not isinstance(found, click.Group)]
SHARED: Final = [
    option
    for option in click.command("shared")(shared(lambda _: 0)).params
    if isinstance(option, click.Option)
]
"""The options that every command accepts."""
CONFIRMED: Final = [name for name in COMMANDS if "yes_production" in used_options(name)]
"""Commands that reach the platform or write keystores: production is confirmed first. A new command is one of them,
unless `ehtoolkit.cli.help.sections` declares its options."""


def example(command: str) -> list[str]:
    """Return the arguments of the first example in the help of ``command``."""
    return shlex.split(EXAMPLES[command][0])[1 + len(command.split()) :]
