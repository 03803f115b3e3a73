"""Send once what may not be sent twice, and find out after a lost answer whether it arrived."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ehtoolkit import errors

Answer = TypeVar("Answer")
Found = TypeVar("Found")


def send_once(
    send: Callable[[], Answer], arrived: Callable[[], Found | None], *, retry: bool = False
) -> Answer | Found:
    """Send, and return the answer, or what ``arrived`` returns where the platform has it already.

    Args:
        send: sends it.
        arrived: asks the platform, and returns what it has; None when it says that it has nothing. Raises where that is
            unknown. Asked after an answer that was lost or does not say what was done, and first with ``retry``.
        retry: it was tried before and may have arrived.

    Raises what ``send`` raises; one of `errors.OUTCOME_UNKNOWN` only when asking does not help either. With ``retry``
    raises what ``arrived`` raises: then nothing was sent.
    """
    if retry:
        found = arrived()
        if found is not None:
            return found
    try:
        return send()
    except errors.OUTCOME_UNKNOWN:
        found = _unless_unknown(arrived)
        if found is None:
            raise
        return found


def _unless_unknown(arrived: Callable[[], Found | None]) -> Found | None:
    """Return what the platform has; None also where that is unknown."""
    try:
        return arrived()
    except (errors.PlatformError, errors.CardError, errors.CertificateNotListed):
        return None
