"""The kernel of a page where it is forked: IPython's, without what a page has no use for.

Importing this module imports all that such a kernel needs, for a process that forks them. A fork pays for what it writes
on, and in Python to look at an object is to write on it: what is left out here looks at everything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

import ipywidgets
from ipykernel import ipkernel
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

import ehtoolkit.forms  # noqa: F401  # a fork has them

_SETTINGS: Final = {
    "HistoryManager": {"enabled": False},  # a kernel of a page has nothing to remember
    # Widgets were imported before there was a kernel, and wait to hear of it.
    "IPKernelApp": {"extensions": [ipywidgets.__name__]},
}
_HAS_PARENT: Final = 1
"""To ipykernel: that there is somebody who started it, and that it need not look whether he is still there."""


class PageKernel(ipkernel.IPythonKernel):
    """The kernel itself."""

    def __init__(self, **wanted: Any) -> None:
        with _no_modules():
            super().__init__(**wanted)  # type: ignore[no-untyped-call]


class PageKernelApp(IPKernelApp):
    """Sets the kernel up. It has no command line: what is set on it, `main` sets."""

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Nothing: to be able to read one, traitlets looks at every class and its traits."""


@contextmanager
def _no_modules() -> Iterator[None]:
    """Let ipykernel find no modules: for its debugger, which is not there, it notes the files of all of them."""
    names = vars(ipkernel)
    theirs, names["sys"] = names["sys"], SimpleNamespace(modules={})
    try:
        yield
    finally:
        names["sys"] = theirs


def _leave_out_debugger() -> None:
    """Import ipykernel's part for it in such a way that it finds none."""
    if "debugpy" in sys.modules:
        return
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # how Python is told that there is no such module
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
