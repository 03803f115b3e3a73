"""Keep what earlier scans read in keystores, so that an unchanged file is not decrypted again.

An entry is found by the content of the file, the version of what reads it, and a keyed hash of the password: whoever
has not got the password does not get at what it has shown. The key is random, a file of its own, and never leaves this
computer; without it the entries tell nobody which password was right. No password and no private key is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from ehtoolkit.audit.file_scan import ScanResult
from ehtoolkit.keystore import fs
from ehtoolkit.secret import Secret
from ehtoolkit.system.private_folder import make_private_folder

CODEC: Final = 5
"""Counts the changes of what a reading holds and of what is found in a file: entries of others are not used."""
KEPT: Final = timedelta(days=180)
"""How long an entry is kept that no scan has asked for."""

_ENTRIES: Final = "readings.json"
_KEY: Final = "readings.key"
_KEY_LENGTH: Final = 32


class Cache:
    """Entries of a folder that only its owner can look into; made where there is none. A cache that cannot be read is
    an empty one, one that cannot be written helps nobody and harms nobody."""

    def __init__(self, folder: Path, today: date) -> None:
        self._folder = folder
        self._today = today.isoformat()
        self._oldest = (today - KEPT).isoformat()
        self._changed = False
        self._key = _key(folder)
        self._entries = _entries(folder / _ENTRIES)

    def get(self, content: str, password: Secret) -> ScanResult | None:
        """What was seen in the file of this content (SHA-256, hexadecimal) with this password."""
        name = self._name(content, password)
        entry = self._entries.get(name)
        if entry is None:
            return None
        try:
            reading = ScanResult.from_json(entry["reading"])
        except (TypeError, ValueError, KeyError, AttributeError):
            del self._entries[name]
            return None
        if entry.get("used") != self._today:
            entry["used"] = self._today
            self._changed = True
        return reading

    def put(self, content: str, password: Secret, reading: ScanResult) -> None:
        name = self._name(content, password)
        self._entries[name] = {"used": self._today, "reading": reading.to_json()}
        self._changed = True

    def save(self) -> None:
        """Write what is new, in one step; another scan that saves meanwhile loses nothing but time."""
        if not self._changed or self._key is None:
            return
        kept = {name: one for name, one in self._entries.items() if str(one.get("used", "")) >= self._oldest}
        text = json.dumps({"codec": CODEC, "entries": kept}, ensure_ascii=False)
        unfinished = self._folder / f".{_ENTRIES}.{secrets.token_hex(4)}"
        try:
            fs.write_exclusively(unfinished, text.encode())
            os.replace(unfinished, self._folder / _ENTRIES)  # noqa: PTH105  # the name that the operation is known by
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
            return
        self._changed = False

    def _name(self, content: str, password: Secret) -> str:
        # Both in one keyed hash: two files with one password do not show that they have it in common.
        text = f"{CODEC}\0{content}\0{password.reveal()}"
        key = self._key or b"nothing is written under this name"
        return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _key(folder: Path) -> bytes | None:
    """The key of the folder, made where there is none; None where none can be."""
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
