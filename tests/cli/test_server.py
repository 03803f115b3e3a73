"""The training platform over HTTP: another process serves, this one is its client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Call

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts ``ehtoolkit training serve`` and gives its address."""
    started: list[subprocess.Popen[str]] = []

    def serve(*options: str) -> str:
        command = [sys.executable, "-m", "ehtoolkit", "training", "serve", "--port", "0", "--json", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return str(json.loads(process.stdout.readline())["url"])

    yield serve
    for process in started:
        process.terminate()
        code = process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()
        assert code == 0


def test_the_whole_road_over_http(
    serve: Serve,
    ask: Call,
    call: Call,
    secrets: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", serve())
    trace = tmp_path / "trace"
    code, asked = ask("--trace", trace)
    assert (code, asked["state"]) == (0, "waiting")
    assert call("training", "clock", "+1d")[0] == 0
    code, done = call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    assert (code, done["state"]) == (0, "complete")
    names = sorted(path.name for path in trace.iterdir())
    assert names[0] == "001-getActorQualities-request.xml"
    assert oct(trace.stat().st_mode & 0o777) == "0o700"
    assert {oct(path.stat().st_mode & 0o777) for path in trace.iterdir()} == {"0o600"}


def test_a_platform_that_is_not_there(ask: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "http://127.0.0.1:9")
    code, answer = ask()
    assert (code, answer["error"]) == (5, "platform_unreachable")
    assert not list((Path(os.environ["EHTOOLKIT_HOME"]) / "training" / "keystore").glob("*p12"))


def test_a_token_is_asked_for_on_another_address(call: Call) -> None:
    code, answer = call("training", "serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104  # refused
    assert (code, answer["facts"]) == (2, {"option": "--token-file", "reason": "needed"})
