"""Makes the sample, says whether it is there, and takes it away: its records in the training registry, its folder."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit import errors
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.settings import Settings
from ehtoolkit.system.files import create_private, make_private_folder, map_os_errors, read_file
from ehtoolkit.system.locks import folder_lock

if TYPE_CHECKING:  # the database code is imported only where the records are needed
    from ehtoolkit.providers import Provider, Registry
    from ehtoolkit.training.trainer import TrainingPlatform

FOLDER: Final = "sample"
_STATE: Final = "sample.json"
_PATTERNS: Final = "passwords.csv"
_PATIENCE: Final = 60.0
"""Seconds to wait for another process that is making it."""


@dataclass(frozen=True, slots=True)
class SampleState:
    """Whether there is a sample.

    Attributes:
        made_at: by the training clock; None while there is no sample.
        own: records of the training registry that are not of the sample.
    """

    made_at: datetime | None
    own: int


class Sample:
    """Of one EHTOOLKIT_HOME. Its records are those of the forty people, whatever was changed in them; its files are
    those with its key pairs, whatever they are called, and what is written beside them. Nothing else is ever taken
    away but by `clear`.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect(environment="training") as eh:
    ...     sample = ehtoolkit.Sample(eh.settings, eh.training)
    >>> len(sample.practices)
    6
    """

    def __init__(self, settings: Settings, training: TrainingPlatform) -> None:
        self._settings = settings.model_copy(update={"environment": "training"})
        self._training = training
        self.folder = settings.training_folder / FOLDER

    @property
    def password(self) -> str:
        """Of its keystores, but for those of organisations and for the forgotten one. No secret: it is shown."""
        from ehtoolkit.training.keystores.keystore_factory import PASSWORD

        return PASSWORD

    @property
    def patterns(self) -> Path:
        """A table for ``--passwords``."""
        return self.folder / _PATTERNS

    @property
    def passwords(self) -> PasswordPatterns:
        """The content of `patterns`: for the folders of the sample alone. No other keystore is tried with it."""
        return PasswordPatterns.decode(_patterns(), str(self.patterns))

    @property
    def practices(self) -> tuple[Path, ...]:
        """The folders of the six practices."""
        from ehtoolkit.training.sample.practices import PRACTICES

        return tuple(self.folder / practice.folder for practice in PRACTICES)

    @property
    def folders(self) -> tuple[Path, ...]:
        """What a consultant audits: `practices`, and two places that cannot be looked into: a drive that is not
        connected, and a link that leads to itself."""
        return (*self.practices, self.folder / "disque-externe", self._locked)

    @property
    def is_there(self) -> bool:
        return self.made_at is not None

    @property
    def made_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(json.loads((self.folder / _STATE).read_bytes())["made_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @property
    def is_refused(self) -> bool:
        """Whether the registry is a database that others share; invented people do not go in there."""
        return self._settings.provider_database is not None

    @property
    def is_wanted(self) -> bool:
        """Whether a page makes it without being asked: in a demonstration, once, while the registry is empty."""
        if not self._settings.sample or self.is_refused or self.is_there:
            return False
        return not self._settings.provider_file.exists() or self.state().own == 0

    def state(self) -> SampleState:
        """Return when the sample was made, and how many records of the training registry are not of it: 0 where that is
        a database that others share, or does not exist. Raises `errors.RegistryError`."""
        if self.is_refused or not self._settings.provider_file.exists():
            return SampleState(self.made_at, 0)
        with self._registry() as registry:
            own = sum(1 for provider in registry.providers() if not _is_of_sample(provider))
        return SampleState(self.made_at, own)

    def make(self) -> int:
        """Make the sample, again where it is there: then what was changed in its records and files is gone. Returns the
        number of its providers.

        Raises `errors.SampleRefused` where the registry is a database that is shared, `errors.FileBusy`,
        `errors.FolderNotWritable`, `errors.DiskFull`, `errors.WriteFailed`, `errors.RegistryError`.
        """
        if self.is_refused:
            from ehtoolkit.providers.database import location_of

            raise errors.SampleRefused(place=location_of(self._settings).shown)
        with self._alone():
            return self._make()

    def ensure(self) -> bool:
        """Make the sample if it is still wanted when no other process is making it; return whether it was made. Raises
        what `make` raises, except `errors.SampleRefused`."""
        with self._alone():
            if not self.is_wanted:
                return False
            self._make()
            return True

    def remove(self) -> None:
        """Take the sample away, and leave everything else. Raises what `make` raises, except `errors.SampleRefused`."""
        with self._alone():
            self._remove_files()
            if not self.is_refused and self._settings.provider_file.exists():
                with self._registry() as registry:
                    self._remove_records(registry)

    def clear(self) -> int:
        """Take the sample away, and every other record of the training registry with it; return the number of those. A
        database that is shared is left alone. Raises what `make` raises, except `errors.SampleRefused`."""
        own = self.state().own
        self.remove()
        if own:
            with self._registry() as registry:
                registry.clear()
        return own

    # ── making ───────────────────────────────────────────────────────────────────────────────────────────
    def _make(self) -> int:
        from ehtoolkit.training.keystores.keystore_factory import KeystoreFactory
        from ehtoolkit.training.sample.keystores import Shelf, add_loose_files
        from ehtoolkit.training.sample.members import MEMBERS, SAMPLE
        from ehtoolkit.training.sample.provider_records import record_of

        now = self._training.clock.now()
        shelf = Shelf(self.folder, KeystoreFactory(self._training.authorities, now))
        for member, _, add_keystore in SAMPLE:
            assignment = add_keystore(shelf, member)
            if assignment is not None:
                shelf.assigned[member.place] = assignment
        add_loose_files(shelf, MEMBERS)
        today = now.astimezone(BRUSSELS).date()
        records = [
            record_of(member, fault, today, shelf.assigned.get(member.place)) for member, fault, _ in SAMPLE
        ]
        self._remove_files()
        for path, data in (*shelf.files.items(), (self.patterns, _patterns())):
            self._write(path, data)
        self._link()
        with self._registry() as registry:
            self._remove_records(registry)
            registry.merge(records)
        # The last step: while it is missing, the sample is not there, and is made from the beginning.
        self._write(self.folder / _STATE, json.dumps({"made_at": now.isoformat()}).encode())
        return len(records)

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file, unless there is one: what is still there under that name is the user's own, and stays."""
        with map_os_errors(path):
            make_private_folder(path.parent)
            if path.is_symlink() or path.exists():
                return
            with create_private(path) as file:
                file.write(data)

    def _link(self) -> None:
        """Make the two links of the sample. Windows allows few users to make them; one that cannot be made is left out,
        and then there is a finding less."""
        for link, target in self._links:
            with suppress(OSError, NotImplementedError):
                # Relative: a copy of the folder has links of its own.
                link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)

    @property
    def _links(self) -> tuple[tuple[Path, Path], ...]:
        from ehtoolkit.training.sample.practices import RAVEL

        practice = self.folder / RAVEL.folder
        return (practice / "Kopie", practice), (self._locked, self._locked)

    @property
    def _locked(self) -> Path:
        return self.folder / "serveur"

    # ── taking away ──────────────────────────────────────────────────────────────────────────────────────
    def _remove_records(self, registry: Registry) -> None:
        for provider in list(registry.providers()):
            if _is_of_sample(provider):
                with suppress(errors.ProviderUnknown):  # another process was faster
                    registry.remove(provider.id or 0)

    def _remove_files(self) -> None:
        if not self.folder.is_dir():
            return
        # Before its files: a sample that is half gone is none.
        with map_os_errors(self.folder):
            (self.folder / _STATE).unlink(missing_ok=True)
        links = {link for link, _ in self._links}
        for current, names, files in os.walk(self.folder, topdown=False):
            for name in (*files, *names):
                path = Path(current, name)
                with map_os_errors(path):
                    if path in links and path.is_symlink():
                        path.unlink()
                    elif path.is_symlink():
                        continue
                    elif path.is_dir():
                        with suppress(OSError):  # another file is in it
                            path.rmdir()
                    elif path == self.patterns or _is_file_of_sample(path):
                        path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    # ── around ───────────────────────────────────────────────────────────────────────────────────────────
    def _registry(self) -> Registry:
        from ehtoolkit.providers import open_registry

        return open_registry(self._settings, self._training.clock)

    def _alone(self) -> AbstractContextManager[None]:
        """Return the lock under which no other process makes the sample or takes it away: `folder_lock` of the
        folder that the sample lies in."""
        return folder_lock(self._settings.training_folder, _PATIENCE)


