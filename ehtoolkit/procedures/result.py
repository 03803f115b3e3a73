"""The result of a procedure: keystore, state of its certificate, next action; the progress; and the states that are
recorded for the first page of the forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation_answers import RevocationResult
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.standing import Action, proposed_action
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.records import (
    CachedState,
    LastAnswer,
    sha256_of_file,
    write_cached_state,
)
from ehtoolkit.result_display import Displayed

if TYPE_CHECKING:
    from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
    from ehtoolkit.procedures.context import Context


@dataclass(frozen=True, slots=True, repr=False)
class Validation(Displayed):
    """Where, and until when, a request without a card is confirmed by its holder; None: only the e-mail says it."""

    url: str | None = None
    until: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Return whether the time for it is over. It may have been confirmed before, so the platform is asked first."""
        return self.until is not None and now > self.until


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
    next: Action | None
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
            proposed_action(state),
            not_before=keystore.not_before,
            not_after=keystore.not_after,
        )

    def displayed(self) -> Iterator[tuple[str, object]]:
        for name in ("state", "next", "keystore", "key_id", "not_before", "not_after", "validation"):
            yield name, getattr(self, name)
        if self.already:
            yield "already", self.already


# ── Progress ───────────────────────────────────────────────────────────────────────────────────────────
class Stage(StrEnum):
    """What is being done."""

    ASK = "ask"
    ETK = "etk"
    ACTIVATE = "activate"
    PROVE = "prove"


Progress = Callable[[Stage], None]


# ── Recorded states ──────────────────────────────────────────────────────────────────────────────────────
def record_state(
    file: KeystoreFile,
    context: Context,
    platform_state: State | None = None,
    renewable_from: datetime | None = None,
    delivered: bool | None = None,
) -> None:
    """Record what a keystore shows, after it was opened or written. ``platform_state``, ``renewable_from`` and
    ``delivered``: by the platform; None where it was not asked, which keeps what is recorded."""
    seen = CachedState.of(file.keystore, file.content, platform_state or "", renewable_from, file.path)
    _keep(replace(seen, delivered=delivered), context.notes)


def record_contents(path: Path, contents: Pkcs12Contents, context: Context) -> None:
    """Record what was seen in a file that was read as a whole, also in one that is no eHealth keystore: of that nothing
    is kept."""
    with suppress(errors.EhToolkitError):
        _keep(CachedState.of(Keystore.of(contents), sha256_of_file(path), path=path), context.notes)


def record_platform_state(key_id: str, platform_state: State, context: Context) -> None:
    """Record the platform's state of a certificate; its keystore was not opened."""
    _keep(CachedState(key_id, platform_state=platform_state), context.notes)


def record_delivery(key_id: str, context: Context) -> None:
    """Record that the platform has the certificate of a key; its keystore was not opened."""
    _keep(CachedState(key_id, delivered=True), context.notes)


def record_answer(
    key_id: str | None, result: RevocationResult, notes: Path, now: datetime
) -> LastAnswer | None:
    """Record what the issuer of a certificate said of it at ``now`` (aware), if that is definite and the key of the
    certificate is known, and return it; None if it is not definite."""
    answer = LastAnswer.of(result.answer, result.as_of or now, result.since, result.host)
    if answer is not None and key_id is not None:
        _keep(CachedState(key_id, answer=answer), notes)
    return answer


def _keep(cached: CachedState, notes: Path) -> None:
    """Keep what was seen, with what was kept of the same key before. Best effort: after a failed write the first page
    asks for the password again."""
    with suppress(errors.EhToolkitError):
        write_cached_state(notes, cached)
