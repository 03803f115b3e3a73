"""Record what a keystore shows, and the platform's state of its certificate, for the first page of the forms."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import (
    CachedState,
    read_cached_states,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State


def record_state(
    file: KeystoreFile,
    context: Context,
    platform_state: State | None = None,
    renewable_from: datetime | None = None,
) -> None:
    """Record what a keystore shows, after it was opened or written. ``platform_state`` and ``renewable_from``: by the
    platform; None where it was not asked, which keeps what is recorded."""
    _keep(CachedState.of(file.keystore, file.content, platform_state or "", renewable_from), context)


def record_contents(path: Path, contents: Pkcs12Contents, context: Context) -> None:
    """Record what was seen in a file that was read as a whole, also in one that is no eHealth keystore: of that nothing
    is kept."""
    with suppress(errors.EhToolkitError):
        _keep(CachedState.of(Keystore.of(contents), sha256_of_file(path)), context)


def record_platform_state(key_id: str, platform_state: State, context: Context) -> None:
    """Record the platform's state of a certificate; its keystore was not opened."""
    _keep(CachedState(key_id, platform_state=platform_state), context)


def _keep(cached: CachedState, context: Context) -> None:
    """Keep what was seen, with what was kept of the same key before. Best effort: after a failed write the first page
    asks for the password again."""
    before = next(
        (state for state in read_cached_states(context.notes) if state.key_id == cached.key_id), None
    )
    if before is not None and not cached.content:
        cached = replace(before, platform_state=cached.platform_state)
    elif before is not None and not cached.platform_state:
        cached = replace(cached, platform_state=before.platform_state, renewable_from=before.renewable_from)
    elif before is not None and cached.renewable_from is None:
        cached = replace(cached, renewable_from=before.renewable_from)
    with suppress(errors.EhToolkitError):
        write_cached_state(context.notes, cached)
