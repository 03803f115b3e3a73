"""A keystore of elsewhere in the keystore folder: under its right name, proven, once, and never over another file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.moving import import_keystore
from ehtoolkit.keystore.storage.records import RequestRecord, write_request_record
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker

NAME = "SSIN=79031421872 20261124-130000.p12"
PASSWORD = Secret("Kine-2026")


@pytest.fixture
def data(keystore_maker: KeystoreMaker) -> bytes:
    return write_pkcs12(keystore_maker.complete.contents, PASSWORD)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keystore"


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(folder.glob("*")) if not path.name.startswith(".")
    }


def test_a_file_with_the_right_name_keeps_it(folder: Path, data: bytes) -> None:
    taken = import_keystore(folder, NAME, data)
    assert (taken.path, taken.already) == (folder / NAME, False)
    assert content(folder) == {NAME: data}
    assert KeystoreFile.open(taken.path, PASSWORD).keystore.installed


@pytest.mark.parametrize(
    "name",
    [
        "SSIN=79031421872 20261124-130000 (1).p12",
        "Kopie von SSIN=79031421872 20261124-130000.p12",
        "SSIN=79031421872 20261124-130000.p12.20261201T100000Z.bak",
        "SSIN=79031421872 20261124-130000.pfx",
    ],
)
def test_a_copy_gets_the_name_that_other_programs_read(folder: Path, data: bytes, name: str) -> None:
    path = import_keystore(folder, name, data).path
    assert path.name == NAME
    assert parse_name(path.name).regular


def test_the_request_record_names_the_holder_of_a_renamed_file(
    folder: Path, tmp_path: Path, data: bytes, keystore_maker: KeystoreMaker
) -> None:
    asked = DistinguishedName(keystore_maker.person.identifier, "DUBOIS ELISE MARIE").text
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    notes = tmp_path / "notes"
    write_request_record(
        notes, RequestRecord(keystore_maker.complete.key_id, asked, Environment.TRAINING, moment)
    )
    path = import_keystore(folder, "mijn certificaat.p12", data, notes=notes).path
    assert path.name == f"SSIN=79031421872 {moment.astimezone(BRUSSELS):%Y%m%d-%H%M%S}.p12"


def test_a_file_without_holder_gets_only_the_ending(folder: Path, data: bytes) -> None:
    assert import_keystore(folder, "certificat.pfx", data).path.name == "certificat.pfx.p12"


def test_the_same_file_is_not_copied_twice(folder: Path, data: bytes) -> None:
    first = import_keystore(folder, NAME, data).path
    again = import_keystore(folder, "SSIN=79031421872 20270101-000000.p12", data)
    assert (again.path, again.already) == (first, True)
    assert list(content(folder)) == [NAME]


def test_no_file_is_written_over(folder: Path, data: bytes, keystore_maker: KeystoreMaker) -> None:
    other = write_pkcs12(keystore_maker.prepared.contents, PASSWORD)
    import_keystore(folder, NAME, other)
    path = import_keystore(folder, NAME, data).path
    assert content(folder) == {NAME: other, path.name: data}
    earlier = parse_name(path.name)
    assert earlier.regular
    assert (earlier.moment, parse_name(NAME).moment) == (
        datetime(2026, 11, 24, 12, 59, 59),
        datetime(2026, 11, 24, 13),
    ), "programs take the last file, and that is no copy of elsewhere"


def test_a_name_that_is_taken_meanwhile_is_not_fought_over(
    folder: Path, data: bytes, keystore_maker: KeystoreMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write_pkcs12(keystore_maker.prepared.contents, PASSWORD)
    link = os.link
    intruders: Iterator[bytes] = iter([other])

    def raced(source: Any, target: Any, **more: Any) -> None:
        for intruder in intruders:
            Path(target).write_bytes(intruder)
        link(source, target, **more)

    monkeypatch.setattr(os, "link", raced)
    path = import_keystore(folder, NAME, data).path
    assert content(folder) == {NAME: other, path.name: data}
    assert path.name != NAME


@pytest.mark.parametrize("bad", [b"", b"text", b"\0" * 500, b"x" * (limits.SIZE + 1)])
def test_what_is_no_keystore_leaves_nothing_behind(folder: Path, bad: bytes) -> None:
    with pytest.raises(errors.KeystoreError):
        import_keystore(folder, NAME, bad)
    assert not folder.exists()


def test_a_copy_that_cannot_be_read_back_is_none(
    folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda self: data[:-1])
    with pytest.raises(errors.WriteFailed):
        import_keystore(folder, NAME, data)
    monkeypatch.undo()
    assert content(folder) == {}
