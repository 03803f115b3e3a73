"""Hears what this process asks of the system: files that it opens, folders that it lists, connections that it makes.

What listens to these calls cannot be taken away again, so that there is one listener, which does nothing most of the
time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Hear = Callable[[str, tuple[object, ...]], object]
"""Is called before the system is: with the name of the event, as Python's audit hooks have it, and its arguments."""
_hearing: list[Hear] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    for hear in tuple(_hearing):
        hear(event, arguments)


sys.addaudithook(_listen)


@contextmanager
def hearing(hear: Hear) -> Iterator[None]:
    """Let ``hear`` be called for each event."""
    _hearing.append(hear)
    try:
        yield
    finally:
        _hearing.remove(hear)


@contextmanager
def files_opened(folder: Path) -> Iterator[list[Path]]:
    """Note each file of ``folder`` that is opened, once for each time."""
    found: list[Path] = []

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and Path(arguments[0]).parent == folder:
            found.append(Path(arguments[0]))

    with hearing(hear):
        yield found
