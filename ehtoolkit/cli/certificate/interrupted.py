"""A request that is stopped after its key pair was written: the file is named, for it is that one which goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.keystore import find_keystores


@contextmanager
def naming_what_was_prepared(folder: Path) -> Iterator[None]:
    """Raise `errors.Cancelled` with the path of a keystore that came into ``folder`` in here, when the user stops."""
    before = _names(folder)
    try:
        yield
    except (KeyboardInterrupt, click.Abort) as stop:
        for found in find_keystores(folder):  # newest first
            if found.path.name not in before:
                raise errors.Cancelled(path=str(found.path)) from stop
        raise


def _names(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir()}
    except OSError:  # nobody has made it yet, or what cannot be listed is told by what writes there
        return set()
