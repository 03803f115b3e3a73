"""Paths as people type and paste them."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

_AROUND: Final = ' \t\r\n"'
"""What may stand around a path that was copied."""


def typed_path(line: str) -> Path | None:
    """Return the path in a line as people copy it: in quotation marks, with the sign of the home, as ``file:`` address;
    None where there is none."""
    text = line.strip(_AROUND)
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1].strip(_AROUND)
    if not text:
        return None
    path = Path(_path_of_address(text) if text.lower().startswith("file:") else text)
    try:
        return path.expanduser()
    except RuntimeError:  # no user of this computer has that name
        return path


def _path_of_address(text: str) -> str:
    """Return the path of a ``file:`` address, with the server of a network share; ``text`` where it is malformed."""
    try:
        address = urlsplit(text)
        is_here = address.netloc.lower() in ("", "localhost")
        return url2pathname(address.path if is_here else f"//{address.netloc}{address.path}")
    except (OSError, ValueError):
        return text
