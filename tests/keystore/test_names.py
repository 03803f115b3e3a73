"""File names, made and read; and the rules of the neighbours in the keystore folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS
from ehtoolkit.keystore.storage.filenames import KeystoreName, keystore_name, parse_name
from ehtoolkit.keystore.storage.holder_keystores import find_keystores, keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

PERSON = Identifier("SSIN", "79031421872")
PHARMACY = Identifier("NIHII-OTD_PHARMACY", "12345678")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_brussels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Brussels")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_names_have_belgian_time_wherever_the_computer_is(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """As pages and receipts say it: a server runs in another zone than its users."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert keystore_name(PERSON, None, NOON, Environment.TRAINING) == "SSIN=79031421872 20261124-130000.p12"
    assert Translator("en").moment(NOON).endswith("13:00")


def test_names_are_made_as_the_official_program_makes_them() -> None:
    assert keystore_name(PERSON, None, NOON, Environment.PRODUCTION) == "SSIN=79031421872 20261124-130000.p12"
    assert keystore_name(PERSON, None, NOON, Environment.TRAINING) == "SSIN=79031421872 20261124-130000.p12"
    assert (
        keystore_name(PHARMACY, "MY_APP-2", NOON, Environment.ACCEPTANCE)
        == "NIHII-OTD_PHARMACY=12345678,MY_APP-2 20261124-130000.acc-p12"
    )


@given(
    kind=st.sampled_from(sorted(IDENTIFIER_LENGTHS)),
    application_id=st.none() | st.from_regex(r"\A[0-9A-Z_-]{1,30}\Z"),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
        lambda each: each.replace(microsecond=0)
    ),
    environment=st.sampled_from(list(Environment)),
    blank=st.sampled_from(" _"),
)
def test_names_are_read_as_they_were_made(
    kind: str, application_id: str | None, moment: datetime, environment: Environment, blank: str
) -> None:
    identifier = Identifier(kind, "1234567890123"[: IDENTIFIER_LENGTHS[kind]])
    local = moment.astimezone().replace(tzinfo=None)
    name = keystore_name(identifier, application_id, moment, environment)
    read = parse_name(name.replace(" ", blank))
    assert (read.identifier, read.application_id, read.moment) == (identifier, application_id, local)
    assert read.regular
    assert read.environment is (Environment.ACCEPTANCE if environment is Environment.ACCEPTANCE else None)


NOTHING = KeystoreName(None, None, None, ".p12", regular=False)
MOMENT = datetime(2026, 11, 24, 13, 0)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (
            "SSIN=79031421872 20261124-130000 (1).p12",
            KeystoreName(PERSON, None, MOMENT, ".p12", regular=False),
        ),
        (
            "SSIN=79031421872 20261124-130000 - Copy.p12",
            KeystoreName(PERSON, None, MOMENT, ".p12", regular=False),
        ),
        ("SSIN=79031421872.p12", KeystoreName(PERSON, None, None, ".p12", regular=False)),
        (
            "old SSIN=79031421872_20261124-130000.P12",
            KeystoreName(PERSON, None, MOMENT, ".p12", regular=False),
        ),
        ("SSIN=79031421872 20261399-130000.p12", KeystoreName(PERSON, None, None, ".p12", regular=False)),
        ("79031421872.acc-p12", KeystoreName(PERSON, None, None, ".acc-p12", regular=False)),
        ("79031421873.p12", NOTHING),  # not the number of a person
        ("SSIN=123 20261124-130000.int-p12", KeystoreName(None, None, MOMENT, ".int-p12", regular=False)),
        ("WHAT=79031421872.p12", NOTHING),
        ("my keystore.p12", NOTHING),
        (".p12", NOTHING),
        ("", KeystoreName(None, None, None, "", regular=False)),
        ("SSIN=79031421872 20261124-130000", KeystoreName(PERSON, None, MOMENT, "", regular=False)),
    ],
)
def test_odd_names_give_what_is_in_them(name: str, read: KeystoreName) -> None:
    assert parse_name(name) == read


@given(st.text())
def test_any_name_can_be_asked(name: str) -> None:
    assert parse_name(name).regular is False or "=" in name


