"""The result of a revocation check, and how a check fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

TOLERANCE: Final = timedelta(minutes=5)
"""By how much clocks may differ."""


class RevocationStatus(StrEnum):
    """GOOD: not revoked; REVOKED (on hold included); UNKNOWN: its responder does not know it; NOWHERE: it names no
    address; SILENT: nobody answered; UNTRUSTED: what was answered is not to be trusted."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOWHERE = "nowhere"
    SILENT = "silent"
    UNTRUSTED = "untrusted"


@dataclass(frozen=True, slots=True)
class RevocationResult:
    """What an issuer says of a certificate, or why it says nothing.

    Attributes:
        since: when it was revoked.
        host: who said so, or did not.
        reason: of an answer that is not to be trusted, see `Inconclusive`.
        as_of, until: from when to when the answer holds; None if it does not say.
    """

    status: RevocationStatus
    host: str = ""
    since: datetime | None = None
    reason: str = ""
    as_of: datetime | None = field(default=None, compare=False)
    until: datetime | None = field(default=None, compare=False)


class Inconclusive(Exception):
    """An answer that is not to be trusted; stays in this package.

    ``reason``: form, refused, signer, signature, serial, nonce, time, scope, critical, too_large.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require_current(now: datetime, issued: datetime, until: datetime | None, longest: timedelta) -> None:
    """Require an answer that holds now.

    Raises `Inconclusive` (``time``) for one from the future, one that is over, and one without an end that is older
    than ``longest``.
    """
    end = issued + longest if until is None else until
    if issued > now + TOLERANCE or end < now - TOLERANCE:
        raise Inconclusive("time")
