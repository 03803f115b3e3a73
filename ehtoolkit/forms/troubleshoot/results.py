"""Results of actions on files, as the model hands them to the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.finding import Finding
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, KeepReason, plan_archival
from ehtoolkit.keystore.rewrite import NewKeystore
from ehtoolkit.keystore.storage.folder import PasswordOf
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.archive import MovedKeystores
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """The password opened nothing: what is to be said about it, or about the file, the worst first."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file of the folder was written over.

    Attributes:
        backup: what it was; it opens with the password of before.
        added: the keys that were taken over; None where that was not asked.
    """

    path: Path
    backup: Path | None
    secret: Secret
    added: int | None = None
    other_password: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """A file that was handed over, with the old keys: to be taken away as a new one. ``made``: None where nothing
    was missing."""

    made: NewKeystore | None
    added: int


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


# ── What is archived ─────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Plan:
    """What an archiving would move.

    Attributes:
        goes: this file when another one has replaced it, else those that this one has replaced.
        stays: why this file stays, None when it goes.
    """

    goes: tuple[ArchiveDecision, ...]
    stays: KeepReason | None


def plan(path: Path, now: datetime, password_of: PasswordOf, notes: Path) -> Plan:
    """Judge the folder of ``path``, by content where the password is known, and by what ``notes`` has of the others.

    Raises `errors.KeystoreNotFound` for a file that is not there, and what `plan_archival` raises.
    """
    verdicts = plan_archival(path.parent, now, password_of, CachedStates.read(notes))
    mine = next((verdict for verdict in verdicts if verdict.path == path), None)
    if mine is None:
        raise errors.KeystoreNotFound(path=str(path))
    if mine.successor is not None:
        return Plan((mine,), None)
    return Plan(tuple(verdict for verdict in verdicts if verdict.successor == path), mine.stays)
