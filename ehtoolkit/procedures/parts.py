"""What every procedure works with: the platform, the clock and the folders, built once by `ehtoolkit.compose`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ehtoolkit.clock import Clock
from ehtoolkit.ehealth.platform import Platform
from ehtoolkit.identity import Environment


@dataclass(frozen=True, slots=True)
class Parts:
    """``keystores``: where keystores are found and written; ``notes`` and ``locks``: under EHTOOLKIT_HOME.
    ``elsewhere``: the folder where keystores of another environment lie, and which one that is."""

    environment: Environment
    platform: Platform
    clock: Clock
    keystores: Path
    notes: Path
    locks: Path
    elsewhere: tuple[Path, Environment] | None = None
