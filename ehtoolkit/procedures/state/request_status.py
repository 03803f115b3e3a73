"""The platform's state of a key, asked by its identifier alone: no signature, no password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.procedures.context import Context

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

VALIDATION_EXPIRED: Final = "CERT_VALIDATION_EXPIRED"
"""Nobody confirmed the request in time."""
_REFUSED: Final = frozenset({"CERT_REFUSED", VALIDATION_EXPIRED})
"""Of a request that will never be delivered: our training platform's codes, the real one's are not public
(assumed)."""


class RequestState(StrEnum):
    """What the platform says of a key."""

    UNKNOWN = "unknown"
    """No certificate was asked for it."""
    REFUSED = "refused"
    WAITING = "waiting"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """``chain``: what was delivered, as it came: nothing of it is checked. ``not_before``: from when a
    certificate that waits is there, where the platform names it. ``refusal``: code and message, where it does
    not know the key or refused it, and ``code`` alone."""

    word: RequestState
    chain: tuple[Certificate, ...] = ()
    not_before: datetime | None = None
    refusal: str = ""
    code: str = ""


def fetch_request_status(key_id: str, parts: Context) -> RequestStatus:
    """Ask the platform. Raises the `errors.PlatformError` of a question that got no answer.

    A refusal means that it does not know the key, or will not make the certificate.
    """
    try:
        chain = parts.platform.certra.get_certificate(key_id)
    except errors.NotYetDelivered as waiting:
        not_before = waiting.facts.get("not_before")
        return RequestStatus(
            RequestState.WAITING, not_before=not_before if isinstance(not_before, datetime) else None
        )
    except errors.PlatformRefused as refused:
        word = RequestState.REFUSED if refused.facts["code"] in _REFUSED else RequestState.UNKNOWN
        return RequestStatus(word, refusal=_told(refused), code=str(refused.facts["code"]))
    return RequestStatus(RequestState.DELIVERED, chain)


def delivery_error(refused: errors.PlatformRefused, path: Path, key_id: str) -> errors.KeystoreError:
    """What it means for a keystore that the platform refuses to give its certificate: `errors.RequestRefused`, or
    `errors.NeverSent` when it does not know the key."""
    if refused.facts["code"] in _REFUSED:
        return errors.RequestRefused(path=str(path), code=str(refused.facts["code"]), detail=_told(refused))
    return errors.NeverSent(path=str(path), key_id=key_id)


def _told(refused: errors.PlatformRefused) -> str:
    return f"{refused.facts['code']} {refused.facts['detail']}".strip()


def is_registered(key_id: str, parts: Context) -> bool:
    """Whether a certificate was asked for this key, whatever became of it."""
    return fetch_request_status(key_id, parts).word is not RequestState.UNKNOWN
