"""Convert arguments from Python: paths, passwords, PINs; a wrong type is named at once.

Every `TypeError` names the argument and the type that came, never the value: it may be a password.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ehtoolkit.secret import Secret
from ehtoolkit.type_errors import wrong_type

if TYPE_CHECKING:
    from ehtoolkit.card import CardKey

PathLike = str | os.PathLike[str]
Paths = PathLike | Iterable[PathLike]
"""One path, or many."""
Password = str | Secret
Passwords = Password | Mapping[str, Password] | Callable[[Path], Password | None] | None
"""For many files: one password for all, each by the name of its file, or from a function of its path; None: without."""
Pin = str | Secret | Callable[["CardKey"], str | Secret | None] | None
"""A PIN, what gives it for each key, or None where the middleware or the reader asks."""

Kind = TypeVar("Kind")


def path_of(argument: str, value: object) -> Path:
    if isinstance(value, str | os.PathLike) and isinstance(path := os.fspath(value), str):
        return Path(path)
    raise wrong_type(argument, "str or os.PathLike", value)


def paths_of(argument: str, value: object) -> tuple[Path, ...]:
    """Return the paths in ``value``, one or many; each is checked by itself where there are several. Raises `TypeError`
    for anything else."""
    if is_one_path(value):
        return (path_of(argument, value),)
    if not isinstance(value, Iterable) or isinstance(value, bytes | bytearray):
        raise wrong_type(argument, "str, os.PathLike or several of them", value)
    return tuple(path_of(f"{argument}[{number}]", one) for number, one in enumerate(value))


def is_one_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike)


def secret_of(argument: str, value: object) -> Secret:
    """Return ``value`` as a secret. A ``str`` is wrapped at once, so that no further frame holds it. Raises `TypeError`
    for anything else."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    raise wrong_type(argument, "str or Secret", value)


def optional_secret_of(argument: str, value: object) -> Secret | None:
    return None if value is None else secret_of(argument, value)


def passwords_of(argument: str, value: object) -> Callable[[Path], Secret | None]:
    """Return the function that gives the password of a file, or None. Raises `TypeError` for what gives none."""
    if value is None or isinstance(value, str | Secret):
        one = optional_secret_of(argument, value)
        return lambda _: one
    if isinstance(value, Mapping):
        by_name = {str(name): secret_of(f"{argument}[{name!r}]", given) for name, given in value.items()}
        return lambda file: by_name.get(file.name)
    if callable(value):
        given = value
        return lambda file: optional_secret_of(argument, given(file))
    raise wrong_type(argument, "str, Secret, a mapping or a function", value)


def pin_of(argument: str, value: object) -> Callable[[CardKey], Secret | None]:
    """Return the function that gives the PIN for a key of the card, or None. Raises `TypeError` for what gives none."""
    if value is None or isinstance(value, str | Secret):
        one = optional_secret_of(argument, value)
        return lambda _: one
    if callable(value):
        given = value
        return lambda key: optional_secret_of(argument, given(key))
    raise wrong_type(argument, "str, Secret or a function", value)


def function_of(argument: str, value: Kind) -> Kind:
    if callable(value):
        return value
    raise wrong_type(argument, "a function", value)
