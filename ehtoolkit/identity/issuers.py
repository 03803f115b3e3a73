"""Issuers of eHealth certificates, and the environment of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Environment(StrEnum):
    """Where a certificate is good for anything."""

    TRAINING = "training"
    ACCEPTANCE = "acceptance"
    PRODUCTION = "production"


TRAINING_ISSUERS: Final = (
    "ehtoolkit TRAINING eHealth issuing CA 001",
    "ehtoolkit TRAINING eHealth issuing CA 002",
)
"""The embedded platform's own authorities: the first signs with RSA, the second with EC P-384."""

# From public trust stores: 001 is RSA-4096 (2019-2029), 002 EC P-384 (2024-2034), QuoVadis ended in 2025.
# Older acceptance issuers begin with TRIAL or TRAIL; their whole names are not known, so they are not here.
_PRODUCTION: Final = (
    "ZetesConfidens Private Trust PKI - eHealth issuing CA 001",
    "ZetesConfidens Private Trust PKI - eHealth issuing CA 002",
    "QuoVadis Trust Anchor Issuing CA G2",
)
_ACCEPTANCE: Final = (
    "TEST-ZetesConfidens-eHealth acceptance test-issuing CA 001",
    "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 002",
    "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 003",
    "QuoVadis No Reliance ICA G3",
)

ISSUERS: Final[Mapping[str, Environment]] = MappingProxyType(
    dict.fromkeys(_PRODUCTION, Environment.PRODUCTION)
    | dict.fromkeys(_ACCEPTANCE, Environment.ACCEPTANCE)
    | dict.fromkeys(TRAINING_ISSUERS, Environment.TRAINING)
)
"""The environment of each known issuer, by its common name. Only the whole name counts: names of acceptance issuers
contain those of production."""
