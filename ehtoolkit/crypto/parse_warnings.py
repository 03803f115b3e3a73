"""Ignore the warnings of `cryptography` about names that break a rule, also where several threads parse at once.

`warnings.catch_warnings` replaces the filters of the whole process. When two threads overlap in it, the one that leaves
last restores what it found: filters of the other one, which then ignore every warning for good.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_TURN: Final = threading.RLock()


@contextmanager
def parse_warnings_ignored() -> Iterator[None]:
    """Ignore warnings in the body, which one thread at a time enters."""
    with _TURN, warnings.catch_warnings(action="ignore"):
        yield
