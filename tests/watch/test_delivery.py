"""Messages of a watch that cannot be sent or stored: each is sent later, from memory or again, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ehtoolkit.auditing.keyed_names import Pseudonyms
from ehtoolkit.watch import outbox as outbox_module
from ehtoolkit.watch.configuration import WatchConfig
from ehtoolkit.watch.runner import WatchRunner
from tests.auditing.conftest import ELISE, KARL, NOW, Workshop
from tests.watch.practice import OUTBOX, REPORT, STATE, Practice, fill, practice

__all__ = ["fill", "practice"]


def test_a_message_waits_for_its_target_and_only_for_that(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 95)
    practice.broken = {"mail"}
    assert practice.run(6).delivery.left == 1
    result = practice.run(66)
    assert (result.delivery.left, set(result.delivery.failures)) == (2, {"mail"})
    assert [target for target, _ in practice.sent] == ["webhook", "webhook"]
    practice.broken = set()
    result = practice.run(67)
    assert (result.report.reason, result.delivery.left, result.delivery.sent) == (None, 0, 2)
    ids = [message["id"] for _, message in practice.sent]
    assert ids[:2] == ids[2:]  # in their order, each once


def test_of_a_flood_the_oldest_go(
    practice: Practice, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST", 2)
    path = workshop.write(practice.place, ELISE, -100, 900)
    workshop.write(practice.place, KARL, -100, 900, pair=2)
    practice.broken = {"mail", "webhook"}
    data = path.read_bytes()
    practice.run()
    for day in range(1, 5):
        (path.unlink if day % 2 else lambda: path.write_bytes(data))()
        practice.run(2 * day)
        path.write_bytes(data)
        practice.run(2 * day + 1)
    assert practice.run(20).delivery.left == 2


@pytest.mark.parametrize(
    "content",
    [
        '{"id": ',
        '{"id": "x", "pending": ["mail"]}',
        '{"id": "x", "at": 5, "subject": "", "text": "", "payload": {}, "pending": ["mail"]}',
        '{"id": "x", "at": "2026-11-29T12:00:00", "subject": "", "text": "", "payload": {}, "pending": 7}',
        "[" * 100_000,
    ],
)
def test_a_damaged_message_is_set_aside_and_harms_no_other(
    practice: Practice, workshop: Workshop, content: str
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run()
    folder = practice.store.folder_of("tilleuls") / "outbox"
    (folder / "2020 cut.json").write_text(content)
    practice.broken = set()
    result = practice.run(1).delivery
    assert (result.sent, result.left, len(practice.sent)) == (2, 0, 2)
    (aside,) = folder.iterdir()
    assert (aside.name, aside.read_text()) == ("2020 cut.json.damaged", content)
    failure = result.failures["outbox"]
    assert failure.facts == {"path": str(aside), "reason": "outbox"}
    assert practice.run(2).delivery.failures == {}, "reported once"


def test_a_message_that_cannot_be_read_just_now_is_not_lost(practice: Practice, workshop: Workshop) -> None:
    """As while a virus scanner or a backup holds it."""
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run()
    (message,) = (practice.store.folder_of("tilleuls") / "outbox").iterdir()
    held = message.rename(message.with_suffix(".held"))
    message.symlink_to(message.name)  # to open it is an error of the system
    practice.broken = set()
    result = practice.run(1)
    assert (result.delivery.sent, result.delivery.left) == (0, 1)
    held.replace(message)
    assert (practice.run(1).delivery.sent, len(practice.sent)) == (2, 2)


def test_a_crash_before_sending_loses_nothing(practice: Practice, workshop: Workshop) -> None:
    workshop.write(practice.place, ELISE, -900, 20)

    def crash(_: WatchConfig) -> dict[str, Any]:
        raise KeyboardInterrupt

    runner = WatchRunner(practice.store, Pseudonyms(b"k" * 32), crash)
    with pytest.raises(KeyboardInterrupt):
        runner.run(practice.watch, lambda: practice.audit(NOW), lambda: NOW)
    result = practice.run(1)
    assert (result.report.reason, result.delivery.sent) == (None, 2)


@pytest.mark.parametrize(("full", "again"), [
    ((REPORT,), False),
    ((OUTBOX,), False),
    ((REPORT, OUTBOX), False),
    # It is not known then that it was sent: twice is better than not at all.
    ((STATE,), True),
    ((REPORT, OUTBOX, STATE), True),
])  # fmt: skip
def test_what_cannot_be_stored_is_sent_all_the_same(
    practice: Practice, workshop: Workshop, fill: Callable[..., None], full: tuple[str, ...], again: bool
) -> None:
    workshop.write(practice.place, ELISE, -900, 95.4)
    assert practice.run(0).delivery.sent == 0
    kept = (practice.store.folder_of("tilleuls") / "state.json").read_bytes()
    fill(*full)
    result = practice.run(6)
    assert [target for target, _ in practice.sent] == ["mail", "webhook"]
    assert {name: error.key for name, error in result.delivery.failures.items()} == dict.fromkeys(
        full, "disk_full"
    )
    assert (result.delivery.left, result.remembered) == (0, STATE not in full)
    state = (practice.store.folder_of("tilleuls") / "state.json").read_bytes()
    assert (state == kept) == (STATE in full)
    fill()
    result = practice.run(7)
    assert (result.delivery.sent, result.delivery.failures) == (2 if again else 0, {})


@pytest.mark.parametrize("full", [(OUTBOX,), (OUTBOX, STATE), (STATE,)])
def test_what_can_be_neither_stored_nor_sent_is_said_by_the_next_run(
    practice: Practice, workshop: Workshop, fill: Callable[..., None], full: tuple[str, ...]
) -> None:
    workshop.write(practice.place, ELISE, -900, 95.4)
    practice.run(0)
    practice.broken = {"mail"}
    fill(*full)
    result = practice.run(6)
    assert (result.delivery.left, result.remembered) == (1, False)
    assert [target for target, _ in practice.sent] == ["webhook"]
    fill()
    practice.broken = set()
    assert practice.run(7).report.reason == "due"
    assert "mail" in [target for target, _ in practice.sent]
    assert practice.run(8).delivery.sent == 0


def test_a_damaged_message_that_cannot_be_set_aside_does_not_stop_the_others(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    workshop.write(practice.place, ELISE, -900, 20)
    folder = practice.store.folder_of("tilleuls") / "outbox"
    folder.mkdir()
    (folder / "2020 cut.json").write_text("{")
    fill("2020 cut.json")
    result = practice.run(0)
    assert (result.delivery.sent, len(practice.sent)) == (2, 2)
    assert result.delivery.failures["outbox"].key == "disk_full"


def test_on_a_full_disk_what_waits_is_sent_to_each_target(
    practice: Practice, workshop: Workshop, fill: Callable[..., None]
) -> None:
    """What was stored stays, and is sent again to those whose receipt could not be stored."""
    workshop.write(practice.place, ELISE, -900, 20)
    practice.broken = {"mail", "webhook"}
    practice.run(0)
    (kept,) = (practice.store.folder_of("tilleuls") / "outbox").iterdir()
    before = kept.read_bytes()
    fill(OUTBOX)
    practice.broken = {"webhook"}
    result = practice.run(1)
    assert ([target for target, _ in practice.sent], result.delivery.left) == (["mail"], 1)
    assert set(result.delivery.failures) == {"webhook", "outbox"}
    assert kept.read_bytes() == before
    practice.broken = set()
    result = practice.run(2)
    assert [target for target, _ in practice.sent] == ["mail", "mail", "webhook"]
    assert (result.delivery.left, result.delivery.sent) == (0, 2)
