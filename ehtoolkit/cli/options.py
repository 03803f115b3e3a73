"""The options that several commands have, in the groups by which a command declares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ehtoolkit.i18n import LANGUAGES

C = TypeVar("C", bound=Callable[..., Any])
PATH: Final = click.Path(path_type=Path)
"""What an option or argument names: any path, a file, or a folder."""
FILE_PATH: Final = click.Path(dir_okay=False, path_type=Path)
FOLDER_PATH: Final = click.Path(file_okay=False, path_type=Path)
FILE: Final = click.argument("file", type=PATH)

CARD_CHOICE: Final = ("card",)
CARD: Final = (*CARD_CHOICE, "pin_file")
TERMS: Final = ("accept_terms",)
PASSWORDS: Final = ("password_file", "passwords")
KEY_PASSWORD: Final = ("key_password_file",)
NEW_PASSWORD: Final = ("new_password_file",)
ENVIRONMENT: Final = ("environment",)
TRACE: Final = ("trace",)
KEYSTORE_FOLDER: Final = ("keystore_folder",)
CONFIRMATION: Final = ("yes_production",)
PLATFORM: Final = (*ENVIRONMENT, *TRACE, *KEYSTORE_FOLDER, *CONFIRMATION)
OUTPUT: Final = ("as_json", "lang", "quiet", "verbose")
"""Every command has these."""


class SharedOption(click.Option):
    """An option that several commands have. ``section``: the part of the help that lists it."""

    def __init__(self, section: str, *declarations: str, **attributes: Any) -> None:
        super().__init__(declarations, **attributes)
        self.section = section


_secrets = partial(SharedOption, "secrets")
_platform = partial(SharedOption, "platform")
_output = partial(SharedOption, "output")

SHARED_OPTIONS: Final = {
    "card": _secrets("--card", metavar="training:NAME|pkcs11:MODULE[#READER]"),
    "pin_file": _secrets("--pin-file", type=FILE_PATH),
    "accept_terms": _secrets("--accept-terms", is_flag=True),
    "password_file": _secrets("--password-file", type=FILE_PATH),
    "passwords": _secrets("--passwords", multiple=True, metavar="FILE|-"),
    "key_password_file": _secrets("--key-password-file", type=FILE_PATH),
    "new_password_file": _secrets("--new-password-file", type=FILE_PATH),
    "environment": _platform("--environment", type=click.Choice(["training", "acceptance", "production"])),
    "trace": _platform("--trace", type=FOLDER_PATH),
    "keystore_folder": _platform("--keystore-folder", type=FOLDER_PATH),
    "yes_production": _platform("--yes-production", is_flag=True),
    "as_json": _output("--json", "as_json", is_flag=True),
    "lang": _output("--lang", type=click.Choice(LANGUAGES)),
    "quiet": _output("--quiet", is_flag=True),
    "verbose": _output("--verbose", is_flag=True),
}
"""By the names of `Options`, in the order of the help."""
SHARED_NAMES: Final = frozenset(f"--{name.removeprefix('as_').replace('_', '-')}" for name in SHARED_OPTIONS)
"""The options as they are typed."""


E = TypeVar("E", bound=StrEnum)


class EnumChoice(click.Choice[E]):
    """A choice between the members of an enumeration, typed as their values."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        return str(choice)


def several(*options: Callable[[Any], Any]) -> Callable[[C], C]:
    """Return a decorator that gives a command several options, in their order."""

    def decorate(command: C) -> C:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@dataclass(frozen=True, slots=True)
class Options:
    """The values of the shared options; the default for one that was not given, or that the command does not have."""

    environment: str | None = None
    card: str | None = None
    as_json: bool = False
    lang: str | None = None
    accept_terms: bool = False
    pin_file: Path | None = None
    password_file: Path | None = None
    key_password_file: Path | None = None
    new_password_file: Path | None = None
    passwords: tuple[str, ...] = ()
    trace: Path | None = None
    keystore_folder: Path | None = None
    yes_production: bool = False
    quiet: bool = False
    verbose: bool = False
