"""Notes of requests, and which new passwords are taken."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.passwords import check_new_password
from ehtoolkit.keystore.storage.records import (
    CachedState,
    RequestRecord,
    read_request_record,
    write_cached_state,
    write_request_record,
)
from ehtoolkit.secret import Secret

NOTE = RequestRecord(
    key_id="0DBC0382663ABEADEAC9D9233D6493DE2ADF9625",
    distinguished_name=DistinguishedName(Identifier("SSIN", "79031421872"), "ÉLISE").text,
    environment=Environment.TRAINING,
    requested_at=datetime(2026, 11, 24, 10, 30, tzinfo=UTC),
    email="elise@example.be",
)


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    write_request_record(folder, NOTE)
    assert read_request_record(folder, NOTE.key_id) == NOTE
    assert read_request_record(folder, NOTE.key_id.lower()) == NOTE
    path = folder / f"{NOTE.key_id}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {each.name for each in folder.iterdir()} == {path.name, ".ehtoolkit.lock"}
    later = replace(
        NOTE,
        without_card=True,
        base_services=("tsa", "codage"),
        validation_url="https://example.be/v",
        expires=datetime(2026, 12, 4, tzinfo=UTC),
    )
    write_request_record(folder, later)
    assert read_request_record(folder, NOTE.key_id) == later


def test_a_record_of_an_earlier_version_names_no_base_services(tmp_path: Path) -> None:
    write_request_record(tmp_path, replace(NOTE, base_services=("tsa",)))
    path = tmp_path / f"{NOTE.key_id}.json"
    values = json.loads(path.read_bytes())
    del values["base_services"]
    path.write_text(json.dumps(values))
    assert read_request_record(tmp_path, NOTE.key_id) == NOTE


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """Beside notes of requests and beside what was seen of keystores: it holds contact data."""
    for folder, write in (
        (tmp_path, lambda: write_request_record(tmp_path, NOTE)),
        (tmp_path / "seen", lambda: write_cached_state(tmp_path, CachedState(NOTE.key_id))),
    ):
        folder.mkdir(exist_ok=True)
        left = folder / ".ehtoolkit-0123456789abcdef.tmp"
        left.write_text("elise@example.be")
        write()
        assert not left.exists()
        assert stat.S_IMODE((folder / f"{NOTE.key_id}.json").stat().st_mode) == 0o600


def test_a_note_that_is_not_there_or_none(tmp_path: Path) -> None:
    assert read_request_record(tmp_path / "nowhere", NOTE.key_id) is None
    path = tmp_path / f"{NOTE.key_id}.json"
    moon, nested = json.dumps({"environment": "moon"}), "[" * 90_000
    for text in ("", "[]", "null", "{}", "{", "\xff", '{"key_id": 1}', moon, nested):
        path.write_bytes(text.encode("latin-1"))
        assert read_request_record(tmp_path, NOTE.key_id) is None


@pytest.mark.parametrize(
    "edited",
    [
        {"requested_at": "2026-11-24T10:30:00"},
        {"requested_at": "24/11/2026"},
        {"expires": "2026-12-04T10:30:00"},
        {"distinguished_name": "Élise Dubois"},
        {"distinguished_name": None},
    ],
)
def test_a_note_that_was_edited_into_none(tmp_path: Path, edited: dict[str, str | None]) -> None:
    """A moment without a zone, a name that is none of a certificate: where they are used they would be errors."""
    write_request_record(tmp_path, NOTE)
    path = tmp_path / f"{NOTE.key_id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | edited))
    assert read_request_record(tmp_path, NOTE.key_id) is None


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    write_request_record(tmp_path, NOTE)
    path = tmp_path / f"{NOTE.key_id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"more": [1]}))
    assert read_request_record(tmp_path, NOTE.key_id) == NOTE


def test_a_key_identifier_is_no_path(tmp_path: Path) -> None:
    for key_id in ("../../etc/passwd", "", "0" * 39, "G" * 40):
        assert read_request_record(tmp_path, key_id) is None
        with pytest.raises(ValueError, match="40 hexadecimal"):
            write_request_record(tmp_path, replace(NOTE, key_id=key_id))


@pytest.mark.parametrize("text", ["86420-97", "Kine-2026 & co", '~!"\\\' ~!"', "ab cd ef gh " * 16 + "x"])
def test_a_password_that_every_program_takes(text: str) -> None:
    check_new_password(Secret(text))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("a", {"reason": "short", "limit": 8}),
        ("1234567", {"reason": "short", "limit": 8}),
        (" Kine-2026", {"reason": "blank"}),
        ("Kine-2026 ", {"reason": "blank"}),
        ("        ", {"reason": "blank"}),
    ],
)
def test_a_poor_password_is_refused_with_its_reason_and_may_be_kept(
    text: str, facts: dict[str, object]
) -> None:
    """A file that has it already is opened, converted and renewed under it."""
    with pytest.raises(errors.PasswordNotAllowed) as refusal:
        check_new_password(Secret(text))
    assert refusal.value.facts == facts
    check_new_password(Secret(text), kept=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("é", "characters"),
        ("a\n", "characters"),
        ("\t", "characters"),
        ("€uro", "characters"),
        ("\x7f", "characters"),
    ],
)
def test_other_new_passwords_are_not(text: str, reason: str) -> None:
    with pytest.raises(errors.PasswordNotAllowed) as refusal:
        check_new_password(Secret(text))
    assert refusal.value.facts == {"reason": reason}