def _is_of_sample(record: Provider) -> bool:
    from ehtoolkit.training.sample.members import MEMBERS
    from ehtoolkit.training.sample.provider_records import is_of

    return any(is_of(record, member) for member in MEMBERS)


def _is_file_of_sample(path: Path) -> bool:
    """Return whether a file is of the sample, by its content: a keystore with key pairs of the sample alone, or one of
    its files that are no sound keystores. One that cannot be read is none."""
    from ehtoolkit.training.keystores.issued_keystores import is_file_of
    from ehtoolkit.training.keystores.keystore_factory import key_ids, signing_key_ids
    from ehtoolkit.training.sample.keystores import NO_KEYSTORES, is_cut_off

    if path.name in NO_KEYSTORES and path.is_file():
        with suppress(errors.EhToolkitError):
            return read_file(path, len(NO_KEYSTORES[path.name])) == NO_KEYSTORES[path.name]
        return False
    return is_file_of(path, signing_key_ids(), key_ids()) or is_cut_off(path)


def _patterns() -> bytes:
    from ehtoolkit.training.keystores.keystore_factory import PASSWORD

    # By the end of the path: a sample that was moved along with its home is still found, and nothing else is.
    names = (f"training/{FOLDER}/*/{files}" for files in ("SSIN=*", "Zertifikat*"))
    return "".join(("pattern,password\n", *(f"{name},{PASSWORD}\n" for name in names))).encode()
