"""How commands that stay until they are stopped hear that they should stop."""

from __future__ import annotations

import signal


def stop_on_signals() -> None:
    """Make SIGTERM and SIGINT a ``KeyboardInterrupt``: a service manager sends the first, and a background job of
    a shell starts with Ctrl+C ignored."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)


def _stop(_: int, __: object) -> None:
    raise KeyboardInterrupt
