"""The state and the authorities of one embedded platform: what the functions of its services get."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase

if TYPE_CHECKING:
    from ehtoolkit.training.authority.pki import Authorities

AUTHORITIES_FOLDER: Final = "ca"
CARDS_FOLDER: Final = "cards"


class EmbeddedPlatform:
    """One embedded platform, kept in ``folder``. Its authorities are made on first use.

    Attributes:
        clock: the training clock.
        delivery: how long it takes to deliver a certificate that needs no check by a person.
    """

    def __init__(self, folder: Path, *, delivery_seconds: float) -> None:
        self.folder = folder
        self.delivery = timedelta(seconds=delivery_seconds)
        self.database = TrainingDatabase(folder / DATABASE_FILE)
        self.clock = TrainingClock(self.database)

    @cached_property
    def authorities(self) -> Authorities:
        from ehtoolkit.training.authority.pki import open_authorities

        return open_authorities(self.folder / AUTHORITIES_FOLDER)

    @property
    def cards(self) -> Path:
        """The folder of all cards."""
        return self.folder / CARDS_FOLDER
