"""Find the certificates whose ends have come nearer than a number of days, each threshold once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ehtoolkit.auditing.snapshot import KeystoreSnapshot, Snapshot
from ehtoolkit.clock import DUE_WITHIN, brussels_day
from ehtoolkit.keystore.standing import END_MATTERS

_LATER: Final = (30, 14, 7, 1)
"""Days before an end; each is said once for a certificate, after those of ``due_within``."""
ENDED: Final = 0
"""In their place, once it is over."""

Said = Mapping[str, Mapping[int, datetime]]
"""By certificate: the thresholds that were said of it, and when."""


@dataclass(frozen=True, slots=True)
class ThresholdReached:
    """A certificate that ends within ``days``; `ENDED` when it is over."""

    keystore: KeystoreSnapshot
    days: int


def thresholds_reached(
    snapshot: Snapshot, said: Said, due_within: timedelta = DUE_WITHIN
) -> tuple[tuple[ThresholdReached, ...], dict[str, dict[int, datetime]]]:
    """Return the certificates that have come within a threshold that was not said of them, the nearest end first, and
    what has been said once they are. The first threshold is ``due_within``.

    Of several thresholds at once the nearest counts for all. What was said on a later day, by a clock that was ahead,
    does not count: else it would never be said at the right time. What was said of certificates that are no longer
    there is forgotten.
    """
    today = brussels_day(snapshot.at)
    valid = {
        certificate: {days: at for days, at in moments.items() if brussels_day(at) <= today}
        for certificate, moments in said.items()
    }
    first = due_within // timedelta(days=1)
    thresholds = [days for days in {first, *_LATER} if ENDED < days <= first]
    kept: dict[str, dict[int, datetime]] = {}
    reached: dict[str, ThresholdReached] = {}
    for keystore in snapshot.keystores.values():
        kept[keystore.certificate] = dict(valid.get(keystore.certificate, {}))
        days = _threshold(keystore, thresholds)
        if days is not None and min(kept[keystore.certificate], default=days + 1) > days:
            reached[keystore.certificate] = ThresholdReached(keystore, days)
    for certificate, event in reached.items():
        kept[certificate][event.days] = snapshot.at
    order = sorted(reached.values(), key=lambda event: (event.keystore.days_left or 0, event.keystore.file))
    return tuple(order), {certificate: moments for certificate, moments in kept.items() if moments}


def _threshold(keystore: KeystoreSnapshot, thresholds: Iterable[int]) -> int | None:
    """Return the nearest threshold that the end has come within, `ENDED` once it is over; None where there is none, no
    end is known, it does not matter (see `ehtoolkit.keystore.standing.END_MATTERS`), or it is acknowledged."""
    if keystore.acknowledged or keystore.state not in END_MATTERS or keystore.days_left is None:
        return None
    if keystore.state == "expired" or keystore.days_left < 0:
        return ENDED
    return min((days for days in thresholds if keystore.days_left <= days), default=None)
