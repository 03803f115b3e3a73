"""The platform as a value: all that the functions of its services get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ehtoolkit.clock import Clock
from ehtoolkit.training.authority.pki import Authorities
from ehtoolkit.training.state.database import TrainingDatabase


@dataclass(frozen=True, slots=True)
class EmbeddedPlatform:
    """One embedded platform.

    Attributes:
        folder: where it keeps everything.
        clock: the training clock.
        delivery: how long it takes to deliver a certificate that needs no check by a person.
    """

    folder: Path
    database: TrainingDatabase
    clock: Clock
    authorities: Authorities
    delivery: timedelta
