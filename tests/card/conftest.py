"""Training cards for these tests."""

from __future__ import annotations

from tests.support.card_fixtures import authorities, profiles, softhsm_token

__all__ = ["authorities", "profiles", "softhsm_token"]
