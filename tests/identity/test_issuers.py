"""The environment of a certificate, by the whole name of its issuer."""

from __future__ import annotations

import pytest

from ehtoolkit.identity import ISSUERS, Environment
from ehtoolkit.identity.issuers import TRAINING_ISSUERS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ZetesConfidens Private Trust PKI - eHealth issuing CA 001", Environment.PRODUCTION),
        ("ZetesConfidens Private Trust PKI - eHealth issuing CA 002", Environment.PRODUCTION),
        ("QuoVadis Trust Anchor Issuing CA G2", Environment.PRODUCTION),
        ("UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 002", Environment.ACCEPTANCE),
        ("UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 003", Environment.ACCEPTANCE),
        ("TEST-ZetesConfidens-eHealth acceptance test-issuing CA 001", Environment.ACCEPTANCE),
        ("QuoVadis No Reliance ICA G3", Environment.ACCEPTANCE),
        ("ehtoolkit TRAINING eHealth issuing CA 001", Environment.TRAINING),
        ("ehtoolkit TRAINING eHealth issuing CA 002", Environment.TRAINING),
        ("ZetesConfidens Private Trust PKI - eHealth issuing CA 00", None),
        ("zetesconfidens private trust pki - ehealth issuing ca 001", None),
        ("ZetesConfidens Private Trust PKI - eHealth issuing CA 001 ", None),
        ("Dummy", None),
        ("", None),
    ],
)
def test_only_the_whole_name_counts(name: str, expected: Environment | None) -> None:
    assert ISSUERS.get(name) is expected


def test_names_of_acceptance_hold_names_of_production() -> None:
    """Why a part of a name must never be looked for."""
    production = [name for name, environment in ISSUERS.items() if environment is Environment.PRODUCTION]
    acceptance = [name for name, environment in ISSUERS.items() if environment is Environment.ACCEPTANCE]
    assert any(short in long for short in production for long in acceptance)
    assert all(ISSUERS.get(name) is Environment.TRAINING for name in TRAINING_ISSUERS)
