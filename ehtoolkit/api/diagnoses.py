"""Methods that find keystores and diagnose them."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from ehtoolkit.api.arguments import Passwords, PathLike, Paths, is_single_path, passwords_of, paths_of
from ehtoolkit.api.connection import Connection
from ehtoolkit.clock import SystemClock
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose, diagnose_with_first
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, find_keystores
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.result_display import ResultTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
    from ehtoolkit.secret import Secret


class DiagnosisMethods(Connection):
    """Methods that find keystores and diagnose them."""

    def find_keystores(self, folder: Paths | None = None) -> ResultTuple[FoundKeystore]:
        """Return the files in the keystore folder, or in ``folder``, whose names are those of keystores: see
        `ehtoolkit.find_keystores`."""
        folders = (self.keystores,) if folder is None else paths_of("folder", folder)
        return ResultTuple(keystore for path in folders for keystore in find_keystores(path))

    @overload  # a str is one path, although it could be many letters
    def diagnose(  # type: ignore[overload-overlap]
        self, keystore: PathLike, password: Passwords = None
    ) -> Diagnosis: ...
    @overload
    def diagnose(
        self, keystore: Iterable[PathLike], password: Passwords = None
    ) -> ResultTuple[Diagnosis]: ...
    def diagnose(self, keystore: Paths, password: Passwords = None) -> Diagnosis | ResultTuple[Diagnosis]:
        """Return what a file is and what is wrong with it; for several files, a diagnosis of each, in their order.
        Problems are findings, not errors, and so is a file that cannot be read.

        Args:
            keystore: one file or many.
            password: None checks only what needs no password. For several files: one password for all, a `Path` of a
                password table or the tables of `read_passwords`, passwords by file name or pattern (``{"*.p12":
                "…"}``), or a function of the path. The first password that opens the file is used.

        >>> import ehtoolkit
        >>> ehtoolkit.diagnose(asked.keystore, "Kine-2026").severity
        <Severity.INFO: 'info'>
        >>> ehtoolkit.diagnose([asked.keystore], "wrong")[0].has("password_wrong")
        True
        """
        files, passwords = paths_of("keystore", keystore), passwords_of("password", password)
        notes, now = self.settings.notes, SystemClock().now()
        known = CachedStates.read(notes)
        folders = {file.parent for file in files}
        listing = {folder: HolderFiles.listed(folder, notes, now) for folder in folders}
        found = ResultTuple(
            self._diagnosed(file, passwords(file), listing[file.parent], known) for file in files
        )
        return found[0] if is_single_path(keystore) else found

    def _diagnosed(
        self, file: Path, passwords: Sequence[Secret], listing: HolderFiles, known: CachedStates
    ) -> Diagnosis:
        """Return the diagnosis of ``file`` with the first of ``passwords`` that opens it, else with the first. The
        training clock applies to certificates of training, the computer's to others, in any folder."""
        if passwords:
            self._toolkit.require_openable(file)
        trains = self.settings.is_by_training_clock(file)

        def look_by(password: Secret | None, *, training: bool) -> Diagnosis:
            now = self._training_now() if training else SystemClock().now()
            return diagnose(file, password, now, listing=listing, known=known)

        def look(password: Secret | None) -> Diagnosis:
            found = look_by(password, training=trains)
            is_training = found.environment is Environment.TRAINING
            known = found.environment is not None
            return look_by(password, training=is_training) if known and is_training != trains else found

        return diagnose_with_first(passwords, look)[0]
