"""The kernel of a page where it is forked: IPython's, without what a page has no use for.

Importing this module imports all that such a kernel needs, and makes what of it needs no setting and no socket, for a
process that forks them. A fork pays for what it writes on, and in Python to look at an object is to write on it: what
is left out here looks at everything, and what is made beforehand looks at it once for all.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import ipywidgets
import zmq
from ipykernel import ipkernel
from ipykernel.compiler import XCachingCompiler
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core import shellapp
from traitlets.config import Config
from traitlets.config.application import LevelFormatter

import ehtoolkit.forms

_SETTINGS: Final = {
    "HistoryManager": {"enabled": False},  # a kernel of a page has nothing to remember
    # Widgets were imported before there was a kernel, and wait to hear of it.
    "IPKernelApp": {"extensions": [ipywidgets.__name__]},
}
_HAS_PARENT: Final = 1
"""To ipykernel: that another process started it, and that it need not look whether that is still there."""

_ROUNDS: Final = 10
"""Of the rehearsal. Python 3.11 fits a function to what it is used for in its first eight calls; until then it looks
for attributes by their names, on which it writes as it does."""


class PageKernel(ipkernel.IPythonKernel):
    """The kernel itself."""

    def __init__(self, **wanted: Any) -> None:
        if ZMQInteractiveShell.initialized():
            shell = ZMQInteractiveShell.instance()
            shell.parent = shell.kernel = self
            shell.profile_dir = wanted["profile_dir"]
            shell.ipython_dir = wanted["parent"].ipython_dir
            shell.init_environment()
        with _no_modules(ipkernel):  # their files are noted for the debugger, which is not there
            super().__init__(**wanted)  # type: ignore[no-untyped-call]


class PageKernelApp(IPKernelApp):
    """Sets the kernel up. It has no command line: what is set on it, `main` sets."""

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Nothing: to be able to read one, traitlets looks at every class and its traits."""

    def init_kernel(self) -> None:
        """With the shell that was made beforehand, unless the user has configured IPython: that counts from the
        beginning of a shell."""
        if self.config != Config(_SETTINGS):
            ZMQInteractiveShell.clear_instance()
        super().init_kernel()  # type: ignore[no-untyped-call]

    def init_path(self) -> None:
        """A notebook may import what lies beside it. The process that forks imports nothing from where it is
        (``-P``), by which IPython would go."""
        installed = (place for place, path in enumerate(sys.path) if path.endswith("-packages"))
        sys.path.insert(next(installed, len(sys.path)), "")

    def init_code(self) -> None:
        with _no_modules(shellapp):  # their names are noted for a command that nobody gives
            super().init_code()


@contextmanager
def _no_modules(user: ModuleType) -> Iterator[None]:
    """Let the module ``user`` find none in ``sys.modules``: it would look at every one that there is."""
    names = vars(user)
    theirs, names["sys"] = names["sys"], SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        names["sys"] = theirs


def rehearse(rounds: int = _ROUNDS) -> None:
    """Make a form in an empty folder and leave it: what is loaded and computed at first use, forks have then."""
    for kind in zmq.Socket.mro():
        # A class that has none gets them as it is asked, and Python forgets what it knows of its subclasses. ZMQ asks
        # whenever an option is set, also the class of which every generic one is a subclass.
        getattr(kind, "__annotations__", None)
    with TemporaryDirectory() as home, _environment({"EHTOOLKIT_HOME": home, "SERVER_SOFTWARE": "voila"}):
        for _ in range(rounds):
            ehtoolkit.forms.open_request()
            json.dumps(ipywidgets.Widget.get_manager_state())
            ipywidgets.Widget.close_all()


def prepare() -> None:
    """Make what sets a kernel up, and its shell: each takes the one that is there."""
    PageKernelApp.instance(
        config=Config(_SETTINGS), kernel_class=PageKernel, log=_log(), parent_handle=_HAS_PARENT
    )
    with TemporaryDirectory() as folder:
        ZMQInteractiveShell.instance(
            config=Config(_SETTINGS), compiler_class=XCachingCompiler, ipython_dir=folder
        )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """``variables`` in the environment, for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _leave_out_debugger() -> None:
    """Import ipykernel's part for it in such a way that it finds none."""
    if "debugpy" in sys.modules:
        return
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # which says to Python that there is no such module
    try:
        import_module("ipykernel.debugger")
    finally:
        del sys.modules["debugpy"]


def _log() -> logging.Logger:
    """The log as traitlets would set it up, which goes through every logger that there is for it, and makes a record of
    each message that is not shown."""
    handler = logging.StreamHandler()
    handler.setFormatter(LevelFormatter(PageKernelApp.log_format.default_value))
    log = logging.getLogger(PageKernelApp.__name__)
    log.setLevel(PageKernelApp.log_level.default_value)
    log.propagate = False
    log.addHandler(handler)
    return log


def main(connection_file: str) -> None:
    """Serve one page until it ends."""
    app = PageKernelApp.instance()
    app.connection_file = connection_file
    app.initialize([])
    app.start()


_leave_out_debugger()
rehearse()
prepare()
