"""Where the services of each environment are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.identity import Environment

CERTRA_PATH: Final = "/CertRa/v2"
ETKRA_PATH: Final = "/EtkRa/v2"
DEPOT_PATH: Final = "/EtkDepot/v1"

BASE_URLS: Final[Mapping[Environment, str]] = MappingProxyType(
    {
        Environment.PRODUCTION: "https://services.ehealth.fgov.be",
        Environment.ACCEPTANCE: "https://services-acpt.ehealth.fgov.be",
        # The embedded platform is not on any network; this name cannot be (RFC 2606), should it ever leak.
        Environment.TRAINING: "http://training.invalid",
    }
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of the three services."""

    certra: str
    etkra: str
    depot: str


def endpoints_of(environment: Environment, base_url: str | None = None) -> Endpoints:
    """The services of ``environment``, or those of a training server or a stand-in at ``base_url`` (scheme,
    host and port).

    Raises `errors.SettingInvalid` for a ``base_url`` that is none.
    """
    base = BASE_URLS[environment] if base_url is None else _checked(base_url)
    return Endpoints(base + CERTRA_PATH, base + ETKRA_PATH, base + DEPOT_PATH)


def _checked(base_url: str) -> str:
    base = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise errors.SettingInvalid(setting="platform_url") from error
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise errors.SettingInvalid(setting="platform_url")
    return base
