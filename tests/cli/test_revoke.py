"""Revocation and requests without card on the command line: exit codes, JSON, sentences."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.procedures.revoke import REASONS
from tests.cli.conftest import Call

NOBODYS = "00" * 20
BIS = "81431706470"


@pytest.fixture
def keystore(ask: Call, call: Call, secrets: dict[str, Path]) -> Path:
    """A complete keystore of the default person."""
    path = Path(ask()[1]["keystore"])
    assert call("training", "clock", "+1d")[0] == 0
    assert call("certificate", "complete", path, "--password-file", secrets["password"])[0] == 0
    return path


@pytest.fixture
def revoke(call: Call, secrets: dict[str, Path]) -> Call:
    def revoke(*arguments: object, pin: str = "pin") -> tuple[int, dict[str, Any]]:
        given = ("--accept-terms", "--pin-file", secrets[pin])
        return call("certificate", "revoke", *arguments, *given)

    return revoke


@pytest.fixture
def foreigner(call: Call, secrets: dict[str, Path]) -> Call:
    def foreigner(*more: object) -> tuple[int, dict[str, Any]]:
        given = {
            "--niss": BIS,
            "--first-name": "Anaïs Renée",
            "--name": "Delporte-Gómez",
            "--email": "anais@example.org",
            "--phone": "+33 1 99 00 01 42",
        }
        arguments = [part for pair in given.items() for part in pair]
        return call(
            *("certificate", "request-foreigner", *arguments, "--accept-terms"),
            *("--new-password-file", secrets["password"], *more),
        )

    return foreigner


# ── revoke ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_keystore_is_revoked_without_its_password(
    keystore: Path, revoke: Call, call: Call, ask: Call, secrets: dict[str, Path]
) -> None:
    code, revoked = revoke(keystore, "--reason", "forgotten")
    assert code == 0
    assert revoked["keystore"] == str(keystore)
    assert (revoked["state"], revoked["next"], revoked["reason"]) == ("revoked", "request", "superseded")
    assert revoked["request"] == {"email": "elise@example.be", "phone": "+32 4 555 01 42"}

    code, now = call("certificate", "status", keystore, "--password-file", secrets["password"])
    assert (code, now["state"], now["next"]) == (1, "revoked", "request")
    code, again = revoke(keystore, "--reason", "forgotten")
    assert (code, again["error"], again["facts"]["state"]) == (1, "not_revocable", "revoked")
    mails = call("training", "mail")[1]["mails"]
    assert "révoqué" in mails[0]["subject"]
    code, asked = ask()
    assert (code, asked["state"]) == (0, "waiting")


def test_a_lost_keystore_is_revoked_by_its_key(keystore: Path, revoke: Call, call: Call) -> None:
    key_id = call("certificate", "list", "--pin-file", _pin(keystore))[1]["certificates"][0]["key_id"]
    keystore.unlink()
    code, revoked = revoke("--key-id", key_id.lower(), "--reason", "keyCompromise")
    assert (code, revoked["keystore"], revoked["key_id"]) == (0, None, key_id)
    assert revoked["reason"] == "keyCompromise"


def _pin(beside: Path) -> Path:
    path = beside.with_name("pin")
    path.write_text("1234\n")
    return path


def test_the_sentence_leads_to_the_new_request(
    ask: Call, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """For an organisation: with everything that is known, quoted as a shell wants it."""
    organisation = ("--card", "training:ines", "--organisation", "NIHII-PHARMACY=71452079")
    code, asked = ask(*organisation, "--name", "Pharmacie de l'Été & fils", "--application-id", "APP-1")
    assert code == 0
    assert call("training", "clock", "+1d")[0] == 0
    capsys.readouterr()
    code = run(
        [
            *("certificate", "revoke", asked["keystore"], "--reason", "replace", "--lang", "en"),
            *("--environment", "training"),
            *("--card", "training:ines", "--accept-terms", "--pin-file", str(secrets["pin"])),
        ]
    )
    shown = capsys.readouterr()
    assert code == 0
    assert asked["key_id"] in shown.out
    assert "Révocation d’un certificat eHealth" in shown.err
    words = shlex.split(next(line for line in shown.out.splitlines() if "certificate request" in line))
    assert words[words.index("ehtoolkit") :] == [
        *("ehtoolkit", "certificate", "request"),
        *("--organisation", "NIHII-PHARMACY=71452079", "--name", "Pharmacie de l'Été & fils"),
        *("--application-id", "APP-1", "--email", "elise@example.be", "--phone", "+32 4 555 01 42"),
        *("--environment", "training", "--card", "training:ines"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_reason_is_answered_with_all_reasons(revoke: Call, language: str) -> None:
    _, answer = revoke("--key-id", NOBODYS, "--reason", "KEY_COMPROMISE", "--lang", language)
    assert set(re.findall(r"\w+", answer["next"])) >= set(REASONS)


@pytest.mark.parametrize(
    ("arguments", "error", "facts"),
    [
        (["--key-id", NOBODYS], "option_missing", {"option": "--reason", "reason": "needed"}),
        (["--reason", "lost"], "option_missing", {"option": "--key-id", "reason": "needed"}),
        (["--key-id", NOBODYS, "--reason", "because"], "input_invalid", {"reason": "revocation_reason"}),
        (["--key-id", "12", "--reason", "lost"], "identifier_invalid", None),
        (["a.p12", "--key-id", NOBODYS, "--reason", "lost"], "usage", {}),
    ],
)
def test_wrong_usage(revoke: Call, arguments: list[str], error: str, facts: dict[str, str] | None) -> None:
    code, answer = revoke(*arguments)
    assert (code, answer["error"]) == (2, error)
    assert facts is None or answer["facts"] == facts


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["--key-id", NOBODYS, "--reason", "lost"], 1, "certificate_unlisted"),
        (["no.p12", "--reason", "lost"], 1, "keystore_not_found"),
        (["--key-id", NOBODYS, "--reason", "lost", "--card", "training:rita"], 4, "card_certificate_expired"),
    ],
)
def test_what_cannot_be_revoked(revoke: Call, arguments: list[str], code: int, error: str) -> None:
    found, answer = revoke(*arguments)
    assert (found, answer["error"]) == (code, error)


def test_a_wrong_pin(revoke: Call) -> None:
    code, answer = revoke("--key-id", NOBODYS, "--reason", "lost", pin="wrong_pin")
    assert (code, answer["error"]) == (4, "pin_wrong")


def test_the_card_of_another_person(keystore: Path, revoke: Call) -> None:
    code, answer = revoke(keystore, "--reason", "lost", "--card", "training:karl")
    assert (code, answer["error"]) == (1, "keystore_of_another")


def test_what_is_not_delivered_yet(ask: Call, revoke: Call) -> None:
    asked = ask()[1]
    code, answer = revoke(asked["keystore"], "--reason", "lost")
    assert (code, answer["error"], answer["facts"]["state"]) == (1, "not_revocable", "waiting")


def test_terms_have_to_be_accepted(call: Call, keystore: Path, secrets: dict[str, Path]) -> None:
    code, answer = call("certificate", "revoke", keystore, "--reason", "lost", "--pin-file", secrets["pin"])
    assert (code, answer["error"]) == (2, "terms_not_accepted")


# ── request-foreigner, training validate ─────────────────────────────────────────────────────────────────
def test_from_the_bis_number_to_a_complete_keystore(
    foreigner: Call, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, asked = foreigner()
    assert (code, asked["state"], asked["next"]) == (0, "waiting", "complete")
    assert asked["validation_url"].startswith("http://training.invalid/validation/")
    assert asked["validate_by"]
    password = ("--password-file", secrets["password"])
    for _ in range(2):
        for command in ("complete", "status"):
            code, waiting = call("certificate", command, asked["keystore"], *password)
            assert (code, waiting["state"]) == (3, "waiting")
            assert waiting["validation_url"] == asked["validation_url"]
        code, validated = call("training", "validate", asked["validation_url"])
        assert (code, validated["key_id"]) == (0, asked["key_id"])
    assert run(["certificate", "complete", asked["keystore"], *map(str, password), "--lang", "nl"]) == 3
    assert asked["validation_url"] in capsys.readouterr().out
    assert call("training", "clock", "+1d")[0] == 0
    code, done = call("certificate", "complete", asked["keystore"], *password)
    assert (code, done["state"]) == (0, "complete")
    assert "validation_url" not in done


def test_a_foreigner_who_confirms_too_late(foreigner: Call, call: Call, secrets: dict[str, Path]) -> None:
    asked = foreigner()[1]
    assert call("training", "clock", "+31d")[0] == 0
    code, late = call("certificate", "complete", asked["keystore"], "--password-file", secrets["password"])
    assert (code, late["error"]) == (1, "validation_overdue")
    code, answer = call("training", "validate", asked["key_id"])
    assert (code, answer["error"], answer["facts"]) == (2, "validation_impossible", {"reason": "expired"})


def test_a_second_request_of_a_foreigner(foreigner: Call) -> None:
    first = foreigner()[1]
    code, second = foreigner()
    assert (code, second["error"], second["facts"]["path"]) == (1, "request_waiting", first["keystore"])
    code, insisting = foreigner("--insist")
    assert (code, insisting["state"]) == (0, "waiting")


def test_no_command_leads_a_foreigner_to_a_request_that_is_refused(
    foreigner: Call, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """While the certificate that is in force cannot be renewed yet; afterwards they do."""
    asked, password = foreigner()[1], ("--password-file", secrets["password"])
    assert call("training", "validate", asked["validation_url"])[0] == 0
    assert call("training", "clock", "+1d")[0] == 0
    assert call("certificate", "complete", asked["keystore"], *password)[0] == 0
    code, refused = foreigner()
    assert (code, refused["error"], refused["facts"]["reason"]) == (1, "certificate_in_force", "without_card")
    assert foreigner("--insist")[1]["error"] == "platform_refused"
    (second,) = set(Path(asked["keystore"]).parent.glob("*.p12")) - {Path(asked["keystore"])}

    def said() -> tuple[str | None, set[str], str]:
        """The next step, the findings of the diagnosis, and what `certificate status` prints."""
        step = call("certificate", "status", second, *password)[1]["next"]
        _, answer = call("keystore", "diagnose", second, *password)
        capsys.readouterr()
        run(["certificate", "status", str(second), *map(str, password), "--lang", "en"])
        keys = {finding["key"] for finding in answer["keystores"][0]["findings"]}
        return step, keys & {"state_prepared", "request_blocked"}, capsys.readouterr().out

    step, keys, text = said()
    assert (step, keys) == (None, {"request_blocked"})
    assert "--resume" not in text
    assert "Use the other keystore." in text

    assert call("training", "clock", "+34mo")[0] == 0
    assert call("certificate", "status", asked["keystore"], *password)[1]["state"] == "renewable"
    step, keys, text = said()
    assert (step, keys) == ("resume", {"state_prepared"})
    assert "request-foreigner --resume" in text


def test_what_was_sent_is_not_resumed(foreigner: Call, secrets: dict[str, Path]) -> None:
    asked = foreigner()[1]
    code, answer = foreigner("--resume", asked["keystore"], "--password-file", secrets["password"])
    assert (code, answer["error"]) == (1, "request_waiting")


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("--niss", "79031421872", "identifier_invalid"),
        ("--niss", "81431706471", "identifier_invalid"),
        ("--niss", "8143170647", "identifier_invalid"),
        ("--name", " ", "distinguished_name_invalid"),
        ("--email", "anais", "contact_invalid"),
        ("--phone", "call me", "contact_invalid"),
    ],
)
def test_a_foreigners_bad_input(foreigner: Call, option: str, value: str, error: str) -> None:
    more = (option, value) if option != "--name" else (option, value, "--first-name", "")
    code, answer = foreigner(*more)
    assert (code, answer["error"]) == (2, error)


@pytest.mark.parametrize("wanted", [NOBODYS, "http://training.invalid/validation/nothing"])
def test_nothing_to_confirm(call: Call, wanted: str) -> None:
    code, answer = call("training", "validate", wanted)
    assert (code, answer["error"], answer["facts"]) == (2, "validation_impossible", {"reason": "unknown"})
