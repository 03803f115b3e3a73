"""What is remembered of keystores that were replaced: that the newer one is loaded in the software everywhere.

Nothing in a file tells that: the user does.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.storage.records import JsonStore, KeyRecord

FOLDER: Final = "loaded"
"""Inside the folder of the notes."""


@dataclass(frozen=True, slots=True)
class LoadedRecord(KeyRecord):
    """The user's word about the keystore that has replaced one.

    Attributes:
        successor: the key identifier of the newer keystore.
        said_at: aware.
    """

    successor: str
    said_at: datetime


_STORE: Final = JsonStore(LoadedRecord)


def note_loaded(notes: Path, key_id: str, successor: str, now: datetime) -> None:
    """Remember that ``successor`` is loaded everywhere in place of the keystore with ``key_id``. Best effort: what is
    not kept is asked about again."""
    with suppress(errors.EhToolkitError):
        _STORE.write(notes / FOLDER, LoadedRecord(key_id.upper(), successor, now))


def loaded_instead(notes: Path) -> dict[str, str]:
    """Return by the keys of keystores that were replaced the key of the one that is loaded everywhere instead."""
    return {record.key_id: record.successor for record in _STORE.read_all(notes / FOLDER)}
