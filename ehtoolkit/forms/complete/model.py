"""What the Complete form knows and does, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.choosing import Choosing, Pick, Picker
from ehtoolkit.forms.due import Due, DueKind
from ehtoolkit.forms.holder import holder_line
from ehtoolkit.forms.lead import Lead
from ehtoolkit.forms.outlook import request_again
from ehtoolkit.forms.wizard import Step, Wizard
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import KeystoreFile, Note, parse_name, read_note
from ehtoolkit.procedures.complete import Step as Doing
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.outcome import Outcome, State
from ehtoolkit.secret import Secret

Refusal = errors.RequestRefused | errors.ValidationOverdue

FIRST_WAIT, LONGEST_WAIT = 15, 600
"""Seconds until the page looks again by itself: polite (ten or more), growing, bounded."""


def waiting_first(due: Sequence[Due]) -> Pick:
    """All files, since one that has both keys may still have something to be completed; the newest that waits is
    proposed."""
    waiting = next((one for one in due if _waits(one)), None)
    return Pick(tuple(due), waiting, "" if waiting is None else "complete.why.waits")


def renewed_first(due: Sequence[Due]) -> Pick:
    """As `waiting_first`, but proposed is the newest that waits beside an older one of its holder: the renewed one,
    told apart by its date."""
    for one in due:
        if _waits(one) and any(one.is_newer_than(other) for other in due):
            return Pick(tuple(due), one, "complete_renewal.why.newest")
    return waiting_first(due)


def _waits(due: Due) -> bool:
    """One that was refused does so no more."""
    return due.kind is DueKind.WAITING and due.told != State.REFUSED


class CompleteModel:
    """One walk through the form: choose the file, open it and go as far as the platform lets us."""

    def __init__(self, toolkit: Toolkit, chosen: Path | None = None, pick: Picker = waiting_first) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self.choosing = Choosing(self.parts.keystores, self.parts.notes, pick, chosen)
        self._file: KeystoreFile | None = None
        self._looks = 0
        self.looked_at: datetime | None = None
        self.wizard = Wizard([self.choosing.step("choose"), Step("work")])

    @property
    def path(self) -> Path:
        """The chosen keystore: one of the files in the folder, never another path."""
        return self.choosing.path(self.wizard.values)

    @property
    def file(self) -> KeystoreFile:
        """The keystore that was opened. Raises `errors.KeystoreNotFound` before that."""
        if self._file is None:
            raise errors.KeystoreNotFound(path=str(self.wizard.values["keystore"]))
        return self._file

    @property
    def outcome(self) -> Outcome | None:
        found = self.wizard.result("outcome")
        return found if isinstance(found, Outcome) else None

    @property
    def waits(self) -> bool:
        """The platform has not delivered yet."""
        return self.outcome is not None and self.outcome.state in (State.WAITING, State.VALIDATING)

    @property
    def refusal(self) -> Refusal | None:
        """Why the platform will never deliver; None as long as it may."""
        found = self.wizard.result("refusal")
        return found if isinstance(found, errors.RequestRefused | errors.ValidationOverdue) else None

    @property
    def again(self) -> Lead:
        """A new request, filled in with what was typed for this one."""
        return request_again(self.choosing.chosen(self.wizard.values))

    @property
    def note(self) -> Note | None:
        """What was noted when the certificate was requested."""
        return None if self._file is None else read_note(self.parts.notes, self._file.keystore.key_id)

    @property
    def holder(self) -> str | None:
        """Name and number as the certificate has them, or the number in the file's name; None: nobody knows."""
        name = None if self._file is None else self._file.keystore.holder
        if name is not None:
            return holder_line(name)
        if self.note is not None:
            return holder_line(DistinguishedName.parse(self.note.distinguished_name))
        identifier = parse_name(self.path.name).identifier
        return None if identifier is None else identifier.text

    @property
    def next_look(self) -> int:
        """Seconds to wait before looking again."""
        return int(min(FIRST_WAIT * 2 ** max(0, self._looks - 1), LONGEST_WAIT))

    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen."""
        self._file = self.toolkit.open_keystore(self.path, password)
        self._looks = 0

    def complete(self, progress: Callable[[Doing], None]) -> None:
        """Go on from wherever the file is, or find out that it was refused."""
        file = self.file
        self._looks += 1
        try:
            outcome = complete(file, self.parts, progress=progress)
        except (errors.RequestRefused, errors.ValidationOverdue) as refusal:
            self.wizard.keep("refusal", refusal)
            return
        self.looked_at = self.parts.clock.now()
        self.wizard.keep("outcome", outcome)
