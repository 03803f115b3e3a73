"""Records for the first page of the forms: what keystores show, states at the platform, questions about deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import (
    CachedState,
    JsonStore,
    KeyRecord,
    read_cached_states,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import fetch_request_status
from ehtoolkit.system.locks import hold_lock


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


# ── Questions about deliveries ─────────────────────────────────────────────────────────────────────────
FOLDER: Final = "deliveries"
"""Inside the folder of the notes."""
LONGEST_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class DeliveryQuestion(KeyRecord):
    """The last question about a key.

    Attributes:
        asked_at: aware; an attempt that got no answer counts.
        count: how often was asked.
        delivered: whether the platform has the certificate.
    """

    asked_at: datetime
    count: int = 1
    delivered: bool = False

    @property
    def next_at(self) -> datetime:
        """When to ask again: 1, 2, 4 and so on up to 60 minutes after each other."""
        return self.asked_at + timedelta(minutes=min(2 ** min(self.count, 6), LONGEST_MINUTES))


_STORE: Final = JsonStore(DeliveryQuestion)


def delivered_keys(notes: Path) -> frozenset[str]:
    """Return the keys whose certificates the platform has delivered, by what was asked."""
    return frozenset(asked.key_id for asked in _STORE.read_all(notes / FOLDER) if asked.delivered)


def next_question(waiting: Mapping[str, datetime | None], context: Context) -> datetime | None:
    """Return when to ask next about the keys of ``waiting``; None where all are delivered. ``waiting``: when each
    certificate was requested, where that is known."""
    due = (_next_at(key_id, requested, context) for key_id, requested in waiting.items())
    return min((moment for moment in due if moment is not None), default=None)


def ask_deliveries(waiting: Mapping[str, datetime | None], context: Context) -> None:
    """Ask the platform about each key of ``waiting`` whose time has come; see `next_question`.

    Raises nothing: after a failure, and while another process asks, the next call tries again at the next time.
    """
    busy = errors.FileBusy(path=str(context.locks), reason="folder")
    with suppress(errors.EhToolkitError), hold_lock(context.locks / "deliveries.lock", 0.0, busy):
        for key_id, requested in waiting.items():
            moment = _next_at(key_id, requested, context)
            if moment is not None and moment <= context.clock.now():
                _ask(key_id, context)


def _next_at(key_id: str, requested: datetime | None, context: Context) -> datetime | None:
    """Return when to ask about a key; now where the clock was moved back. None once its certificate is delivered."""
    now, last = context.clock.now(), _STORE.read(context.notes / FOLDER, key_id)
    if last is None:
        return now if requested is None or requested > now else requested + timedelta(minutes=1)
    if last.delivered:
        return None
    return now if last.asked_at > now else last.next_at


def _ask(key_id: str, context: Context) -> None:
    """Ask about one key. That it was asked is written first: nothing makes two pages ask one after the other."""
    folder = context.notes / FOLDER
    last = _STORE.read(folder, key_id)
    asked = DeliveryQuestion(key_id, context.clock.now(), 1 if last is None else last.count + 1)
    _STORE.write(folder, asked)
    status = fetch_request_status(key_id, context)
    if status.delivered:
        _STORE.write(folder, DeliveryQuestion(key_id, asked.asked_at, asked.count, delivered=True))
    elif status.state is State.REFUSED:
        record_platform_state(key_id, State.REFUSED, context)
