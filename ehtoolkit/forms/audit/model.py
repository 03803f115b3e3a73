"""The audit page without widgets: which folders, with which passwords, and what an audit of them has shown."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder, run_audit
from ehtoolkit.auditing.options import AuditOptions, Progress
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.auditing.timeline.timeline import TimeLine, time_line
from ehtoolkit.clock import Clock
from ehtoolkit.forms.audit.table_model import AuditTable, audit_table
from ehtoolkit.forms.copies.offered_folders import typed_path
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.providers import Registry, open_registry
from ehtoolkit.providers.audit_registry import training_clock_for
from ehtoolkit.providers.database import PATIENCE
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.training.keystores.issued_keystores import IssuedKeystores
from ehtoolkit.training.sample import Sample

EVERY_FILE: Final = "*"
_GLOB: Final = frozenset("*?[")


def with_typed(lines: PasswordPatterns, pattern: str, password: Secret) -> PasswordPatterns:
    """Return ``lines`` with one more password, before those that were there; it takes the place of the one of the same
    pattern. One for every file comes last instead: it would hide all those after it."""
    wanted = pattern_of(pattern)
    typed, *kept = with_table(lines, PasswordPatterns(((wanted, password),))).lines
    return PasswordPatterns((*kept, typed) if wanted == EVERY_FILE else (typed, *kept))


def with_table(lines: PasswordPatterns, table: PasswordPatterns) -> PasswordPatterns:
    """Return ``lines`` with those of a table before them; they take the place of those of the same pattern."""
    names = {pattern for pattern, _ in table.lines}
    return PasswordPatterns((*table.lines, *(line for line in lines.lines if line[0] not in names)))


def pattern_of(typed: str) -> str:
    """Return the pattern that was meant: nothing is every file, and words without ``*``, ``?`` or ``[`` are looked for
    anywhere in the name."""
    words = typed.strip()
    if not words:
        return EVERY_FILE
    return words if _GLOB & set(words) else f"*{words}*"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an audit, for the page.

    Attributes:
        at: when, by the clock of the environment.
        folders: that were looked into.
        registry: why the registry could not be asked; None where it was, or where there is none.
        has_registry: whether there is one.
        idle: patterns of passwords that fit no file.
        line: the time line of all of it.
    """

    audit: Audit = field(repr=False)
    table: AuditTable = field(repr=False)
    at: datetime
    folders: tuple[Path, ...]
    registry: errors.RegistryError | None
    has_registry: bool
    idle: tuple[str, ...]
    line: TimeLine = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: no keystore, no provider, nothing wrong."""
        return not self.table.rows and not self.table.findings


class AuditModel:
    """The model of the audit page.

    Attributes:
        result: of the last audit that ended; None before the first.
        patience: seconds to wait for a registry that someone else holds.
        only: the keystores that may be opened; None: any may.
        sample: the invented practices of training; None in the real environments.
        masks: no whole NISS is shown, nor is it in the state of a widget: a notebook is saved with that, and is sent
            on.
        has_given_passwords: whether the user typed a password, or gave a table of them, which is lost with the page.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        patience: float = PATIENCE,
        only: IssuedKeystores | None = None,
        *,
        sample: Sample | None = None,
        masks: bool = False,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._patience = patience
        self.only = only
        self.sample = sample
        self.masks = masks
        self._stop = threading.Event()
        self.passwords = PasswordPatterns()
        self.has_given_passwords = False
        self.folders: tuple[Path, ...] = (settings.keystores,)
        self.result: Result | None = None

    @property
    def environment(self) -> Environment:
        return Environment(self.settings.environment)

    def take_sample(self) -> None:
        """Add the folders of the invented practices, if they are there, to those to be looked at, with their passwords,
        which are tried on nothing else."""
        sample = self.sample
        if sample is None or not sample.is_there:
            return
        self.folders = tuple(dict.fromkeys((*self.folders, *sample.practices)))
        self.passwords = with_table(self.passwords, sample.passwords)

    def choose(self, lines: str) -> None:
        """Take the folders of ``lines``, a path each. Raises `errors.FolderMissing` where there is none."""
        paths = [path for line in lines.splitlines() if (path := typed_path(line)) is not None]
        if not paths:
            raise errors.FolderMissing(folder="", reason="unnamed")
        self.folders = tuple(dict.fromkeys(paths))

    def remember(self, pattern: str, password: Secret) -> None:
        """Use ``password`` for the files whose names fit ``pattern``, until the page is closed."""
        self.passwords = with_typed(self.passwords, pattern, password)
        self.has_given_passwords = True

    def remember_table(self, table: PasswordPatterns) -> None:
        self.passwords = with_table(self.passwords, table)
        self.has_given_passwords = True

    def forget(self) -> None:
        self.passwords = PasswordPatterns()
        self.has_given_passwords = False

    def stop(self) -> None:
        """Let the audit that is going on end, or the one that is about to begin; from any thread."""
        self._stop.set()

    def begin(self) -> None:
        """Let the next audit not end by an earlier `stop`; before `look`, while none is going on."""
        self._stop.clear()

    def look(self, progress: Progress, language: str) -> Result:
        """Look at everything now; slow. What is wrong with a folder, a file or the registry is in what comes back.

        Raises `errors.Cancelled` after `stop`; then ``result`` is the one before.
        """
        at, known = self._clock.now(), self.passwords
        is_training = self.environment is Environment.TRAINING

        def password_of(path: Path) -> Sequence[Secret] | None:
            return known.to_try(path) if self._may_open(path) else None

        folders = tuple(
            folder for folder in self.folders if folder != self.settings.keystores or not _is_absent(folder)
        )
        options = AuditOptions.of(
            self.settings,
            AuditRequest(folders=folders, environment=self.environment),
            training_now=self._clock.now,
            now=at,
            now_for=training_clock_for(self.settings, at) if is_training else None,
            progress=progress,
            stop=self._stop.is_set,
            unnamed=frozenset({self.settings.keystores}),
            language=language,
            on_pages=True,
        )
        failure: errors.RegistryError | None = None

        def opened() -> AbstractContextManager[Registry]:
            return open_registry(self.settings, self._clock, patience=self._patience)

        try:
            audit = run_audit(password_of, options, opened)
        except errors.RegistryError as error:
            failure = error
            audit = audit_folder(folders, password_of, options)
        self.result = Result(
            audit,
            audit_table(audit, self.environment),
            at,
            self.folders,
            failure,
            self.has_registry,
            known.idle([Path(row.file) for row in audit.rows.keystores]),
            time_line(audit),
        )
        return self.result

    def _may_open(self, path: Path) -> bool:
        if self.only is None:
            return True
        try:
            self.only.require(path)
        except errors.EhToolkitError:
            return False
        return True

    @property
    def has_registry(self) -> bool:
        """An audit makes no registry where there is none."""
        return self.settings.provider_database is not None or self.settings.provider_file.exists()


def _is_absent(folder: Path) -> bool:
    """Return whether there is no such folder yet, which is no error while it is the default one."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
