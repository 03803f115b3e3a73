"""`shared`, by which a command declares the shared options that it uses, and the options of new certificates."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from ehtoolkit.cli.help.command import LANGUAGE
from ehtoolkit.cli.help.shared_options import OUTPUT, SHARED_OPTIONS, Options

if TYPE_CHECKING:  # a session stands on everything, which --help does not need
    from ehtoolkit.cli.session import Session

P = ParamSpec("P")

key = click.option("--key", "kind", type=click.Choice(["ec-p384", "rsa-2048"]))
"""For the commands that request a certificate."""
profile = click.option("--profile", type=click.Choice(["compatible", "modern"]))
"""For the same."""


def shared(
    *groups: tuple[str, ...],
) -> Callable[[Callable[Concatenate[Session, P], int]], Callable[..., int]]:
    """Give a command the shared options of ``groups`` (see `ehtoolkit.cli.help.shared_options`) and those that every
    command has. Its first argument is the session that they make, which is closed when the command ends. The command
    returns its exit code."""
    wanted = frozenset(name for group in (*groups, OUTPUT) for name in group)
    names = [name for name in SHARED_OPTIONS if name in wanted]

    def decorate(command: Callable[Concatenate[Session, P], int]) -> Callable[..., int]:
        @functools.wraps(command)
        def in_session(*args: Any, **kwargs: Any) -> int:
            from ehtoolkit.cli.session import Session

            kwargs["lang"] = kwargs["lang"] or click.get_current_context().meta.get(LANGUAGE)
            with closing(Session(Options(**{name: kwargs.pop(name) for name in names}))) as session:
                return command(session, *args, **kwargs)

        decorated: Callable[..., int] = in_session
        for name in reversed(names):
            decorated = SHARED_OPTIONS[name](decorated)
        return decorated

    return decorate
