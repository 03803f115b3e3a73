"""Keystores whose request the platform does not have: written, resumed, replaced by another kind of key, or removed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, kind_of
from ehtoolkit.identity import ContactData, DistinguishedName
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.folder import keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.keystore.storage.records import RequestRecord, sha256_of_file, write_request_record
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import State
from ehtoolkit.procedures.state.request_status import fetch_request_status, is_registered
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import map_os_errors


def request_record(
    key_id: str,
    name: str,
    contact: ContactData,
    context: Context,
    *,
    base_services: tuple[str, ...] | None = None,
    without_card: bool = False,
) -> RequestRecord:
    """Return the record of what is requested now for a key. ``name``: the distinguished name, as the contract has
    it."""
    return RequestRecord(
        *(key_id, name, context.environment, context.clock.now()),
        **asdict(contact),
        without_card=without_card,
        base_services=base_services,
    )


def write_new_keystore(
    keystore: Keystore,
    record: RequestRecord,
    name: DistinguishedName,
    password: Secret,
    context: Context,
    *,
    folder: Path | None = None,
) -> KeystoreFile:
    """Write the record, then the keystore as a new file, and return it.

    Args:
        name: of the holder, for the name of the file.
        folder: None is the keystore folder.

    Raises what writing a keystore raises.
    """
    moment = context.clock.now()
    path = keystore_path(
        *(folder or context.keystores, name.identifier, name.application_id, moment, context.environment)
    )
    write_request_record(context.notes, record)
    return KeystoreFile.create(path, keystore, password, context.profile)


def require_resumable(file: KeystoreFile, context: Context) -> None:
    """Check that a request was never sent and can be. Raises `errors.WrongState` when the keystore has its certificate,
    `errors.RequestWaiting` when the platform knows its key already, `errors.RequestRefused` when it refused to make the
    certificate, `errors.WrongEnvironment` when it was made in another environment."""
    require_environment(file, context)
    if file.keystore.installed:
        raise errors.WrongState(path=str(file.path), state=State.NO_ETK)
    status = fetch_request_status(file.keystore.key_id, context)
    if status.state is State.REFUSED:
        raise errors.RequestRefused(path=str(file.path), code=status.code, detail=status.refusal)
    if status.state is not State.PREPARED:
        raise errors.RequestWaiting(path=str(file.path))


def fit_and_unfit(
    unsent: KeystoreFile | None, kind: NewKeyKind | None
) -> tuple[KeystoreFile | None, KeystoreFile | None]:
    """Return a request that was prepared and never sent, first where its key may be sent, second where it is of another
    kind than the one that is wanted now; None in the other place."""
    if unsent is None or kind is None or kind_of(unsent.keystore.authentication.key) == kind.kind:
        return unsent, None
    return None, unsent


def archive_unfit(unfit: KeystoreFile | None) -> None:
    """Move a keystore into the archive whose request was never accepted, after another was, so that it is not resumed.
    Where that fails it stays, and does no harm."""
    if unfit is not None:
        with suppress(errors.KeystoreError):
            archive_keystore(unfit.path)


def remove_refused(file: KeystoreFile, context: Context) -> None:
    """Remove a keystore whose request was refused, once the platform says that it does not know the key, and while the
    file is as it was written: one key, no certificate, nothing sealed for it. Otherwise, and where the platform does
    not answer, it stays."""
    with suppress(errors.PlatformError, errors.KeystoreError, errors.FileUnreadable):
        if is_registered(file.keystore.key_id, context) or sha256_of_file(file.path) != file.content:
            return
        with map_os_errors(file.path):
            file.path.unlink()
