"""The commands and the shared options, as the program has them: what a test goes through when it is about all."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import click

from ehtoolkit.cli.app import app
from ehtoolkit.cli.help import examples_of
from ehtoolkit.cli.options import SHARED_OPTIONS, SharedOption


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


_LEAVES: Final = {name: found for name, found in command_tree() if not isinstance(found, click.Group)}
COMMANDS: Final = list(_LEAVES)
SHARED: Final = list(SHARED_OPTIONS.values())
"""The options that commands share."""
SHARED_OF: Final = {
    name: [option for option in found.params if isinstance(option, SharedOption)]
    for name, found in _LEAVES.items()
}
"""Those that each command has."""
CONFIRMED: Final = [
    name for name, options in SHARED_OF.items() if "yes_production" in [option.name for option in options]
]
"""Commands that reach the platform or write keystores: production is confirmed first."""


def has_option(arguments: Sequence[object], option: str) -> bool:
    """Return whether the command at the beginning of ``arguments`` has the shared option ``option``."""
    words = " ".join(map(str, arguments)) + " "
    command = max((name for name in COMMANDS if words.startswith(f"{name} ")), key=len)
    return option in [shared_option.name for shared_option in SHARED_OF[command]]


def example(command: str) -> list[str]:
    """Return the arguments of the first example in the help of ``command``."""
    return shlex.split(examples_of(command)[0])[1 + len(command.split()) :]


CONTACT: Final = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
BIS: Final = f"855102307{97 - 855102307 % 97:02}"
_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "serve": ("--no-browser",),
    "lab": ("--no-browser",),
    "doctor": (),
    "certificate request": (*CONTACT, "--accept-terms"),
    "certificate request-foreigner": (
        *("--niss", BIS, "--first-name", "Ann", "--name", "Doe"),
        *(*CONTACT, "--accept-terms"),
    ),
    **{f"certificate {name}": ("a.p12",) for name in ("complete", "renew", "activate", "status", "session")},
    "certificate test": ("a.p12",),
    "message seal": ("a", "-o", "b", "--keystore", "a.p12", "--to", "SSIN=79031421872"),
    "keystore passwd": ("a.p12",),
    "keystore convert": ("a.p12", "-o", "b.p12"),
    "keystore rescue": ("a.p12", "-o", "b.p12"),
    "keystore merge": ("a.p12", "--from", "b.p12"),
    "keystore archive": (".",),
    "keystore rename": ("a.p12",),
}
ASKS: Final = {command: _ARGUMENTS.get(command, tuple(example(command))) for command in CONFIRMED}
"""The arguments of the commands that have production confirmed; by default those in the example of the help."""


def assert_command(words: list[str]) -> None:
    """Check that there is a command with these options. ``words``: without ``ehtoolkit``."""
    command: click.Command = app
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    options = {name for option in command.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= options
