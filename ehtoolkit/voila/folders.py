"""Where the pages are on disk: the notebooks and what Jupyter calls data (template, static files, kernel)."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def notebooks_folder() -> Path:
    """The notebooks of a wheel (``ehtoolkit/notebooks``) or of a checkout (``notebooks`` at its top)."""
    for folder in (_HERE.parent / "notebooks", _HERE.parents[1] / "notebooks"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the notebooks were not installed with ehtoolkit")


def jupyter_data() -> Path:
    """What has to be on JUPYTER_PATH for Voila to find ``--template=ehtoolkit`` and its kernel."""
    return _HERE / "share" / "jupyter"
