"""Raise a `TypeError` that names the argument and the type that came, never the value, which may be a password."""

from __future__ import annotations

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


def wrong_type(argument: str, expected: str, value: object) -> TypeError:
    """Return the error for ``value`` in the place of something ``expected``."""
    return TypeError(f"{argument} has to be {expected}, not {type(value).__name__}")
