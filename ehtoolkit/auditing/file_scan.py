"""Scan one keystore file: facts that stay true while the file does not change.

No date of today is in them, no name of the file and no neighbour; so they can be kept, and findings are made of them
anew each time.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from sys import intern
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.identity import Environment
from ehtoolkit.keystore import fs
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.diagnosis import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.entries import AUTHENTICATION
from ehtoolkit.keystore.state import CertificateState
from ehtoolkit.secret import Secret
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard

_OF_THE_DAY: Final = ("state_", "environment_", "name_", "beside_", "ending_", "chain_expired")
"""How findings begin that hang on the moment, on the file's name and neighbours, or on what it is for: they are no
facts of the file, and the audit has rules of its own for them."""
_FOLLOWING: Final = frozenset(
    {"java_partly", "java_unreadable", "owner_unknown", "closed_without_encryption_key"}
)
"""Warnings that only follow from others, or that the audit says in its own way."""
_OF_PASSWORDS: Final = ("password_wrong", "password_hint_")
"""How findings begin about a password that does not open a file."""
HANGS: Final = "file_hangs"
"""The key of a file that could not be read in time."""
PASSWORD_WRONG: Final = "password_wrong"  # noqa: S105  # the key of a finding
UNJUDGED: Final = "file_unjudged"
"""The key of a file over which processes ended."""


@dataclass(frozen=True, slots=True)
class ScanError:
    """An error or a warning that was found in a file, of the catalogue ``finding``, but for `HANGS` and `UNJUDGED`, of
    ``audit``; ``facts`` are text, numbers and lists."""

    key: str
    variant: str
    facts: Mapping[str, Any]
    severity: str = Severity.ERROR.value

    @property
    def finding(self) -> Finding:
        facts = {
            name: tuple(value) if isinstance(value, list) else value for name, value in self.facts.items()
        }
        catalogue = "audit" if self.key in (HANGS, UNJUDGED) else "finding"
        return Finding(self.key, Severity(self.severity), facts, catalogue, self.variant)


_WORDS: Final = ("kind", "application_id", "issuer", "environment", "authentication_key")
"""Fields that have few values."""


def _shared(alias: str) -> str:
    """Return ``alias``; of one that many files have, the one that is in memory already."""
    return intern(alias) if alias == AUTHENTICATION else alias


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the scan of one file found.

    Attributes:
        kind: as `ehtoolkit.keystore.diagnosis.FileFacts` has it.
        size: bytes; None when nothing was read.
        whole: it is a keystore, as far as its frame tells.
        tried: a password was given.
        opened: it, or none, was enough.
        refused: no password opens it as it is.
        holder: ``TYPE=NUMBER`` of the certificate.
        authentication_key: its kind.
        keys: alias and localKeyID (hexadecimal) of each.
        prepared: the stand-in certificate is in it.
        decrypts: there is an encryption key for the certificate. Times are ISO texts in UTC.
        chain: the holder's certificate and its issuer's, DER in base64; only there when it was asked for (see
            `scan_file`).
        guessed: passwords were tried that were meant for other files too, and none opens it.
        recalled: it was not opened now; the certificate was seen earlier (`ehtoolkit.auditing.scanning.recall`).
    """

    kind: str
    size: int | None = None
    whole: bool = False
    tried: bool = False
    opened: bool = False
    refused: bool = False
    holder: str | None = None
    holder_name: str | None = None
    application_id: str | None = None
    issuer: str | None = None
    environment: str | None = None
    key_id: str | None = None
    authentication_key: str | None = None
    not_before: str | None = None
    not_after: str | None = None
    keys: tuple[tuple[str | None, str | None], ...] = ()
    prepared: bool = False
    decrypts: bool = False
    faults: tuple[ScanError, ...] = ()
    chain: tuple[str, ...] = ()
    guessed: bool = False
    recalled: bool = False

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates of ``chain``; none where one cannot be read."""
        try:
            return tuple(load_der_x509_certificate(base64.b64decode(one)) for one in self.chain)
        except ValueError:
            return ()

    def without_keys(self) -> ScanResult:
        """Return the same result without what the keys are called: names and identifiers of all files take more memory
        than the rest."""
        return replace(self, keys=()) if self.keys else self

    def as_untried(self) -> ScanResult:
        """Return the same result without what a password has shown by failing: it was a mere guess, and that accuses
        nobody. The result is then ``guessed`` and not ``tried``; one without such a failure is returned as it is."""
        if not any(fault.key == PASSWORD_WRONG for fault in self.faults):
            return self
        kept = tuple(fault for fault in self.faults if not fault.key.startswith(_OF_PASSWORDS))
        return replace(self, tried=False, guessed=True, faults=kept)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ScanResult:
        """Make a result of ``value``, which `to_json` has made. Raises ``TypeError``, ``ValueError``, ``KeyError`` or
        ``AttributeError`` for what it has not made."""
        # The same words for every file: one of each in memory.
        words = {name: intern(value[name]) for name in _WORDS if isinstance(value[name], str)}
        own = value["key_id"]
        keys = tuple(
            (alias and _shared(alias), own if key_id == own else key_id) for alias, key_id in value["keys"]
        )
        faults = tuple(ScanError(**one) for one in value["faults"])
        chain = tuple(map(str, value["chain"]))
        reading = cls(**{**value, **words, "keys": keys, "faults": faults, "chain": chain})
        for moment in (reading.not_before, reading.not_after):
            if moment is not None:
                datetime.fromisoformat(moment)
        if reading.environment is not None:
            Environment(reading.environment)
        return reading


class KeystoreFacts(NamedTuple):
    """What a look at a file gives.

    Attributes:
        fingerprint: SHA-256 of the file's bytes, hexadecimal; None when there were none to read.
        reading: what was seen.
        place: of the password that it was seen with, among those that were tried.
    """

    fingerprint: str | None
    reading: ScanResult
    place: int = 0


def fingerprint(path: Path, patience: TimeoutGuard) -> str | None:
    """Return the SHA-256, hexadecimal, of what `scan_file` would read of the file; None where it cannot be read. Raises
    `TimedOut`."""
    try:
        data = patience.call(path.parent, lambda: fs.read(path, limits.SIZE))
    except (errors.EhToolkitError, OSError, ValueError):
        return None
    return hashlib.sha256(data).hexdigest()


def scan_file(
    path: Path, passwords: Sequence[Secret], patience: TimeoutGuard, *, chains: bool = False
) -> KeystoreFacts:
    """Read a file, and open it with the first of ``passwords`` that is right. Never raises: what is wrong is a fact,
    and so is that reading takes longer than ``patience`` has. ``chains``: with the certificates, to ask about them."""
    try:
        taken = patience.call(path.parent, lambda: _take(path))
    except TimedOut as hangs:
        return KeystoreFacts(None, timed_out(tried=hangs.tried))
    if isinstance(taken, ScanResult):
        return KeystoreFacts(None, taken)
    data, size = taken
    # Without a name: that is no fact of the content. Without the keys: an audit needs none of them.
    now, place = datetime.now(UTC), 0
    seen = diagnose(data, passwords[0] if passwords else None, now, keys=False)
    for other, password in enumerate(passwords[1:], start=1):
        if not seen.has(PASSWORD_WRONG):
            break
        another = diagnose(data, password, now, keys=False)
        if not another.has(PASSWORD_WRONG):
            seen, place = another, other
    if seen.opened and passwords and (_faults(seen) or not _decrypts(seen)):
        # What the file says of its keys does not add up, or little is in it: the keys themselves tell why.
        seen = diagnose(data, passwords[place], now)
    reading = _reading(seen, size, tried=bool(passwords))
    if chains:
        chain = (base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in seen.chain[:2])
        reading = replace(reading, chain=tuple(chain))
    return KeystoreFacts(hashlib.sha256(data).hexdigest(), reading, place)


def timed_out(*, tried: bool) -> ScanResult:
    """Return what there is to say of a file that could not be read in time, or was not ``tried`` after others of its
    folder could not."""
    return ScanResult(kind="unreadable", faults=(ScanError(HANGS, "" if tried else "folder", {}),))


def unjudged(seconds: float) -> ScanResult:
    """Return what there is to say of a file over which processes ended, or took longer than ``seconds``."""
    return ScanResult(kind="unreadable", faults=(ScanError(UNJUDGED, "", {"seconds": round(seconds)}),))


def _take(path: Path) -> tuple[bytes, int] | ScanResult:
    """Return the beginning of a file and its size in bytes, or, as a result, why it cannot be read: this is all that
    asks the file system."""
    try:
        data = fs.read(path, limits.SIZE)
        return data, len(data) if len(data) <= limits.SIZE else path.stat().st_size
    except (errors.EhToolkitError, OSError, ValueError):
        seen = diagnose(path, None, datetime.now(UTC))  # it has a word for everything that cannot be read
        return ScanResult(kind=seen.file.kind, faults=_faults(seen))


def _reading(seen: Diagnosis, size: int, *, tried: bool) -> ScanResult:
    owner = seen.owner
    return ScanResult(
        kind=seen.file.kind,
        size=size,
        whole=seen.outline is not None,
        tried=tried,
        opened=seen.opened,
        refused=seen.refused,
        holder=None if owner is None else owner.identifier.text,
        holder_name=None if owner is None else owner.name,
        application_id=None if owner is None else owner.application_id,
        issuer=seen.issuer,
        environment=None if seen.environment is None else str(seen.environment),
        key_id=seen.key_id,
        authentication_key=seen.authentication_key,
        not_before=None if seen.not_before is None else seen.not_before.isoformat(),
        not_after=None if seen.not_after is None else seen.not_after.isoformat(),
        keys=tuple((key.alias, key.local_key_id) for key in seen.keys),
        prepared=seen.state is CertificateState.PREPARED,
        decrypts=_decrypts(seen),
        faults=_faults(seen),
    )


def _decrypts(seen: Diagnosis) -> bool:
    if seen.state is CertificateState.NO_ETK or seen.has("state_no_etk"):
        return False
    return seen.outline is not None and bool(seen.outline.etk_serials)


def _faults(seen: Diagnosis) -> tuple[ScanError, ...]:
    """Return what is wrong with the file itself, whenever and wherever it is looked at."""
    wrong = (
        one
        for one in seen.findings
        if one.severity in (Severity.ERROR, Severity.WARNING)
        and not one.key.startswith(_OF_THE_DAY)
        and one.key not in _FOLLOWING
    )
    return tuple(
        ScanError(
            one.key,
            one.variant,
            {name: _plain(value) for name, value in one.facts.items()},
            one.severity.value,
        )
        for one in wrong
    )


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value if isinstance(value, int | float) else str(value)
