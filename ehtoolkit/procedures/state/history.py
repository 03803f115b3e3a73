"""Keeps what was seen in a keystore, and what the platform said of it, for the first page of the forms."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.state_cache import (
    CachedState,
    read_cached_states,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State


def record_state(
    file: KeystoreFile, parts: Context, told: State | None = None, renewable_from: datetime | None = None
) -> None:
    """Record what was seen in a keystore, after it was opened or written. ``told``: the platform's word of it, and
    ``renewable_from`` too, None where it was not asked: then its last word stays."""
    _keep(CachedState.of(file.keystore, file.content, told or "", renewable_from), parts)


def record_contents(path: Path, contents: Pkcs12Contents, parts: Context) -> None:
    """Record what was seen in a file that was read as a whole, also in one that is no eHealth keystore: of that nothing
    is kept."""
    with suppress(errors.EhToolkitError):
        _keep(CachedState.of(Keystore.of(contents), sha256_of_file(path)), parts)


def record_platform_state(key_id: str, told: State, parts: Context) -> None:
    """Record the platform's state of a certificate; its keystore was not opened."""
    _keep(CachedState(key_id, told=told), parts)


def _keep(sighting: CachedState, parts: Context) -> None:
    """Keep what was seen, with what was kept of the same key before. Best effort: after a failed write the first page
    asks for the password again."""
    before = next((each for each in read_cached_states(parts.notes) if each.key_id == sighting.key_id), None)
    if before is not None and not sighting.content:
        sighting = replace(before, told=sighting.told)
    elif before is not None and not sighting.told:
        sighting = replace(sighting, told=before.told, renewable_from=before.renewable_from)
    elif before is not None and sighting.renewable_from is None:
        sighting = replace(sighting, renewable_from=before.renewable_from)
    with suppress(errors.EhToolkitError):
        write_cached_state(parts.notes, sighting)
