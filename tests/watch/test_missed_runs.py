"""Runs of a watch that could not start, and where that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.watch.missed import MissedRun, noting_missed
from tests.auditing.conftest import ELISE, NOW, Workshop
from tests.support.training_exchanges import SetClock
from tests.watch.practice import DAY, OUTBOX, Practice, fill, practice, reported

__all__ = ["fill", "practice"]


def missed_in(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(missed["at"], missed["error"]) for missed in message["payload"]["missed"]]


def test_a_run_that_found_the_watch_locked_is_said_in_the_next_message_once(
    practice: Practice, workshop: Workshop
) -> None:
    workshop.write(practice.place, ELISE, -900, 95.4)
    with practice.store.locked("tilleuls"):
        for day in (1, 2):
            with pytest.raises(errors.WatchRunning):
                practice.run(day)
    assert practice.run(3).report.reason is None
    assert len(reported(practice)["missed"]) == 2, "nothing was sent yet"
    practice.run(6)
    assert practice.run(66).report.reason == "due"
    (first, _, second, _) = (message for _, message in practice.sent)
    assert missed_in(first) == [
        ("2026-11-25T12:00:00+00:00", "watch_running"),
        ("2026-11-26T12:00:00+00:00", "watch_running"),
    ]
    assert "On 25 November 2026 at 13:00, this watch could not run: another process" in first["text"]
    assert missed_in(second) == []
    assert "could not run" not in second["text"]


def test_a_state_that_cannot_be_set_aside_is_said_in_the_next_message(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    state = practice.store.folder_of("tilleuls") / "state.json"
    state.write_text("{")
    fill("state.json")
    with pytest.raises(errors.DiskFull):
        practice.run(1)
    assert practice.sent == []
    fill()
    practice.run(2)
    message = practice.sent[0][1]
    assert missed_in(message) == [("2026-11-25T12:00:00+00:00", "disk_full")]
    assert f"this watch could not run. The disk with {state.parent} is full." in message["text"]


def test_what_was_missed_is_said_again_where_the_message_was_lost(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    with practice.store.locked("tilleuls"), pytest.raises(errors.WatchRunning):
        practice.run(1)
    practice.broken = {"mail", "webhook"}
    fill(OUTBOX)
    assert practice.run(2).delivery.left == 1
    fill()
    practice.broken = set()
    practice.run(3)
    assert [missed["error"] for missed in practice.sent[0][1]["payload"]["missed"]] == ["watch_running"]


def test_notes_of_missed_runs_are_bounded_and_a_damaged_one_harms_nothing(
    practice: Practice, workshop: Workshop
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    watch = practice.store.folder_of("tilleuls")
    for day in (1, 2, 3):
        clock = SetClock(NOW + day * DAY)
        with pytest.raises(errors.WatchRunning), noting_missed(watch, clock.now, most=2):
            raise errors.WatchRunning(name="tilleuls")
    folder = watch / "missed"
    assert len(list(folder.iterdir())) == 2
    (folder / "2020 x.json").write_text('{"at": "2026-11-25T12:00:00"}')
    practice.run(4)
    assert len(practice.sent[0][1]["payload"]["missed"]) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", ["watch_running", "file_unreadable", "folder_not_writable", "of_later"])
def test_a_missed_run_is_a_sentence_in_each_language(language: LanguageName, error: str) -> None:
    said = MissedRun(at=NOW, error=error, facts={"folder": "/place"}).text(Translator(language))
    assert Translator(language).moment(NOW) in said
    assert ("/place" in said) == (error == "folder_not_writable")
