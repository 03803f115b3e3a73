"""How a keystore stands at a moment, how urgent that is, and what comes next: one judge, whom every page and command
asks.

`standing` is a pure function of what is known of a keystore. What is not known never improves a state: an issuer that
does not answer leaves the state as it was, and a file that does not open any more keeps the end that it had when it
was seen last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import Final, Literal, NamedTuple

from ehtoolkit.clock import DUE_WITHIN, days_until
from ehtoolkit.finding import Severity, Urgency
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import (
    OVER,
    PENDING,
    FileState,
    KeystoreState,
    State,
    renewable_from,
    state_at,
    with_platform_word,
)
from ehtoolkit.keystore.storage.holder_keystores import Beside
from ehtoolkit.keystore.storage.records import CachedState

ANSWER_LASTS: Final = timedelta(days=8)
"""How long the last answer of an issuer counts while it gives no other: as long as answers are kept
(`ehtoolkit.ehealth.revocation`)."""


class Action(StrEnum):
    """What a holder can do with a keystore."""

    COMPLETE = "complete"
    ACTIVATE = "activate"
    RENEW = "renew"
    REQUEST = "request"
    RESUME = "resume"
    """Send a request that is prepared and was never sent."""
    USE = "use"
    """Load the keystore in the practice software; nothing is to be done with its certificate."""
    REVOKE = "revoke"
    """Possible in most states, and in none the step that is proposed."""
    ARCHIVE = "archive"
    TROUBLESHOOT = "troubleshoot"
    OPEN = "open"
    """Give the password: only that shows how it stands."""
    ASSIGN = "assign"
    """Note in the registry which keystore a provider has."""
    NONE = "none"


class Meaning(NamedTuple):
    """What a state means by itself: how urgent it is, the step that is proposed, and how bad it looks."""

    urgency: Urgency
    action: Action
    severity: Severity


MEANINGS: Final[Mapping[KeystoreState, Meaning]] = {
    FileState.MISSING: Meaning(Urgency.STOPS, Action.ASSIGN, Severity.ERROR),
    FileState.UNREADABLE: Meaning(Urgency.STOPS, Action.TROUBLESHOOT, Severity.ERROR),
    State.EXPIRED: Meaning(Urgency.STOPS, Action.REQUEST, Severity.ERROR),
    State.REVOKED: Meaning(Urgency.STOPS, Action.REQUEST, Severity.ERROR),
    FileState.UNUSABLE: Meaning(Urgency.STOPS, Action.REQUEST, Severity.ERROR),
    State.NO_ETK: Meaning(Urgency.STOPS, Action.COMPLETE, Severity.ERROR),
    State.REFUSED: Meaning(Urgency.STOPS, Action.REQUEST, Severity.ERROR),
    FileState.CLOSED: Meaning(Urgency.NOTE, Action.OPEN, Severity.INFO),
    State.TO_ACTIVATE: Meaning(Urgency.SOON, Action.ACTIVATE, Severity.WARNING),
    State.PREPARED: Meaning(Urgency.SOON, Action.RESUME, Severity.WARNING),
    State.RENEWABLE: Meaning(Urgency.NOTE, Action.RENEW, Severity.WARNING),
    State.UNKNOWN: Meaning(Urgency.SOON, Action.NONE, Severity.WARNING),
    State.WAITING: Meaning(Urgency.NOTE, Action.COMPLETE, Severity.INFO),
    State.VALIDATING: Meaning(Urgency.NOTE, Action.COMPLETE, Severity.INFO),
    FileState.NONE: Meaning(Urgency.NOTE, Action.ASSIGN, Severity.WARNING),
    FileState.ELSEWHERE: Meaning(Urgency.NOTE, Action.TROUBLESHOOT, Severity.INFO),
    State.NOT_YET_VALID: Meaning(Urgency.NOTE, Action.NONE, Severity.INFO),
    State.COMPLETE: Meaning(Urgency.NONE, Action.USE, Severity.OK),
    State.ACTIVE: Meaning(Urgency.NONE, Action.USE, Severity.OK),
    FileState.REPLACING: Meaning(Urgency.NONE, Action.NONE, Severity.INFO),
    FileState.REPLACED: Meaning(Urgency.NONE, Action.ARCHIVE, Severity.INFO),
}
"""Each state, the most urgent first."""
ORDER: Final = tuple(MEANINGS)
_SEVERITIES: Final[Mapping[Urgency, Severity]] = {
    Urgency.STOPS: Severity.ERROR,
    Urgency.SOON: Severity.WARNING,
    Urgency.NOTE: Severity.INFO,
    Urgency.NONE: Severity.OK,
}
_IN_USE: Final = frozenset(
    {
        State.COMPLETE,
        State.ACTIVE,
        State.RENEWABLE,
        State.NOT_YET_VALID,
        State.NO_ETK,
        State.TO_ACTIVATE,
        FileState.CLOSED,
    }
)
"""States of a keystore that is in use, or may be, until its renewal is."""
_LOST_SERVICE: Final = frozenset({State.EXPIRED, State.REVOKED, FileState.UNUSABLE})
"""Nobody works with it; while its successor is on the way, that one is the next step."""
_ALONE: Final = frozenset({Beside.ALONE, Beside.RENEWABLE, Beside.IN_FORCE})
"""What the other files may be to a keystore without changing its state."""
_ENDS: Final = frozenset(
    {
        State.COMPLETE,
        State.ACTIVE,
        State.RENEWABLE,
        State.TO_ACTIVATE,
        FileState.REPLACING,
        FileState.CLOSED,
        FileState.UNREADABLE,
        FileState.MISSING,
    }
)
"""States in which an end that comes near is urgent."""
END_MATTERS: Final = _ENDS | {State.EXPIRED, State.NO_ETK, State.NOT_YET_VALID}
"""States in which it matters when the certificate ends, or has ended. Of what is revoked, replaced or of another
environment it does not."""
_NEED_A_WORD: Final = frozenset({Action.USE, Action.RENEW, Action.COMPLETE, Action.ACTIVATE})
"""Nobody is led to them while the platform's word of an installed certificate is not understood: they would refuse."""


