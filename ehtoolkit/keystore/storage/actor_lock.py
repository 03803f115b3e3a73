"""The lock of a holder: one request at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.system.locks import hold_lock


@contextmanager
def actor_lock(
    folder: Path, environment: Environment, identifier: Identifier, application_id: str | None = None
) -> Iterator[None]:
    """Hold the lock of a holder in an environment, from the contract to the written answer: one request at a time.

    ``folder``: where the locks are, made when it is missing. Raises `errors.RequestRunning` at once when another thread
    or process holds it, and what `map_os_errors` raises.
    """
    holder = identifier.text if application_id is None else f"{identifier.text},{application_id}"
    path = folder / f"{environment} {holder}.lock"
    with hold_lock(path, 0.0, errors.RequestRunning()):
        yield
