"""The entries of a cache in a folder of this computer, which only its owner can look into; made where there is none."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

from ehtoolkit.auditing.cache import CODEC, KEPT
from ehtoolkit.keystore import fs
from ehtoolkit.system.private_folder import make_private_folder

_ENTRIES: Final = "readings.json"
_KEY: Final = "readings.key"
_KEY_LENGTH: Final = 32


class FolderEntries:
    """All entries, in memory until `save`, and in one file beside that of their key.

    Attributes:
        key: random, made where there is none, and never leaves this computer. Where none can be kept it is of this
            process alone, and nothing is written.
    """

    def __init__(self, folder: Path, today: date) -> None:
        self._folder = folder
        self._today = today.isoformat()
        self._oldest = (today - KEPT).isoformat()
        self._changed = False
        found = _key(folder)
        self._writes = found is not None
        self.key = found or secrets.token_bytes(_KEY_LENGTH)
        self._entries = _entries(folder / _ENTRIES)

    def get(self, name: str) -> Mapping[str, Any] | None:
        entry = self._entries.get(name)
        if entry is None:
            return None
        if entry.get("used") != self._today:
            entry["used"] = self._today
            self._changed = True
        reading = entry.get("reading")
        return reading if isinstance(reading, dict) else None

    def put(self, name: str, entry: Mapping[str, Any]) -> None:
        self._entries[name] = {"used": self._today, "reading": entry}
        self._changed = True

    def save(self) -> None:
        if not self._changed or not self._writes:
            return
        kept = {name: one for name, one in self._entries.items() if str(one.get("used", "")) >= self._oldest}
        text = json.dumps({"codec": CODEC, "entries": kept}, ensure_ascii=False)
        unfinished = self._folder / f".{_ENTRIES}.{secrets.token_hex(4)}"
        try:
            fs.write_exclusively(unfinished, text.encode("utf-8", "surrogatepass"))  # as JSON is read
            os.replace(unfinished, self._folder / _ENTRIES)  # noqa: PTH105  # the name that the operation is known by
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
            return
        self._changed = False


def _key(folder: Path) -> bytes | None:
    """Return the key of the folder, made where there is none, or where it was cut off; None where it can be neither
    read nor made."""
    path = folder / _KEY
    try:
        make_private_folder(folder)
        with suppress(FileExistsError):
            fs.write_exclusively(path, secrets.token_bytes(_KEY_LENGTH))
        found = path.read_bytes()
        if len(found) != _KEY_LENGTH:  # cut off by a full disk: what hangs on it is worth nothing
            path.unlink()
            fs.write_exclusively(path, secrets.token_bytes(_KEY_LENGTH))
            found = path.read_bytes()
    except OSError:
        return None
    return found


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
        if found["codec"] != CODEC:
            return {}
        return {name: one for name, one in found["entries"].items() if isinstance(one, dict)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
