"""Rewrite keystores: from any format, under another password or protection, with what is sound of a damaged file.

`rewrite` works in memory; `rewrite_file` makes a new file, `change_password` replaces one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Self

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.writer import (
    EncryptionParams,
    EncryptionProfile,
    reseal_secrets,
    seal,
    write_pkcs12,
)
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.passwords import check_new_password, names_in
from ehtoolkit.keystore.repair.key_names import with_sound_ids
from ehtoolkit.keystore.repair.lost_items import LostItem, with_copies
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.storage.backups import back_up
from ehtoolkit.keystore.storage.filenames import belgian_time, keystore_name, parse_name
from ehtoolkit.keystore.storage.found_keystore import holder_key, visible_authentication_id
from ehtoolkit.keystore.storage.holder_keystores import find_keystores, folder_in_use, keystore_path
from ehtoolkit.keystore.storage.keystore_file import (
    about,
    put_new,
    replace_keystore,
    target_of,
    verify_contents,
)
from ehtoolkit.result_display import Displayed
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import expect, read_file
from ehtoolkit.system.locks import folder_lock


@dataclass(frozen=True, slots=True)
class RewriteResult:
    """A keystore, sealed again.

    Attributes:
        contents: what ``data`` holds.
        data: a PKCS#12 file.
        profile: how it is protected.
        lost: what could not be taken over.
        unproven: the names of certificates in it of which nothing tells whether they are sound.
    """

    contents: Pkcs12Contents
    data: bytes = field(repr=False)
    profile: EncryptionProfile
    lost: tuple[LostItem, ...] = ()
    unproven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class WrittenKeystore(Displayed):
    """A new keystore that was made from another file.

    Attributes:
        path: of the new file.
        keys: number of private keys in it.
        certificates: number of certificates in it.
        profile: how it is protected.
        lost: what could not be saved, each with its ``kind``, ``reason`` and ``alias``, a key also with its ``key_id``,
            its ``purpose`` and the other keystores in which it is (``copies``); empty after a conversion.
        unproven: the names of certificates in it of which nothing tells whether they are sound.
    """

    path: Path
    keys: int
    certificates: int
    profile: EncryptionProfile
    lost: tuple[LostItem, ...] = ()
    unproven: tuple[str, ...] = ()

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield from (("path", self.path), ("keys", self.keys), ("certificates", self.certificates))
        yield (
            "lost",
            tuple(" ".join(filter(None, (lost.kind, lost.alias, lost.reason))) for lost in self.lost),
        )
        yield "unproven", self.unproven

    @classmethod
    def of(cls, path: Path, made: RewriteResult) -> Self:
        """Return what ``made``, written to ``path``, is for a caller: without the keys themselves."""
        contents = made.contents
        counts = len(contents.keys), len(contents.certificates)
        return cls(path, *counts, made.profile, made.lost, made.unproven)


def rewrite(
    data: bytes,
    password: Secret,
    new: Secret | None = None,
    profile: EncryptionProfile | None = None,
    *,
    salvage: bool,
    key_password: Secret | None = None,
) -> RewriteResult:
    """Return everything in a PKCS#12, JKS or JCEKS file, also in one that a transfer changed, as a PKCS#12 file.

    Keys, certificates, names, attributes and their order stay as they are, but for localKeyIDs that lack, repeat or
    mislead, and encryption keys that are called by another number, as `with_sound_ids` says.

    Args:
        new: the password of the result; None keeps the old one.
        profile: None keeps that of the file, so that what opened it still does.
        salvage: take what can be proven sound out of a damaged file, instead of refusing it.
        key_password: of private keys in a JKS or JCEKS file that ``password`` does not open.

    Raises `errors.PasswordNotAllowed`, what `recover` raises, `errors.DuplicateAlias`.
    """
    wanted = password if new is None else new
    check_new_password(wanted, kept=wanted == password)  # before any work is done
    before, after = DerivedKeyCache(password), DerivedKeyCache(wanted)
    found = recover(data, password, key_password=key_password, cache=before, salvage=salvage)
    check_new_password(wanted, names_in(_certificate_of(found.contents)[0]), kept=wanted == password)
    if profile is None:
        protection = found.contents.protection
        profile = EncryptionProfile.COMPATIBLE if protection is None else EncryptionProfile.of(protection)
    params = EncryptionParams.new(profile)
    contents = with_sound_ids(reseal_secrets(found.contents, before, after, params))
    return RewriteResult(contents, seal(contents, after, params), profile, found.lost, found.unproven)


def seal_again(contents: Pkcs12Contents, password: Secret) -> RewriteResult:
    """Return ``contents`` under the password that they had. Raises `errors.DuplicateAlias`."""
    profile = EncryptionProfile.COMPATIBLE
    return RewriteResult(contents, write_pkcs12(contents, password, profile), profile)


def rewrite_file(
    source: Path,
    password: Secret,
    target: Path,
    new: Secret | None = None,
    profile: EncryptionProfile = EncryptionProfile.COMPATIBLE,
    *,
    salvage: bool = False,
    key_password: Secret | None = None,
    folders: Sequence[Path] = (),
) -> RewriteResult:
    """Write what `rewrite` makes of ``source`` into the new file ``target``, and return it. Keys that are lost are
    looked for in the folder of ``source`` and in ``folders``.

    Raises what `rewrite` raises, `errors.FileExists` and what `ehtoolkit.keystore.storage.keystore_file.put_new`
    raises.
    """
    data = read_file(source, limits.SIZE)
    with about(source):
        made = rewrite(data, password, new, profile, salvage=salvage, key_password=key_password)
    put_new(
        target,
        made.data,
        verify_contents(target, made.contents, DerivedKeyCache(password if new is None else new)),
    )
    return replace(made, lost=with_copies(made.lost, (folder_in_use(source), *folders), data, target))


# ── Another password, another protection ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Changed:
    """A keystore whose password was changed.

    Attributes:
        path: the file, which opens with the new password, as it was named.
        backup: its copy, which still opens with the **old** one.
        profile: how the file is protected now.
    """

    path: Path
    backup: Path
    profile: EncryptionProfile


def change_password(
    path: Path, old: Secret, new: Secret, profile: EncryptionProfile | None = None
) -> Changed:
    """Encrypt a PKCS#12 keystore again with `rewrite`, under ``new``; ``old`` again
    changes the profile alone.

    What is written is opened under the new password and compared before it takes the place of the old file, in one step
    of the file system.

    Raises `errors.PasswordNotAllowed` for a new password that not every program takes; what reading raises, of
    which `errors.KeystorePasswordWrong`; `errors.DuplicateAlias`, `errors.FolderNotWritable`,
    `errors.DiskFull`, `errors.FileBusy`, `errors.WriteFailed`. Then the file is as it was.
    """
    check_new_password(new, names_in(None, path), kept=new == old)
    data = read_file(path, limits.SIZE)
    with about(path):
        outline_pkcs12(data)  # a file of another format stays what it is
        made = rewrite(data, old, new, profile, salvage=False)
        backup = replace_keystore(
            path, made.data, data, verify_contents(path, made.contents, DerivedKeyCache(new))
        )
    if backup is None:  # someone removed the file meanwhile: it is there again
        target = target_of(path)
        with folder_lock(target.parent):
            backup = back_up(target, data)
    return Changed(path, backup, made.profile)


# ── A keystore that is in no file yet ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class NewKeystore:
    """A keystore that is in no file yet.

    Attributes:
        data: sealed under its password.
        lost: what could not be taken over.
        unproven: as in `RewriteResult`.
        identifier: the holder's; None if unknown: then ``name`` is made of the old one.
        begins: the start of its certificate, aware; None while it has none.
    """

    data: bytes = field(repr=False)
    name: str
    keys: int
    certificates: int
    lost: tuple[LostItem, ...]
    unproven: tuple[str, ...]
    identifier: Identifier | None
    application_id: str | None
    environment: Environment
    begins: datetime | None


def new_keystore(
    made: RewriteResult, password: Secret, name: str, *, now: datetime, environment: Environment
) -> NewKeystore:
    """Return a rewritten keystore with the name of its file, proven by opening it.

    Args:
        password: of the new keystore.
        name: of the file that it was made of.
        now: for the name, aware.
        environment: where nothing else tells it.

    Raises `errors.WriteFailed`.
    """
    contents = made.contents
    verify_contents(Path(name), contents, DerivedKeyCache(password))(made.data)
    named = parse_name(name)
    holder, issued, begins = _certificate_of(contents)
    identifier = named.identifier if holder is None else holder.identifier
    application_id = named.application_id if holder is None else holder.application_id
    where = issued or named.environment or environment
    if identifier is None:
        proper = f"{Path(name).stem}-new.p12"
    else:
        proper = keystore_name(identifier, application_id, now, where)
    counts = len(contents.keys), len(contents.certificates)
    taken = made.lost, made.unproven
    return NewKeystore(made.data, proper, *counts, *taken, identifier, application_id, where, begins)


def save_to_folder(folder: Path, made: NewKeystore, now: datetime) -> Path:
    """Write ``made`` into the keystore folder as a new file, and return where: later by name than all others of its
    holder; where the folder has a successor of its certificate, right before that.

    Raises `errors.KeystoreNotFound` if its holder is unknown, and what
    `ehtoolkit.keystore.storage.keystore_file.put_new` raises.
    """
    if made.identifier is None:
        raise errors.KeystoreNotFound(path=made.name)
    holder, successor = (made.identifier, made.application_id), _successor_named(folder, made)
    if successor is None:
        path = keystore_path(folder, *holder, now, made.environment)
    else:
        seconds = (successor - timedelta(seconds=number) for number in count(1))
        paths = (folder / keystore_name(*holder, second, made.environment) for second in seconds)
        path = next(path for path in paths if not os.path.lexists(path))
    put_new(path, made.data, expect(path, made.data))
    return path


def _successor_named(folder: Path, made: NewKeystore) -> datetime | None:
    """Return the time in the name of the first whole keystore in ``folder`` that was requested after the certificate of
    ``made`` began, for the same holder and with another key; None without one."""
    if made.identifier is None or made.begins is None:
        return None
    mine, begins = visible_authentication_id(made.data), belgian_time(made.begins)
    holder, is_test = (
        holder_key(made.identifier, made.application_id),
        made.environment is Environment.ACCEPTANCE,
    )
    moments = (
        file.moment
        for file in find_keystores(folder)
        if file.holder == holder
        and is_test is (file.name.environment is Environment.ACCEPTANCE)
        and file.moment > begins
        and file.is_judged
        and file.key_id != mine
    )
    return min(moments, default=None)


def _certificate_of(
    contents: Pkcs12Contents,
) -> tuple[DistinguishedName | None, Environment | None, datetime | None]:
    try:
        keystore = Keystore.of(contents)
    except errors.KeystoreError:
        return None, None, None
    return keystore.holder, keystore.environment, keystore.not_before
