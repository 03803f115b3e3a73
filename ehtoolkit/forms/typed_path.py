"""Paths as people type and paste them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_AROUND: Final = ' \t"'
"""What may stand around a path that was copied."""


def typed_path(line: str) -> Path | None:
    """Return the path in a line as people copy it, in quotation marks or with the sign of the home; None where there is
    none."""
    text = line.strip(_AROUND)
    if not text:
        return None
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # nobody is called so on this computer
        return path
