"""The embedded eHealth platform: answers as the real one does, for people who are all invented."""

from __future__ import annotations

from ehtoolkit.training.people.invented_people import PEOPLE, Profession, TrainingOrganisation, TrainingPerson
from ehtoolkit.training.people.person_factory import Newcomer
from ehtoolkit.training.people.person_state import PersonState
from ehtoolkit.training.platform import Training, open_training
from ehtoolkit.training.scenario.scenarios import Scenario, ScenarioState

__all__ = [
    "PEOPLE",
    "Newcomer",
    "PersonState",
    "Profession",
    "Scenario",
    "ScenarioState",
    "Training",
    "TrainingOrganisation",
    "TrainingPerson",
    "open_training",
]
