"""The embedded eHealth platform: answers as the real one does, for people who are all invented."""

from __future__ import annotations

from ehtoolkit.training.embedded import Training, open_training
from ehtoolkit.training.newcomer import Newcomer
from ehtoolkit.training.people import PEOPLE, Profession, TrainingOrganisation, TrainingPerson
from ehtoolkit.training.person_state import PersonState
from ehtoolkit.training.scenarios import Scenario, ScenarioState

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
