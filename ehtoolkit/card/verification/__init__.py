"""Verify a card by itself: signatures, certificates, dates.

What is not proven is a finding, and no refusal to show the card. Nothing here asks the network; see
`ehtoolkit.procedures.checks.card_check`.
"""

from __future__ import annotations

from ehtoolkit.card.verification.certificates import is_old, was_minor
from ehtoolkit.card.verification.trust import BELGIAN_ROOTS, CardRoots, path_to_root
from ehtoolkit.card.verification.verify import TrustedCertificate, Verification, verify

__all__ = [
    "BELGIAN_ROOTS",
    "CardRoots",
    "TrustedCertificate",
    "Verification",
    "is_old",
    "path_to_root",
    "verify",
    "was_minor",
]
