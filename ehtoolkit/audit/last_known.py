"""What was seen of a keystore when it was opened last, for an audit that does not open it: the first page knows it too.

It holds for a file of exactly the same content. Nothing is recalled of a certificate that the platform has called
revoked or refused: only the platform knows how that stands, and by its dates alone it would look well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from ehtoolkit.audit.file_scan import ScanResult, fingerprint
from ehtoolkit.audit.io_timeout import TimedOut, TimeoutGuard
from ehtoolkit.keystore.storage.state_cache import Sighting, read_sightings

_ENDED: Final = frozenset({"revoked", "refused"})
"""Words of the platform (`ehtoolkit.procedures.outcome.State`)."""


def recall(readings: Mapping[Path, ScanResult], notes: Path | None, seconds: float) -> dict[Path, ScanResult]:
    """``readings`` with what ``notes`` has about those that are closed. ``seconds``: how long reading a file may take;
    of one that hangs nothing is recalled."""
    known = {} if notes is None else {one.content: one for one in read_sightings(notes) if _tells(one)}
    if not known:
        return dict(readings)
    with TimeoutGuard(seconds) as patience:
        return {path: _recalled(path, reading, known, patience) for path, reading in readings.items()}


def _tells(one: Sighting) -> bool:
    return bool(one.content) and one.not_before is not None and one.told not in _ENDED


def _recalled(
    path: Path, reading: ScanResult, known: Mapping[str, Sighting], patience: TimeoutGuard
) -> ScanResult:
    if reading.opened or not reading.whole:
        return reading
    try:
        seen = known.get(fingerprint(path, patience) or "")
    except TimedOut:
        return reading
    if seen is None or seen.name is None or seen.not_before is None or seen.not_after is None:
        return reading
    return replace(
        reading,
        recalled=True,
        holder=seen.name.identifier.text,
        holder_name=seen.name.name,
        application_id=seen.name.application_id,
        environment=None if seen.environment is None else str(seen.environment),
        key_id=seen.key_id,
        not_before=seen.not_before.isoformat(),
        not_after=seen.not_after.isoformat(),
        decrypts=seen.has_etk,
    )
