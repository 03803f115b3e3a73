"""The options that every command accepts, used or not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from ehtoolkit.cli.help.command import LANGUAGE

if TYPE_CHECKING:  # a session stands on everything, which --help does not need
    from ehtoolkit.cli.session import Session

P = ParamSpec("P")


_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)

_SHARED = {
    "environment": click.option(
        "--environment",
        type=click.Choice(["training", "acceptance", "production"]),
        help="Which platform; training without it.",
    ),
    "card": click.option("--card", metavar="training:NAME|pkcs11:MODULE[#READER]", help="Which card."),
    "as_json": click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output."),
    "lang": click.option(
        "--lang",
        type=click.Choice(["fr", "nl", "de", "en"]),
        help="Language of the sentences; without it as EHTOOLKIT_LANGUAGE says.",
    ),
    "accept_terms": click.option(
        "--accept-terms", is_flag=True, help="Accept the conditions of use and the contract."
    ),
    "pin_file": click.option("--pin-file", type=_FILE, help="File with the PIN of the card."),
    "password_file": click.option(
        "--password-file", type=_FILE, help="File with the password of the keystore."
    ),
    "new_password_file": click.option(
        "--new-password-file", type=_FILE, help="File with the password to set."
    ),
    "passwords": click.option(
        "--passwords",
        multiple=True,
        metavar="FILE|-",
        help="CSV with pattern,password; - reads standard input; several by giving it again.",
    ),
    "trace": click.option("--trace", type=_FOLDER, help="Keep every message here. Holds personal data."),
    "keystore_folder": click.option(
        "--keystore-folder", type=_FOLDER, help="Where keystores are looked for and written."
    ),
    "yes_production": click.option(
        "--yes-production", is_flag=True, help="Confirm production where there is no terminal."
    ),
    "quiet": click.option("--quiet", is_flag=True, help="Say only what matters."),
    "verbose": click.option("--verbose", is_flag=True, help="Say more, on standard error."),
}
"""By their names in `ehtoolkit.cli.session.Options`."""
key = click.option(
    "--key",
    "kind",
    type=click.Choice(["ec-p384", "rsa-2048"]),
    help="The kind of the new key; without it as EHTOOLKIT_AUTHENTICATION_KEY says.",
)
"""For the commands that ask for a certificate."""
profile = click.option(
    "--profile",
    type=click.Choice(["compatible", "modern"]),
    help="How the new keystore is protected; without it as EHTOOLKIT_KEYSTORE_PROFILE says.",
)
"""For the same."""


def shared(command: Callable[Concatenate[Session, P], int]) -> Callable[..., int]:
    """Give a command the shared options: its first argument is the session that they make, which is closed when
    the command is done. It returns its exit code."""

    @functools.wraps(command)
    def in_session(*args: Any, **kwargs: Any) -> int:
        from ehtoolkit.cli.session import Options, Session

        kwargs["lang"] = kwargs["lang"] or click.get_current_context().meta.get(LANGUAGE)
        with closing(Session(Options(**{name: kwargs.pop(name) for name in _SHARED}))) as session:
            return command(session, *args, **kwargs)

    wrapped: Callable[..., int] = in_session
    for option in reversed(_SHARED.values()):
        wrapped = option(wrapped)
    return wrapped
