"""The workers of a Dask cluster as an executor (the extra ``cluster``).

Certificates for TLS are those of Dask's own configuration: ``distributed.comm.tls`` in a file of ``~/.config/dask``, or
``DASK_DISTRIBUTED__COMM__TLS__…`` in the environment.

It is also the one module that uses a private name of distributed: ``ClientExecutor._client``. Without it, an executor
that a caller has made is not checked for TLS before passwords are sent. No upstream issue found.
`tests/unit/auditing/test_cluster.py` fails when it is gone.
"""

from __future__ import annotations

import gc
import logging
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.system.loopback import is_loopback
from ehtoolkit.version import __version__

_ADDRESS: Final = re.compile(r"(?:tls|tcp)://(?:\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+):\d{1,5}")
_SECURE: Final = ("tls", "inproc")
"""Schemes of connections through TLS, or within this process."""
_LIBRARY: Final = "distributed"
CONNECTING: Final = 10.0
"""Seconds that finding the scheduler, and a first worker, may take."""


@contextmanager
def open_cluster(address: str) -> Iterator[Executor]:
    """Connect to the scheduler at ``address``; the executor hands its work to the workers.

    Dask runs code that its peers send. So ``tcp://HOST:PORT`` is accepted on this computer alone; another one needs
    ``tls://HOST:PORT``, where both sides show a certificate.

    Raises `errors.SchedulerInsecure`; `errors.SchedulerUnreachable`, also for workers that cannot do the work: each has
    to have this version of ehtoolkit.
    """
    if _ADDRESS.fullmatch(address) is None:
        raise errors.SchedulerUnreachable(reason="address", address=address)
    if not _is_protected(address):
        raise errors.SchedulerInsecure(address=address)
    try:
        import distributed
    except ImportError:
        raise errors.SchedulerUnreachable(reason="package", address=address) from None
    logs = logging.getLogger(_LIBRARY)
    level = logs.level
    logs.setLevel(logging.CRITICAL + 1)  # what it says of a lost connection is said by our errors
    client = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions of other packages, which do not matter here
            client = _connected(distributed, address)
        _require_workers(client, address)
        yield client.get_executor(pure=False)
    finally:
        if client is not None:
            client.close(timeout=CONNECTING)
        logs.setLevel(level)


def insecure_address(executor: Executor, *, passwords: bool = False) -> str | None:
    """Return the address of the scheduler, or of a worker, that needs TLS and has none: each on another computer, and
    with ``passwords`` each. None for a cluster that may be used, and for other executors."""
    if type(executor).__module__.partition(".")[0] != _LIBRARY:
        return None
    client: Any = executor._client  # type: ignore[attr-defined]
    addresses = (client.scheduler.address, *_workers(client))
    return next((address for address in addresses if not _is_protected(address, passwords=passwords)), None)


def _is_protected(address: str, *, passwords: bool = False) -> bool:
    if urlsplit(address).scheme in _SECURE:
        return True
    return not passwords and is_loopback(urlsplit(address).hostname or "")


def _connected(distributed: Any, address: str) -> Any:
    try:
        # Also of the connections that the client makes later, to workers.
        security = distributed.Security(require_encryption=True) if address.startswith("tls:") else None
        return distributed.Client(address, security=security, timeout=CONNECTING, set_as_default=False)
    except (TypeError, OSError, ValueError, RuntimeError) as error:
        has_certificates = not isinstance(error, TypeError)
    # What is left of the client closes itself when it is collected: here, and not in the thread of another client,
    # which would wait for itself.
    gc.collect()
    raise errors.SchedulerUnreachable(reason="connect" if has_certificates else "tls", address=address)


def _require_workers(client: Any, address: str) -> None:
    """Raise `errors.SchedulerUnreachable` without a worker, or with one that has another version of ehtoolkit, and
    `errors.SchedulerInsecure` for one on another computer without TLS. A worker that hangs, or is busy, is not waited
    for: what it may not do is refused later."""
    try:
        client.wait_for_workers(1, timeout=CONNECTING)
        insecure = insecure_address(client.get_executor(pure=False))
        if insecure is not None:
            raise errors.SchedulerInsecure(address=insecure)
        asked = {
            worker: client.get_executor(pure=False, workers=[worker]).submit(_version)
            for worker in _workers(client)
        }
    except TimeoutError:
        raise errors.SchedulerUnreachable(reason="workers", address=address) from None
    except (OSError, RuntimeError) as error:
        raise errors.SchedulerUnreachable(reason="connect", address=address) from error
    answered = wait(asked.values(), timeout=CONNECTING).done
    for worker, future in asked.items():
        future.cancel()
        version = __version__ if future not in answered or future.cancelled() else _answer(future)
        if version != __version__:
            raise errors.SchedulerUnreachable(
                reason="version", address=address, worker=worker, version=version, ours=__version__
            )


def _answer(future: Future[str]) -> str:
    """Return the version that a worker has answered; a dash where it has raised an exception, as one without ehtoolkit
    does."""
    return "–" if future.exception() is not None else future.result()


def _workers(client: Any) -> list[str]:
    return list(client.scheduler_info(n_workers=-1)["workers"])


def _version() -> str:
    """Return the version of ehtoolkit where it runs."""
    return __version__
