"""The kernel of a page where it is forked: IPython's, without what a page has no use for.

Importing this module imports all that such a kernel needs, for a process that forks them. A fork pays for what it
writes on, and in Python to look at an object is to write on it: what is left out here looks at everything.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import ipywidgets
from ipykernel import ipkernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core import shellapp
from traitlets.config import Config

import ehtoolkit.forms

_SETTINGS: Final = {
    "HistoryManager": {"enabled": False},  # a kernel of a page has nothing to remember
    # Widgets were imported before there was a kernel, and wait to hear of it.
    "IPKernelApp": {"extensions": [ipywidgets.__name__]},
}
_HAS_PARENT: Final = 1
"""To ipykernel: that another process started it, and that it need not look whether that is still there."""


class PageKernel(ipkernel.IPythonKernel):
    """The kernel itself."""

    def __init__(self, **wanted: Any) -> None:
        with _no_modules(ipkernel):  # their files are noted for the debugger, which is not there
            super().__init__(**wanted)  # type: ignore[no-untyped-call]


class PageKernelApp(IPKernelApp):
    """Sets the kernel up. It has no command line: what is set on it, `main` sets."""

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Nothing: to be able to read one, traitlets looks at every class and its traits."""

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


def rehearse() -> None:
    """Make a form on an empty folder and leave it: what is loaded and computed at first use, forks have then."""
    with TemporaryDirectory() as home, _environment({"EHTOOLKIT_HOME": home, "SERVER_SOFTWARE": "voila"}):
        ehtoolkit.forms.open_request()
        json.dumps(ipywidgets.Widget.get_manager_state())
        ipywidgets.Widget.close_all()


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


def main(connection_file: str) -> None:
    """Serve one page until it ends."""
    app = PageKernelApp.instance(
        connection_file=connection_file,
        kernel_class=PageKernel,
        parent_handle=_HAS_PARENT,
        config=Config(_SETTINGS),
    )
    app.initialize([])
    app.start()


_leave_out_debugger()
rehearse()
