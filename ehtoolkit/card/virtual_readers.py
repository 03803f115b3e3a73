"""Readers that are no readers: programs that show themselves as one, with a card of their own in it."""

from __future__ import annotations

from typing import Final

_NAMES: Final = ("windows hello", "microsoft uicc", "microsoft ifd")
"""Parts of their names."""


def is_virtual(reader: str) -> bool:
    """Whether a reader of this name is passed over: no card can be put into it."""
    return any(name in reader.lower() for name in _NAMES)
