"""The class as the trainer works it: opened, watched on the board, led from station to station, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ehtoolkit.training.lessons.stations import Station, set_up_next, station_after, station_named
from ehtoolkit.training.state.attendance import Trainee, forget_trainee, trainees
from ehtoolkit.training.state.classroom import (
    close_class,
    current_station,
    open_class,
    read_class_id,
)
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase

if TYPE_CHECKING:
    from ehtoolkit.settings import LanguageName


class Classroom:
    """The class of a platform; all processes of one EHTOOLKIT_HOME see the same."""

    def __init__(self, database: TrainingDatabase, clock: TrainingClock) -> None:
        self._database = database
        self._clock = clock

    @property
    def is_open(self) -> bool:
        return bool(read_class_id(self._database))

    def open(self, language: LanguageName) -> str:
        """Open the class, and return its identifier; e-mails and letters come in ``language`` until it is closed."""
        return open_class(self._database, language)

    def close(self) -> None:
        """Close the class, and delete the names that were typed. Clock, scenarios and certificates stay."""
        close_class(self._database)

    def trainees(self) -> tuple[Trainee, ...]:
        """Return the class, by name."""
        return trainees(self._database)

    def forget(self, visitor: str) -> None:
        """Take a trainee off the board until one of their pages reports again."""
        forget_trainee(self._database, visitor)

    @property
    def station(self) -> Station | None:
        """The station of the lesson; None before the first one."""
        return station_named(current_station(self._database))

    @property
    def following(self) -> Station | None:
        """The next station; None after the last one."""
        return station_after(current_station(self._database))

    def set_up_next(self, after: str) -> Station | None:
        """Set clock and scenarios to the station after ``after`` (empty: the first), and return it; None where there
        is none, or where the class is elsewhere by now."""
        return set_up_next(self._database, self._clock, after)