class IssuerAsked(Enum):
    """Whether the issuer of a certificate was asked about its revocation."""

    NOT_ASKED = auto()
    ANSWERED = auto()
    SILENT = auto()
    """It was asked, and gave no usable answer."""


class Evidence(Enum):
    """What a standing is based on."""

    CONTENT = auto()
    LAST_SEEN = auto()
    """The content when the file was opened last."""
    FRAME = auto()
    """What shows without the password."""
    PLATFORM = auto()
    ISSUER = auto()
    OTHER_FILES = auto()


@dataclass(frozen=True, slots=True)
class Content:
    """What a keystore shows once it is open.

    Attributes:
        not_before, not_after: of the certificate, aware; None while it is not installed.
        seen_at: when it was seen, aware; None: now, or unchanged since.
        renewable_from: by the platform; None: by our guess.
    """

    not_before: datetime | None
    not_after: datetime | None
    has_encryption_key: bool
    seen_at: datetime | None = None
    renewable_from: datetime | None = None

    @classmethod
    def of_cached(cls, seen: CachedState) -> Content:
        """Return what is remembered of a keystore."""
        return cls(seen.not_before, seen.not_after, seen.has_etk, renewable_from=seen.renewable_from)

    @property
    def can_be_renewed_from(self) -> datetime | None:
        """From when the certificate can be replaced; None while there is none."""
        if self.renewable_from is not None or self.not_after is None:
            return self.renewable_from
        return renewable_from(self.not_after)

    def state(self, moment: datetime) -> State:
        """Return the state at ``moment`` (aware)."""
        state = state_at(moment, self.not_before, self.not_after, has_encryption_key=self.has_encryption_key)
        start = self.can_be_renewed_from
        if state not in (State.COMPLETE, State.RENEWABLE) or start is None:
            return state
        return State.RENEWABLE if moment >= start else State.COMPLETE


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a keystore.

    Attributes:
        whole: whether the file is a keystore, as far as its frame tells, and could be read.
        content: None while it is closed.
        last_seen: of a file that does not open any more: its content when it did.
        waits: of one that was never opened: whether it has no encryption key of its own, as far as shows.
        key_refused: whether its key is of a kind that eHealth or this program refuses.
        password_refused: whether a password that was given for it does not open it.
        word: the platform's last word that was understood; unknown, where it gave another one and none before; None
            where it was not asked.
        delivered: whether the platform said that the certificate can be installed.
        revoked: the last definite answer of the issuer; None without one. ``revocation_at``: when that was given.
        issuer: whether it was asked this time.
        elsewhere: the environment of the keystore, where another one is worked in.
        without_card: whether the holder has no card with which a renewal can be signed.
    """

    whole: bool = True
    content: Content | None = None
    last_seen: Content | None = None
    waits: bool = False
    key_refused: bool = False
    password_refused: bool = False
    word: State | None = None
    delivered: bool = False
    revoked: bool | None = None
    revocation_at: datetime | None = None
    issuer: IssuerAsked = IssuerAsked.NOT_ASKED
    elsewhere: Environment | None = None
    beside: Beside = Beside.ALONE
    without_card: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a keystore stands at a moment.

    Attributes:
        since: from when it is in this state, aware; None where dates do not tell.
        until: the end of its certificate, aware, also where that was seen earlier; None while it is not known.
        days: days in Belgium until then, negative afterwards.
        checked: whether the issuer has given an answer that still counts.
    """

    state: KeystoreState
    urgency: Urgency
    action: Action
    evidence: frozenset[Evidence]
    since: datetime | None = None
    until: datetime | None = None
    days: int | None = None
    checked: bool = False

    @property
    def is_due(self) -> bool:
        """Whether something does not work, or will not soon."""
        return self.urgency in (Urgency.STOPS, Urgency.SOON)

    @property
    def severity(self) -> Severity:
        """How bad it looks: as its state does, and at least as its urgency does."""
        return min(MEANINGS[self.state].severity, _SEVERITIES[self.urgency], key=lambda each: each.rank)


