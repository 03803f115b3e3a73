"""The pages over HTTP: Voila with our template, bound to this computer, behind a token."""

from __future__ import annotations

from ehtoolkit.voila.configuration import notebooks_folder
from ehtoolkit.voila.server import start

__all__ = ["notebooks_folder", "start"]
