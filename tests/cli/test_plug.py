"""``training card --plug``: what is refused before a reader is touched. With a reader: tests/interop."""

from __future__ import annotations

import signal

import pytest

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call


def test_a_card_of_the_newer_kind(call: Call) -> None:
    before = signal.getsignal(signal.SIGTERM)
    code, answer = call("training", "card", "--plug", "karl")
    assert (code, answer["error"], answer["facts"]) == (4, "card_not_pluggable", {})
    assert "applet 1.8" in answer["message"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_card_that_nobody_has(call: Call) -> None:
    code, answer = call("training", "card", "--plug", "nobody")
    assert (code, answer["error"]) == (4, "card_unknown")
    assert "elise" in answer["facts"]["known"]


@pytest.mark.parametrize("reader", ["0", "3", "first"])
def test_a_reader_that_there_is_not(reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["training", "card", "--plug", "elise", "--reader", reader]) == 2
    assert "--reader" in capsys.readouterr().err
