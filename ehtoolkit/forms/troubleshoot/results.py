"""What comes of doing something with a file, as the model hands it to the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ehtoolkit.forms.troubleshoot.archiving import PutAway
from ehtoolkit.forms.troubleshoot.specimen import Specimen
from ehtoolkit.keystore.diagnosis import Finding
from ehtoolkit.keystore.repair.conversion import NewKeystore
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class StillClosed:
    """The password opened nothing: what is to be said about it, or about the file, the worst first."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file of the folder was written over. ``backup``: what it was; it opens with the password of before.
    ``added``: the keys that were taken over; None where that was not asked."""

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
    """``done``: what was moved. ``specimens``: the files of the page as they are now: those that were moved are in
    memory, the others have fewer neighbours."""

    done: PutAway
    specimens: tuple[Specimen, ...]
