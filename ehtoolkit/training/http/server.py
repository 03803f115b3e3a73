"""The training platform over HTTP, for a class, or for a client of other software."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from tornado.httpserver import HTTPServer

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.transport import TraceFolder
from ehtoolkit.system.loopback import is_loopback
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.http.handlers import ServerContext, application
from ehtoolkit.training.request_dispatch import SIZE_LIMIT

_WORKERS: Final = 4
_OF_PORT: Final = frozenset({errno.EADDRINUSE, errno.EACCES})
"""In use, or not allowed; what else keeps a server from listening is the host's."""


@dataclass(eq=False)
class TrainingServer:
    """Listens from `start` to `stop`, on an event loop and a thread of its own.

    On another address than the loopback every request needs ``Authorization: Bearer <token>``; without a
    token it does not start there: raises `errors.OptionMissing`.

    Attributes:
        port: 0 for any free one, until it is started.
        tls: with it, the server speaks HTTPS.
        trace: a folder for what it hears and says.
    """

    platform: EmbeddedPlatform
    _: KW_ONLY
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    trace: Path | None = None
    _thread: threading.Thread | None = field(default=None, init=False)
    _end: Callable[[], object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise errors.OptionMissing(option="--token-file", reason="needed")

    @property
    def url(self) -> str:
        """Scheme, host and port, for ``EHTOOLKIT_PLATFORM_URL``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def start(self) -> None:
        """Listen. Raises `errors.SettingInvalid` (setting ``host`` or ``port``) when that cannot be done."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            listening = socket.create_server((self.host, self.port), family=family)
        except (OSError, OverflowError) as error:
            of_port = isinstance(error, OverflowError) or error.errno in _OF_PORT
            raise errors.SettingInvalid(setting="port" if of_port else "host") from error
        listening.setblocking(False)
        self.port = listening.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening, ready)), name="training-server", daemon=True
        )
        self._thread.start()
        ready.wait()

    def wait(self) -> None:
        """Block until `stop`, or until Ctrl+C."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=0.5)

    def stop(self) -> None:
        """Stop listening and wait for requests under way."""
        if self._thread is not None:
            self._end()
            self._thread.join()
            self._thread = None

    async def _serve(self, listening: socket.socket, ready: threading.Event) -> None:
        end = asyncio.Event()
        self._end = partial(asyncio.get_running_loop().call_soon_threadsafe, end.set)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="training") as workers:
            trace = None if self.trace is None else TraceFolder(self.trace)
            context = ServerContext(self.platform, self.token, trace, workers)
            only_loopback_names = is_loopback(self.host) and self.tls is None
            server = HTTPServer(
                application(context, only_loopback_names),
                ssl_options=self.tls,
                max_buffer_size=2 * SIZE_LIMIT,
            )
            server.add_socket(listening)
            ready.set()
            await end.wait()
            server.stop()
            await server.close_all_connections()


def serve_training(server: TrainingServer, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl+C. ``ready`` gets the address as soon as it answers.

    Raises what `TrainingServer.start` raises.
    """
    server.start()
    try:
        ready(server.url)
        server.wait()
    except KeyboardInterrupt:
        return
    finally:
        server.stop()
