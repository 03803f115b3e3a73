"""Caches of what scans have read: a folder of this computer, or a database that several computers share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ehtoolkit.auditing.cache import Cache
from ehtoolkit.auditing.caches.local_folder import FolderEntries
from ehtoolkit.auditing.caches.shared_database import SharedCache, open_entries, read_key
from ehtoolkit.providers.database import postgresql_url
from ehtoolkit.settings import Settings

__all__ = ["SharedCache", "cache_location", "open_cache"]


def cache_location(settings: Settings) -> Path | SharedCache:
    """Return the database of ``settings.audit_database``; the folder ``audit`` of the home where none is set. Raises
    `errors.SettingInvalid`."""
    if settings.audit_database is None:
        return settings.home / "audit"
    return SharedCache(postgresql_url("audit_database", settings.audit_database), settings.audit_key)


def open_cache(place: Path | SharedCache, today: date) -> Cache | None:
    """Return the cache at ``place``; None where the key of a shared one cannot be used. Raises
    `errors.RegistryDriverMissing`."""
    if isinstance(place, Path):
        entries = FolderEntries(place, today)
        return Cache(entries, entries.key)
    key = read_key(place.key)
    return None if key is None else Cache(open_entries(place, key, today), key)