def proposed_action(state: KeystoreState) -> Action | None:
    """Return the step that is proposed in a state by itself; None if there is none."""
    action = MEANINGS[state].action
    return None if action is Action.NONE else action


def without_file(state: Literal[FileState.NONE, FileState.MISSING, FileState.UNREADABLE]) -> Standing:
    """Return how it stands where there is no file, none any more, or none that can be reached."""
    meaning = MEANINGS[state]
    return Standing(state, meaning.urgency, meaning.action, frozenset())


def standing(known: Known, moment: datetime, horizon: timedelta = DUE_WITHIN) -> Standing:
    """Return how a keystore stands.

    Args:
        moment: aware.
        horizon: an end that is as near as this is urgent.
    """
    state, evidence = _state(known, moment)
    content = known.content or known.last_seen
    until = None if content is None else content.not_after
    return Standing(
        state,
        _urgency(state, known, until, moment, horizon),
        _action(state, known),
        evidence,
        _since(state, content),
        until,
        None if until is None else days_until(until, moment),
        checked=_is_checked(known, moment),
    )


def _state(known: Known, moment: datetime) -> tuple[KeystoreState, frozenset[Evidence]]:
    """Return the state, and what it is based on."""
    state, evidence = _alone(known, moment)
    if state is FileState.UNREADABLE or known.beside in _ALONE:
        return (FileState.ELSEWHERE if _is_elsewhere(known, state) else state), evidence
    beside = evidence | {Evidence.OTHER_FILES}
    if known.beside is Beside.REPLACED:
        return FileState.REPLACED, beside
    if _is_elsewhere(known, state):
        return FileState.ELSEWHERE, evidence
    if state in PENDING or state in _LOST_SERVICE:
        return state, evidence
    return (FileState.REPLACING if state in _IN_USE else FileState.REPLACED), beside


def _is_elsewhere(known: Known, state: KeystoreState) -> bool:
    return known.elsewhere is not None and state is not FileState.UNREADABLE


