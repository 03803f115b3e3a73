"""The server behind ``ehtoolkit demo`` and ``ehtoolkit serve``: standalone Voila in this process.

What it adds to Voila: 127.0.0.1 only, a token for this start, a check of Host, no route but those of our pages,
cached scripts, kernels that end with their pages, nothing from configuration files of other programs.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from html import escape
from pathlib import Path
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import RedirectHandler
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from ehtoolkit.settings import Settings
from ehtoolkit.system.files import create_private, make_private_folder
from ehtoolkit.voila.access import ForeignHost, RefusedHandler, SafeHeaders, TokenIdentity, hosts
from ehtoolkit.voila.configuration import (
    configuration,
    environment,
    jupyter_data,
    lasting_url,
    notebooks_folder,
    tornado_settings,
)
from ehtoolkit.voila.joined_scripts import SCRIPTS, PageScriptHandler, page_script, script_address
from ehtoolkit.voila.kernels import warm
from ehtoolkit.voila.listening_sockets import ADDRESS, bind, private_socket
from ehtoolkit.voila.log_redaction import keep_out_of_logs
from ehtoolkit.voila.message_filter import EndKernelHandler, OwnKernels, PageConnection, PageSocket
from ehtoolkit.voila.notebook_preparation import SETTINGS
from ehtoolkit.voila.page_handlers import (
    ForbiddenHandler,
    FrameHandler,
    HomeHandler,
    ImmutableStaticHandler,
    ManualHandler,
    ManualPictureHandler,
    PageHandler,
    QueueHandler,
)
from ehtoolkit.voila.page_queue import QUEUE, PageQueue
from ehtoolkit.voila.voila_internals import TEMPLATES, page_routes, use_page_renderer

TOKEN: Final = "EHTOOLKIT_START_TOKEN"  # noqa: S105  # the name of a variable
"""The variable with the token that the proxy that starts us is going to send; it is removed from the environment."""
SOCKET: Final = "EHTOOLKIT_START_SOCKET"
"""The variable with the path of the Unix socket that the proxy expects instead of a port."""
STARTER_SECONDS: Final = 1.0
"""Interval at which the server checks that the proxy that started it is alive: a killed proxy cannot stop it."""
LARGEST_BODY: Final = 10_000
"""Bytes of a request; our pages send almost no bodies."""
FAVICON: Final = "voila/templates/ehtoolkit/static/favicon.svg"


class Server(Voila):  # type: ignore[misc]
    """Voila's application with our routes; the socket is bound before it starts."""

    listener: socket.socket
    starter: int | None = None
    """The process that this one ends with; None: it ends when it is ended."""
    allowed_hosts: Collection[str] = ()
    ready: Callable[[], None]

    def load_config_file(self, *_: object, **__: object) -> None:
        """Load nothing: settings of other Voila sites on this computer do not apply."""

    def init_handlers(self) -> list[Any]:
        use_page_renderer()
        own = {VoilaKernelWebsocketHandler: PageSocket, VoilaShutdownKernelHandler: EndKernelHandler}
        kept = page_routes(super().init_handlers(), own)
        page = {
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        static = {"paths": self.static_paths, "default_filename": "index.html"}
        joined = []
        if (script := page_script(self.static_paths, self.labextensions_path)) is not None:
            address = self.app.settings[SCRIPTS] = script_address(self.base_url, script)
            joined.append((re.escape(address), PageScriptHandler, {"script": script}))
        base = re.escape(self.base_url)
        return [
            (ForeignHost(hosts(self.port), self.allowed_hosts, self.token), RefusedHandler),
            (base, HomeHandler),
            (rf"{base}([\w-]+\.ipynb)", PageHandler, page),
            (rf"{base}manual", ManualHandler),
            (rf"{base}manual/images/([\w./-]+)", ManualPictureHandler),
            (rf"{base}manual/([\w-]+)", ManualHandler),
            (rf"{base}frame/([\w-]+)", FrameHandler),
            (rf"{base}turn", QueueHandler),
            (rf"{base}login", ForbiddenHandler),
            (rf"{base}favicon\.ico", RedirectHandler, {"url": f"{self.base_url}{FAVICON}"}),
            (rf"{re.escape(lasting_url(self.base_url))}/(.*)", ImmutableStaticHandler, static),
            *joined,
            *kept,
        ]

    def listen(self) -> None:
        """Serve until SIGTERM or Ctrl+C; the kernels end with the server."""
        queue: PageQueue = self.app.settings[QUEUE]
        self.app.add_transform(SafeHeaders)
        server = HTTPServer(self.app, xheaders=bool(self.allowed_hosts), max_body_size=LARGEST_BODY)
        server.add_socket(self.listener)
        self.ioloop = IOLoop.current()
        self.ioloop.add_callback(self.ready)
        watch = PeriodicCallback(self._end_with_starter, 1000 * STARTER_SECONDS)
        if self.starter is not None:
            watch.start()
        self.kernel_manager.may_prepare = lambda: queue.all_see
        queue.is_full = self.kernel_manager.is_full
        if self.app.settings[SETTINGS].fork_kernels:
            self.ioloop.add_callback(self.kernel_manager.fork_kernels)
        self.ioloop.add_callback(self.kernel_manager.prepare_spare)
        self.ioloop.add_callback(warm, self.kernel_spec_manager, self.app.settings[TEMPLATES])
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            watch.stop()
            server.stop()
            self.stop()

    def _end_with_starter(self) -> None:
        """Stop the server once the process that started it has ended: this process is then the child of another."""
        if os.getppid() != self.starter:
            self.ioloop.stop()

    def stop(self) -> None:
        """End the kernels and take away their connection files."""
        self.ioloop.run_sync(self.kernel_manager.close)
        shutil.rmtree(self.connection_dir, ignore_errors=True)


def start(
    settings: Settings,
    port: int | None = None,
    open_browser: bool = True,
    *,
    announce: Callable[[str], None] | None = None,
    folder: Path | None = None,
) -> None:
    """Serve the pages until SIGTERM or Ctrl+C.

    Args:
        port: 0 means any; None: the usual one, or when it is taken the next that is free.
        announce: gets the address with the token once the server answers (default: one line on standard output,
            flushed); without it where a proxy has given the token, and the path alone where it reaches us by a socket.
        folder: other notebooks than ours. Kernels get ``settings`` through their environment.
    """
    os.environ.update(environment(settings))
    os.environ["IPYTHONDIR"] = str(_private_ipython_folder(settings.home))
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        filter(None, [str(jupyter_data()), os.environ.get("JUPYTER_PATH")])
    )
    given, place = os.environ.pop(TOKEN, ""), os.environ.pop(SOCKET, "")
    starter = os.getppid() if given and os.name == "posix" else None
    token = given or secrets.token_urlsafe(32)
    with ExitStack() as opened:
        if given and place:
            listener, port = opened.enter_context(private_socket(Path(place))), 0
            url = settings.base_url
        else:
            listener, port = bind(port)
            url = f"http://{ADDRESS}:{port}{settings.base_url}" + ("" if given else f"?token={token}")
        page = opened.enter_context(redirect_file(settings.home, url))

        def ready() -> None:
            (announce or say)(url)
            if open_browser:
                threading.Thread(target=webbrowser.open, args=[page.as_uri()], daemon=True).start()

        server = Server(
            port=port,
            ip=ADDRESS,
            base_url=settings.base_url,
            root_dir=str(folder or notebooks_folder()),
            open_browser=False,
            log_level=logging.ERROR,
            token=token,
            identity_provider_class=TokenIdentity,
            authorizer_class=OwnKernels,
            kernel_websocket_connection_class=PageConnection,
            tornado_settings=tornado_settings(settings),
            config=configuration(),
        )
        server.listener, server.ready, server.allowed_hosts = listener, ready, settings.hosts
        server.starter = starter
        server.initialize([])
        keep_out_of_logs(token)
        server.start()


def _private_ipython_folder(home: Path) -> Path:
    """Make the folder in which IPython keeps what it writes for kernels, and return it."""
    folder = home.absolute() / "ipython"
    make_private_folder(folder)
    return folder


def say(url: str) -> None:
    sys.stdout.write(f"ehtoolkit: {url}\n")
    sys.stdout.flush()


@contextmanager
def redirect_file(home: Path, url: str) -> Iterator[Path]:
    """Keep a page that redirects to ``url`` in a private file while the body runs, and yield its path. It is opened
    instead of ``url``: every user of this computer can read the browser's command line, and the token with it."""
    make_private_folder(home)
    path = home / f"open-{secrets.token_hex(4)}.html"
    content = (
        '<!doctype html><meta charset="utf-8"><title>ehtoolkit</title>'
        f'<meta http-equiv="refresh" content="0;url={escape(url)}"><a href="{escape(url)}">ehtoolkit</a>\n'
    )
    try:
        with create_private(path) as page:
            page.write(content.encode())
        yield path
    finally:
        path.unlink(missing_ok=True)
