"""Ask, less and less often, whether certificates are delivered: by their keys, without a password or a card.

What was asked and answered is kept beside the notes of requests, and asking takes a lock: several pages of one home ask
as often as one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.storage.records import JsonStore
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.state.history import record_platform_state
from ehtoolkit.procedures.state.request_status import fetch_request_status
from ehtoolkit.system.locks import hold_lock

FOLDER: Final = "deliveries"
"""Inside the folder of the notes."""
LONGEST_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class DeliveryQuestion:
    """The last question about a key.

    Attributes:
        key_id: of the authentication key, 40 hexadecimal digits, upper case.
        asked_at: aware; an attempt that got no answer counts.
        count: how often was asked.
        delivered: whether the platform has the certificate.
    """

    key_id: str
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
