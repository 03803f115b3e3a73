"""JupyterLab on the notebooks of ehtoolkit: copies in the user's language, and a launcher with a card for each."""

from __future__ import annotations

import ehtoolkit.system.jsonschema_import  # noqa: F401  # before anything of Jupyter's
from ehtoolkit.lab.lab_server import serve_lab
from ehtoolkit.lab.launcher_cards import LauncherCard, launcher_cards
from ehtoolkit.lab.notebook_copies import KEPT, CopyState, NotebookCopy, copy_notebooks

__all__ = [
    "KEPT",
    "CopyState",
    "LauncherCard",
    "NotebookCopy",
    "copy_notebooks",
    "launcher_cards",
    "serve_lab",
]
