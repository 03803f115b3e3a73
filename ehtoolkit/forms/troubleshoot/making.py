"""Makes a new keystore in memory of what was read, and proves it by opening it before anybody gets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore import (
    Contents,
    Keystore,
    Lost,
    Profile,
    check_new_password,
    keystore_name,
    keystore_path,
    parse_name,
    rescue,
)
from ehtoolkit.keystore.conversion import Remade, seal_anew
from ehtoolkit.keystore.writing import opens, put_new
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class Made:
    """A keystore that is in no file yet. ``data``: sealed under its password. ``lost``: what could not be taken
    over. ``identifier``: whose it is, None when nobody knows; then ``name`` is made of the old one."""

    data: bytes = field(repr=False)
    name: str
    keys: int
    certificates: int
    lost: tuple[Lost, ...]
    identifier: Identifier | None
    application_id: str | None
    environment: Environment


def remake(
    data: bytes,
    name: str,
    password: Secret,
    new_password: Secret | None,
    profile: Profile,
    *,
    now: datetime,
    environment: Environment,
) -> Made:
    """A sound PKCS#12 keystore of everything in a file of any format, sound, mangled or damaged, that can be
    proven sound.

    ``new_password``: None keeps the old one. ``now``: for the name, aware. ``environment``: where nothing else
    tells it. Raises `errors.PasswordUnfit`, what `ehtoolkit.keystore.rescue` raises, `errors.AliasesClash`,
    `errors.WriteFailed`.
    """
    new = password if new_password is None else new_password
    check_new_password(new)
    rescued = rescue(data, password)
    remade = seal_anew(rescued.contents, password, new, profile, mend_ids=True)
    return _made(remade, new, rescued.lost, name, now, environment)


def sealed(
    contents: Contents, name: str, password: Secret, *, now: datetime, environment: Environment
) -> Made:
    """A keystore of ``contents`` under the password that it had. Raises as `remake`."""
    remade = seal_anew(contents, password, password, Profile.DEFAULT, mend_ids=False)
    return _made(remade, password, (), name, now, environment)


def put_into(folder: Path, made: Made, now: datetime) -> Path:
    """Write it into the keystore folder as a new file, later by name than all others of its holder.

    Raises `errors.KeystoreNotFound` when nobody knows whose it is, and what `ehtoolkit.keystore.writing.put_new`
    raises.
    """
    if made.identifier is None:
        raise errors.KeystoreNotFound(path=made.name)
    path = keystore_path(folder, made.identifier, made.application_id, now, made.environment)

    def check(written: bytes) -> None:
        if written != made.data:
            raise errors.WriteFailed(path=str(path))

    put_new(path, made.data, check)
    return path


def _made(
    remade: Remade,
    password: Secret,
    lost: tuple[Lost, ...],
    name: str,
    now: datetime,
    environment: Environment,
) -> Made:
    contents, data = remade.contents, remade.data
    opens(Path(name), contents, password)(data)
    named = parse_name(name)
    holder, issued = _holder_of(contents)
    identifier = named.identifier if holder is None else holder.identifier
    application_id = named.application_id if holder is None else holder.application_id
    where = issued or named.environment or environment
    if identifier is None:
        proper = f"{Path(name).stem}-new.p12"
    else:
        proper = keystore_name(identifier, application_id, now, where)
    return Made(
        data, proper, len(contents.keys), len(contents.certificates), lost, identifier, application_id, where
    )


def _holder_of(contents: Contents) -> tuple[DistinguishedName | None, Environment | None]:
    try:
        keystore = Keystore.of(contents)
    except errors.KeystoreError:
        return None, None
    return keystore.holder, keystore.environment
