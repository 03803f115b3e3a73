"""How commands that stay until they are stopped hear that they should stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Make SIGTERM and SIGINT a ``KeyboardInterrupt`` in here: a service manager sends the first, and a background
    job of a shell starts with Ctrl+C ignored."""
    before = [signal.signal(number, _stop) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)


def _stop(_: int, __: object) -> None:
    raise KeyboardInterrupt
