"""The notebooks of ``notebooks/`` as pages: a file ``*.nblink`` has the path of a notebook, from the root."""

from __future__ import annotations

from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]


def read(text: str) -> nbformat.NotebookNode:
    """Return the notebook whose path is ``text``."""
    return nbformat.read(ROOT / text.strip(), as_version=4)
