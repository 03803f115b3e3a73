"""The tables of passwords of --passwords: files, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.keystore.passwords import PasswordPatterns

STANDARD_INPUT: Final = "-"


def read_password_tables(sources: Sequence[str]) -> PasswordPatterns:
    """Return the tables as one, in their order. Raises as `PasswordPatterns.read`."""
    return PasswordPatterns.merge(map(_read, dict.fromkeys(sources)))


def _read(source: str) -> PasswordPatterns:
    if source == STANDARD_INPUT:
        return PasswordPatterns.decode(_standard_input(), source)
    return PasswordPatterns.read(Path(source))


def _standard_input() -> bytes:
    if sys.stdin is None:  # it was closed
        raise errors.FileUnreadable(path="stdin")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise errors.FileUnreadable(path="stdin") from error
