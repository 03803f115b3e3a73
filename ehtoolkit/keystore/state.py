"""The state of a certificate and of its file: one vocabulary for all."""

from __future__ import annotations

import calendar
from datetime import datetime
from enum import StrEnum
from typing import Final, overload

RENEWAL_MONTHS: Final = 3
"""A guess: only the platform knows from when a certificate can be replaced, and it is asked before it
counts."""


class State(StrEnum):
    """Where a certificate stands, as far as its file and the platform's word tell.

    The file alone knows prepared, no_etk, complete, not_yet_valid, renewable and expired.

    >>> from ehtoolkit import State
    >>> State("waiting") is State.WAITING, State.WAITING == "waiting"
    (True, True)
    """

    PREPARED = "prepared"
    """The key pair with the stand-in certificate. By the file: asked for, or not yet; by the platform: not yet."""
    WAITING = "waiting"
    """Accepted; the platform delivers without a person's check."""
    VALIDATING = "validating"
    """Accepted; a person checks it, up to ten days."""
    NO_ETK = "no_etk"
    """The certificate is installed, its encryption token is not made."""
    COMPLETE = "complete"
    """Certificate and encryption key are there. By the platform: and the depot gave out the token when it was asked."""
    TO_ACTIVATE = "to_activate"
    """The token replaces another one, which the depot gives out until this one is activated."""
    ACTIVE = "active"
    """The platform says so of certificate and token."""
    RENEWABLE = "renewable"
    """Complete or active, and the certificate can be replaced: by our guess, or the platform's word."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"
    """The platform did not make the certificate."""
    UNKNOWN = "unknown"
    """The platform says something that we do not know, or does not know the certificate."""
    NOT_YET_VALID = "not_yet_valid"
    """By this computer's clock alone: the platform calls it active."""

    @property
    def is_pending(self) -> bool:
        """Whether the certificate is yet to be made."""
        return self in PENDING

    @property
    def is_over(self) -> bool:
        """Whether it will never serve, or never again."""
        return self in OVER

    @property
    def serves(self) -> bool:
        """Whether software works with it, and with its encryption token."""
        return self in (State.COMPLETE, State.ACTIVE, State.RENEWABLE)


class FileState(StrEnum):
    """How a keystore file stands where the state of its certificate does not show, or is not what counts."""

    NONE = "none"
    """There is no file: of a provider without a keystore."""
    MISSING = "missing"
    """There was one, and it is gone."""
    UNREADABLE = "unreadable"
    """It is no keystore, or a damaged one, or cannot be read."""
    UNUSABLE = "unusable"
    """Its key is of a kind that eHealth, or this program, refuses."""
    CLOSED = "closed"
    """A whole keystore that was not opened: its password was not given, or not the right one."""
    ELSEWHERE = "elsewhere"
    """Of another environment than the one that is worked in."""
    REPLACING = "replacing"
    """In use until its renewal, in a newer file, is complete and active."""
    REPLACED = "replaced"
    """A newer file of the same holder has taken its place."""


KeystoreState = State | FileState
"""How a keystore stands: as its certificate does, else as its file does."""
PENDING: Final[frozenset[KeystoreState]] = frozenset({State.PREPARED, State.WAITING, State.VALIDATING})
"""The certificate is yet to be made."""
OVER: Final[frozenset[KeystoreState]] = frozenset({State.EXPIRED, State.REVOKED, State.REFUSED})
"""It will never serve, or never again."""


def state_at(
    now: datetime, not_before: datetime | None, not_after: datetime | None, *, has_encryption_key: bool
) -> State:
    """Return the state at ``now`` by content alone. ``not_before``, ``not_after``: first and last moment of the
    certificate, None while there is none."""
    if not_before is None or not_after is None:
        return State.PREPARED
    if now > not_after:
        return State.EXPIRED
    if now < not_before:
        return State.NOT_YET_VALID
    if not has_encryption_key:
        return State.NO_ETK
    if now >= renewable_from(not_after):
        return State.RENEWABLE
    return State.COMPLETE


@overload
def with_platform_word(state: State, word: State | None) -> State: ...
@overload
def with_platform_word(state: State | None, word: State | None) -> State | None: ...
def with_platform_word(state: State | None, word: State | None) -> State | None:
    """Return the state of a file by its content and by the platform's last word of it.

    ``state``: by the content, None while that is closed; ``word``: None where the platform was not asked.

    What is over for the platform is over. Of the rest it knows what the file cannot show: that a request was sent, that
    a token is still to be made or activated, and that the certificate can be replaced.
    Other words say nothing that the file does not show better.
    """
    if word is not None and word.is_over:
        return word
    if state is State.PREPARED and word is not None and word.is_pending:
        return word
    if word in (State.TO_ACTIVATE, State.NO_ETK) and state is not None and state.serves:
        return word
    if word is State.RENEWABLE and state is State.COMPLETE:
        return word
    return state


def from_word(word: str) -> State | None:
    """Return the state that the platform's last word is; None for an empty one, and for a word that is no state."""
    return State(word) if word in _WORDS else None


_WORDS: Final = frozenset(State)


def renewable_from(not_after: datetime) -> datetime:
    """Return from when a certificate can usually be replaced; only the platform knows. It is `RENEWAL_MONTHS` calendar
    months before its end, on the same day or the last one of a shorter month; never before the year 1."""
    year, month = divmod(not_after.year * 12 + not_after.month - 1 - RENEWAL_MONTHS, 12)
    if year < 1:
        return not_after
    last_day = calendar.monthrange(year, month + 1)[1]
    return not_after.replace(year=year, month=month + 1, day=min(not_after.day, last_day))
