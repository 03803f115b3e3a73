"""Keystores of each environment, and of an issuer that nobody knows, on a connection to each environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ehtoolkit
from ehtoolkit import Client, errors
from ehtoolkit.identity import Environment
from tests.support.faulty_servers import Url, reply, serving
from tests.support.issued_keystores import ISSUER, UNKNOWN, issued_by

PASSWORD = "Kine-2026"
CALLS: dict[str, Callable[[Client, Path], object]] = {
    "certificate_status": lambda eh, path: eh.certificate_status(path, PASSWORD),
    "complete_certificate": lambda eh, path: eh.complete_certificate(path, PASSWORD),
    "finish_certificate": lambda eh, path: eh.finish_certificate(path, PASSWORD),
    "activate_etk": lambda eh, path: eh.activate_etk(path, PASSWORD),
    "test_certificate": lambda eh, path: eh.test_certificate(path, PASSWORD),
    "offline": lambda eh, path: eh.test_certificate(path, PASSWORD, offline=True),
    "renew_certificate": lambda eh, path: eh.renew_certificate(path, PASSWORD, agree=print, pin="1234"),
}


def failure(eh: Client, call: Callable[[Client, Path], object], path: Path) -> errors.EhToolkitError | None:
    """What a call raises; None when it returns."""
    try:
        call(eh, path)
    except errors.EhToolkitError as error:
        return error
    return None


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Url]:
    """In the place of every real platform; it keeps what was sent to it."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    with serving(reply()) as url:
        yield url


@pytest.mark.parametrize("in_use", list(Environment))
@pytest.mark.parametrize("own", list(ISSUER))
def test_a_keystore_of_another_environment_is_rejected(
    own: str, in_use: Environment, tmp_path: Path, platform: Url
) -> None:
    path = issued_by(ISSUER[own], tmp_path / "a.p12").path
    before = path.read_bytes()
    address = None if in_use is Environment.TRAINING else platform.base
    with ehtoolkit.connect(in_use, home=tmp_path / "home", platform_url=address, card_timeout=0.5) as eh:
        for name, call in CALLS.items():
            if own in (in_use, UNKNOWN):
                assert not isinstance(failure(eh, call, path), errors.WrongEnvironment), name
                continue
            error = failure(eh, call, path)
            assert isinstance(error, errors.WrongEnvironment), name
            assert (error.kind, error.wanted) == (own, in_use), name
            text = str(error)
            assert "ehtoolkit.connect(environment=…)" in text
            assert f"kind={own}" in text
        found = eh.diagnose(path, PASSWORD)
        assert found.opened
        assert not any(finding.key == "state_expired" for finding in found.findings), "by its own clock"
        assert found.environment == (None if own == UNKNOWN else own)
    assert path.read_bytes() == before
    if own not in (in_use, UNKNOWN):
        assert platform.requests == []


def test_the_diagnosis_of_a_keystore_goes_by_the_clock_of_its_environment(tmp_path: Path) -> None:
    with ehtoolkit.connect("training", home=tmp_path / "home") as eh:
        eh.training.clock.move("+60mo")
        files = {own: issued_by(ISSUER[own], tmp_path / f"{own}.p12").path for own in ISSUER}
        over = {own for own, path in files.items() if eh.diagnose(path, PASSWORD).has("state_expired")}
    assert over == {"training"}
