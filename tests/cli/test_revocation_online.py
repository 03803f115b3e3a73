"""``keystore diagnose --online``: what the issuer says of a certificate, in process, over HTTP, and by openssl."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training.http.server import TrainingServer
from tests.cli.conftest import Call
from tests.keystore.other_programs import need

PASSWORD = "Kine-2026"
SAID = {
    "revocation_good",
    "revocation_revoked",
    "revocation_unknown",
    "revocation_unasked",
    "revocation_unaskable",
}

Said = Callable[..., dict[str, str]]


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


@pytest.fixture
def signing(tmp_path: Path) -> tuple[object, ...]:
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    return ("--pin-file", pin, "--accept-terms")


@pytest.fixture(params=["training:elise", "training:claire"], ids=["RSA authority", "EC authority"])
def keystore(
    request: pytest.FixtureRequest,
    call: Call,
    password: Path,
    signing: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Path, str]:
    """A complete one, and whose card asked for it. The clock is not moved: openssl asks by the computer's."""
    monkeypatch.setenv("EHTOOLKIT_TRAINING_DELIVERY", "0")
    contact = ("--email", "elise@example.be", "--phone", "+32 4 555 01 42")
    card = ("--card", request.param)
    code, asked = call("certificate", "request", *contact, *card, *signing, "--new-password-file", password)
    assert code == 0
    path = Path(asked["keystore"])
    assert call("certificate", "complete", path, "--password-file", password)[0] == 0
    return path, request.param


@pytest.fixture
def said(call: Call, password: Path) -> Said:
    """The findings about revocation, each with its sentence. ``asked``: whether the issuer is asked."""

    def said(path: Path, *, asked: bool = True) -> dict[str, str]:
        online = ("--online",) if asked else ()
        _, answer = call("keystore", "diagnose", path, *online, "--password-file", password)
        (keystore,) = answer["keystores"]
        found = [finding for finding in keystore["findings"] if finding["key"] in SAID]
        sentences = {finding["key"]: finding["message"] for finding in found}
        assert len(sentences) == len(found)
        return sentences

    return said


@pytest.fixture
def server() -> Iterator[TrainingServer]:
    training = open_training_platform(load_settings())
    serving = TrainingServer(training)
    serving.start()
    yield serving
    serving.stop()
    training.close()


def revoke(call: Call, path: Path, card: str, password: Path, signing: tuple[object, ...]) -> None:
    reason = ("--reason", "keyCompromise")
    code, _ = call(
        "certificate", "revoke", path, "--card", card, "--password-file", password, *signing, *reason
    )
    assert code == 0


def test_good_then_revoked(
    keystore: tuple[Path, str], said: Said, call: Call, password: Path, signing: tuple[object, ...]
) -> None:
    path, card = keystore
    assert said(path, asked=False) == {}
    assert set(said(path)) == {"revocation_good"}
    # Revoked now or not: an earlier "good" says nothing about that.
    assert said(path, asked=False) == {}
    revoke(call, path, card, password, signing)
    assert said(path, asked=False) == {}

    ((key, sentence),) = said(path).items()

    assert key == "revocation_revoked"
    assert "pki-training.ehtoolkit.invalid" in sentence
    # The issuer is not asked without the option, and what it said is remembered.
    assert said(path, asked=False) == {key: sentence}


def test_at_a_training_server(
    keystore: tuple[Path, str],
    said: Said,
    call: Call,
    password: Path,
    signing: tuple[object, ...],
    server: TrainingServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, card = keystore
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_URL", server.url)
    assert set(said(path)) == {"revocation_good"}
    revoke(call, path, card, password, signing)
    assert set(said(path)) == {"revocation_revoked"}
    server.stop()
    assert set(said(path)) == {"revocation_unasked", "revocation_revoked"}


@pytest.mark.interop
def test_openssl_says_the_same(
    keystore: tuple[Path, str],
    call: Call,
    password: Path,
    signing: tuple[object, ...],
    server: TrainingServer,
    tmp_path: Path,
) -> None:
    path, card = keystore
    chain = KeystoreFile.open(path, Secret(PASSWORD)).keystore.chain
    leaf, issuer = tmp_path / "leaf.pem", tmp_path / "issuer.pem"
    leaf.write_bytes(chain[0].public_bytes(Encoding.PEM))
    issuer.write_bytes(chain[1].public_bytes(Encoding.PEM))
    number = "002" if "claire" in card else "001"

    def ocsp(*more: str | Path) -> str:
        command: list[str | Path] = [
            need("openssl"),
            "ocsp",
            "-issuer",
            issuer,
            "-cert",
            leaf,
            "-CAfile",
            issuer,
            "-partial_chain",
        ]
        command += [*more, "-url", f"{server.url}/ocsp"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def verify() -> str:
        listed = tmp_path / "list.crl"
        listed.write_bytes(httpx.get(f"{server.url}/crl/{number}.crl", trust_env=False).content)
        command: list[str | Path] = [
            need("openssl"),
            "verify",
            "-crl_check",
            "-partial_chain",
            "-trusted",
            issuer,
        ]
        done = subprocess.run(
            [*command, "-CRLfile", listed, leaf], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    assert f"{leaf}: good" in ocsp(), ocsp()
    several = ocsp("-serial", "4711", "-serial", "4712")
    for expected in ("Response verify OK", f"{leaf}: good", "4711: unknown", "4712: unknown"):
        assert expected in several, several
    other = tmp_path / "other.pem"
    number_of_other = "001" if number == "002" else "002"
    der = httpx.get(f"{server.url}/crt/{number_of_other}.crt", trust_env=False).content
    other.write_bytes(load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    assert "unauthorized" in ocsp(
        "-issuer", other, "-serial", "4711"
    )  # no signature is good for both issuers
    assert f"{leaf}: OK" in verify(), verify()
    revoke(call, path, card, password, signing)
    assert f"{leaf}: revoked" in ocsp()
    assert "certificate revoked" in verify()
    assert httpx.get(f"{server.url}/crt/{number}.crt", trust_env=False).content == chain[1].public_bytes(
        Encoding.DER
    )
    call("training", "clock", "+2d")
    moved = ocsp()
    assert "Status times invalid" in moved
    assert "Revocation Time" in moved
    for missing in ("/crl/003.crl", "/crl/", "/crt/001", "/ocsp"):
        assert httpx.get(f"{server.url}{missing}", trust_env=False).status_code == 404


def test_what_cannot_be_seen_cannot_be_asked_about(keystore: tuple[Path, str], call: Call) -> None:
    _, answer = call("keystore", "diagnose", keystore[0], "--online")
    assert "revocation_unaskable" in {finding["key"] for finding in answer["keystores"][0]["findings"]}


def test_a_file_of_training_lives_by_its_clock_wherever_it_is(
    keystore: tuple[Path, str], call: Call, password: Path, tmp_path: Path
) -> None:
    call("training", "clock", "+35mo")
    elsewhere = tmp_path / "downloads" / keystore[0].name
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(keystore[0].read_bytes())
    for path in (keystore[0], elsewhere):
        _, answer = call("keystore", "diagnose", path, "--password-file", password)
        _, status = call("certificate", "status", path, "--password-file", password)
        (shown,) = answer["keystores"]
        assert (shown["state"], status["state"]) == ("renewable", "renewable")
        assert (shown["not_before"], shown["not_after"]) == (status["not_before"], status["not_after"])
