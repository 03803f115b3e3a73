"""The texts of the catalogues, and the errors that they belong to."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args, get_origin, get_type_hints

from babel.messages.catalog import Catalog

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.i18n import COMMAND
from hatch_build import read_catalogues

PACKAGE: Final = Path(ehtoolkit.__file__).parent
LOCALE: Final = PACKAGE / "locale"
CLICK: Final = "click"
"""The catalogue of click's sentences: its keys are the English sentences, and click has those itself."""
DOMAINS: Final = sorted({po.stem for po in LOCALE.glob("*/LC_MESSAGES/*.po")} - {CLICK})


@cache
def messages(domain: str, language: str) -> dict[str, str]:
    """Keys and texts of one catalogue, as the command line shows them."""
    catalogue = catalogues(language)[LOCALE / language / "LC_MESSAGES" / f"{domain}.po"]
    return {str(message.id): COMMAND.sub(r"\2", str(message.string)) for message in catalogue if message.id}


@cache
def catalogues(language: str) -> dict[Path, Catalog]:
    """Return the catalogues of a language by file, as the build compiles them."""
    return read_catalogues(LOCALE / language / "LC_MESSAGES")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def error_classes(
    root: type[errors.EhToolkitError] = errors.EhToolkitError,
) -> Iterator[type[errors.EhToolkitError]]:
    yield root
    for below in root.__subclasses__():
        yield from error_classes(below)


ERRORS: Final[Mapping[str, type[errors.EhToolkitError]]] = {error.key: error for error in error_classes()}
"""Every class of error, by its key."""


def facts_of(kind: type[errors.EhToolkitError]) -> dict[str, object]:
    """Return the declared facts of an error, with their types."""
    return {name: hint for name, hint in get_type_hints(kind).items() if name != "key"}


def choices(hint: object) -> frozenset[str]:
    """Return the words of a `Literal`, perhaps with None; none for another type."""
    return frozenset(
        word
        for part in (hint, *get_args(hint))
        for word in (get_args(part) if get_origin(part) is Literal else ())
    )
