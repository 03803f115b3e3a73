"""In which state a keystore is, as far as its content tells."""

from __future__ import annotations

import calendar
from datetime import datetime
from enum import StrEnum
from typing import Final

RENEWAL_MONTHS: Final = 3
"""A guess: only the platform knows from when a certificate can be replaced, and it is asked before it
counts."""


class KeystoreState(StrEnum):
    """What the content says; the platform may know more."""

    PREPARED = "prepared"
    """The key pair, with the stand-in certificate: asked for, or not yet."""
    NO_ETK = "no_etk"
    """The certificate, but no encryption key of it."""
    COMPLETE = "complete"
    """The certificate and an encryption key: good, as far as the file tells."""
    NOT_YET_VALID = "not_yet_valid"
    RENEWABLE = "renewable"
    """Complete and, by our guess, in the period in which the certificate can be replaced."""
    EXPIRED = "expired"


def state_at(
    now: datetime, validity: tuple[datetime, datetime] | None, *, has_encryption_key: bool
) -> KeystoreState:
    """The state at ``now``. ``validity``: first and last moment of the certificate, None while there is
    none."""
    if validity is None:
        return KeystoreState.PREPARED
    not_before, not_after = validity
    if now > not_after:
        return KeystoreState.EXPIRED
    if now < not_before:
        return KeystoreState.NOT_YET_VALID
    if not has_encryption_key:
        return KeystoreState.NO_ETK
    if now >= months_before(not_after, RENEWAL_MONTHS):
        return KeystoreState.RENEWABLE
    return KeystoreState.COMPLETE


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time ``months`` calendar months earlier, or the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))
