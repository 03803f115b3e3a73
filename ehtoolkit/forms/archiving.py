"""Put keystores that were replaced into the archive, as far as that goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.storage.move import archive_keystore


@dataclass(frozen=True, slots=True)
class PutAway:
    """The files that were moved.

    Attributes:
        moved: from where to where.
        failure: why the next one could not be moved; None when all were.
    """

    moved: tuple[tuple[Path, Path], ...]
    failure: errors.EhToolkitError | None = None


def put_away(paths: Iterable[Path]) -> PutAway:
    """Move each into the archive, up to the first that cannot be moved."""
    moved: list[tuple[Path, Path]] = []
    for path in paths:
        try:
            moved.append((path, archive_keystore(path)))
        except errors.EhToolkitError as error:
            return PutAway(tuple(moved), error)
    return PutAway(tuple(moved))
