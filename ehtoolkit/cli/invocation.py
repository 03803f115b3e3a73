"""The command line that runs: its language, and the same command for another environment."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import click

from ehtoolkit import errors
from ehtoolkit.cli.terminal import command_line

_ENVIRONMENT: Final = "--environment"


@dataclass(frozen=True, slots=True)
class Invocation:
    """The words after ``ehtoolkit``, as they were typed."""

    arguments: tuple[str, ...] = ()

    @classmethod
    def of(cls, ctx: click.Context) -> Invocation:
        """Return what was typed for the command of ``ctx``; nothing where a test or the documentation has made it."""
        found = ctx.find_root().obj
        return found if isinstance(found, Invocation) else cls()

    @property
    def language(self) -> str | None:
        """The language that was asked for, by --lang or EHTOOLKIT_LANGUAGE; None: the terminal's. The command line may
        not even have been parsed."""
        for argument, following in pairwise([*self.arguments, ""]):
            name, _, value = argument.partition("=")
            if name == "--lang":
                return (following if argument == name else value) or os.environ.get("EHTOOLKIT_LANGUAGE")
        return os.environ.get("EHTOOLKIT_LANGUAGE")

    @property
    def line(self) -> str:
        """The whole command, as a shell takes it."""
        return command_line(["ehtoolkit", *self.arguments])

    def in_environment(self, environment: str, without: Collection[str] = ()) -> Invocation:
        """Return the same command for ``environment``, without those of its files that are in ``without``."""
        dropped = {Path(file) for file in without}
        before, after = _split(self.arguments)
        options = [word for word in _without_environment(before) if Path(word) not in dropped]
        files = [word for word in after if word == "--" or Path(word) not in dropped]
        return Invocation((*options, _ENVIRONMENT, str(environment), *files))


class OfOtherEnvironment(click.ClickException):
    """A command ends with a keystore of another environment, and another command judges that.

    Attributes:
        error: names both environments.
        repeated: that command.
    """

    def __init__(self, error: errors.WrongEnvironment, repeated: Invocation) -> None:
        super().__init__(error.key)
        self.error, self.repeated = error, repeated


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return what is before ``--``, after which nothing is an option, and the rest."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end:]


def _without_environment(arguments: Sequence[str]) -> list[str]:
    kept, words = [], iter(arguments)
    for word in words:
        if word == _ENVIRONMENT:
            next(words, None)
        elif not word.startswith(f"{_ENVIRONMENT}="):
            kept.append(word)
    return kept
