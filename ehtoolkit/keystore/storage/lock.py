"""Locks between processes: one writer in a keystore folder, one request for a holder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.storage import fs

_FOLDER_LOCK: Final = ".ehtoolkit.lock"
_PATIENCE: Final = 10.0
"""Seconds that a writer waits for another one, who needs some milliseconds."""
_POLL: Final = 0.01


@contextmanager
def folder_lock(folder: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Held while a file in ``folder`` is written; the lock is a file of its own, which stays.

    Raises `errors.FileBusy` (reason ``folder``) after ``patience`` seconds, and what `fs.border` raises.
    """
    with _held(folder / _FOLDER_LOCK, patience, errors.FileBusy(path=str(folder), reason="folder")):
        yield


@contextmanager
def actor_lock(
    folder: Path, environment: Environment, identifier: Identifier, application_id: str | None = None
) -> Iterator[None]:
    """Held from the contract to the written answer: one request for this holder in this environment.

    ``folder``: where the locks are, made when it is missing. Raises `errors.RequestRunning` at once when
    another thread or process holds it, and what `fs.border` raises.
    """
    holder = identifier.text if application_id is None else f"{identifier.text},{application_id}"
    path = folder / f"{environment} {holder}.lock"
    fs.make_folder(folder)
    with _held(path, 0.0, errors.RequestRunning()):
        yield


@contextmanager
def _held(path: Path, patience: float, refusal: errors.KeystoreError) -> Iterator[None]:
    from filelock import FileLock, Timeout

    # Not by thread: a page may take it in one and give it back in another.
    lock = FileLock(path, thread_local=False)
    with fs.map_os_errors(path):
        try:
            lock.acquire(timeout=patience, poll_interval=_POLL)
        except Timeout as error:  # an OSError
            raise refusal from error
    try:
        yield
    finally:
        lock.release()
