"""Counts the files that this process opens. What listens to Python's calls of the system cannot be taken away again, so
that there is one listener, which does nothing most of the time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_watched: dict[Path, list[Path]] = {}


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watched and isinstance(arguments[0], str):
        path = Path(arguments[0])
        if path.parent in _watched:
            _watched[path.parent].append(path)


sys.addaudithook(_listen)


@contextmanager
def files_opened(folder: Path) -> Iterator[list[Path]]:
    """Note each file of ``folder`` that is opened, once for each time."""
    _watched[folder] = []
    try:
        yield _watched[folder]
    finally:
        del _watched[folder]
