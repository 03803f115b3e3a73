"""The pages over HTTP: Voila with our template, bound to this computer, behind a token."""

from __future__ import annotations

import ehtoolkit.system.jsonschema_import  # noqa: F401  # before anything of Jupyter's
from ehtoolkit.voila.configuration import notebooks_folder
from ehtoolkit.voila.server import start

__all__ = ["notebooks_folder", "start"]
