"""Keep what earlier scans read in keystores, so that an unchanged file is not decrypted again.

An entry is found by the content of the file, the version of what reads it, and a keyed hash of the password: without
the password nobody gets at what it has shown. The key is random and lies apart from the entries; without it they tell
nobody which password was right. No password and no private key is kept. Where entries lie: `ehtoolkit.auditing.caches`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Protocol

from ehtoolkit.auditing.file_scan import ScanResult
from ehtoolkit.secret import Secret

CODEC: Final = 5
"""Counts the changes of what a reading holds and of what is found in a file: entries of others are not used."""
KEPT: Final = timedelta(days=180)
"""How long an entry is kept that no scan has asked for."""


class CacheEntries(Protocol):
    """Where the entries of a cache lie. Nothing is raised: what cannot be read is not there, and what cannot be written
    is not kept."""

    def get(self, name: str) -> Mapping[str, Any] | None:
        """Return the entry of this name, which then counts as asked for today; None without one."""

    def put(self, name: str, entry: Mapping[str, Any]) -> None:
        """Keep ``entry``, in place of another one of this name."""

    def save(self) -> None:
        """Write what is new, and drop what nobody has asked for in `KEPT`."""


class Cache:
    """What scans have read, in ``entries`` that are found with ``key``. One that does not work helps nobody and harms
    nobody."""

    def __init__(self, entries: CacheEntries, key: bytes) -> None:
        self._entries, self._key = entries, key

    def get(self, content: str, password: Secret) -> ScanResult | None:
        """Return what was seen in the file of this content (SHA-256, hexadecimal) with this password."""
        entry = self._entries.get(self._name(content, password))
        try:
            return None if entry is None else ScanResult.from_json(entry)
        except (TypeError, ValueError, KeyError, AttributeError):
            return None

    def put(self, content: str, password: Secret, reading: ScanResult) -> None:
        self._entries.put(self._name(content, password), reading.to_json())

    def save(self) -> None:
        """Write what is new; another scan that saves meanwhile loses nothing but time."""
        self._entries.save()

    def _name(self, content: str, password: Secret) -> str:
        # Both in one keyed hash: two files with one password do not show that they have it in common.
        text = f"{CODEC}\0{content}\0{password.reveal()}"
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
