"""What a procedure leaves behind: a keystore, the state of its certificate, and the one next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    """Where a certificate stands, as file, platform and depot together say."""

    PREPARED = "prepared"
    """The key pair is on disk; the platform does not know it."""
    WAITING = "waiting"
    """Accepted; the platform delivers without a person's check."""
    VALIDATING = "validating"
    """Accepted; a person checks it, up to ten days."""
    NO_ETK = "no_etk"
    """The certificate is installed, its encryption token is not made."""
    COMPLETE = "complete"
    TO_ACTIVATE = "to_activate"
    ACTIVE = "active"
    RENEWABLE = "renewable"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Next(StrEnum):
    """The one next step."""

    COMPLETE = "complete"
    ACTIVATE = "activate"
    RENEW = "renew"
    REQUEST = "request"
    RESUME = "resume"
    USE = "use"
    """Load the keystore in the practice software."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``key_id``: the platform's PublicKeyIdentifier, 40 hexadecimal digits.

    ``not_before``: from when the platform said that the certificate is there, where it said so.
    ``not_after``: the end of the certificate's validity, once it is installed.
    """

    keystore: Path
    key_id: str
    state: State
    next: Next | None
    not_before: datetime | None = None
    not_after: datetime | None = None
