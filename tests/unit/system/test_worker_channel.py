"""The pipe's framing, and the end of a process."""

from __future__ import annotations

import io
import os
import signal
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.system import worker_process
from ehtoolkit.system.worker_process import WorkerProcess, WorkerSilent, read_message, write_message

VALUES = st.none() | st.booleans() | st.integers() | st.text()
MESSAGES = st.dictionaries(st.text(), VALUES | st.lists(VALUES) | st.dictionaries(st.text(), VALUES))


@given(st.lists(MESSAGES, max_size=4))
def test_messages_come_out_as_they_went_in(messages: list[dict[str, object]]) -> None:
    pipe = io.BytesIO()
    for message in messages:
        write_message(pipe, message)
    pipe.seek(0)
    assert [read_message(pipe) for _ in messages] == messages
    assert read_message(pipe) is None


@given(st.binary(max_size=64))
def test_garbage_is_the_end(garbage: bytes) -> None:
    message = read_message(io.BytesIO(garbage))
    assert message is None or isinstance(message, dict)


@pytest.mark.parametrize(
    "data", [b"", b"\0\0", b"\0\0\0\5{}", b"\0\0\0\2[]", b"\0\0\0\1{", b"\xff\xff\xff\xff{}", b"\0\0\0\1\xff"]
)
def test_what_is_no_message(data: bytes) -> None:
    assert read_message(io.BytesIO(data)) is None


def test_a_process_that_the_system_holds_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that reads from a drive that is gone: no signal ends it."""
    ready = "import os, time; os.write(1, b'\\0\\0\\0\\2{}'); time.sleep(20)"
    worker = WorkerProcess([sys.executable, "-c", ready], {})
    with monkeypatch.context() as held:
        held.setattr(os, "killpg", lambda *_: None)
        held.setattr(worker_process, "_END_SECONDS", 0.01)
        with pytest.raises(WorkerSilent):
            worker.next_answer(0.01)
    assert worker.alive
    os.killpg(worker._process.pid, signal.SIGKILL)
    worker._process.wait()
