"""The public functions that need no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ehtoolkit.api.arguments import Password, PathLike, Paths, path_of, paths_of, secret_of
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.keystore.storage import holder_keystores as keystore_folder
from ehtoolkit.keystore.storage import keystore_file
from ehtoolkit.result_display import ResultTuple

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.comparison import AuditComparison
    from ehtoolkit.auditing.snapshot import AuditState
    from ehtoolkit.keystore.keystore import Keystore
    from ehtoolkit.keystore.storage.found_keystore import FoundKeystore


def open_keystore(keystore: PathLike, password: Password) -> Keystore:
    """Return the contents of a keystore: holder, chain, environment and keys.

    Args:
        keystore: a PKCS#12 file, up to 1 MB.

    Raises `errors.KeystoreNotFound`, `errors.KeystorePasswordWrong`, `errors.NotAKeystore`, `errors.KeystoreDamaged`,
    `errors.KeystoreUnsupported`, `errors.LimitExceeded` and `errors.FileUnreadable`.

    >>> import ehtoolkit
    >>> keystore = ehtoolkit.open_keystore(asked.keystore, "Kine-2026")
    >>> print(keystore.environment, keystore.installed, len(keystore.encryption))
    training True 1
    """
    return keystore_file.open_keystore(path_of("keystore", keystore), secret_of("password", password))


def find_keystores(folder: Paths) -> ResultTuple[FoundKeystore]:
    """Return the files in one or more folders whose names are those of keystores, newest first. A missing folder has
    none. Opens no file.

    Raises `errors.FileUnreadable` for a folder that cannot be listed.

    >>> import ehtoolkit
    >>> with ehtoolkit.connect() as eh:
    ...     found = ehtoolkit.find_keystores(eh.keystores)
    >>> [keystore.path == asked.keystore for keystore in found]
    [True]
    """
    return ResultTuple(
        keystore for path in paths_of("folder", folder) for keystore in keystore_folder.find_keystores(path)
    )


def read_passwords(table: Paths) -> PasswordPatterns:
    """Return the passwords of one or more tables, in their order: CSV files with the columns ``pattern`` and
    ``password``, in UTF-8, UTF-16 or Windows-1252. Give the result as ``passwords`` to `audit` or `diagnose`;
    ``of(path)`` is the password of one file.

    Raises `errors.PasswordTableInvalid` and `errors.FileUnreadable`.

    >>> from pathlib import Path
    >>> import ehtoolkit
    >>> size = Path("passwords.csv").write_text("pattern;password\\nSSIN=79*;Kine-2026\\n")
    >>> passwords = ehtoolkit.read_passwords("passwords.csv")
    >>> passwords.of(Path("SSIN=79031421872 20261124-101204.p12"))
    Secret(***)
    """
    return PasswordPatterns.merge(map(PasswordPatterns.read, paths_of("table", table)))


def compare_audits(
    earlier: Audit | PathLike, later: Audit | PathLike, *, language: str | None = None
) -> AuditComparison:
    """Return what changed from one audit to another: keystores that are new, renewed, moved, gone, worse or better, or
    have another certificate.

    Args:
        earlier, later: an `Audit`, or the path of one that ``to_json`` wrote, or ``to_csv`` with ``table="keystores"``
            or ``"merged"``. Save with ``full=True``: where NISS numbers of one are masked, those of the other are too,
            and two persons of one birthday may be mistaken for one another. Audits of two folders are compared file by
            file, by the path in the folder.
        language: of the sentences, ``fr``, ``nl``, ``de`` or ``en``.

    Raises `errors.SavedAuditInvalid`, `errors.FileUnreadable`, and ``ValueError`` for a folder: audit it first.

    >>> import ehtoolkit
    >>> saved = ehtoolkit.audit(passwords="Kine-2026", processes=1)
    >>> saved.to_json("last-month.json", full=True)
    >>> comparison = ehtoolkit.compare_audits("last-month.json", saved, language="en")
    >>> len(comparison.changes), comparison.is_due
    (0, False)
    """
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.comparison import compare_states, read_saved_audit
    from ehtoolkit.i18n import LANGUAGES, Translator, language_of
    from ehtoolkit.type_errors import checked_choice

    def state(argument: str, audit: Audit | PathLike) -> AuditState:
        if isinstance(audit, Audit):
            return audit.state()
        path = path_of(argument, audit)
        if path.is_dir():
            raise ValueError(f"{argument} is a folder: audit it with ehtoolkit.audit, and pass the result")
        return read_saved_audit(path)

    before, after = state("earlier", earlier), state("later", later)
    given = None if language is None else checked_choice("language", language, LANGUAGES)
    return compare_states(before, after, Translator(language_of(given)))
