"""The platform as a client has it in hand: its three services over one transport."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.certra import CertRa
from ehtoolkit.ehealth.environments import Endpoints
from ehtoolkit.ehealth.etkdepot import EtkDepot
from ehtoolkit.ehealth.etkra import EtkRa
from ehtoolkit.ehealth.exchange import Exchange
from ehtoolkit.ehealth.http import Transport


@dataclass(frozen=True, slots=True)
class Platform:
    """Registration of certificates, registration of tokens, and the depot of tokens."""

    certra: CertRa
    etkra: EtkRa
    depot: EtkDepot


def platform_at(
    transport: Transport, endpoints: Endpoints, clock: Clock, *, escape_contract_dn: bool = True
) -> Platform:
    """The services at ``endpoints``. ``clock`` dates the requests; ``escape_contract_dn`` is the setting."""
    return Platform(
        certra=CertRa(Exchange(transport, endpoints.certra), clock, escape_contract_dn),
        etkra=EtkRa(Exchange(transport, endpoints.etkra), clock),
        depot=EtkDepot(Exchange(transport, endpoints.depot), clock),
    )
