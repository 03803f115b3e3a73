"""Where the registry is: a file of this computer, or a PostgreSQL database that a practice shares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ehtoolkit import errors
from ehtoolkit.settings import Settings

_SCHEME: Final = "postgresql"


@dataclass(frozen=True, slots=True)
class DatabaseLocation:
    """``path`` for SQLite, else ``url`` (``postgresql://USER@HOST:PORT/NAME``)."""

    path: Path | None = None
    url: str = ""

    @property
    def shown(self) -> str:
        """As a person can be told it: the path, or host and name of the database."""
        if self.path is not None:
            return str(self.path)
        parts = urlsplit(self.url)
        return f"{parts.hostname or ''}{parts.path}"


def location_of(settings: Settings) -> DatabaseLocation:
    """The database of ``settings.provider_database``, else the file of the environment.

    Raises `errors.SettingInvalid` for an address that is none, or one that holds a password: PostgreSQL's own password
    file (``~/.pgpass``) and ``PGPASSFILE`` are the places for it.
    """
    url = settings.provider_database
    if url is None:
        return DatabaseLocation(settings.provider_file)
    try:
        parts = urlsplit(url)
        good = parts.scheme == _SCHEME and bool(parts.path.strip("/")) and (parts.port or 1) > 0
    except ValueError as error:
        raise errors.SettingInvalid(setting="provider_database") from error
    if not good:
        raise errors.SettingInvalid(setting="provider_database")
    if parts.password is not None or {"password", "sslpassword"} & parse_qs(parts.query).keys():
        raise errors.SettingInvalid(setting="provider_database", reason="database_password")
    return DatabaseLocation(url=url)
