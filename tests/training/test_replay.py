"""The training platform answers recorded requests as the version that they were recorded with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.ehealth.soap.operations import OPERATIONS
from ehtoolkit.training import Scenario, TrainingPlatform
from tests.support.training_exchanges import FILE, Recording, SetClock, comparable, open_platform, perform


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording.read()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def platform(recording: Recording, clock: SetClock, tmp_path: Path) -> Iterator[TrainingPlatform]:
    folder = tmp_path / "training"
    (folder / "ca").mkdir(parents=True)
    for name, text in recording.authorities.items():
        (folder / "ca" / name).write_text(text)
    platform = open_platform(folder, clock)
    yield platform
    platform.close()


def test_every_answer_is_the_recorded_one(
    recording: Recording, platform: TrainingPlatform, clock: SetClock
) -> None:
    for number, (step, recorded) in enumerate(recording.steps):
        outcome = perform(platform, clock, number, step)
        assert comparable(outcome) == comparable(recorded), f"step {number}: {step['note']}"


def test_every_operation_was_recorded_with_success_and_failure(recording: Recording) -> None:
    sent = [(step["body"], outcome) for step, outcome in recording.steps if step["kind"] == "post"]
    for operation in OPERATIONS.values():
        outcomes = [outcome for body, outcome in sent if f"{operation.request_name}" in body]
        assert any(outcome.get("status") == 200 for outcome in outcomes), operation.name
        assert any("Fault" in outcome.get("body", "Fault") for outcome in outcomes), operation.name


def test_every_scenario_of_the_platform_was_recorded(recording: Recording) -> None:
    switched = {step["name"] for step, _ in recording.steps if step["kind"] == "switch" and step["on"]}
    of_cards = {
        *(Scenario.EXPIRED_EID, Scenario.SIGNATURE_NOT_ACTIVATED, Scenario.BLOCKED_PIN),
        Scenario.FORGOTTEN_PASSWORD,
    }
    assert switched == {scenario.value for scenario in Scenario if scenario not in of_cards}


def test_the_recording_is_small() -> None:
    assert FILE.stat().st_size < 500_000
