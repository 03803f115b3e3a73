"""Immediate effects of switching a scenario, and a trainer's decisions about single requests."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.training.lessons.forgotten_password import ForgottenKeystores
from ehtoolkit.training.registry.certificate_register import PendingRequests
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.invented_people import TrainingPerson
from ehtoolkit.training.state.scenarios import Scenario, Scenarios


class ScenarioActions:
    """Switches the scenarios that act on what the platform has already. One transaction each."""

    def __init__(
        self,
        database: TrainingDatabase,
        scenarios: Scenarios,
        waiting: PendingRequests,
        forgotten: ForgottenKeystores,
    ) -> None:
        self._database = database
        self._scenarios = scenarios
        self._waiting = waiting
        self._forgotten = forgotten

    def withhold(self, on: bool, person: str | None) -> None:
        """Switch ``not-yet-delivered`` on or off, for a person or, with None, for everybody. Off: what should have been
        delivered meanwhile is delivered now."""
        with self._database.writing():
            before = self._waiting.all(self._waiting.register.withheld)
            self._scenarios.switch(Scenario.NOT_YET_DELIVERED, on, person)
            for record in before:
                if not self._waiting.register.withheld(record):
                    self._waiting.release(record)

    def refuse(self, on: bool, person: str | None) -> None:
        """Switch ``refused`` on or off, for a person or, with None, for everybody. On: the requests under way are
        refused now."""
        with self._database.writing():
            self._scenarios.switch(Scenario.REFUSED, on, person)
            switches = self._scenarios.now()
            for record in self._waiting.all(lambda one: switches.is_on_for(Scenario.REFUSED, one.signer)):
                self._waiting.refuse(record)

    def decide(self, key_id: str, *, deliver: bool) -> bool:
        """Deliver or refuse the request for this key now, and return whether that was done. False: there is none, it
        was decided, or, when it is to be delivered, its holder has to confirm it first or its delivery is withheld."""
        register = self._waiting.register
        with self._database.writing():
            for record in self._waiting.all(lambda one: one.key_id == key_id):
                if not deliver:
                    self._waiting.refuse(record)
                elif record.awaits_validation or register.withheld(record):
                    return False
                else:
                    self._waiting.deliver(record)
                return True
        return False

    def forget_password(self, on: bool, person: TrainingPerson, folder: Path) -> None:
        """Switch ``forgotten-password`` on or off for a person. On: a keystore of theirs that nobody can open is put
        into ``folder``. Off: it is deleted."""
        scenario = Scenario.FORGOTTEN_PASSWORD
        with self._database.writing():
            key_id = self._scenarios.now().value(scenario, (person.name,))
            if on and key_id is None:
                self._scenarios.switch(scenario, True, person.name, self._forgotten.leave(person, folder))
            if not on and key_id is not None:
                self._scenarios.switch(scenario, False, person.name)
                self._forgotten.take_back(key_id, folder)
