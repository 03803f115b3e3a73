"""The gate that keeps tests off the network, tried by pushing at it."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.platform import base_url_of
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.identity import Environment
from ehtoolkit.settings import Settings
from tests.support.offline import is_here, taken


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.ACCEPTANCE])
def test_a_real_host_is_never_looked_up(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    url = base_url_of(environment)
    with HttpTransport(Settings()) as transport, pytest.raises(errors.PlatformUnreachable):
        transport.post(url, b"", {})
    assert [line.split()[0] for line in taken()] == ["socket.getaddrinfo"]


def test_an_address_of_another_computer_is_not_connected_to() -> None:
    with socket.socket() as client, pytest.raises(PermissionError):
        client.connect(("192.0.2.1", 443))
    assert taken() == ["socket.connect ('192.0.2.1', 443)"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", None])
def test_this_computer_may_be_asked_for(name: str | None) -> None:
    assert socket.getaddrinfo(name, 80)
    assert taken() == []


def test_what_is_this_computer() -> None:
    assert is_here(("127.0.0.1", 80))
    assert is_here("/run/a.socket")
    assert is_here(b"\x00abstract")
    assert not is_here("services.ehealth.fgov.be")
    assert not is_here((str(Path("x")), 80))
    assert not is_here("10.0.0.1")


def test_a_test_that_connects_fails(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    (tmp_path / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(root)!r})\nfrom tests.conftest import _offline\n"
    )
    (tmp_path / "test_it.py").write_text(
        "import socket\n"
        "def test_it():\n"
        "    try:\n"
        "        socket.getaddrinfo('services.ehealth.fgov.be', 443)\n"
        "    except OSError:\n"
        "        pass  # whoever swallows the error is found all the same\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 passed, 1 error" in done.stdout
    assert done.returncode == 1
