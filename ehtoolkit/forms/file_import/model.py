"""The model of taking a file from elsewhere: places, paths, and what came in through the browser; no widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.forms.copies.offered_folders import typed_path
from ehtoolkit.forms.file_import.places import SearchPlace, SearchResult, find_places, search
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.storage.copies import recent_folders
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.keystore.storage.moving import ImportedKeystore, import_keystore, rename_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard
from ehtoolkit.toolkit import Toolkit

T = TypeVar("T")

_LONGEST: Final = 4_096
"""Characters of a path."""


@dataclass(frozen=True, slots=True)
class FileElsewhere:
    """A file that was read; the one on the disk stays as it is. ``changed``: when it was last written; None
    where the browser handed it over."""

    name: str
    content: bytes = field(repr=False)
    changed: datetime | None = None


class FileImport:
    """What may be taken, and where from. Methods that look at the disk are slow, and raise our errors.

    A shared server takes no file: there are no places, and no path is looked at.
    """

    def __init__(self, toolkit: Toolkit, taken: set[Path] | None = None) -> None:
        """Make the model. ``taken``: the files of the folder that were taken during this visit, where another model has
        taken some."""
        self.sees_disk = toolkit.allowed_keystores is None
        """False on a shared server: no file of it may be looked for, and none is taken."""
        self.folder = toolkit.context.keystores
        self._context = toolkit.context
        self._settings = toolkit.settings
        self._taken = set() if taken is None else taken

    # ── what is there ────────────────────────────────────────────────────────────────────────────────────
    def places(self) -> Sequence[SearchPlace]:
        """Return the places to be searched; none on a server that is shared."""
        return find_places(self.folder, recent_folders(self._context.notes)) if self.sees_disk else ()

    def search(self, place: Path) -> SearchResult:
        """Return the keystores in a place, without those in the keystore folder and in the program's own. Raises
        `errors.KeystoreNotIssued` on a server that is shared, `errors.FolderMissing`."""
        self._require_disk(place)
        if not self.is_folder(place):
            raise errors.FolderMissing(folder=str(place))
        return search(place, self._settings.file_timeout, passing_over=(self.folder, self._settings.home))

    def is_folder(self, path: Path) -> bool:
        """Return whether this is a folder, to be searched. Raises `errors.FileUnreadable` for a drive that does not
        answer."""
        return self.sees_disk and self._answer(path, path.is_dir)

    def look(self, typed: str) -> Path:
        """Return the file or folder of a path as people type or paste it: in quotes, with ``~``, as ``file:`` address.

        Raises `errors.KeystoreNotFound`, `errors.FolderMissing` (reason ``unnamed``) where nothing was typed, and
        `errors.KeystoreNotIssued` on a server that is shared.
        """
        path = typed_path(typed)
        self._require_disk(Path(typed[:_LONGEST]))
        if path is None:
            raise errors.FolderMissing(reason="unnamed")
        text = str(path)
        try:
            is_there = len(text) <= _LONGEST and path.is_absolute() and self._answer(path, path.exists)
        except (OSError, ValueError):  # a name that no system takes
            is_there = False
        if not is_there:
            raise errors.KeystoreNotFound(path=text[:_LONGEST])
        return path

    def read(self, path: Path) -> FileElsewhere:
        """Return a file of this computer, at most as long as keystores are. Raises what `read_file` raises, and
        `errors.KeystoreNotIssued` on a server that is shared."""
        self._require_disk(path)
        content = self._answer(path, lambda: read_file(path, limits.SIZE))
        return FileElsewhere(path.name, content, self._answer(path, lambda: _written(path)))

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def take(self, file: FileElsewhere) -> ImportedKeystore:
        """Copy ``file`` into the keystore folder. Raises what `import_keystore` raises, `errors.KeystoreNotIssued` on a
        shared server."""
        self._require_disk(Path(file.name))
        taken = import_keystore(
            self.folder, file.name, file.content, notes=self._context.notes, changed=file.changed
        )
        if not taken.already:
            self._taken.add(taken.path)
        return taken

    def name_properly(self, path: Path, password: Secret) -> Path:
        """Rename a file that was taken during this visit as other programs read it, where only its certificate says
        whose it is; return where it is. A password that does not open it changes nothing."""
        if path not in self._taken or parse_name(path.name).regular:
            return path
        listing = HolderFiles.listed(path.parent)
        proper = diagnose(path, password, self._context.clock.now(), listing=listing).proper_name
        return path if proper is None else rename_keystore(path, proper)

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _require_disk(self, path: Path) -> None:
        if not self.sees_disk:
            raise errors.KeystoreNotIssued(path=path.name)

    def _answer(self, path: Path, ask: Callable[[], T]) -> T:
        """Return what ``ask`` gives; a drive that does not answer cannot be read."""
        with TimeoutGuard(self._settings.file_timeout) as patience:
            try:
                return patience.call(path, ask)
            except TimedOut as error:
                raise errors.FileUnreadable(path=str(path)) from error


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None
