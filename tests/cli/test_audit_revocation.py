"""``audit --revocation`` and ``doctor KEYSTORE --online``: what was not asked is said, and what is revoked is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.authority import certificate_register
from tests.cli.conftest import Call

PASSWORD = "Kine-2026"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


@pytest.fixture
def keystore(call: Call, password: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A complete one of training."""
    monkeypatch.setenv("EHTOOLKIT_TRAINING_DELIVERY", "0")
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    contact = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
    signing = ("--pin-file", pin, "--accept-terms", "--new-password-file", password)
    code, asked = call("certificate", "request", *contact, *signing)
    assert code == 0
    path = Path(asked["keystore"])
    assert call("certificate", "complete", path, "--password-file", password)[0] == 0
    return path


def revoke(path: Path) -> None:
    """At the platform alone: no file here knows of it."""
    toolkit = open_toolkit(load_settings())
    assert toolkit.training is not None
    key_id = KeystoreFile.open(path, Secret(PASSWORD)).keystore.key_id
    certificate_register.revoke(toolkit.training, str(key_id), "keyCompromise")
    toolkit.close()


def test_an_audit_asks_when_it_is_to(call: Call, keystore: Path, password: Path) -> None:
    def audit(*more: str) -> tuple[int, str, set[str]]:
        code, answer = call("audit", keystore.parent, "--password-file", password, *more)
        (row,) = answer["keystores"]
        return code, row["revocation"], {finding["key"] for finding in answer["findings"]}

    assert audit()[1] == "not_checked"
    assert audit("--revocation")[1] == "good"
    revoke(keystore)
    assert audit()[1] == "not_checked"
    code, word, keys = audit("--revocation")
    assert (code, word) == (1, "revoked")
    assert "revocation_revoked" in keys


def test_a_revoked_certificate_is_not_called_fine(
    keystore: Path, password: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    revoke(keystore)
    capsys.readouterr()
    arguments = ["audit", str(keystore.parent), "--password-file", str(password), "--lang", "en"]
    assert run([*arguments, "--revocation"]) == 1
    _, row, *rest = capsys.readouterr().out.splitlines()
    assert row.split("\t")[2] == "Revoked"
    assert "States: Revoked 1." in rest
    report = tmp_path / "audit.md"
    assert run([*arguments, "--revocation", "-o", str(report)]) == 1
    assert "| Revoked |" in report.read_text()


def test_an_unreachable_responder_is_reported_once(
    call: Call, keystore: Path, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (keystore.parent / "copy.p12").write_bytes(keystore.read_bytes())
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", "http://127.0.0.1:9")
    _, answer = call("audit", keystore.parent, "--password-file", password, "--revocation")
    assert {row["revocation"] for row in answer["keystores"]} == {"unasked"}
    (said,) = (finding for finding in answer["findings"] if finding["key"] == "revocation_unasked")
    assert "Keystores: 2" in said["message"]


def test_the_doctor_asks_the_issuer(call: Call, keystore: Path, password: Path) -> None:
    def lines(*more: str) -> list[str]:
        _, answer = call("doctor", keystore, "--password-file", password, *more)
        return [line["key"] for line in answer["certificate"]["lines"]]

    assert "revocation_good" in lines("--online")
    assert not any(key.startswith("revocation_") for key in lines())
    revoke(keystore)
    assert "revocation_revoked" in lines("--online")
