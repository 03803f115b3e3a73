"""What the Complete form knows and does: choose the file, open it, finish it as far as the platform allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.forms.due.keystores import Due, holder_line, number_words
from ehtoolkit.forms.due.next_steps import request_again
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.form_model import OptionalResult
from ehtoolkit.forms.steps.keystore_picker import Candidates, Picker
from ehtoolkit.forms.steps.opened_keystore import ArchivingModel
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.records import RequestRecord, read_request_record
from ehtoolkit.procedures.certificate_test import Colour
from ehtoolkit.procedures.finish import FinishResult, FinishStep, finish
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit, revocation_asker

Refusal = errors.RequestRefused | errors.ValidationOverdue

FIRST_WAIT, LONGEST_WAIT = 15, 600
"""Seconds until the page looks again by itself: polite (ten or more), growing, bounded."""


def waiting_first(due: Sequence[Due]) -> Candidates:
    """Return all files, since one that has both keys may still have something to be completed; the newest that waits is
    proposed."""
    waiting = next((keystore for keystore in due if _waits(keystore)), None)
    return Candidates(tuple(due), waiting, "" if waiting is None else "complete.why.waits")


def renewed_first(due: Sequence[Due]) -> Candidates:
    """Return the files as `waiting_first` does, but proposed is the newest that waits beside an older one of its
    holder: the renewed one, told apart by its date."""
    for keystore in due:
        if _waits(keystore) and any(keystore.is_newer_than(other) for other in due):
            return Candidates(tuple(due), keystore, "complete_renewal.why.newest")
    return waiting_first(due)


def _waits(due: Due) -> bool:
    """Return whether a file still waits; one that was refused does so no more."""
    return due.state is State.WAITING and due.platform_state != State.REFUSED


class CompleteModel(ArchivingModel):
    """Choose the file, open it and go as far as the platform lets us. What takes long talks to platform or disk, and
    raises our errors.

    Attributes:
        finished: how far the certificate is, step by step.
        refusal: why the platform will never deliver; None as long as it may.
    """

    finished = OptionalResult[FinishResult]()
    refusal = OptionalResult[Refusal]()

    def __init__(self, toolkit: Toolkit, chosen: Path | None = None, pick: Picker = waiting_first) -> None:
        super().__init__(toolkit, pick, chosen)
        self._looks = 0
        self.looked_at: datetime | None = None

    @property
    def outcome(self) -> ProcedureResult | None:
        return None if self.finished is None else self.finished.outcome

    @property
    def replaced(self) -> tuple[Path, ...]:
        """The older files of the holder; none after a test that found a fault."""
        return self.finished.retired if self.finished is not None and self.finished.may_archive else ()

    @property
    def waits(self) -> bool:
        """The platform has not delivered yet."""
        return self.outcome is not None and self.outcome.state in (State.WAITING, State.VALIDATING)

    @property
    def again(self) -> FormLink:
        """A new request, filled in with what was typed for this one."""
        return request_again(self.choosing.chosen(self.wizard.values))

    @property
    def note(self) -> RequestRecord | None:
        """What was noted when the certificate was requested."""
        if self._file is None:
            return None
        return read_request_record(self.procedure_context.notes, self._file.keystore.key_id)

    def holder(self, texts: Translator) -> str | None:
        """Return name and number as the certificate has them, or the note of its request, else the number in the file's
        name; None if unknown."""
        name = self.certified_holder
        if name is not None:
            return holder_line(name, texts)
        if self.note is not None:
            return holder_line(self.note.holder, texts)
        words = number_words(parse_name(self.path.name).identifier, None, texts)
        return ", ".join(words) or None

    @property
    def next_look(self) -> int:
        """Seconds to wait before looking again."""
        return int(min(FIRST_WAIT * 2 ** max(0, self._looks - 1), LONGEST_WAIT))

    def open(self, password: Secret) -> None:
        super().open(password)
        self._looks = 0

    def complete(self, progress: Callable[[FinishStep], None]) -> None:
        """Go on from wherever the file is, or find out that it was refused. What another window has done with it
        meanwhile counts."""
        self._looks += 1
        with self.reread() as file, revocation_asker(self.toolkit.settings) as ask:
            try:
                finished = finish(file, self.procedure_context, progress=progress, ask_revocation=ask)
            except (errors.RequestRefused, errors.ValidationOverdue) as refusal:
                self.refusal = refusal
                return
            self.looked_at = self.procedure_context.clock.now()
            self.finished = finished
            if finished.test is not None and finished.test.colour is not Colour.RED:
                self.catch_up()
