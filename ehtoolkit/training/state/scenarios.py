"""The scenarios that a trainer can switch on, for one person or for everybody, and who they are on for now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ehtoolkit import errors
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import PEOPLE, TrainingPerson
from ehtoolkit.training.state.people_store import all_people


class Scenario(StrEnum):
    """What can go otherwise than it should. The values are stable names, and keys for texts."""

    MANUAL_VALIDATION = "manual-validation"
    NOT_YET_DELIVERED = "not-yet-delivered"
    REFUSED = "refused"
    ONLY_EC = "only-ec"
    ONLY_RSA = "only-rsa"
    ACTIVATION_AFTER_REVOCATION = "activation-after-revocation"
    UNKNOWN_ORGANISATIONS = "unknown-organisations"
    EXPIRED_EID = "expired-eid"
    SIGNATURE_NOT_ACTIVATED = "signature-not-activated"
    BLOCKED_PIN = "blocked-pin"
    FORGOTTEN_PASSWORD = "forgotten-password"  # noqa: S105  # the name of a scenario
    PLATFORM_DOWN = "platform-down"
    SOAP_FAULT = "soap-fault"
    GARBAGE = "garbage"
    CUT_ANSWER = "cut-answer"
    ANSWER_LOST = "answer-lost"
    SLOW = "slow"
    CLOCK_WRONG = "clock-wrong"
    RIGHT_MISSING = "right-missing"
    STS_DOWN = "sts-down"
    STS_NOT_AUTHORISED = "sts-not-authorised"
    STS_OTHER_KEY = "sts-other-key"
    STS_SIGNER_ENDED = "sts-signer-ended"
    STS_ONLY_RSA = "sts-only-rsa"


SLOW_SECONDS: Final = 5.0
"""How slow answers are by default."""
SLOWEST_SECONDS: Final = 60.0
"""More than any client waits, so that a lesson about giving up can be taught; and then it ends."""

_EVERYBODY: Final = ""
"""The person in the row that concerns all."""


def scenario_named(name: str) -> Scenario:
    """Return the scenario with that stable name, in any case. Raises `errors.ScenarioUnknown`."""
    try:
        return Scenario(name.strip().lower())
    except ValueError as error:
        raise errors.ScenarioUnknown(name=name, known=", ".join(Scenario)) from error


def slowness(seconds: float | None) -> float:
    """Return by how many seconds answers are late: ``seconds``, or `SLOW_SECONDS` for None. Raises
    `errors.ScenarioUnfit` (reason ``seconds``) unless they are more than 0 and `SLOWEST_SECONDS` at most."""
    if seconds is None:
        return SLOW_SECONDS
    if not 0 < seconds <= SLOWEST_SECONDS:
        raise errors.ScenarioUnfit(name=Scenario.SLOW.value, person=None, reason="seconds")
    return seconds


@dataclass(frozen=True, slots=True)
class ScenarioState:
    """Who a scenario is on for.

    Attributes:
        everybody: it was switched on for all, also for cards without a holder.
        people: the short names of those that it is on for, in the order of the roster.
        seconds: how slow answers are; None for the other scenarios.
    """

    scenario: Scenario
    everybody: bool
    people: tuple[str, ...]
    seconds: float | None = None

    @property
    def is_on(self) -> bool:
        return self.everybody or bool(self.people)


@dataclass(frozen=True, slots=True)
class ScenarioSwitches:
    """All switches at one moment.

    Attributes:
        rows: per scenario and person (empty: everybody), whether it is on, and the value that came with it. A
            switch for a person overrides the one for everybody.
        people: all who are there; none where there are no rows.
    """

    rows: Mapping[tuple[str, str], tuple[bool, str | None]]
    people: tuple[TrainingPerson, ...] = PEOPLE

    @property
    def any_on(self) -> bool:
        return any(is_on for is_on, _ in self.rows.values())

    def is_on(self, scenario: Scenario, people: Iterable[str] = ()) -> bool:
        """Return whether a scenario is on for one of ``people`` (short names); without any: whether it is on for
        everybody."""
        return any(self._row(scenario, person)[0] for person in list(people) or [_EVERYBODY])

    def is_on_for(self, scenario: Scenario, ssin: str) -> bool:
        """Return whether a scenario is on for the person with that number; for a stranger: whether it is on for
        everybody."""
        known = next((person for person in self.people if person.person.niss.digits == ssin), None)
        return self.is_on(scenario, () if known is None else (known.name,))

    def value(self, scenario: Scenario, people: Iterable[str] = ()) -> str | None:
        """Return the value that came with the switch of a scenario that is on for one of ``people``; None where none
        came. Without people: the one for everybody."""
        rows = [self._row(scenario, person) for person in list(people) or [_EVERYBODY]]
        return next((value for is_on, value in rows if is_on and value is not None), None)

    def state(self, scenario: Scenario) -> ScenarioState:
        people = tuple(person.name for person in self.people if self.is_on(scenario, (person.name,)))
        seconds = self.value(scenario, people) if scenario is Scenario.SLOW else None
        everybody = self.is_on(scenario)
        return ScenarioState(scenario, everybody, people, None if seconds is None else float(seconds))

    def of(self, *people: str) -> tuple[Scenario, ...]:
        """Return the scenarios that are on for one of ``people``; see `is_on`."""
        return tuple(scenario for scenario in Scenario if self.is_on(scenario, people))

    def _row(self, scenario: Scenario, person: str) -> tuple[bool, str | None]:
        everybody = self.rows.get((scenario, _EVERYBODY), (False, None))
        return self.rows.get((scenario, person), everybody)


def switches_now(database: TrainingDatabase) -> ScenarioSwitches:
    """Return the switches in the training database, which all processes see."""
    rows = database.rows("SELECT * FROM scenario")
    switches = {(row["name"], row["person"]): (bool(row["is_on"]), row["value"]) for row in rows}
    return ScenarioSwitches(switches, all_people(database) if switches else ())


def is_on_for(database: TrainingDatabase, scenario: Scenario, ssin: str) -> bool:
    """Return whether a scenario is on at this moment for the person with that number; for a stranger: whether it is
    on for everybody."""
    return switches_now(database).is_on_for(scenario, ssin)


def set_switch(
    database: TrainingDatabase, scenario: Scenario, on: bool, person: str | None, value: str | None = None
) -> None:
    """Switch a scenario on or off, and keep ``value`` with it.

    ``person``: a short name, or None for everybody, which overrides earlier switches for single people.
    """
    with database.writing():
        if person is None:
            database.write("DELETE FROM scenario WHERE name = ?", scenario)
        if person is not None or on:
            statement = "INSERT OR REPLACE INTO scenario (name, person, is_on, value) VALUES (?, ?, ?, ?)"
            database.write(statement, scenario, person or _EVERYBODY, int(on), value)
