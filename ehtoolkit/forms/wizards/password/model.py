"""The model of the Password form, without a widget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from ehtoolkit import errors
from ehtoolkit.forms.engine.form_model import OptionalResult, StepResult
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.key_names import with_sound_ids
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.backups import backups_of, delete_backup
from ehtoolkit.keystore.storage.keystore_file import read_keystore
from ehtoolkit.procedures.result import record_contents
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

Role = Literal["authentication", "encryption", "other"]


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A private key of the file: its alias, None without one, and what it is for."""

    alias: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class ContentsSummary:
    """What is in a file, without any secret. ``holder``: None where the certificate is not there yet, or is not of
    eHealth."""

    holder: DistinguishedName | None
    keys: tuple[NamedKey, ...]
    certificates: int


@dataclass(frozen=True, slots=True)
class OpenFile:
    """The file as the old password opened it. Nothing of it reaches a widget."""

    contents: Pkcs12Contents
    password: Secret


@dataclass(frozen=True, slots=True)
class Change:
    """What was done.

    Attributes:
        copy: it opens with the old password.
        same_password: only the encryption is another.
        inside: what the new password opens.
        doubt: why the file could not be opened once more, or not with the same content; None when it could.
    """

    path: Path
    copy: Path
    profile: EncryptionProfile
    same_password: bool
    at: datetime
    inside: ContentsSummary
    doubt: errors.EhToolkitError | None


KEEP: Final = "keep"
"""The choice of a profile that leaves it as it is."""


class PasswordModel(KeystoreFormModel):
    """Methods that read or write the file are slow and raise our errors.

    Attributes:
        opened: the file, until its password is changed.
        change: what was done, which the last page is about.
    """

    opened = OptionalResult[OpenFile]()
    change = StepResult[Change]()

    def __init__(self, toolkit: Toolkit, chosen: Path | None = None) -> None:
        super().__init__(toolkit, asked=chosen)
        self.deleted: tuple[Path, ...] = ()
        self.asks_about_copies = False
        """Whether the question is shown that comes before copies are deleted."""

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def inside(self) -> ContentsSummary | None:
        """What the old password opened, until another file is chosen."""
        return None if self.opened is None else inside_of(self.opened.contents)

    @property
    def copies(self) -> tuple[Path, ...]:
        """The copies that are there now and open with an older password, newest first."""
        # A link's copies lie beside the file that it leads to.
        return backups_of(self.change.path.resolve())

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def open(self, password: Secret) -> None:
        """Open the keystore that is chosen with its old password; the file is only read. Raises what `read_keystore`
        raises, and on a server that is shared `errors.KeystoreNotIssued`."""
        self.toolkit.require_openable(self.path)
        contents = read_keystore(self.path, password)
        record_contents(self.path, contents, self.procedure_context)
        self.opened = OpenFile(contents, password)

    def change_to(self, new: Secret) -> None:
        """Give the file the password ``new``, and prove the result by opening it.

        Raises `errors.PasswordNotAllowed` (reason ``same``) for the old password with the encryption that it has,
        `errors.FileBusy` when another program gave the file another one meanwhile, and what `change_password`
        raises; then the file is as it was.
        """
        opened = self.opened
        if opened is None:
            raise RuntimeError("no file is open")
        wanted = self.wizard.values["profile"]
        same = new == opened.password
        if same and wanted == KEEP:  # with another profile it is a way to help a program
            raise errors.PasswordNotAllowed(reason="same")
        path = self.path
        try:
            profile = None if wanted == KEEP else EncryptionProfile(wanted)
            changed = change_password(path, opened.password, new, profile)
        except errors.KeystorePasswordWrong as error:
            raise errors.FileBusy(path=str(path), reason="changed") from error
        self.wizard.seal()
        inside, doubt = prove(path, new, opened.contents)
        record_contents(path, opened.contents, self.procedure_context)
        at = self.procedure_context.clock.now()
        self.change = Change(changed.path, changed.backup, changed.profile, same, at, inside, doubt)
        self.opened = None  # the old password is of no use any more

    def delete_copies(self) -> None:
        """Delete every copy that opens with an older password. Raises what `delete_backup` raises; `copies` are
        those that are left."""
        for copy in self.copies:
            delete_backup(copy)
            self.deleted = (*self.deleted, copy)

    def close(self) -> None:
        """Release the old password: the form is left."""
        self.opened = None
        super().close()


def inside_of(contents: Pkcs12Contents) -> ContentsSummary:
    """Return what a file holds, also one that is no eHealth keystore; the key that signs comes first."""
    certificates = len(contents.certificates)
    try:
        keystore = Keystore.of(contents)
    except errors.KeystoreError:
        return ContentsSummary(
            None, tuple(NamedKey(key.alias, "other") for key in contents.keys), certificates
        )
    first = NamedKey(keystore.authentication.alias or None, "authentication")
    others = (NamedKey(key.alias or None, "encryption") for key in keystore.encryption)
    return ContentsSummary(keystore.holder, (first, *others), certificates)


def prove(
    path: Path, new: Secret, before: Pkcs12Contents
) -> tuple[ContentsSummary, errors.EhToolkitError | None]:
    """Return what ``new`` opens in ``path``, and why that is not what was there ``before``; None when it is, to the
    last key, certificate and name. LocalKeyIDs are not looked at: those that lacked are new. Names are those that
    `change_password` gives."""
    try:
        after = read_keystore(path, new)
    except (errors.KeystoreError, errors.FileUnreadable) as error:
        return inside_of(before), error
    same = _substance(after) == _substance(with_sound_ids(before))
    return inside_of(after), None if same else errors.FileBusy(path=str(path), reason="changed")


def _substance(contents: Pkcs12Contents) -> tuple[object, ...]:
    keys = [(key.pkcs8, key.alias) for key in contents.keys]
    return keys, [(bag.der, bag.alias) for bag in contents.certificates]
