"""Files as the list of what is due sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.due.next_steps import Item, outlook
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.records import CachedState

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
ELISE = DistinguishedName(Identifier.parse("SSIN=79031421872"), "VANDAMME ELISE")
KEY = "AB" * 20
OWN = KeyOutline("1001", "EF" * 20)
"""An encryption key."""
SOON, LATER, PAST = NOW + timedelta(days=55), NOW + timedelta(days=900), NOW - timedelta(days=21)


def due(
    stamp: str,
    state: KeystoreState,
    *keys: KeyOutline,
    seen: CachedState | None = None,
    platform_state: str = "",
    holder: str = "SSIN=79031421872",
    ending: str = ".p12",
) -> Due:
    """``keys``: those that show; none in what cannot be seen into."""
    path = Path(f"{holder} {stamp}-091200{ending}")
    name = parse_name(path.name)
    assert name.moment is not None
    file = FoundKeystore(path, name, name.moment, lambda: keys)
    return Due(state, None, file if seen is None else file.as_seen(seen), seen, platform_state)


def seen(
    end: datetime,
    *,
    platform_state: str = "",
    has_etk: bool = True,
    environment: Environment = Environment.TRAINING,
    holder: str = ELISE.text,
    begin: datetime | None = None,
) -> CachedState:
    begin = begin or end - timedelta(days=39 * 30)
    return CachedState(KEY, "c0", holder, environment, begin, end, has_etk, platform_state)


def opened(
    stamp: str, end: datetime, *, number: str = "SSIN=79031421872", key: str = KEY, **facts: object
) -> Due:
    """It begins when it was requested."""
    moment = datetime.strptime(stamp, "%Y%m%d").replace(tzinfo=UTC)
    holder = DistinguishedName(Identifier.parse(number), "VANDAMME ELISE").text
    cached_state = replace(seen(end, holder=holder, begin=moment, **facts), key_id=key)  # type: ignore[arg-type]
    keys = (KeyOutline("authentication", key), OWN)
    return due(
        stamp,
        State.COMPLETE,
        *keys,
        seen=cached_state,
        platform_state=cached_state.platform_state,
        holder=number,
    )


def waiting(stamp: str, platform_state: str = "", number: str = "SSIN=79031421872") -> Due:
    own = KeyOutline("authentication", f"{int(stamp):040X}")
    return due(stamp, State.WAITING, own, platform_state=platform_state, holder=number)


def closed(stamp: str, *keys: KeyOutline, number: str = "SSIN=79031421872") -> Due:
    return due(stamp, State.COMPLETE if keys else FileState.CLOSED, *keys, holder=number)


def look(*files: Due) -> list[Item]:
    return list(outlook(files, NOW, Environment.TRAINING))
