"""What every procedure works with: the platform, the clock and the folders, built once by `ehtoolkit.compose`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ehtoolkit.card.verification import BELGIAN_ROOTS, CardRoots
from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.ehealth.revocation import Fetcher
from ehtoolkit.identity import Environment


def belgian_roots() -> CardRoots:
    """The roots of real cards."""
    return BELGIAN_ROOTS


@dataclass(frozen=True, slots=True)
class Parts:
    """``keystores``: where keystores are found and written; ``notes`` and ``locks``: under EHTOOLKIT_HOME.

    ``card_roots``: whose cards are known; ``others``: the way to the authorities of cards, None where there is nobody
    to ask, in training.
    """

    environment: Environment
    platform: Platform
    clock: Clock
    keystores: Path
    notes: Path
    locks: Path
    card_roots: Callable[[], CardRoots] = belgian_roots
    others: Fetcher | None = None
