"""Safety copies: what is written, what stays, and what is remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.copies import (
    FOLDER,
    KEPT,
    RECENT,
    CopiedFile,
    Destination,
    copy_keystore,
    note_copy,
    read_copies,
    recent_folders,
)
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import fingerprint
from ehtoolkit.secret import Secret

NAME = "SSIN=79031421872 20261124-101200.p12"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
KEY = "AB" * 20


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A keystore, the same one under another password, and another one."""
    keys = [generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    kept = {"now": (keys[0], "Kine-2026"), "earlier": (keys[0], "Kine-2025"), "other": (keys[1], "Kine-2026")}
    found = {}
    for name, (key, password) in kept.items():
        path = tmp_path_factory.mktemp("made") / NAME
        KeystoreFile.create(path, Keystore.prepare(key, NOW), Secret(password))
        found[name] = path.read_bytes()
    return {**found, "no keystore": b"another file"}


@pytest.fixture
def source(tmp_path: Path, versions: dict[str, bytes]) -> Path:
    path = tmp_path / "keystore" / NAME
    path.parent.mkdir()
    path.write_bytes(versions["now"])
    return path


@pytest.mark.parametrize("before", [None, "now", "earlier"])
def test_a_copy_replaces_only_an_earlier_copy_and_keeps_it(
    tmp_path: Path, source: Path, versions: dict[str, bytes], before: str | None
) -> None:
    folder, data = tmp_path / "copies", versions["now"]
    folder.mkdir()
    if before is not None:
        (folder / NAME).write_bytes(versions[before])
    copied = copy_keystore(source, data, Destination(folder))
    assert (copied.path, copied.content) == (folder / NAME, fingerprint(data))
    assert copied.path.read_bytes() == data
    assert copied.already is (before == "now")
    kept = None if copied.kept is None else copied.kept.read_bytes()
    assert kept == (versions["earlier"] if before == "earlier" else None)


@pytest.mark.parametrize("present", ["other", "no keystore"])
def test_any_other_file_of_the_name_stays(
    tmp_path: Path, source: Path, versions: dict[str, bytes], present: str
) -> None:
    (tmp_path / NAME).write_bytes(versions[present])
    with pytest.raises(errors.FileExists):
        copy_keystore(source, versions["now"], Destination(tmp_path))
    assert (tmp_path / NAME).read_bytes() == versions[present]


def test_the_keystore_is_no_copy_of_itself(source: Path, versions: dict[str, bytes]) -> None:
    with pytest.raises(errors.FileExists) as refused:
        copy_keystore(source, versions["now"], Destination(source.parent))
    assert refused.value.facts["reason"] == "itself"
    for language in LANGUAGES:  # another name is no help, and neither is another try
        texts = Translator(language)
        assert texts.error(refused.value) != texts.error(errors.FileExists(path=str(source)))
        assert texts.next_step(refused.value) != texts.get("error.file_exists.next")


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_folder_is_made_only_on_a_connected_drive(
    tmp_path: Path, source: Path, versions: dict[str, bytes], is_connected: bool
) -> None:
    """The folder where a stick is mounted may be left after it is pulled out."""
    drive = tmp_path / "STICK"
    drive.mkdir()
    target = Destination(drive / "ehealth-backup", drive)
    if is_connected:
        copied = copy_keystore(source, versions["now"], target, connected=lambda: [drive])
        assert copied.path == target.folder / NAME
        return
    with pytest.raises(errors.FolderMissing):
        copy_keystore(source, versions["now"], target)
    assert list(drive.iterdir()) == []


def test_the_last_copies_are_remembered_each_folder_once(tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        copied = CopiedFile(tmp_path / f"{number % (KEPT + 1)}" / NAME, f"{number}")
        note_copy(tmp_path, KEY.lower(), copied, NOW + timedelta(days=number))
    record = read_copies(tmp_path, KEY)
    assert record is not None
    assert [copy.content for copy in record.copies] == ["6", "5", "4", "3", "2"]
    assert (record.has("6"), record.has("0")) == (True, False)
    assert recent_folders(tmp_path) == tuple(tmp_path / name for name in ("0", "5", "4"))
    assert len(recent_folders(tmp_path)) == RECENT


@pytest.mark.parametrize(
    "edited",
    [
        "no JSON",
        f'{{"key_id": "{KEY}", "copies": [{{"folder": "/x", "content": "c", "at": "2026-11-24T09:00:00"}}]}}',
    ],
    ids=["not JSON", "a moment without a zone"],
)
def test_an_edited_record_has_no_copies(tmp_path: Path, edited: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / f"{KEY}.json").write_text(edited)
    record = read_copies(tmp_path, KEY)
    assert record is None or record.copies == ()
    assert recent_folders(tmp_path) == ()


def test_a_record_that_cannot_be_written_costs_only_the_reminder(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    note_copy(tmp_path, KEY, CopiedFile(tmp_path / NAME, "c"), NOW)
    assert read_copies(tmp_path, KEY) is None
