"""Traces: byte for byte, private, and never in the way."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.operations import GENERATE_CONTRACT, GET_ETK
from ehtoolkit.ehealth.soap.transport import Response, TraceFolder, Tracer
from ehtoolkit.ehealth.soap.xml import wrap


@pytest.fixture
def body(now) -> bytes:
    return wrap(GENERATE_CONTRACT.new_request(now))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_request_and_answer(wire, body: bytes, now, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "trace"
    wire.answer = b"\xff\x00 any bytes\r\n"
    tracer = Tracer(wire, TraceFolder(folder))
    assert tracer.post("http://x", body, {"A": "b"}) == Response(200, {}, wire.answer)
    assert wire.requests == [("http://x", body, {"A": "b"})]
    tracer.post("http://x", wrap(GET_ETK.new_request(now)), {})
    assert names(folder) == [
        "001-generateContract-request.xml",
        "001-generateContract-response.xml",
        "002-getEtk-request.xml",
        "002-getEtk-response.xml",
    ]
    assert (folder / "001-generateContract-request.xml").read_bytes() == body
    assert (folder / "001-generateContract-response.xml").read_bytes() == wire.answer
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_numbers_go_on(wire, body: bytes, tmp_path: Path) -> None:
    (tmp_path / "041-getEtk-request.xml").touch()
    (tmp_path / "1200-getEtk-request.xml").touch()
    (tmp_path / "notes.txt").touch()
    Tracer(wire, TraceFolder(tmp_path)).post("http://x", body, {})
    assert "1201-generateContract-request.xml" in names(tmp_path)


def test_what_is_no_message_of_ours_is_traced_too(wire, tmp_path: Path) -> None:
    Tracer(wire, TraceFolder(tmp_path)).post("http://x", b"junk", {})
    assert names(tmp_path) == ["001-unknown-request.xml", "001-unknown-response.xml"]


def test_a_lost_answer_leaves_the_request(wire, body: bytes, tmp_path: Path) -> None:
    wire.answer = errors.PlatformTimeout(host="h", seconds=1, sent=True)
    with pytest.raises(errors.PlatformTimeout):
        Tracer(wire, TraceFolder(tmp_path)).post("http://x", body, {})
    assert names(tmp_path) == ["001-generateContract-request.xml"]


def test_nothing_is_sent_when_the_folder_cannot_be_written(wire, body: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.SettingInvalid) as caught:
        Tracer(wire, TraceFolder(tmp_path / "file")).post("http://x", body, {})
    assert caught.value.facts == {"setting": "trace"}
    assert wire.requests == []


def test_an_answer_is_not_lost_with_its_trace(
    wire, body: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(_: bytes) -> bytes:
        (tmp_path / "001-generateContract-response.xml").mkdir()
        return b"answer"

    wire.answer = answer
    with caplog.at_level(logging.WARNING):
        assert Tracer(wire, TraceFolder(tmp_path)).post("http://x", body, {}).body == b"answer"
    assert "trace of an answer" in caplog.text
