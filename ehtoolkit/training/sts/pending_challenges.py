"""The challenges that wait to be signed: whom each is for, and what was asked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography import x509

from ehtoolkit.ehealth.soap.xml import Element, parse, serialise
from ehtoolkit.training.authority.platform import EmbeddedPlatform
from ehtoolkit.training.authority.trust import fingerprint
from ehtoolkit.training.state.database import from_text, to_text

_LIFE: Final = timedelta(minutes=5)
_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class PendingChallenge:
    """A challenge that waits for its answer.

    Attributes:
        request: what was asked when it was set.
        holder: the fingerprint of the certificate whose key signs.
    """

    request: Element
    holder: str


# Kept in the training database, so that whichever process gets the answer knows them.
def set_challenge(platform: EmbeddedPlatform, request: Element, holder: x509.Certificate) -> str:
    """Store a new challenge for the key of ``holder``, with the request that it belongs to, and return it."""
    challenge = secrets.token_urlsafe(_BYTES)
    with platform.database.writing() as connection:
        connection.execute(
            "INSERT INTO session_challenge VALUES (?, ?, ?, ?)",
            (challenge, fingerprint(holder), serialise(request), to_text(platform.clock.now())),
        )
    return challenge


def take_challenge(platform: EmbeddedPlatform, challenge: str) -> PendingChallenge | None:
    """Return the pending challenge with that text, which is then no longer pending; None for one that is unknown, or
    was set more than five minutes ago."""
    with platform.database.writing() as connection:
        row = connection.execute(
            "SELECT * FROM session_challenge WHERE challenge = ?", (challenge,)
        ).fetchone()
        connection.execute("DELETE FROM session_challenge WHERE challenge = ?", (challenge,))
    if row is None or from_text(row["set_at"]) + _LIFE < platform.clock.now():
        return None
    return PendingChallenge(parse(row["request"]), row["holder"])
