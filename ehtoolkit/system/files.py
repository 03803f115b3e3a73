"""Files that only their owner may read: `create_private` makes every one of them."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def create_private(path: Path) -> BinaryIO:
    """Make a new file that only its owner may read, and return it open for writing.

    A name that is taken is refused, also by a link: in a folder that several users write to, a link would choose the
    file that is written. Raises ``FileExistsError``, and another ``OSError`` where no file can be made.
    """
    return os.fdopen(os.open(path, _NEW, 0o600), "wb")


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, over the one of that name; readers see the old content or the new one.
    Raises ``OSError``; then the old file is as it was."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with create_private(unfinished) as file:
            file.write(content)
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
