"""Keep the results of earlier scans on this computer, so that an unchanged file is not decrypted again.

An entry is found by the content of the file, the version of the code that made it, and a keyed hash of the password:
without the password, an entry cannot be found. The key is random and lies in a file of its own; without it, the entries
do not show which password was right. The cache holds no password and no private key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.auditing.keyed_names import KeyedNames
from ehtoolkit.auditing.scan.scan_result import NOT_OURS, ScanResult
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import write_private
from ehtoolkit.version import __version__

KEPT: Final = timedelta(days=180)
"""How long an entry is kept that no scan has asked for."""
_ENTRIES: Final = "readings.json"
_KEY: Final = "readings.key"
PACKAGE: Final = Path(__file__).parents[2]
"""The folder of the program."""
SOURCES: Final = (
    "auditing/scan/file_scan.py",
    "auditing/scan/scan_result.py",
    "crypto",
    "finding.py",
    "identity",
    "keystore",
)
"""The code that a scan runs: `ehtoolkit.auditing.scan.file_scan` and what it imports to judge a file."""


@cache
def results_version() -> str:
    """Return the version of the code that decides what a result holds: entries of another version are not used."""
    return version_of(__version__, (PACKAGE / name for name in SOURCES))


def version_of(release: str, sources: Iterable[Path]) -> str:
    """Return a hash of ``release`` and of the Python files that ``sources`` name or, for folders, contain."""
    found = hashlib.sha256(release.encode())
    for source in sources:
        for path in sorted(source.rglob("*.py")) if source.is_dir() else (source,):
            with suppress(OSError):  # installed without sources: the release decides
                found.update(b"\0" + path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


class Cache:
    """The results of scans, in memory until `save`, and in a file of ``folder`` that only its owner can read.

    Nothing is raised: a cache that cannot be read is empty, and one that cannot be written only costs time.
    """

    def __init__(self, folder: Path, names: KeyedNames, today: date) -> None:
        self._folder = folder
        self._names = names
        self._today = today.isoformat()
        self._oldest = (today - KEPT).isoformat()
        self._changed = False
        self._entries = _entries(folder / _ENTRIES)

    @classmethod
    def open(cls, folder: Path, today: date) -> Cache | None:
        """Return the cache in ``folder``, with a new key where there is none or it was cut off by a full disk. None:
        the key can be neither read nor made."""
        try:
            return cls(folder, KeyedNames.open(folder / _KEY, renew=True), today)
        except (errors.EhToolkitError, OSError):
            return None

    def get(self, content: str, password: Secret) -> ScanResult | None:
        """Return the result for the file of this content (SHA-256, hexadecimal) with this password."""
        entry = self._entries.get(self._name(content, password))
        if entry is None:
            return None
        if entry.get("used") != self._today:
            entry["used"] = self._today
            self._changed = True
        try:
            return ScanResult.from_json(entry["reading"])
        except NOT_OURS:
            return None

    def put(self, content: str, password: Secret, reading: ScanResult) -> None:
        self._entries[self._name(content, password)] = {"used": self._today, "reading": reading.to_json()}
        self._changed = True

    def save(self) -> None:
        """Write new entries, and drop those that no scan has asked for in `KEPT`. Of two scans that save at once, one
        loses its entries, which only costs time."""
        if not self._changed:
            return
        kept = {
            name: cached
            for name, cached in self._entries.items()
            if str(cached.get("used", "")) >= self._oldest
        }
        text = json.dumps({"version": results_version(), "entries": kept}, ensure_ascii=False)
        with suppress(OSError):
            write_private(self._folder / _ENTRIES, text.encode("utf-8", "surrogatepass"))  # as JSON is read
            self._changed = False

    def _name(self, content: str, password: Secret) -> str:
        # Both in one name: two files with one password do not show that they have it in common.
        return self._names.of(f"{content}\0{password.reveal()}")


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
        if found["version"] != results_version():
            return {}
        return {name: cached for name, cached in found["entries"].items() if isinstance(cached, dict)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
