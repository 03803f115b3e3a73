"""The platform's services over one transport, and where each environment has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.certra import CertRa
from ehtoolkit.ehealth.etk import EtkDepot, EtkRa
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.soap.transport import ClockCheck, Transport
from ehtoolkit.ehealth.sts.assertion import PLATFORM_SIGNER, SessionSigner
from ehtoolkit.ehealth.sts.service import SecurityTokenService
from ehtoolkit.identity import Environment


@dataclass(frozen=True, slots=True)
class Platform:
    """Registration of certificates, registration of tokens, the depot of tokens, and sessions.

    ``clock_check``: whether this computer and the platform agreed about the time, at the last answer.
    """

    certra: CertRa
    etkra: EtkRa
    depot: EtkDepot
    sts: SecurityTokenService
    clock_check: ClockCheck


def platform_at(
    transport: Transport,
    base_url: str,
    clock: Clock,
    *,
    escape_contract_dn: bool = True,
    compare_clock: bool = True,
    sender: str | None = None,
    sts_authorities: Callable[[], Sequence[Certificate]] = tuple,
    session_signer: SessionSigner = PLATFORM_SIGNER,
) -> Platform:
    """Return the services under ``base_url``. ``clock`` dates the requests, and is compared with the platform's unless
    ``compare_clock`` is False; ``escape_contract_dn`` and ``sender`` are settings. ``sts_authorities``: who may have
    issued the certificate of the STS, beside those that come with a keystore; ``session_signer``: its names."""
    check = ClockCheck(clock if compare_clock else None)
    certra, etkra, depot, sts = (
        SoapClient(transport, base_url + path, check, sender)
        for path in (CERTRA_PATH, ETKRA_PATH, DEPOT_PATH, STS_PATH)
    )
    return Platform(
        certra=CertRa(certra, clock, escape_contract_dn),
        etkra=EtkRa(etkra, clock),
        depot=EtkDepot(depot, clock),
        sts=SecurityTokenService(sts, clock, sts_authorities, session_signer),
        clock_check=check,
    )


# ── Where the services of each environment are ───────────────────────────────────────────────────────────
CERTRA_PATH: Final = "/CertRa/v2"
ETKRA_PATH: Final = "/EtkRa/v2"
DEPOT_PATH: Final = "/EtkDepot/v1"
STS_PATH: Final = "/IAM/SecurityTokenService/v1"
"""Of the WS-Trust 1.3 service."""

BASE_URLS: Final[Mapping[Environment, str]] = MappingProxyType(
    {
        Environment.PRODUCTION: "https://services.ehealth.fgov.be",
        Environment.ACCEPTANCE: "https://services-acpt.ehealth.fgov.be",
        # The embedded platform is not on any network; this name cannot be (RFC 2606), should it ever leak.
        Environment.TRAINING: "http://training.invalid",
    }
)


def base_url_of(environment: Environment, base_url: str | None = None) -> str:
    """Return the address under which the services of ``environment`` are, or that of a training server or a stand-in at
    ``base_url`` (scheme, host and port).

    Raises `errors.SettingInvalid` for an invalid ``base_url``.
    """
    if base_url is None:
        return BASE_URLS[environment]
    base = base_url.strip().rstrip("/")
    try:
        address = urlsplit(base)
        usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError as error:
        raise errors.SettingInvalid(setting="platform_url") from error
    if not usable or address.query or address.fragment or address.username is not None:
        raise errors.SettingInvalid(setting="platform_url")
    return base
