"""Errors of the registry of providers."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.arguments import InputInvalid
from ehtoolkit.errors.base import EhToolkitError


class ProviderTypeUnknown(InputInvalid):
    """There is no provider type with that name (facts: name, known)."""

    name: str
    known: str


class RecordInvalid(InputInvalid):
    """A provider's record cannot be kept (facts: reason = name | long | characters | date | start | period_type)."""

    reason: Literal["name", "long", "characters", "date", "start", "period_type"]


class PracticeUnknown(InputInvalid):
    """The practice is not known (facts: name, known, reason = registry: no registry is read | empty: it names no
    practice)."""

    name: str
    known: str | None = None
    reason: Literal["registry", "empty"] | None = None


class NotAProviderTable(InputInvalid):
    """The file is not a table of providers (facts: path, reason = empty | foreign | workbook | binary | rows,
    columns, limit)."""

    key = "table_unfit"
    path: str
    columns: str | None = None
    limit: int | None = None
    reason: Literal["empty", "foreign", "workbook", "binary", "rows"]


class RegistryError(EhToolkitError):
    """Something about the registry of providers."""


class ProviderUnknown(RegistryError):
    """No provider matches (facts: text)."""

    text: str


class ProviderAmbiguous(RegistryError):
    """Several providers match (facts: text, count)."""

    text: str
    count: int


class ProviderExists(RegistryError):
    """Another record has this NISS."""


class ProviderChanged(RegistryError):
    """Another user has changed or removed the record since it was read (facts: name)."""

    name: str


class PeriodUnknown(RegistryError):
    """The record has no period with this number (facts: number, count)."""

    number: int
    count: int


class RegistryBusy(RegistryError):
    """Another program has kept the registry locked for too long (facts: place)."""

    exit_code = 6
    place: str


class RegistryReadOnly(RegistryError):
    """The registry cannot be written (facts: place)."""

    exit_code = 6
    place: str


class RegistryNewer(RegistryError):
    """A newer version of the program has made the registry (facts: place, version)."""

    exit_code = 6
    place: str
    version: str


class RegistryDamaged(RegistryError):
    """The file cannot be used as a registry (facts: place, reason = foreign | views | endless; none: it is damaged)."""

    exit_code = 6
    place: str
    reason: Literal["foreign", "views", "endless"] | None = None


class RegistryUnreachable(RegistryError):
    """The database server refuses the connection (facts: place, reason = connect | login | database)."""

    exit_code = 6
    place: str
    reason: Literal["connect", "login", "database"]


class RegistryDriverMissing(RegistryError):
    """The component that talks to PostgreSQL is not installed."""

    exit_code = 6


class SampleRefused(RegistryError):
    """Invented providers are not added to a shared database (facts: place)."""

    place: str


class RegistryFault(RegistryError):
    """The database returned an error that a user cannot act on (facts: place, code)."""

    exit_code = 6
    place: str
    code: str
