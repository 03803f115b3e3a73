"""Immediate effects of switching a scenario, and a trainer's decisions about single requests; a transaction each."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.training.authority import register
from ehtoolkit.training.authority.platform import EmbeddedPlatform
from ehtoolkit.training.lessons.forgotten_password import leave_keystore, take_back
from ehtoolkit.training.state.invented_people import TrainingPerson
from ehtoolkit.training.state.scenarios import Scenario, set_switch, switches_now


def switch_withheld(platform: EmbeddedPlatform, on: bool, person: str | None) -> None:
    """Switch ``not-yet-delivered`` on or off, for a person or, with None, for everybody. Off: what should have been
    delivered meanwhile is delivered now; a request that is not due yet keeps its time."""
    with platform.database.writing():
        withheld = [record for record in register.pending(platform) if register.is_withheld(platform, record)]
        set_switch(platform.database, Scenario.NOT_YET_DELIVERED, on, person)
        for record in withheld:
            late = record.deliver_at < platform.clock.now()
            if late and not register.is_withheld(platform, record):
                register.deliver(platform, record)


def switch_refused(platform: EmbeddedPlatform, on: bool, person: str | None) -> None:
    """Switch ``refused`` on or off, for a person or, with None, for everybody. On: the requests under way are refused
    now."""
    with platform.database.writing():
        set_switch(platform.database, Scenario.REFUSED, on, person)
        switches = switches_now(platform.database)
        for record in register.pending(platform):
            if switches.is_on_for(Scenario.REFUSED, record.signer):
                register.refuse(platform, record)


def switch_forgotten_password(
    platform: EmbeddedPlatform, on: bool, person: TrainingPerson, folder: Path
) -> None:
    """Switch ``forgotten-password`` on or off for a person. On: a keystore of theirs, with a password that is kept
    nowhere, is put into ``folder``. Off: it is deleted."""
    database, scenario = platform.database, Scenario.FORGOTTEN_PASSWORD
    with database.writing():
        key_id = switches_now(database).value(scenario, (person.name,))
        if on and key_id is None:
            set_switch(database, scenario, True, person.name, leave_keystore(platform, person, folder))
        if not on and key_id is not None:
            set_switch(database, scenario, False, person.name)
            take_back(platform, key_id, folder)


def decide(platform: EmbeddedPlatform, key_id: str, *, deliver: bool) -> bool:
    """Deliver or refuse the request for this key now, and return whether that was done. False: there is none, it was
    decided, or, when it is to be delivered, its holder has to confirm it first or its delivery is withheld."""
    with platform.database.writing():
        for record in register.pending(platform):
            if record.key_id != key_id:
                continue
            if not deliver:
                register.refuse(platform, record)
                return True
            if record.awaits_validation or register.is_withheld(platform, record):
                return False
            register.deliver(platform, record)
            return True
    return False
