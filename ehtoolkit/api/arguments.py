"""Convert arguments from Python: paths, passwords, PINs.

A wrong type is a `TypeError`, an empty path a `ValueError`. Both name the argument, never its value, which may be
a password.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ehtoolkit.keystore.passwords import Guesses, PasswordPatterns
from ehtoolkit.secret import Secret
from ehtoolkit.type_errors import wrong_type

if TYPE_CHECKING:
    from ehtoolkit.card.port import CardKey
    from ehtoolkit.ehealth.contract import Contract

PathLike = str | os.PathLike[str]
Paths = PathLike | Iterable[PathLike]
"""One path, or many."""
Password = str | Secret
Passwords = (
    Password
    | os.PathLike[str]
    | PasswordPatterns
    | Mapping[str, Password]
    | Callable[[Path], Password | None]
    | None
)
"""For many files: one password for all; a `Path` of a password table, or tables that `ehtoolkit.read_passwords` read;
passwords by file name or pattern, as in such a table; or a function of the path. None: without. A ``str`` that names an
existing ``.csv`` file is a path, too."""
Pin = str | Secret | Callable[["CardKey"], str | Secret | None] | None
"""A PIN, what gives it for each key, or None where the middleware or the reader asks."""
Agree = Callable[["Contract"], None]
"""Shows a contract; raises `errors.TermsNotAccepted` to stop."""

Kind = TypeVar("Kind")


def path_of(argument: str, value: object) -> Path:
    """Return ``value`` as a path. Raises `TypeError`, and `ValueError` for an empty path."""
    if not isinstance(value, str | os.PathLike) or not isinstance(path := os.fspath(value), str):
        raise wrong_type(argument, "str or os.PathLike", value)
    if not path.strip():
        raise ValueError(f"{argument} is an empty path")
    return Path(path)


def paths_of(argument: str, value: object) -> tuple[Path, ...]:
    """Return the paths in ``value``, one or many; each is checked by itself where there are several. Raises `TypeError`
    for anything else."""
    if is_single_path(value):
        return (path_of(argument, value),)
    if not isinstance(value, Iterable) or isinstance(value, bytes | bytearray):
        raise wrong_type(argument, "str, os.PathLike or several of them", value)
    return tuple(path_of(f"{argument}[{number}]", path) for number, path in enumerate(value))


def recipients_of(argument: str, value: object) -> tuple[str | Path, ...]:
    """Return the recipients in ``value``: holders as ``str``, files with tokens as paths. Raises `TypeError`."""
    if isinstance(value, str | os.PathLike | bytes | bytearray) or not isinstance(value, Iterable):
        raise wrong_type(argument, "a list of str and os.PathLike", value)
    return tuple(
        recipient if isinstance(recipient, str) else path_of(f"{argument}[{number}]", recipient)
        for number, recipient in enumerate(value)
    )


def is_single_path(value: object) -> bool:
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


def passwords_of(argument: str, value: object) -> Callable[[Path], Sequence[Secret]]:
    """Return the function that gives the passwords to try on a file, in order: `Guesses` where they are meant for other
    files too.

    Raises `TypeError`, and what `PasswordPatterns.read` raises for a password table.
    """
    if value is None:
        return lambda _: ()
    if isinstance(value, os.PathLike) or (isinstance(value, str) and _is_table(value)):
        return PasswordPatterns.read(path_of(argument, value)).to_try
    if isinstance(value, PasswordPatterns):
        return value.to_try
    if isinstance(value, str | Secret):
        everywhere = Guesses((secret_of(argument, value),))
        return lambda _: everywhere
    if isinstance(value, Mapping):
        lines = ((str(name), secret_of(f"{argument}[{name!r}]", given)) for name, given in value.items())
        return PasswordPatterns(tuple(lines)).to_try
    if callable(value):
        function = value
        return lambda file: _tuple_of(optional_secret_of(argument, function(file)))
    raise wrong_type(argument, "str, Secret, a path, PasswordPatterns, a mapping or a function", value)


def _is_table(text: str) -> bool:
    return text.lower().endswith(".csv") and os.path.isfile(text)  # noqa: PTH113  # a password may be no path at all


def _tuple_of(secret: Secret | None) -> tuple[Secret, ...]:
    return () if secret is None else (secret,)


def pin_of(argument: str, value: object) -> Callable[[CardKey], Secret | None]:
    """Return the function that gives the PIN for a key of the card, or None. Raises `TypeError` for what gives none."""
    if value is None or isinstance(value, str | Secret):
        pin = optional_secret_of(argument, value)
        return lambda _: pin
    if callable(value):
        given = value
        return lambda key: optional_secret_of(argument, given(key))
    raise wrong_type(argument, "str, Secret or a function", value)


def function_of(argument: str, value: Kind) -> Kind:
    if callable(value):
        return value
    raise wrong_type(argument, "a function", value)
