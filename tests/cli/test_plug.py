"""``training card --plug``: what is refused before a reader is touched. With a reader: tests/interop."""

from __future__ import annotations

import signal

import pytest

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call


def test_no_virtual_reader(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_VIRTUAL_READER_PORT", "1")  # nothing listens there
    before = signal.getsignal(signal.SIGTERM)
    code, answer = call("training", "card", "--plug", "karl")
    assert (code, answer["error"], answer["facts"]) == (4, "virtual_reader_missing", {"reader": 1, "port": 1})
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_unknown_card(call: Call) -> None:
    code, answer = call("training", "card", "--plug", "nobody")
    assert (code, answer["error"]) == (4, "card_unknown")
    assert "elise" in answer["facts"]["known"]


@pytest.mark.parametrize("reader", ["0", "3", "first"])
def test_a_reader_that_there_is_not(reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["training", "card", "--plug", "elise", "--reader", reader]) == 2
    assert "--reader" in capsys.readouterr().err
