"""The contract of cards (`tests.contract.card_contract`) for software cards, training cards and SoftHSM2."""

from __future__ import annotations

from tests.contract.card_contract import *  # noqa: F403
