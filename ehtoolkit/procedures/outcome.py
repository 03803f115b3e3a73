"""What a procedure leaves behind: a keystore, the state of its certificate, and the one next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ehtoolkit.display import Displayed
from ehtoolkit.keystore.state import CertificateState

State = CertificateState
"""The name that procedures, the forms and Python know it by."""


class Next(StrEnum):
    """What a holder can do with a certificate."""

    COMPLETE = "complete"
    ACTIVATE = "activate"
    RENEW = "renew"
    REQUEST = "request"
    RESUME = "resume"
    """Send a request that is prepared and was never sent."""
    USE = "use"
    """Load the keystore in the practice software."""
    REVOKE = "revoke"
    """Possible in most states, and in none the step that is proposed."""


@dataclass(frozen=True, slots=True, repr=False)
class Validation(Displayed):
    """Where, and until when, a request without a card is confirmed by its holder; None: only the e-mail says it."""

    url: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Outcome(Displayed):
    """What a procedure leaves behind. ``key_id``: the platform's PublicKeyIdentifier, 40 hexadecimal digits.

    ``not_before``, ``not_after``: the validity of the certificate, once it is installed; before that ``not_before`` is
    from when the platform said that it is there, where it said so.
    ``validation``: of a request without a card that waits; None for all others.

    The example goes on with that of `ehtoolkit.request_certificate`:

    >>> asked  # doctest: +ELLIPSIS
    Outcome(state='waiting', next='complete', keystore='...SSIN=790314***** ...p12', key_id='...')
    """

    keystore: Path
    key_id: str
    state: State
    next: Next | None
    not_before: datetime | None = None
    not_after: datetime | None = None
    validation: Validation | None = None

    def displayed(self) -> Iterator[tuple[str, object]]:
        for name in ("state", "next", "keystore", "key_id", "not_before", "not_after", "validation"):
            yield name, getattr(self, name)
