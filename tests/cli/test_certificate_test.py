"""``certificate test``: lines by colour, the exit code, what is sent, and nothing that is secret."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES
from tests.cli.conftest import Call


@pytest.fixture
def keystore(call: Call, ask: Call, secrets: dict[str, Path]) -> Path:
    _, asked = ask()
    call("training", "clock", "+2h")
    path = asked["keystore"]
    code, _ = call("certificate", "complete", path, "--password-file", secrets["password"])
    assert code == 0
    return Path(path)


@pytest.fixture
def proof(call: Call, keystore: Path, secrets: dict[str, Path]) -> Call:
    def proof(*more: object) -> tuple[int, dict[str, Any]]:
        return call("certificate", "test", keystore, "--password-file", secrets["password"], *more)

    return proof


def colours(answer: dict[str, Any]) -> dict[str, str]:
    return {line["thing"]: line["colour"] for line in answer["lines"]}


def test_a_fresh_certificate_is_green(proof: Call) -> None:
    code, answer = proof()
    assert (code, answer["colour"], answer["verdict"], answer["remarks"]) == (0, "green", "green", [])
    assert list(colours(answer)) == [
        *(
            "certificate",
            "signing",
            "decryption",
            "depot",
            "message",
            "older",
            "known",
            "revocation",
            "session",
        ),
    ]
    assert set(colours(answer).values()) == {"green"}
    assert [line["key"] for line in answer["lines"]] == [
        *("certificate_valid", "signing_good", "decryption_good", "depot_current", "message_opened"),
        *("older_none", "known_active", "revocation_good", "issued"),
    ]


def test_offline_nothing_is_sent_and_the_rest_is_proven(proof: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ehtoolkit.training.http.transport.TrainingTransport.post", _never)
    code, answer = proof("--offline")
    assert (code, answer["colour"], answer["verdict"], answer["asked"]) == (0, "amber", "offline", False)
    assert {thing for thing, colour in colours(answer).items() if colour == "green"} == {
        *("certificate", "signing", "decryption", "message", "older"),
    }
    assert {line["key"] for line in answer["lines"] if line["colour"] == "amber"} == {
        *("depot_not_asked", "known_not_asked", "session_not_asked"),
    }


@pytest.mark.parametrize(
    ("scenario", "line", "key", "code"),
    [
        ("sts-down", "session", "no_session_platform", 5),
        ("sts-not-authorised", "session", "no_session_right", 5),
        ("sts-other-key", "session", "no_session_platform", 5),
        ("sts-signer-ended", "session", "no_session_platform", 5),
        ("clock-wrong", "session", "no_session_clock", 5),
        ("platform-down", "known", "known_unanswered", 5),
    ],
)
def test_what_is_no_fault_of_the_certificate_is_amber(
    proof: Call, call: Call, scenario: str, line: str, key: str, code: int
) -> None:
    call("training", "scenario", scenario, "on")
    got, answer = proof()
    assert (got, answer["colour"]) == (code, "amber")
    found = {line["thing"]: line for line in answer["lines"]}
    assert (found[line]["key"], found[line]["colour"]) == (key, "amber")
    assert found[line]["error"]
    assert {found[thing]["colour"] for thing in ("certificate", "signing", "decryption", "message")} == {
        "green"
    }


def test_a_right_that_is_missing_is_amber(proof: Call, call: Call) -> None:
    code, answer = proof("--claims", "physiotherapist")
    assert (code, answer["colour"]) == (0, "green")
    call("training", "scenario", "right-missing", "on")
    assert proof()[0] == 0  # who asks for no right misses none
    code, answer = proof("--claims", "physiotherapist")
    assert (code, answer["colour"]) == (1, "amber")
    assert [line["key"] for line in answer["lines"] if line["colour"] != "green"] == ["right_missing"]
    code, answer = proof("--claims", "hospital")
    assert (code, answer["error"]) == (2, "claims_unfit")


def test_an_organisation_with_unknown_claims(call: Call, ask: Call, secrets: dict[str, Path]) -> None:
    _, asked = ask("--organisation", "NIHII-LABO=81234530", "--name", "Laboratoire du Canal")
    call("training", "clock", "+11d")
    password = ("--password-file", secrets["password"])
    assert call("certificate", "complete", asked["keystore"], *password)[0] == 0
    code, answer = call("certificate", "test", asked["keystore"], *password)
    assert (code, answer["colour"]) == (1, "amber")
    assert {line["key"] for line in answer["lines"] if line["colour"] != "green"} == {
        "session_claims_unknown"
    }
    assert answer["lines"][-1]["error"] == "claims_unfit"


def test_a_keystore_that_waits(call: Call, ask: Call, secrets: dict[str, Path]) -> None:
    _, asked = ask()
    code, answer = call("certificate", "test", asked["keystore"], "--password-file", secrets["password"])
    assert (code, answer["colour"], answer["holder"]) == (3, "amber", None)
    assert [line["key"] for line in answer["lines"]] == [
        *("certificate_waits", "signing_good", "decryption_waits", "depot_waits", "message_waits"),
        *("older_none", "known_waits", "revocation_unaskable", "session_waits"),
    ]


def test_the_output_and_the_files_kept(
    keystore: Path,
    secrets: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In each language; no assertion and no password anywhere, and the keystore is as it was."""
    caplog.set_level(logging.DEBUG)
    before = keystore.read_bytes()
    for language in LANGUAGES:
        capsys.readouterr()
        arguments = ["certificate", "test", str(keystore), "--password-file", str(secrets["password"])]
        assert run([*arguments, "--lang", language, "--verbose"]) == 0
        shown = capsys.readouterr()
        assert "training.invalid" in shown.err
        assert "SSIN=79031421872" in shown.err
        assert len([line for line in shown.out.splitlines() if line.startswith("  ")]) == 9
        everything = shown.out + shown.err + caplog.text
        for secret in ("SignatureValue", "<Assertion", "AssertionID", "Kine-2026"):
            assert secret not in everything
    assert keystore.read_bytes() == before
    kept = [path for path in keystore.parents[2].rglob("*") if path.is_file() and path.suffix != ".sqlite"]
    assert not [path for path in kept if b"<Assertion" in path.read_bytes()]


def test_production_is_confirmed_before_anything_is_sent(
    call: Call, keystore: Path, secrets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ehtoolkit.ehealth.wire.http.HttpTransport.post", _never)
    arguments = ("certificate", "test", keystore, "--password-file", secrets["password"])
    code, answer = call(*arguments, "--environment", "production")
    assert (code, answer["error"], answer["facts"]["option"]) == (2, "option_missing", "--yes-production")
    code, answer = call(*arguments, "--environment", "production", "--yes-production")
    assert (code, answer["error"]) == (2, "environment_differs")


def _never(*_: object, **__: object) -> None:
    raise AssertionError("something was sent")
