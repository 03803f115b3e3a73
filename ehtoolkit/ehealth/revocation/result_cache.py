"""Answers about revocation, kept on disk as long as they hold, so that an audit asks once about a certificate."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit.ehealth.revocation.result import RevocationResult, RevocationStatus
from ehtoolkit.system.files import write_private
from ehtoolkit.system.private_folder import make_private_folder

LONGEST: Final = timedelta(days=8)
"""How long an answer is used at most, however long it claims to hold."""
_VERSION: Final = 1
_SIZE: Final = 20_000_000
"""Bytes of a file that is read at all; an answer has about 200."""


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
        self._usable: dict[str, Any] = {} if ask_anew else dict(self._old)
        self._new: dict[str, Any] = {}

    def get(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> RevocationResult | None:
        """Return the kept answer about ``certificate`` that still holds at ``now`` (aware); None without one."""
        entry = self._usable.get(_name(certificate, issuer))
        if entry is None:
            return None
        try:
            verdict = _verdict(entry)
        except (TypeError, ValueError, KeyError, AttributeError):
            return None
        return verdict if _holds(verdict, now) else None

    def put(self, certificate: x509.Certificate, issuer: x509.Certificate, verdict: RevocationResult) -> None:
        """Keep ``verdict``, where it says until when it holds."""
        if verdict.as_of is not None and verdict.until is not None:
            entry = _entry(verdict)
            name = _name(certificate, issuer)
            self._usable[name] = self._new[name] = entry

    def save(self, now: datetime) -> None:
        """Write what is new, readable by its owner alone, without what no longer holds at ``now`` (aware)."""
        if self._path is None or not self._new:
            return
        answers = {name: one for name, one in {**self._old, **self._new}.items() if _is_current(one, now)}
        text = json.dumps({"version": _VERSION, "answers": answers})
        with suppress(OSError):  # a cache that cannot be written only costs time
            make_private_folder(self._path.parent)
            write_private(self._path, text.encode())


def _name(certificate: x509.Certificate, issuer: x509.Certificate) -> str:
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = certificate.serial_number
    return hashlib.sha256(key + serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)).hexdigest()


def _holds(verdict: RevocationResult, now: datetime) -> bool:
    return (
        verdict.as_of is not None
        and verdict.until is not None
        and verdict.as_of <= now < min(verdict.until, verdict.as_of + LONGEST)
    )


def _is_current(entry: Mapping[str, Any], now: datetime) -> bool:
    try:
        return _holds(_verdict(entry), now)
    except (TypeError, ValueError, KeyError, AttributeError):
        return False


def _entry(verdict: RevocationResult) -> dict[str, Any]:
    return {
        "standing": str(verdict.standing),
        "host": verdict.host,
        "since": _text(verdict.since),
        "as_of": _text(verdict.as_of),
        "until": _text(verdict.until),
    }


def _verdict(entry: Mapping[str, Any]) -> RevocationResult:
    return RevocationResult(
        RevocationStatus(entry["standing"]),
        str(entry["host"]),
        _moment(entry["since"]),
        as_of=_moment(entry["as_of"]),
        until=_moment(entry["until"]),
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _SIZE:
            return {}
        found = json.loads(path.read_bytes())
        if found["version"] != _VERSION:
            return {}
        return {name: one for name, one in found["answers"].items() if isinstance(one, dict)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
