"""Training cards for these tests, and the details of failed assertions in the contract that they have in common."""

from __future__ import annotations

import pytest

from tests.support.card_fixtures import authorities, profiles, softhsm_token

__all__ = ["authorities", "profiles", "softhsm_token"]

pytest.register_assert_rewrite("tests.contract.card_contract")
