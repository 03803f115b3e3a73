"""Errors of the registry of providers."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.errors.arguments import InputInvalid
from ehtoolkit.errors.base import EhToolkitError


class ProviderTypeUnknown(InputInvalid):
    """There is no provider type with that name (facts: name, known)."""

    key = "provider_type_unknown"
    name: str
    known: str


class RecordInvalid(InputInvalid):
    """A provider's record cannot be kept (facts: reason = name | long | characters | date | start | period_type)."""

    key = "record_invalid"
    reason: Literal["name", "long", "characters", "date", "start", "period_type"]


class PracticeUnknown(InputInvalid):
    """No provider of the registry is of that practice, or no registry is read (facts: name, known,
    reason = registry | empty)."""

    key = "practice_unknown"
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

    key = "registry_error"


class ProviderUnknown(RegistryError):
    """No provider matches (facts: text)."""

    key = "provider_unknown"
    text: str


class ProviderAmbiguous(RegistryError):
    """Several providers match (facts: text, count)."""

    key = "provider_ambiguous"
    text: str
    count: int


class ProviderExists(RegistryError):
    """Another record has this NISS."""

    key = "provider_exists"


class ProviderChanged(RegistryError):
    """Another user has changed or removed the record since it was read (facts: name)."""

    key = "provider_changed"
    name: str


class PeriodUnknown(RegistryError):
    """The record has no period with this number (facts: number, count)."""

    key = "period_unknown"
    number: int
    count: int


class RegistryBusy(RegistryError):
    """Another program has kept the registry locked for too long (facts: place)."""

    key = "registry_busy"
    exit_code = 6
    place: str


class RegistryReadOnly(RegistryError):
    """The registry cannot be written or created (facts: place)."""

    key = "registry_read_only"
    exit_code = 6
    place: str


class RegistryNewer(RegistryError):
    """A newer version of the program has made the registry (facts: place, version)."""

    key = "registry_newer"
    exit_code = 6
    place: str
    version: str


class RegistryDamaged(RegistryError):
    """The registry is damaged, or the file is not a registry (facts: place, reason = foreign | views | endless)."""

    key = "registry_damaged"
    exit_code = 6
    place: str
    reason: Literal["foreign", "views", "endless"] | None = None


class RegistryUnreachable(RegistryError):
    """The database server refuses the connection (facts: place, reason = connect | login | database)."""

    key = "registry_unreachable"
    exit_code = 6
    place: str
    reason: Literal["connect", "login", "database"]


class RegistryDriverMissing(RegistryError):
    """The component that talks to PostgreSQL is not installed."""

    key = "registry_driver_missing"
    exit_code = 6


class SampleRefused(RegistryError):
    """Invented providers are not added to a shared database (facts: place)."""

    key = "sample_refused"
    place: str


class RegistryFault(RegistryError):
    """The database returned an error that a user cannot act on (facts: place, code)."""

    key = "registry_fault"
    exit_code = 6
    place: str
    code: str
