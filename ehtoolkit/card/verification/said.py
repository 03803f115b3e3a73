"""Findings about a card; their sentences are in the catalogue ``card``."""

from __future__ import annotations

from typing import Final

from ehtoolkit.finding import FindingFactory

_CARD: Final = FindingFactory("card")
error, warning, info, ok = _CARD.error, _CARD.warning, _CARD.info, _CARD.ok
