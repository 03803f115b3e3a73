"""Send a request: its record and its key pair are on disk first, it is sent once, and one that was never sent is taken
up again or archived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind, PrivateKey, kind_of, new_kind_of
from ehtoolkit.ehealth.certra import public_key_identifier
from ehtoolkit.identity import ContactData, DistinguishedName
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.merging import carry_old_keys
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.keystore.storage.records import RequestRecord, actor_lock, sha256_of_file, write_request_record
from ehtoolkit.procedures.authorization import require_environment
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.state.requests import fetch_request_status, has_arrived, is_registered
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import map_os_errors

Accepted = TypeVar("Accepted")
_NOT_THE_KEY: Final = (
    "SIGNER_",
    "CONTRACT_",
    "CONTACT_",
    "CERT_",
    "ACTOR_",
    "NAME_",
    "IDENTIFIER_",
    "APPLICATION_",
    "BASE_",
    "REQUEST_",
    "SIGNATURE_",
    "SSIN_",
    "CSR_SUBJECT",
)
"""Beginnings of codes that name another reason. What the real platform answers to a key that it does not want was not
seen, so every code that is not known may be about the key."""


def holder_lock(name: DistinguishedName, context: Context) -> AbstractContextManager[None]:
    """Hold the holder's lock, from the contract to the written answer: one request per environment, actor and
    application id.

    Raises `errors.RequestRunning` when another page or process holds it.
    """
    return actor_lock(context.locks, context.environment, name.identifier, name.application_id)


def request_record(
    key: PrivateKey,
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
        public_key_identifier(key.public_key()),
        name,
        context.environment,
        context.clock.now(),
        **asdict(contact),
        without_card=without_card,
        base_services=base_services,
    )


def write_new_keystore(
    key: PrivateKey,
    record: RequestRecord,
    name: DistinguishedName,
    password: Secret,
    context: Context,
    *,
    replaced: Iterable[Keystore] = (),
    folder: Path | None = None,
) -> KeystoreFile:
    """Write the record, then ``key`` into a new keystore on disk, before anything is sent.

    Args:
        name: of the holder, for the name of the file.
        replaced: keystores whose decryption keys come along.
        folder: None is the keystore folder.

    Raises what writing a keystore raises.
    """
    moment = context.clock.now()
    keystore = reduce(carry_old_keys, replaced, Keystore.prepare(key, moment))
    path = keystore_path(
        folder or context.keystores, name.identifier, name.application_id, moment, context.environment
    )
    write_request_record(context.notes, record)
    return KeystoreFile.create(path, keystore, password, context.profile)


def send_once(
    file: KeystoreFile, context: Context, send: Callable[[], Accepted], *, retry: bool = False
) -> Accepted | None:
    """Send a request for the key of ``file``, and return the answer; None where the answer was lost, or with ``retry``
    nothing was sent, and the platform has the request.

    Raises `errors.NewKeyRefused` instead of a refusal that may be for the kind of the key, unless the clock of
    this computer is the reason; and one of `errors.OUTCOME_UNKNOWN` when asking does not help either.
    """
    key_id, kind = file.keystore.key_id, new_kind_of(kind_of(file.keystore.authentication.key))
    if retry and is_registered(key_id, context):
        return None
    try:
        return send()
    except errors.OUTCOME_UNKNOWN:
        if not has_arrived(key_id, context):
            raise
        return None
    except errors.PlatformRefused as refused:
        if kind is None or refused.reason is not None or refused.code.startswith(_NOT_THE_KEY):
            raise
        raise errors.NewKeyRefused(
            code=refused.code,
            detail=refused.detail,
            correlation_id=refused.correlation_id,
            kind=str(kind.kind),
            other=str(kind.other.kind),
            option=kind.other.value,
        ) from refused


# ── Requests that were never sent, or refused ─────────────────────────────────────────────────────────
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
