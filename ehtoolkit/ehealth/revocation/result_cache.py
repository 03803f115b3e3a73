"""Answers about revocation, cached on disk while they are valid, so that an audit asks once about a certificate."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import AwareDatetime, TypeAdapter

from ehtoolkit.ehealth.revocation.answers import RevocationResult, RevocationStatus
from ehtoolkit.system.files import write_private
from ehtoolkit.system.private_folder import make_private_folder

LONGEST: Final = timedelta(days=8)
"""How long an answer is used at most, however long it claims to hold."""
_SIZE: Final = 20_000_000
"""Bytes of a file that is read; an answer has about 200."""


@dataclass(frozen=True, slots=True)
class _Answer:
    standing: RevocationStatus
    host: str
    since: AwareDatetime | None
    as_of: AwareDatetime
    until: AwareDatetime

    def holds(self, now: datetime) -> bool:
        return self.as_of <= now < min(self.until, self.as_of + LONGEST)


@dataclass(frozen=True, slots=True)
class _File:
    version: Literal[1]
    answers: dict[str, _Answer]


_FILE: Final = TypeAdapter(_File)


class RevocationCache:
    """Verdicts by issuer's key and serial number: what an answer is about.

    Keep those that settle something (good, revoked) and say until when they hold; no name and no number of a holder
    is among them. A file that cannot be read counts as empty, one that cannot be written is not written.
    """

    def __init__(self, path: Path | None = None, *, ask_anew: bool = False) -> None:
        """Read the answers that are kept.

        Args:
            path: the file; None keeps answers in memory alone.
            ask_anew: what the file has is not used, what is answered goes into it all the same.
        """
        self._path = path
        self._old = {} if path is None else _read(path)
        self._usable = {} if ask_anew else dict(self._old)
        self._new: dict[str, _Answer] = {}

    def get(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> RevocationResult | None:
        """Return the kept answer about ``certificate`` that still holds at ``now`` (aware); None without one."""
        kept = self._usable.get(_name(certificate, issuer))
        if kept is None or not kept.holds(now):
            return None
        return RevocationResult(kept.standing, kept.host, kept.since, as_of=kept.as_of, until=kept.until)

    def put(self, certificate: x509.Certificate, issuer: x509.Certificate, verdict: RevocationResult) -> None:
        """Keep ``verdict``, where it says until when it holds."""
        if verdict.as_of is not None and verdict.until is not None:
            answer = _Answer(verdict.status, verdict.host, verdict.since, verdict.as_of, verdict.until)
            name = _name(certificate, issuer)
            self._usable[name] = self._new[name] = answer

    def save(self, now: datetime) -> None:
        """Write what is new, readable by its owner alone, without what no longer holds at ``now`` (aware)."""
        if self._path is None or not self._new:
            return
        answers = {name: answer for name, answer in {**self._old, **self._new}.items() if answer.holds(now)}
        with suppress(OSError):  # a cache that cannot be written only costs time
            make_private_folder(self._path.parent)
            write_private(self._path, _FILE.dump_json(_File(1, answers)))


def _name(certificate: x509.Certificate, issuer: x509.Certificate) -> str:
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = certificate.serial_number
    return hashlib.sha256(key + serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)).hexdigest()


def _read(path: Path) -> dict[str, _Answer]:
    try:
        return {} if path.stat().st_size > _SIZE else _FILE.validate_json(path.read_bytes()).answers
    except (OSError, ValueError):
        return {}
