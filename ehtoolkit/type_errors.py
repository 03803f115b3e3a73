"""Check arguments: a `TypeError` or a `ValueError` names the argument, never its value, which may be a password."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Kind = TypeVar("Kind")


def instance_of(argument: str, value: object, kind: type[Kind]) -> Kind:
    """Return ``value``, when it is a ``kind``. Raises `TypeError` for another."""
    if isinstance(value, kind):
        return value
    raise wrong_type(argument, kind.__name__, value)


def optional_instance_of(argument: str, value: object, kind: type[Kind]) -> Kind | None:
    """Return ``value``, when it is a ``kind`` or None. Raises `TypeError` for another."""
    return None if value is None else instance_of(argument, value, kind)


def checked_choice(argument: str, value: object, known: Iterable[str]) -> str:
    """Return ``value`` if it is one of the ``known`` names. Raises `TypeError`, and `ValueError` for another name."""
    name, names = instance_of(argument, value, str), tuple(known)
    if name in names:
        return name
    raise ValueError(f"{argument} has to be one of {', '.join(names)}")


def wrong_type(argument: str, expected: str, value: object) -> TypeError:
    """Return the error for a ``value`` that is not ``expected``."""
    return TypeError(f"{argument} has to be {expected}, not {type(value).__name__}")
