"""The embedded eHealth platform: answers as the real one does, for people who are all invented."""

from __future__ import annotations

from ehtoolkit.training.person_state import PersonState
from ehtoolkit.training.state.invented_people import PEOPLE, Profession, TrainingOrganisation, TrainingPerson
from ehtoolkit.training.state.people_store import NewPerson
from ehtoolkit.training.state.scenarios import Scenario, ScenarioState
from ehtoolkit.training.trainer import TrainingPlatform

__all__ = [
    "PEOPLE",
    "NewPerson",
    "PersonState",
    "Profession",
    "Scenario",
    "ScenarioState",
    "TrainingOrganisation",
    "TrainingPerson",
    "TrainingPlatform",
]
