"""Scan one keystore file: facts that stay true while the file does not change.

No date of today is in them, no name of the file and no neighbour; so they can be kept, and findings are made of them
again each time.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.auditing.audit_finding import error
from ehtoolkit.auditing.scan.scan_result import KeystoreFacts, ScanResult, typed_fact
from ehtoolkit.finding import Finding, Severity, Topic
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose, diagnose_with_first
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.entries import serials_among
from ehtoolkit.keystore.state import State
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard

_PAUSE: Final = 1.0
"""Seconds in which another program writes more of a file that it is writing."""


def fingerprint(path: Path, patience: TimeoutGuard) -> str | None:
    """Return the SHA-256, hexadecimal, of what `scan_file` would read of the file; None where it cannot be read. Raises
    `TimedOut`."""
    try:
        data = patience.call(path.parent, lambda: read_file(path, limits.SIZE))
    except (errors.EhToolkitError, OSError, ValueError):
        return None
    return hashlib.sha256(data).hexdigest()


def scan_file(
    path: Path,
    passwords: Sequence[Secret],
    patience: TimeoutGuard,
    *,
    chains: bool = False,
    wait: Callable[[float], object] = time.sleep,
) -> KeystoreFacts:
    """Read a file, and open it with the first of ``passwords`` that is right. Never raises: what is wrong is a fact,
    and so is that reading takes longer than ``patience`` has.

    Args:
        chains: with the certificates, to ask about them.
        wait: called with a number of seconds before a file that was being written is read again.
    """
    taken = take(path, patience, wait)
    return taken if isinstance(taken, KeystoreFacts) else judge(*taken, passwords, chains=chains)


def take(
    path: Path, patience: TimeoutGuard, wait: Callable[[float], object] = time.sleep
) -> tuple[bytes, int] | KeystoreFacts:
    """Return the beginning of a file and its size in bytes, or, as facts, why it cannot be read."""
    try:
        taken, is_unfinished = patience.call(path.parent, lambda: _take(path))
        if is_unfinished:
            wait(_PAUSE)
            taken, _ = patience.call(path.parent, lambda: _take(path))
    except TimedOut as hangs:
        return KeystoreFacts(None, timed_out(tried=hangs.tried))
    return KeystoreFacts(None, taken) if isinstance(taken, ScanResult) else taken


def judge(data: bytes, size: int, passwords: Sequence[Secret], *, chains: bool) -> KeystoreFacts:
    """Open what was taken from a file, as `scan_file` says. ``size``: of the whole file."""
    # Without a name: that is no fact of the content. Without the keys: an audit needs none of them.
    now = datetime.now(UTC)
    seen, place = diagnose_with_first(passwords, lambda each: diagnose(data, each, now, keys=False))
    whole = seen.outline is not None
    if whole and seen.opened and passwords and (_faults(seen) or not _decrypts(seen)):
        # What the file says of its keys does not add up, or little is in it: the keys themselves tell why.
        seen = diagnose(data, passwords[place], now)
    reading = _reading(seen, size, tried=bool(passwords))
    if chains:
        ders = (certificate.public_bytes(Encoding.DER) for certificate in seen.chain[:2])
        reading = replace(reading, chain=tuple(base64.b64encode(der).decode() for der in ders))
    return KeystoreFacts(hashlib.sha256(data).hexdigest(), reading, place)


def timed_out(*, tried: bool) -> ScanResult:
    """Return what there is to say of a file that could not be read in time, or was not ``tried`` after others of its
    folder could not."""
    return ScanResult(
        kind="unreadable", faults=(error("file_hangs", "" if tried else "folder").about(Topic.HANGS),)
    )


def unjudged(seconds: float) -> ScanResult:
    """Return what there is to say of a file over which processes ended, or took longer than ``seconds``."""
    return ScanResult(kind="unreadable", faults=(error("file_unjudged", seconds=round(seconds)),))


def _take(path: Path) -> tuple[tuple[bytes, int] | ScanResult, bool]:
    """Return the beginning of a file and its size in bytes, or, as a result, why it cannot be read; and whether another
    program may be writing it. This is all that asks the file system."""
    try:
        data = read_file(path, limits.SIZE)
        size = len(data) if len(data) <= limits.SIZE else path.stat().st_size
        return (data, size), _is_being_written(path, data)
    except (errors.EhToolkitError, OSError, ValueError):
        seen = diagnose(path, None, datetime.now(UTC))  # it has a word for everything that cannot be read
        return ScanResult(kind=seen.file.kind, faults=_faults(seen)), False


def _is_being_written(path: Path, data: bytes) -> bool:
    """Return whether the end of a file is missing that was written to a moment ago."""
    if abs(time.time() - path.stat().st_mtime) > _PAUSE:
        return False
    try:
        outline_pkcs12(data)
    except errors.KeystoreError as error:
        return not data or error.reason == "truncated"
    return False


def _reading(seen: Diagnosis, size: int, *, tried: bool) -> ScanResult:
    owner = seen.owner
    return ScanResult(
        kind=seen.file.kind,
        size=size,
        whole=seen.outline is not None,
        tried=tried,
        opened=seen.opened,
        refused=seen.refused,
        key_refused=seen.key_refused,
        holder=None if owner is None else owner.identifier.text,
        holder_name=None if owner is None else owner.name,
        application_id=None if owner is None else owner.application_id,
        issuer=seen.issuer,
        environment=seen.environment,
        key_id=seen.key_id,
        authentication_key=seen.authentication_key,
        serial=_hexadecimal(seen.chain[0].serial_number) if seen.chain else None,
        thumbprint=seen.thumbprint,
        not_before=seen.not_before,
        not_after=seen.not_after,
        keys=tuple((key.alias, key.local_key_id) for key in seen.keys),
        prepared=seen.state is State.PREPARED,
        decrypts=_decrypts(seen),
        etk_not_after=_etk_end(seen),
        faults=_faults(seen),
    )


def _hexadecimal(number: int) -> str:
    """Return a serial number as openssl and Windows show it: whole bytes, capitals."""
    return number.to_bytes((number.bit_length() + 7) // 8 or 1).hex().upper()


def _decrypts(seen: Diagnosis) -> bool:
    if seen.state is State.NO_ETK or seen.has("state_no_etk"):
        return False
    return bool(serials_among([key.alias for key in seen.keys]))


def _etk_end(seen: Diagnosis) -> datetime | None:
    """Return when the certificate of the present encryption key ends."""
    ends = (finding.until for finding in seen.findings if finding.topic is Topic.ETK)
    return next((end for end in ends if isinstance(end, datetime)), None)


def _faults(seen: Diagnosis) -> tuple[Finding, ...]:
    """Return what is wrong with the file itself, whenever and wherever it is looked at: for its circumstances the audit
    has rules of its own."""
    wrong = (
        finding
        for finding in seen.findings
        if finding.severity in (Severity.ERROR, Severity.WARNING) and finding.topic is not Topic.CIRCUMSTANCES
    )
    return tuple(
        replace(fault, facts={name: typed_fact(value) for name, value in fault.facts.items()})
        for fault in wrong
    )
