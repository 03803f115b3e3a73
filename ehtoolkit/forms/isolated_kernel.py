"""A kernel of IPython that takes nothing from IPython's folders: neither configuration nor start-up files.

What lies there may be meant for other programs, and where others can write to it, they would choose what runs beside
PINs and passwords. ``python -m ehtoolkit.forms.isolated_kernel`` is the kernel of a page where it is not forked
(`ehtoolkit.forms.page_kernel`).

It is also the one module besides that uses undocumented parts of ipykernel and IPython: ``load_config_file``,
``init_code`` and ``init_path`` of ``IPKernelApp``. Without the first two, the files are run; without the third, a
notebook cannot import what lies beside it. No upstream issues found. `tests/unit/forms/test_page_kernel.py` fails when
one of them is gone.
"""

from __future__ import annotations

import sys

import ipywidgets
from ipykernel.kernelapp import IPKernelApp

import ehtoolkit.forms  # noqa: F401  # it is used by the notebook


class IsolatedKernelApp(IPKernelApp):
    """Sets the kernel up."""

    def load_config_file(self, *_: object, **__: object) -> None:
        """Read no file of the user's, of the environment's or of the system's."""

    def init_code(self) -> None:
        """Run no start-up file. Connect the widgets to the kernel: they were imported before there was one."""
        ipywidgets.load_ipython_extension(self.shell)

    def init_path(self) -> None:
        """Let a notebook import what lies beside it. This process imports nothing from where it is (``-P``), by which
        IPython would go."""
        installed = (place for place, path in enumerate(sys.path) if path.endswith("-packages"))
        sys.path.insert(next(installed, len(sys.path)), "")


if __name__ == "__main__":
    IsolatedKernelApp.launch_instance()
