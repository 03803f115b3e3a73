"""``certificate session``: a session for a keystore, or where to look when there is none."""

from __future__ import annotations

import logging
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call

PHYSIOTHERAPIST = "urn:be:fgov:person:ssin:ehealth:1.0:professional:physiotherapist:boolean"


@pytest.fixture
def keystore(call: Call, ask: Call, secrets: dict[str, Path]) -> Path:
    _, asked = ask()
    call("training", "clock", "+2h")
    path = asked["keystore"]
    code, _ = call("certificate", "complete", path, "--password-file", secrets["password"])
    assert code == 0
    return Path(path)


@pytest.fixture
def session(call: Call, keystore: Path, secrets: dict[str, Path]) -> Call:
    def session(*more: object) -> tuple[int, dict[str, Any]]:
        return call("certificate", "session", keystore, "--password-file", secrets["password"], *more)

    return session


def test_a_session(session: Call) -> None:
    code, answer = session()
    assert (code, answer["verdict"], answer["quality"]) == (0, "fine", "none")
    assert answer["signer_proven"] is True
    assert [claim["value"] for claim in answer["claims"]] == ["79031421872"] * 2
    assert [finding["key"] for finding in answer["findings"]] == ["issued"]
    assert answer["saved"] is None
    assert "Signature" not in str(answer)


def test_software_that_refuses_elliptic_keys(
    call: Call, ask: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The certificate is good, and nobody is sent to the platform for it."""
    call("training", "scenario", "sts-only-rsa", "on")
    for card, expected in (("claire", ["no_session_elliptic"]), ("elise", ["issued"])):
        _, asked = ask("--card", f"training:{card}")
        call("training", "clock", "+2h")
        given = (asked["keystore"], "--password-file", secrets["password"])
        assert call("certificate", "complete", *given)[0] == 0
        _, answer = call("certificate", "session", *given)
        assert [finding["key"] for finding in answer["findings"]] == expected
        if card == "claire":
            assert answer["verdict"] == "software"
            assert "EC P-384" in answer["findings"][0]["message"]
            capsys.readouterr()
            assert run(["certificate", "session", *map(str, given), "--lang", "en"]) == 5
            shown = capsys.readouterr()
            assert "supplier" in shown.out
            assert "contact centre" not in shown.out + shown.err


def test_a_profession_and_a_right_that_is_missing(session: Call, call: Call) -> None:
    code, answer = session("--claims", "physiotherapist")
    assert (code, answer["attributes"][PHYSIOTHERAPIST]) == (0, ["true"])
    code, answer = session("--claims", "nurse")
    assert (code, answer["verdict"]) == (1, "right")
    assert [finding["key"] for finding in answer["findings"]] == ["right_missing", "unanswered", "issued"]
    call("training", "scenario", "right-missing", "on")
    code, answer = session("--claims", "physiotherapist")
    assert (code, answer["attributes"][PHYSIOTHERAPIST]) == (1, ["false"])


@pytest.mark.parametrize(
    ("scenario", "verdict", "error"),
    [
        ("sts-down", "platform", "platform_fault"),
        ("sts-not-authorised", "right", "platform_fault"),
        ("sts-other-key", "platform", "assertion_untrusted"),
        ("sts-signer-ended", "platform", "assertion_untrusted"),
        ("clock-wrong", "clock", "platform_fault"),
        ("garbage", "platform", "answer_invalid"),
    ],
)
def test_where_to_look(session: Call, call: Call, scenario: str, verdict: str, error: str) -> None:
    call("training", "scenario", scenario, "on")
    code, answer = session()
    assert (code, answer["verdict"], answer["error"]) == (5, verdict, error)
    assert [finding["key"] for finding in answer["findings"]] == [f"no_session_{verdict}"]
    assert answer["attributes"] == {}


def test_a_moment_is_written_as_in_every_command(session: Call, call: Call) -> None:
    call("training", "scenario", "clock-wrong", "on")
    facts = session()[1]["facts"]
    for name in ("here", "there"):
        assert facts[name] == datetime.fromisoformat(facts[name]).astimezone(UTC).isoformat()


def test_claims_of_another_person(session: Call) -> None:
    code, answer = session("--claims", "hospital")
    assert (code, answer["error"]) == (2, "claims_unfit")


def test_a_keystore_that_waits(call: Call, ask: Call, secrets: dict[str, Path]) -> None:
    _, asked = ask()
    code, answer = call("certificate", "session", asked["keystore"], "--password-file", secrets["password"])
    assert (code, answer["error"]) == (1, "certificate_missing")


def test_an_assertion_is_saved_only_where_it_is_asked(session: Call, tmp_path: Path, keystore: Path) -> None:
    file = tmp_path / "assertion.xml"
    code, answer = session("--save-assertion", file)
    assert (code, answer["saved"]) == (0, str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"<Assertion")
    code, answer = session("--save-assertion", file)
    assert (code, answer["error"]) == (6, "file_exists")
    assert not [
        path for path in keystore.parent.rglob("*") if path.is_file() and b"<Assertion" in path.read_bytes()
    ]


def test_the_output_and_the_log(
    keystore: Path,
    secrets: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    capsys.readouterr()
    trace = tmp_path / "trace"
    arguments = ["certificate", "session", str(keystore), "--password-file", str(secrets["password"])]
    assert run([*arguments, "--lang", "en", "--trace", str(trace), "--verbose"]) == 0
    shown = capsys.readouterr()
    assert "http://training.invalid/IAM/SecurityTokenService/v1" in shown.err
    assert "SSIN=79031421872" in shown.err
    assert "the keystore works" in shown.out
    everything = shown.out + shown.err + caplog.text
    for secret in ("SignatureValue", "<Assertion", "AssertionID", "BinarySecurityToken"):
        assert secret not in everything
    assert [path.name for path in sorted(trace.iterdir())] == [
        "001-requestSecurityToken-request.xml",
        "001-requestSecurityToken-response.xml",
    ]
    assert b"<Assertion" in (trace / "001-requestSecurityToken-response.xml").read_bytes()


def test_production_is_confirmed_before_anything_is_sent(
    call: Call, keystore: Path, secrets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ehtoolkit.ehealth.wire.http.HttpTransport.post", _never)
    arguments = ("certificate", "session", keystore, "--password-file", secrets["password"])
    code, answer = call(*arguments, "--environment", "production")
    assert (code, answer["error"], answer["facts"]["option"]) == (2, "option_missing", "--yes-production")
    code, answer = call(*arguments, "--environment", "production", "--yes-production")
    assert (code, answer["error"]) == (2, "environment_differs")


def _never(*_: object) -> None:
    raise AssertionError("something was sent")
