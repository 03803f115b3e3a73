"""A home that the first version wrote (tests/data/home-first) is opened by this one, and its procedures go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ehtoolkit
from ehtoolkit.cli.run import run
from tests.support.old_home import BRAM, ELISE, PASSWORD, RENEWED, copy_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = copy_home(tmp_path / "home")
    monkeypatch.setenv("EHTOOLKIT_HOME", str(home))
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "training")
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    return home


def printed(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    assert run([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("home")
def test_a_renewal_and_a_request_that_waited_go_on() -> None:
    with ehtoolkit.connect() as eh:
        assert eh.clock.now().isoformat().startswith("2029-09-30")
        assert [keystore.path.name for keystore in eh.find_keystores()] == [BRAM, RENEWED, ELISE]
        assert eh.certificate_status(eh.keystores / ELISE, PASSWORD).state == "active"
        eh.training.clock.move("+1d")
        assert eh.complete_certificate(eh.keystores / RENEWED, PASSWORD).state == "to_activate"
        assert eh.activate_etk(eh.keystores / RENEWED, PASSWORD).outcome.state == "active"
        assert eh.complete_certificate(eh.keystores / BRAM, PASSWORD).state == "complete"
        assert eh.test_certificate(eh.keystores / RENEWED, PASSWORD).colour == "green"


@pytest.mark.usefixtures("home")
def test_the_platform_knows_what_it_issued() -> None:
    with ehtoolkit.connect() as eh:
        held = eh.list_certificates(pin="1234", card="training:elise")
        assert [(str(certificate.state), certificate.file) for certificate in held] == [
            ("waiting", eh.keystores / RENEWED),
            ("active", eh.keystores / ELISE),
        ]
        gone = eh.revoke_certificate(
            held[1].key_id, "lost", pin="1234", card="training:elise", agree=lambda contract: None
        )
        assert gone.state == "revoked"


@pytest.mark.usefixtures("home")
def test_the_registry_and_the_audit() -> None:
    with ehtoolkit.connect() as eh:
        with eh.open_registry() as registry:
            (provider,) = registry.providers()
        assert (provider.name, provider.practice, provider.types) == (
            "Vandamme",
            "Les Tilleuls",
            ("physiotherapist",),
        )
        audit = eh.audit(passwords=PASSWORD, registry=True, language="en", processes=1)
        assert list(audit.keystores["opened"]) == [True, True, True]
        assert list(audit.providers["practice"]) == ["Les Tilleuls"]


def test_the_watch_and_its_unsent_message(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (watch,) = printed(capsys, "watch", "list")["watches"]
    assert watch["name"] == "tilleuls"
    assert watch["folders"] == [str(home / "training" / "keystore")]
    assert len(list((home / "watch" / "tilleuls" / "outbox").glob("*.json"))) == 1
