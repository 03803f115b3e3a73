"""Spare processes that end soon the search for garbage."""

from __future__ import annotations

import atexit
import gc
from typing import Final

_OBJECTS: Final = 20_000
"""More objects than before until Python looks; it comes with 700."""


def look_for_garbage_seldom() -> None:
    """Let a process start and end sooner.

    What is imported stays until the end, but Python looks through it for garbage again and again as it grows, and twice
    more when it ends: a quarter of the time of a short command.
    """
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)
