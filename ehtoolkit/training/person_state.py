"""The training people as the trainer sees them: their cards, their mandates, what is on for them."""

from __future__ import annotations

from dataclasses import dataclass

from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.state.invented_people import TrainingOrganisation, TrainingPerson
from ehtoolkit.training.state.mandates import active_mandates
from ehtoolkit.training.state.scenarios import Scenario, ScenarioSwitches


@dataclass(frozen=True, slots=True)
class PersonState:
    """A person of the training as things are now.

    Attributes:
        mandates: the organisations that he acts for, whatever scenario is on.
        scenarios: those that are on for him.
        plugged: his card is in its reader.
        tries_left: before the PIN of the card blocks, and 0 once it has.
    """

    person: TrainingPerson
    mandates: tuple[TrainingOrganisation, ...]
    scenarios: tuple[Scenario, ...]
    plugged: bool
    tries_left: int


def person_state(
    platform: EmbeddedPlatform, person: TrainingPerson, switches: ScenarioSwitches
) -> PersonState:
    """Return the mandates, the scenarios and the state of the card of a person, as they are now. A card that was never
    used is not made for this."""
    from ehtoolkit.training.card.pin_tries import PinTries
    from ehtoolkit.training.card.software import REMOVED_MARKER

    folder, on = platform.cards / person.name, switches.of(person.name)
    return PersonState(
        person=person,
        mandates=active_mandates(platform.database, person),
        scenarios=on,
        plugged=not (folder / REMOVED_MARKER).exists(),
        tries_left=0 if Scenario.BLOCKED_PIN in on else PinTries(folder).tries_left,
    )
