"""The result of a procedure: keystore, state of its certificate, next action; the transitions; the progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.keystore.state import State
from ehtoolkit.result_display import Displayed

if TYPE_CHECKING:
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile


class NextAction(StrEnum):
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
class ProcedureResult(Displayed):
    """What a procedure leaves behind.

    Attributes:
        state: how the certificate stands now.
        next: the step that comes next.
        keystore: the file.
        key_id: the platform's PublicKeyIdentifier, 40 hexadecimal digits.
        not_before, not_after: the validity of the certificate, once it is installed; before that ``not_before`` is
            from when the platform said that it is there, where it said so.
        validation: of a request without a card that waits; None for all others.
        already: completing found everything in place; nothing was installed and nothing was registered.

    The example goes on with that of `ehtoolkit.request_certificate`:

    >>> asked  # doctest: +ELLIPSIS
    ProcedureResult(state='waiting', next='complete', keystore='...SSIN=790314***** ...p12', key_id='...')
    """

    keystore: Path
    key_id: str
    state: State
    next: NextAction | None
    not_before: datetime | None = None
    not_after: datetime | None = None
    validation: Validation | None = None
    already: bool = False

    @classmethod
    def of(cls, file: KeystoreFile, state: State) -> ProcedureResult:
        """Return that the certificate of ``file`` is in ``state``, with the step that is proposed then."""
        keystore = file.keystore
        return cls(
            file.path,
            keystore.key_id,
            state,
            next_action(state),
            not_before=keystore.not_before,
            not_after=keystore.not_after,
        )

    def displayed(self) -> Iterator[tuple[str, object]]:
        for name in ("state", "next", "keystore", "key_id", "not_before", "not_after", "validation"):
            yield name, getattr(self, name)
        if self.already:
            yield "already", self.already


# ── The transitions, one table ───────────────────────────────────────────────────────────────────────────
class TransitionEvent(StrEnum):
    """What moves a certificate on although its holder does nothing."""

    REFUSAL = "refusal"
    """The platform decides not to make it."""
    PERIOD = "period"
    """The replacement period begins, from when the platform says."""
    END = "end"
    """The last moment of its validity is over."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A step of a certificate from one state to another.

    Attributes:
        state: None where there is no certificate yet.
        by: what the holder does, or what happens.
        to: where it leads, one of these.
        new_file: the new state is that of another keystore; the old file keeps its own.
    """

    state: State | None
    by: NextAction | TransitionEvent
    to: tuple[State, ...]
    new_file: bool = False


STATES: Final = tuple(state for state in State if state is not State.NOT_YET_VALID)
"""Those that certificates move between; not yet valid occurs only when the clock is slow."""
SENT: Final = (State.WAITING, State.VALIDATING, State.PREPARED)
"""What sending a request leads to; prepared when the platform was not reached."""
INSTALLED: Final = (State.COMPLETE, State.TO_ACTIVATE, State.NO_ETK)
"""What completing leads to; no_etk when it was interrupted. Nothing changes before the platform delivers."""
_INSTALLED: Final = (State.NO_ETK, State.COMPLETE, State.TO_ACTIVATE, State.ACTIVE, State.RENEWABLE)
_REVOCABLE: Final = (State.WAITING, *_INSTALLED)
"""Waiting: once the platform has delivered, also when the password is lost."""
_OVER: Final = (State.EXPIRED, State.REVOKED, State.REFUSED)

TRANSITIONS: Final = (
    Transition(None, NextAction.REQUEST, SENT, new_file=True),
    Transition(State.PREPARED, NextAction.RESUME, SENT),
    Transition(State.WAITING, NextAction.COMPLETE, INSTALLED),
    Transition(State.VALIDATING, NextAction.COMPLETE, INSTALLED),
    Transition(State.NO_ETK, NextAction.COMPLETE, INSTALLED),
    Transition(State.TO_ACTIVATE, NextAction.ACTIVATE, (State.ACTIVE,)),
    Transition(State.COMPLETE, NextAction.USE, (State.ACTIVE,)),
    Transition(State.ACTIVE, NextAction.USE, (State.ACTIVE,)),
    Transition(State.RENEWABLE, NextAction.RENEW, SENT, new_file=True),
    Transition(State.RENEWABLE, NextAction.REQUEST, SENT, new_file=True),  # who has no card cannot renew
    Transition(State.RENEWABLE, NextAction.USE, (State.RENEWABLE,)),
    *(Transition(state, NextAction.REQUEST, SENT, new_file=True) for state in _OVER),
    Transition(State.WAITING, TransitionEvent.REFUSAL, (State.REFUSED,)),
    Transition(State.VALIDATING, TransitionEvent.REFUSAL, (State.REFUSED,)),
    Transition(State.ACTIVE, TransitionEvent.PERIOD, (State.RENEWABLE,)),
    *(Transition(state, TransitionEvent.END, (State.EXPIRED,)) for state in (State.WAITING, *_INSTALLED)),
    *(Transition(state, NextAction.REVOKE, (State.REVOKED,)) for state in _REVOCABLE),
)
"""Every move, the one that is proposed before the others of its state. `State.UNKNOWN` has none: only the
platform knows what to do."""


def transitions_from(state: State | None) -> Iterable[Transition]:
    """Return the moves out of ``state``, in the order of the table."""
    return (move for move in TRANSITIONS if move.state is state)


def next_action(state: State) -> NextAction | None:
    """Return the one step that is proposed to the holder in this state; None if there is none."""
    steps = (move.by for move in transitions_from(state) if isinstance(move.by, NextAction))
    return next(steps, None)


# ── Progress ───────────────────────────────────────────────────────────────────────────────────────────
class Stage(StrEnum):
    """What is being done."""

    ASK = "ask"
    ETK = "etk"
    ACTIVATE = "activate"
    PROVE = "prove"


Progress = Callable[[Stage], None]


def no_progress(stage: Stage) -> None:
    """Do nothing: for callers that do not watch the progress."""
