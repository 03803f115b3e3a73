"""A file that is being looked at, what the platform says of it, and what comes of actions on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.finding import Severity
from ehtoolkit.forms.troubleshoot.keystore_contents import Inventory, take_stock
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, KeepReason
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.rewrite import NewKeystore
from ehtoolkit.procedures.archive import MovedKeystores
from ehtoolkit.procedures.state.platform_status import PlatformStatus
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """A value: another look gives a new one of the same ``number``.

    Attributes:
        path: of a file in the keystore folder; None for one that was handed over, whose bytes are in ``content`` and
            nowhere else.
        secret: the password that opened it, once it did; empty for a file without any protection.
        inventory: what is in it, or in what can be saved of it, once that was seen.
        standing: what the platform says of it, once it was asked; lost by another look at the file, unless what was
            done to it leaves the answer as good as it was.
        elsewhere: says that it is of another environment than the page; None for one of the page's, and while that is
            unknown.
    """

    number: int
    name: str
    path: Path | None
    content: bytes = field(repr=False)
    diagnosis: Diagnosis
    secret: Secret | None = field(default=None, repr=False)
    inventory: Inventory | None = None
    platform_status: PlatformStatus | None = None
    elsewhere: errors.WrongEnvironment | None = None

    @property
    def contradicted(self) -> bool:
        """Whether the platform says that something is wrong."""
        platform_status = self.platform_status
        return (
            platform_status is not None
            and platform_status.checked
            and platform_status.severity is Severity.ERROR
        )

    def read(self) -> bytes:
        """Return what is in the file now. Raises `errors.KeystoreNotFound`, `errors.FileUnreadable`."""
        return self.content if self.path is None else read_file(self.path, limits.SIZE)

    @property
    def opened_by(self) -> Secret:
        """The password that opened it. Raises `errors.KeystorePasswordWrong` before that."""
        if self.secret is None:
            raise errors.KeystorePasswordWrong
        return self.secret

    @contextmanager
    def opens_still(self) -> Iterator[None]:
        """Raise `errors.FileBusy` (reason ``changed``) instead of `errors.KeystorePasswordWrong` in the body, which
        reads the file that the password has opened before."""
        try:
            yield
        except errors.KeystorePasswordWrong as error:
            raise errors.FileBusy(path=self.name, reason="changed") from error

    def with_secret(self, secret: Secret, diagnosis: Diagnosis) -> ExaminedFile:
        """Return the file as opened by ``secret``, with the ``diagnosis`` of what that shows."""
        try:
            inventory = take_stock(recover(self.read(), secret).contents)
        except errors.EhToolkitError:  # it may be unreadable by now: what was done to it before is done
            inventory = None
        return replace(self, diagnosis=diagnosis, secret=secret, inventory=inventory)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action made: a new keystore, or a file of the folder that was written over.

    Attributes:
        secret: opens it.
        made: in no file yet, to be taken away; None for a file of the folder, and where nothing was missing.
        path: of the file that was written over, or that has all old keys already.
        backup: what it was; it opens with the password of before.
        added: the keys that were taken over; None where that was not asked.
        other_password: the password is another one than before.
    """

    secret: Secret
    made: NewKeystore | None = None
    path: Path | None = None
    backup: Path | None = None
    added: int | None = None
    other_password: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was made or written; False where no old key was missing."""
        return self.added is None or self.made is not None or self.backup is not None


@dataclass(frozen=True, slots=True)
class Archived:
    """What came of an archiving.

    Attributes:
        done: what was moved.
        examined_files: the files of the page as they are now: those that were moved are in memory, the others have
            fewer neighbours.
    """

    done: MovedKeystores
    examined_files: tuple[ExaminedFile, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an archiving would move.

    Attributes:
        goes: this file when another one has replaced it, else those that this one has replaced.
        stays: why this file stays, None when it goes.
    """

    goes: tuple[ArchiveDecision, ...]
    stays: KeepReason | None
