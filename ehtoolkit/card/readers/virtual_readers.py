"""Readers that are no readers: programs that show themselves as one, with a card of their own in it."""

from __future__ import annotations

from typing import Final

_NAMES: Final = ("windows hello", "microsoft uicc", "microsoft ifd", "bosa beidx")
"""Parts of their names. BOSA BeIDX is the reader of the official signing with a telephone, since 2026: its card has a
Signature key and no Authentication key."""


def is_virtual(reader: str) -> bool:
    """Whether a reader of this name is passed over: no card can be put into it."""
    return any(name in reader.lower() for name in _NAMES)
