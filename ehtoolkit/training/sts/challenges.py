"""The challenges that wait to be signed: whom each is for, and what was asked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography import x509

from ehtoolkit.ehealth.soap.xml import Element, parse, serialise
from ehtoolkit.training.authority.trust import fingerprint
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase, from_text, to_text

_LIFE: Final = timedelta(minutes=5)
_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class WaitingChallenge:
    """A challenge that waits for its answer.

    Attributes:
        request: what was asked when it was set.
        holder: the fingerprint of the certificate whose key signs.
    """

    request: Element
    holder: str


class Challenges:
    """Kept in the training database, so that whichever process gets the answer knows them."""

    def __init__(self, database: TrainingDatabase, clock: TrainingClock) -> None:
        self._database = database
        self._clock = clock

    def set(self, request: Element, holder: x509.Certificate) -> str:
        """Store a new challenge for the key of ``holder``, with the request that it belongs to, and return it."""
        challenge = secrets.token_urlsafe(_BYTES)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO session_challenge VALUES (?, ?, ?, ?)",
                (challenge, fingerprint(holder), serialise(request), to_text(self._clock.now())),
            )
        return challenge

    def take(self, challenge: str) -> WaitingChallenge | None:
        """Return the waiting challenge with that text, which then waits no more; None for one that is unknown, or was
        set more than five minutes ago."""
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT * FROM session_challenge WHERE challenge = ?", (challenge,)
            ).fetchone()
            connection.execute("DELETE FROM session_challenge WHERE challenge = ?", (challenge,))
        if row is None or from_text(row["set_at"]) + _LIFE < self._clock.now():
            return None
        return WaitingChallenge(parse(row["request"]), row["holder"])
