"""What is recorded of a keystore by several pages and programs at once: nothing that one recorded is lost."""

from __future__ import annotations

import threading

from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.result import record_platform_state, record_state
from tests.procedures.conftest import Road

ROUNDS = 5


def test_platforms_word_is_kept_while_another_page_records_the_file(road: Road) -> None:
    context = road.toolkit.context
    file = road.file(road.ask())
    key_id = file.keystore.key_id
    for number in range(ROUNDS):
        word = (State.REVOKED, State.WAITING)[number % 2]
        recorded = threading.Event()

        def keep_recording(until: threading.Event = recorded) -> None:
            while not until.is_set():
                record_state(file, context)

        other = threading.Thread(target=keep_recording)
        other.start()
        record_platform_state(key_id, word, context)
        recorded.set()
        other.join()
        found = CachedStates.read(context.notes)
        assert found.word_of(key_id) == word
        seen = found.of_file(file.path)
        assert seen is not None, "and what the file showed"