class TestFolder:
    def test_newest_first_and_nothing_else(self, tmp_path: Path) -> None:
        for name in (
            "SSIN=79031421872 20250101-080000.p12",
            "SSIN=79031421872_20260101-080000.acc-p12",
            "SSIN=79031421872 20260101-075959.p12",
            "any.P12",
            "SSIN=79031421872 20260102-080000.p12.bak",
            ".SSIN=79031421872 20260102-080000.p12",
            "notes.txt",
        ):
            (tmp_path / name).touch()
        os.utime(tmp_path / "any.P12", (0, 0))
        (tmp_path / "folder.p12").mkdir()
        assert [found.path.name for found in find_keystores(tmp_path)] == [
            "SSIN=79031421872_20260101-080000.acc-p12",
            "SSIN=79031421872 20260101-075959.p12",
            "SSIN=79031421872 20250101-080000.p12",
            "any.P12",
        ]
        assert find_keystores(tmp_path / "nowhere") == ()
        with pytest.raises(errors.FileUnreadable):
            find_keystores(tmp_path / "any.P12")

    def test_one_file_that_cannot_be_looked_at_hides_no_other(self, tmp_path: Path) -> None:
        (tmp_path / "SSIN=79031421872 20250101-080000.p12").touch()
        (tmp_path / "SSIN=79031421872 20260101-080000.p12").symlink_to("x" * 300)
        (tmp_path / "mine.p12").symlink_to("x" * 300)
        (tmp_path / "old.p12").touch()
        os.utime(tmp_path / "old.p12", (1e12, 1e12))  # the year 33658
        found = find_keystores(tmp_path)
        assert {file.path for file in found} == set(tmp_path.iterdir())
        assert [file.look() for file in found] == [None] * 4

    @pytest.mark.parametrize("stamp", ["99991231-235959", "00010101-000000"])
    def test_a_time_of_no_keystore_does_not_count(self, tmp_path: Path, stamp: str) -> None:
        (tmp_path / f"SSIN=79031421872 {stamp}.p12").touch()
        (found,) = find_keystores(tmp_path)
        assert (found.name.moment, found.name.regular) == (None, False)
        assert found.identifier is not None
        path = keystore_path(tmp_path, found.identifier, None, NOON, Environment.TRAINING)
        assert path.name == "SSIN=79031421872 20261124-130000.p12"

    def test_key_identifiers_without_a_password(
        self, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        KeystoreFile.create(tmp_path / "a.p12", keystore_maker.complete, password)
        (tmp_path / "b.p12").write_bytes(b"junk")
        by_name = {found.path.name: found for found in find_keystores(tmp_path)}
        key_ids = [key.key_id for key in by_name["a.p12"].keys]
        assert key_ids[0] == keystore_maker.complete.key_id
        assert len(key_ids) == 2
        assert by_name["b.p12"].keys == ()
        (tmp_path / "b.p12").unlink()
        assert by_name["b.p12"].keys == ()

    def test_a_new_file_is_later_than_any_of_the_same_number(self, tmp_path: Path) -> None:
        def new(moment: datetime, identifier: Identifier = PERSON) -> str:
            return keystore_path(tmp_path, identifier, None, moment, Environment.PRODUCTION).name

        assert new(NOON) == "SSIN=79031421872 20261124-130000.p12"
        (tmp_path / "SSIN=79031421872_20261124-130000.acc-p12").touch()
        assert new(NOON) == "SSIN=79031421872 20261124-130001.p12"
        assert new(NOON + timedelta(days=1)) == "SSIN=79031421872 20261125-130000.p12"
        (tmp_path / "SSIN=79031421872 20991231-235959 (1).p12").touch()
        assert new(NOON) == "SSIN=79031421872 21000101-000000.p12"
        assert new(NOON, PHARMACY) == "NIHII-OTD_PHARMACY=12345678 20261124-130000.p12"

    def test_the_second_hour_of_a_night_in_october_comes_after_the_first(self, tmp_path: Path) -> None:
        first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, summer time
        second = first + timedelta(minutes=40)  # 02:10, winter time
        names = []
        for moment in (first, second):
            path = keystore_path(tmp_path, PERSON, None, moment, Environment.PRODUCTION)
            path.touch()
            names.append(path.name)
        assert names == sorted(names)
        assert len(set(names)) == 2


class TestNeighbours:
    """Programs that read the same folder, as their sources say."""

    def prescription_module(self, folder: Path, number: str) -> list[datetime]:
        """Takes every file with the number and an ending, and parses the last part of its name."""
        times = []
        for path in folder.iterdir():
            if number in path.name and path.name.endswith((".p12", ".acc-p12", ".int-p12")):
                last = path.name.replace("_", " ").split(" ")[-1]
                times.append(datetime.strptime(last.partition(".")[0], "%Y%m%d-%H%M%S"))
        return times

    def dotnet_client(self, folder: Path, number: str) -> str:
        """Takes the last in sorting order."""
        return sorted(path.name for path in folder.glob(f"SSIN={number}*p12"))[-1]

    def test_saving_leaves_them_one_file(
        self, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        path = keystore_path(tmp_path, PERSON, None, NOON, Environment.PRODUCTION)
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        file.save(keystore_maker.installed)
        file.save(keystore_maker.complete)
        assert self.prescription_module(tmp_path, PERSON.value) == [MOMENT]
        assert self.dotnet_client(tmp_path, PERSON.value) == path.name

    def test_a_renewed_file_is_the_one_that_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "SSIN=79031421872 20300101-000000.p12").touch()
        renewed = keystore_path(tmp_path, PERSON, None, NOON, Environment.PRODUCTION)
        renewed.touch()
        assert self.dotnet_client(tmp_path, PERSON.value) == renewed.name
