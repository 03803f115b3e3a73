"""The verdict of a diagnosis: the one thing to know about a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit.keystore.diagnosis import Diagnosis, Finding, Severity


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The verdict on a file.

    Attributes:
        name: which one.
        severity: of the findings behind it.
        finding: the one that says it best.
    """

    name: str
    severity: Severity
    finding: Finding | None


_ALARMS: Final = {
    "password_wrong": "password_wrong",
    "damaged_truncated": "truncated",
    "file_empty": "empty",
    "file_zeros": "empty",
    "file_missing": "unreadable",
    "file_drive": "unreadable",
    "file_unreadable": "unreadable",
    "state_expired": "expired",
    "unsupported": "unsupported",
    "revocation_revoked": "revoked",
    **dict.fromkeys(
        ("file_jks", "file_jceks", "file_base64", "file_bks", "file_uber", "file_bcfks"), "format"
    ),
}
"""Verdicts about one error; others go by the beginning of its key."""
_BEGINNINGS: Final = (("damaged_", "damaged"), ("file_", "no_keystore"), ("hostile_", "hostile"))
_STATES: Final = {
    "state_prepared": "prepared",
    "state_no_etk": "no_etk",
    "state_not_yet_valid": "not_yet_valid",
    "state_replaced": "replaced",
    "state_renewal_waits": "renewal_waits",
    "state_renewable": "renewable",
    "closed_without_encryption_key": "closed",
    "password_needed": "closed",
}
"""Verdicts about a file without an error, in this order."""
_CLOSED: Final = ("closed_without_encryption_key", "closed_with_encryption_key", "password_needed")
"""What is said of a closed file: the first that is known."""


def verdict_of(diagnosis: Diagnosis) -> FileVerdict:
    """Return the one thing to know about a file."""
    worst = diagnosis.findings[0] if diagnosis.findings else None
    if worst is not None and worst.severity is Severity.ERROR:
        return FileVerdict(_alarm(worst.key), Severity.ERROR, worst)
    found = {finding.key: finding for finding in diagnosis.findings}
    for key, name in _STATES.items():
        if key in found:
            says = found[key]
            if name == "closed":
                says = next(found[one] for one in _CLOSED if one in found)
            return FileVerdict(name, says.severity, says)
    severity = diagnosis.severity
    name = "remarks" if severity is Severity.WARNING else "fine"
    return FileVerdict(name, Severity.OK if name == "fine" else severity, found.get("state_complete", worst))


def _alarm(key: str) -> str:
    if key in _ALARMS:
        return _ALARMS[key]
    return next((name for beginning, name in _BEGINNINGS if key.startswith(beginning)), "faulty")
