"""The result of a procedure: keystore, state of its certificate, next action; the progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


# ── The proposed step of each state ──────────────────────────────────────────────────────────────────────
_NEXT: Final = {
    State.PREPARED: NextAction.RESUME,
    State.WAITING: NextAction.COMPLETE,
    State.VALIDATING: NextAction.COMPLETE,
    State.NO_ETK: NextAction.COMPLETE,
    State.TO_ACTIVATE: NextAction.ACTIVATE,
    State.COMPLETE: NextAction.USE,
    State.ACTIVE: NextAction.USE,
    State.RENEWABLE: NextAction.RENEW,
    State.EXPIRED: NextAction.REQUEST,
    State.REVOKED: NextAction.REQUEST,
    State.REFUSED: NextAction.REQUEST,
}
"""`docs/states.py` has all steps, and where they lead. `State.UNKNOWN` has none: only the platform knows what to do."""


def next_action(state: State) -> NextAction | None:
    """Return the one step that is proposed to the holder in this state; None if there is none."""
    return _NEXT.get(state)


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
