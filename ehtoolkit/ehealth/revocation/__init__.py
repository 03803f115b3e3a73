"""Was a certificate revoked? Its issuer's responder (OCSP, RFC 6960) is asked, else its list (CRL, RFC 5280) read."""

from __future__ import annotations

from ehtoolkit.ehealth.revocation.checker import Fetcher, RevocationChecker
from ehtoolkit.ehealth.revocation.result import Inconclusive, RevocationResult, RevocationStatus
from ehtoolkit.ehealth.revocation.result_cache import RevocationCache

__all__ = [
    "Fetcher",
    "Inconclusive",
    "RevocationCache",
    "RevocationChecker",
    "RevocationResult",
    "RevocationStatus",
]
