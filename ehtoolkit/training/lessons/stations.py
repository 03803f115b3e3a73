"""The stations of the lesson (docs/guide/trainers): what the clock and the scenarios are set to at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit.training.state.classroom import current_station, set_station
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.scenarios import Scenario, set_switch


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the lesson.

    Attributes:
        name: key of its texts.
        page: the class works on; a link leads there.
        move: of the clock, when the station begins; empty: the clock stays.
        scenario: on for everybody at this station, and at no other; one without an immediate effect on requests or
            files.
    """

    name: str
    page: str
    move: str = ""
    scenario: Scenario | None = None


STATIONS: Final = (
    Station("request", "request"),
    Station("complete", "complete", "+1d"),
    Station("renew", "renew", "+34mo"),
    Station("complete-renewal", "complete", "+1d"),
    Station("card-fault", "doctor", scenario=Scenario.SIGNATURE_NOT_ACTIVATED),
    Station("platform-fault", "doctor", scenario=Scenario.PLATFORM_DOWN),
    Station("right-fault", "troubleshoot", scenario=Scenario.RIGHT_MISSING),
    Station("end", "index"),
)


def station_named(name: str) -> Station | None:
    """Return the station with that name; None for any other name."""
    return next((station for station in STATIONS if station.name == name), None)


def station_after(name: str) -> Station | None:
    """Return the station after the one with that name, the first one for an empty name; None after the last one."""
    names = [station.name for station in STATIONS]
    place = names.index(name) + 1 if name in names else 0
    return STATIONS[place] if place < len(STATIONS) else None


def set_up_next(database: TrainingDatabase, clock: TrainingClock, after: str) -> Station | None:
    """Set clock and scenarios to the station after ``after``, and return it.

    None after the last one, and where the class is not at ``after`` any more: a second click moves no clock. The
    scenario of the station before is switched off; others that the trainer has switched on stay.
    """
    with database.writing():
        following = station_after(after)
        if current_station(database) != after or following is None:
            return None
        before = station_named(after)
        if before is not None and before.scenario is not None:
            set_switch(database, before.scenario, False, None)
        if following.scenario is not None:
            set_switch(database, following.scenario, True, None)
        if following.move:
            clock.move(following.move)
        set_station(database, following.name)
    return following
