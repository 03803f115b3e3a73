"""The kernel of a page when it is forked: IPython's, without what pages do not use.

Importing this module imports all that such a kernel needs, and prepares what needs no setting and no socket, for the
process that forks kernels. A fork pays for the memory pages that it writes, and in Python even reading an object writes
its reference count. So what reads every module is left out, and what can be done once is done before the fork.

It is also the one module that uses undocumented parts of ipykernel and IPython:

- ``sys`` as a name of ``ipykernel.ipkernel``: without the replacement, each kernel reads every module that there is,
  and has more memory for itself. No upstream issue found.
- ``init_config_files`` and the order of ``IPKernelApp.initialize``: without them, the shell is made in each kernel, for
  1.5 MB. No upstream issue found.
- ``IPKernelApp.write_connection_file``: without it, the file is written again while the server may be reading it.
  Upstream: ipython/ipykernel#1133, which writes it.
- ``IPythonKernel`` takes ``ZMQInteractiveShell.instance()``, to which ``parent``, ``kernel`` and ``init_environment``
  belong: without them, no shell that was made beforehand can be used. No upstream issue found.
- ``parent_handle`` of ``IPKernelApp``, 1: without it, each kernel prints how to connect to it. No upstream issue found.
- ``IPKernelApp.control_thread``: without it, one kernel in seven waits 2.5 s for its end. No upstream issue found.
- ``debugpy``, which ``ipykernel.debugger`` must not find: without that, each kernel starts the debugger's sockets and
  reads its modules. No upstream issue found.

`tests/unit/forms/test_page_kernel.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import ipywidgets
from ipykernel import ipkernel
from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.application import BaseIPythonApplication
from traitlets.config import Config

import ehtoolkit.forms
from ehtoolkit.forms.engine.page_context import VOILA
from ehtoolkit.forms.isolated_kernel import IsolatedKernelApp
from ehtoolkit.i18n import LANGUAGES, Translator

_HAS_PARENT: Final = 1
"""To ipykernel: another process started it, and it need not check whether that is alive."""
_SETTINGS: Final = {
    "HistoryManager": {"enabled": False},  # pages have no history
    "IPKernelApp": {"parent_handle": _HAS_PARENT},  # a shell adds a section of its own where there is none
}
_DAY: Final = date(2026, 1, 1)
"""Any day: writing it loads how dates look in a language."""


class PageKernel(ipkernel.IPythonKernel):
    """The kernel itself. It uses the shell that was made before the fork."""

    def __init__(self, **wanted: Any) -> None:
        shell = ZMQInteractiveShell.instance()
        shell.parent = shell.kernel = self
        shell.init_environment()
        with _no_modules(ipkernel):  # it would read their files for the debugger, which is left out
            super().__init__(**wanted)  # type: ignore[no-untyped-call]


class PageKernelApp(IsolatedKernelApp):
    """Sets the kernel up: `begin` before the fork, `initialize` after it."""

    _has_begun = False

    def begin(self) -> None:
        """Make the shell."""
        BaseIPythonApplication.initialize(self, [])
        ZMQInteractiveShell.instance(
            parent=self, profile_dir=self.profile_dir, compiler_class=XCachingCompiler
        )
        self._has_begun = True

    def init_config_files(self) -> None:
        if not self._has_begun:
            super().init_config_files()

    def write_connection_file(self, **wanted: Any) -> None:
        """Leave the file as the server wrote it.

        ipykernel compares keys as bytes with the same keys as text, and writes the file again. A fork starts so soon
        that the server may be reading the file: if it is empty, the server takes the kernel for a failed one.
        """

    def start(self) -> None:
        """Serve until a message asks for the end, and let the thread that received it finish first.

        That thread publishes its end by another thread, which ipykernel ends meanwhile: one kernel in seven waited
        until the server ended it by a signal after 2.5 s.
        """
        super().start()  # type: ignore[no-untyped-call]
        if self.control_thread is not None:
            self.control_thread.stop()
            self.control_thread.join()


@contextmanager
def _no_modules(user: ModuleType) -> Iterator[None]:
    """Let the module ``user`` find nothing in ``sys.modules`` during the body: it would look at every one that there
    is."""
    names = vars(user)
    theirs, names["sys"] = names["sys"], SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        names["sys"] = theirs


def rehearse() -> None:
    """Open and close a form in an empty folder, so that forks have what is loaded and computed at first use."""
    for language in LANGUAGES:
        Translator(language).date(_DAY)
    with TemporaryDirectory() as home, _environment({"EHTOOLKIT_HOME": home, "SERVER_SOFTWARE": VOILA}):
        ehtoolkit.forms.open_request()
        ipywidgets.Widget.close_all()


def prepare() -> None:
    """Make the application of a kernel, and begin its setup."""
    app = PageKernelApp.instance(config=Config(_SETTINGS), kernel_class=PageKernel)
    with _environment({}):  # a shell changes it, and does so again in each fork
        app.begin()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Add ``variables`` to the environment during the body; afterwards the environment is as before."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _leave_out_debugger() -> None:
    """Import ipykernel's module for the debugger so that it finds no debugger."""
    if "debugpy" in sys.modules:
        return
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # which says to Python that there is no such module
    try:
        import_module("ipykernel.debugger")
    finally:
        del sys.modules["debugpy"]


def main(connection_file: str) -> None:
    """Serve one page until it ends."""
    app = PageKernelApp.instance()
    app.connection_file = connection_file
    app.initialize([])
    app.start()


_leave_out_debugger()
# What is imported stays, with its garbage: collecting it would leave gaps that forks fill.
gc.freeze()
rehearse()
prepare()