def _alone(known: Known, moment: datetime) -> tuple[KeystoreState, frozenset[Evidence]]:
    """Return the state without the other files of the holder."""
    if not known.whole:
        return FileState.UNREADABLE, frozenset({Evidence.FRAME})
    word, content = known.word, known.content
    if word is not None and word.is_over:
        return word, frozenset({Evidence.PLATFORM})
    if content is None:
        return _closed(known)
    state, evidence = content.state(moment), frozenset({Evidence.CONTENT})
    if state is State.EXPIRED:
        return state, evidence
    if known.revoked:
        return State.REVOKED, frozenset({Evidence.ISSUER})
    if known.key_refused:
        return FileState.UNUSABLE, evidence
    merged = with_platform_word(state, word)
    return merged, evidence if merged is state else evidence | {Evidence.PLATFORM}


def _closed(known: Known) -> tuple[KeystoreState, frozenset[Evidence]]:
    """Return the state of a file that does not open: by the platform, by what shows, and by what was seen earlier."""
    frame = frozenset({Evidence.FRAME})
    if known.revoked:
        return State.REVOKED, frozenset({Evidence.ISSUER})
    if known.waits:
        if known.word is not None and known.word.is_pending:
            return known.word, frame | {Evidence.PLATFORM}
        return State.PREPARED, frame
    return FileState.CLOSED, frame if known.last_seen is None else frame | {Evidence.LAST_SEEN}


def _urgency(
    state: KeystoreState, known: Known, until: datetime | None, moment: datetime, horizon: timedelta
) -> Urgency:
    """Return how urgent a state is, with the end that is known and what is missing."""
    found = [Urgency.NONE if _is_blocked(state, known) else MEANINGS[state].urgency]
    if state in _ENDS and until is not None:
        if until < moment:
            found.append(Urgency.STOPS)
        elif days_until(until, moment) <= horizon // timedelta(days=1):
            found.append(Urgency.SOON)
    if known.delivered and state in PENDING:
        found.append(Urgency.SOON)
    if known.word is State.UNKNOWN and state in _ENDS:
        found.append(Urgency.SOON)
    if known.password_refused and state is FileState.CLOSED:
        found.append(Urgency.SOON)
    if known.issuer is IssuerAsked.SILENT and state in _ENDS and not _is_checked(known, moment):
        found.append(Urgency.SOON)
    return min(found, key=list(Urgency).index)


def _is_blocked(state: KeystoreState, known: Known) -> bool:
    """Return whether a request that was never sent would be refused now."""
    is_unsent = state is State.PREPARED and known.word is State.PREPARED
    return is_unsent and known.beside is Beside.IN_FORCE


def _action(state: KeystoreState, known: Known) -> Action:
    """Return the step that is proposed."""
    if _is_blocked(state, known) or (known.beside is Beside.COMING and state in _LOST_SERVICE):
        return Action.NONE
    if known.beside is Beside.RENEWABLE and state in OVER:
        return Action.NONE
    action = MEANINGS[state].action
    if known.word is State.UNKNOWN and state not in PENDING and action in _NEED_A_WORD:
        return Action.TROUBLESHOOT
    if state is State.PREPARED and known.word is not State.PREPARED:
        return Action.COMPLETE  # which asks the platform whether it was ever sent
    if action is Action.RENEW and known.without_card:
        return Action.REQUEST
    return action


def _since(state: KeystoreState, content: Content | None) -> datetime | None:
    if content is None:
        return None
    if state is State.EXPIRED:
        return content.not_after
    if state is State.RENEWABLE:
        return content.can_be_renewed_from
    return content.not_before if state is State.COMPLETE else None


def _is_checked(known: Known, moment: datetime) -> bool:
    """Return whether the issuer has given a definite answer that still counts. One that says revoked counts for
    ever."""
    if known.revoked is None:
        return False
    if known.revoked or known.issuer is IssuerAsked.ANSWERED:
        return True
    return known.revocation_at is not None and moment - known.revocation_at <= ANSWER_LASTS
