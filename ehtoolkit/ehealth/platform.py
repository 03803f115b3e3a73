"""The platform as a client has it in hand: its three services over one transport."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.certra import CertRa
from ehtoolkit.ehealth.environments import Endpoints
from ehtoolkit.ehealth.etkdepot import EtkDepot
from ehtoolkit.ehealth.etkra import EtkRa
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.wire.clock_check import ClockCheck
from ehtoolkit.ehealth.wire.http import Transport


@dataclass(frozen=True, slots=True)
class Platform:
    """Registration of certificates, registration of tokens, and the depot of tokens.

    ``clock_check``: whether this computer and the platform agreed about the time, at the last answer.
    """

    certra: CertRa
    etkra: EtkRa
    depot: EtkDepot
    clock_check: ClockCheck


def platform_at(
    transport: Transport,
    endpoints: Endpoints,
    clock: Clock,
    *,
    escape_contract_dn: bool = True,
    compare_clock: bool = True,
    sender: str | None = None,
) -> Platform:
    """The services at ``endpoints``. ``clock`` dates the requests, and is compared with the platform's unless
    ``compare_clock`` is False; ``escape_contract_dn`` and ``sender`` are settings."""
    check = ClockCheck(clock if compare_clock else None)
    certra, etkra, depot = (
        SoapClient(transport, url, check, sender)
        for url in (endpoints.certra, endpoints.etkra, endpoints.depot)
    )
    return Platform(
        certra=CertRa(certra, clock, escape_contract_dn),
        etkra=EtkRa(etkra, clock),
        depot=EtkDepot(depot, clock),
        clock_check=check,
    )
