"""What the Activate form knows and does, without a widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.choosing import Choosing, Pick
from ehtoolkit.forms.due import Due, DueKind
from ehtoolkit.forms.wizard import Step, Wizard
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore import KeystoreFile, archive_keystore
from ehtoolkit.procedures.activate import Activated, activate
from ehtoolkit.procedures.activate import Step as Doing
from ehtoolkit.secret import Secret


def newest_completed(due: Sequence[Due]) -> Pick:
    """Files with both keys, or of which nothing can be seen, newest first. Proposed is the newest that has an older
    one of its holder beside it: the renewed one."""
    fit = [one for one in due if one.kind is not DueKind.WAITING]
    offered = tuple(sorted(fit, key=lambda one: one.found.moment, reverse=True))
    for one in offered:
        if any(one.is_newer_than(older) for older in offered):
            return Pick(offered, one, "activate.why.newest")
    return Pick(offered)


@dataclass(frozen=True, slots=True)
class OldFile:
    """The old file of a renewal was chosen. ``newer``: the one that takes its place; ``complete``: whether that is all
    there, so that it can be activated."""

    newer: Path
    complete: bool


class ActivateModel:
    """One walk through the form. Methods that talk to platform or disk are slow and raise our errors."""

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        self.toolkit = toolkit
        self.parts = toolkit.parts
        self.choosing = Choosing(self.parts.keystores, self.parts.notes, newest_completed, asked)
        self.archived: tuple[Path, ...] = ()
        self._file: KeystoreFile | None = None
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
    def holder(self) -> DistinguishedName | None:
        return None if self._file is None else self._file.keystore.holder

    @property
    def activated(self) -> Activated | None:
        found = self.wizard.result("activated")
        return found if isinstance(found, Activated) else None

    @property
    def old_file(self) -> OldFile | None:
        """That the chosen file is an old one, where the work has shown it."""
        found = self.wizard.result("old_file")
        return found if isinstance(found, OldFile) else None

    @property
    def retired(self) -> tuple[Path, ...]:
        """Older files of the holder that can be put away and are still in the folder."""
        found = () if self.activated is None else self.activated.retired
        return tuple(path for path in found if path not in self.archived)

    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen."""
        self._file = self.toolkit.open_keystore(self.path, password)

    def activate(self, progress: Callable[[Doing], None]) -> None:
        """Activate and prove it; where that was done before, prove it only. Of an old file, find the new one."""
        try:
            done = activate(self.file, self.parts, progress=progress)
        except errors.AlreadyRenewed as old:
            self.wizard.keep("old_file", OldFile(Path(str(old.facts["newer"])), complete=True))
            return
        except errors.RequestWaiting as old:
            self.wizard.keep("old_file", OldFile(Path(str(old.facts["path"])), complete=False))
            return
        self.wizard.keep("activated", done)

    def archive(self) -> None:
        """Put the older files away. Those that were moved before one could not be, stay moved."""
        for path in self.retired:
            archive_keystore(path)
            self.archived += (path,)
