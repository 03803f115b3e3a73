"""Fixtures with training cards; a conftest.py imports those that its tests use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ehtoolkit.card import CardProfile
from tests.cards import Authorities, make_authorities, make_profile
from tests.softhsm import SoftHsm

SoftHsmFactory = Callable[..., SoftHsm]


@pytest.fixture(scope="session")
def authorities() -> Authorities:
    return make_authorities()


@pytest.fixture(scope="session")
def profiles(authorities: Authorities) -> Mapping[str, CardProfile]:
    """One invented person's cards: ``rsa`` and ``ec``; ``young``: without a Signature key; ``dormant``: with
    one that was never activated."""
    return {
        "rsa": make_profile(authorities, "rsa"),
        "ec": make_profile(authorities, "ec"),
        "young": make_profile(authorities, "ec", signature=False),
        "dormant": make_profile(authorities, "ec", activated=False),
    }


@pytest.fixture(scope="session")
def softhsm_token(tmp_path_factory: pytest.TempPathFactory) -> SoftHsmFactory:
    """Makes a SoftHSM2 with one token that holds a profile; options are those of ``SoftHsm.add_token``."""

    def make(profile: CardProfile, **options: Any) -> SoftHsm:
        softhsm = SoftHsm.make(tmp_path_factory.mktemp("softhsm") / "home")
        softhsm.add_token(profile, **options)
        return softhsm

    return make
