"""A registry that cannot be used: each cause has a sentence of its own, and the file stays as it is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.settings import LanguageName, load_settings

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry with somebody in it."""
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    with open_registry(load_settings()) as registry:
        registry.add(Provider("De Smet"))
    (tmp_path / "keystores").mkdir()
    return load_settings().provider_file


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE ehtoolkit_version SET version_num = '9999'")


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE patient (name)")


def no_database(path: Path) -> None:
    path.write_bytes(b"Dear colleague, " * 512)


def corrupt(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT"


def endless_view(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        columns = ", ".join(row[1] for row in other.execute("PRAGMA table_info(provider)"))
        empty = ", ".join(f"'' AS {column}" for column in columns.split(", "))
        other.execute("ALTER TABLE provider RENAME TO kept")
        other.execute(f"CREATE VIEW provider AS SELECT {empty} FROM ({ENDLESS} count(*) FROM n)")  # noqa: S608


def trigger(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        loop = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
        body = f"SELECT (SELECT count(*) FROM ({loop} SELECT x FROM n));"  # noqa: S608
        other.execute(f"CREATE TRIGGER slow BEFORE INSERT ON provider BEGIN {body} END")


def forged_view(path: Path) -> None:
    """A view that says of itself that it is a table."""
    endless_view(path)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("PRAGMA writable_schema = ON")
        other.execute("UPDATE sqlite_master SET type = 'table' WHERE name = 'provider'")


def virtual_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE VIRTUAL TABLE more USING fts5(content)")


FAULTS: dict[Callable[[Path], None], str] = {
    newer: "registry_newer",
    foreign: "registry_damaged",
    no_database: "registry_damaged",
    corrupt: "registry_damaged",
    truncated: "registry_damaged",
    endless_view: "registry_damaged",
    trigger: "registry_damaged",
    forged_view: "registry_damaged",
    virtual_table: "registry_damaged",
}


@pytest.mark.parametrize("command", ["list", "audit", "export", "add"])
@pytest.mark.parametrize("damage", FAULTS, ids=lambda function: function.__name__)
def test_an_unusable_registry_is_reported_and_not_changed(
    damage: Callable[[Path], None], command: str, file: Path, tmp_path: Path, call: Call
) -> None:
    damage(file)
    before = file.read_bytes()
    arguments = {
        "list": ("provider", "list"),
        "audit": ("audit", tmp_path / "keystores", "--environment", "training"),
        "export": ("provider", "export"),
        "add": ("provider", "add", "--name", "Peeters"),
    }[command]
    code, answer = call(*arguments)
    assert (code, answer["error"]) == (6, FAULTS[damage])
    assert str(file) in answer["message"]
    assert answer["next"]
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", [("archive", "--file"), ("rename",)], ids=" ".join)
def test_a_keystore_is_not_moved_if_its_record_cannot_follow(
    command: tuple[str, ...], file: Path, data_folder: Path, tmp_path: Path, call: Call
) -> None:
    keystore = tmp_path / "keystores" / "certificat.p12"
    shutil.copy(data_folder / "keystores" / "bc_complete.p12", keystore)
    shutil.copy(keystore, keystore.with_name("NIHII=10000007,APPLICATION 20261124-130000.p12"))
    newer(file)
    (tmp_path / "password").write_text("Test-Pass1", encoding="utf-8")
    code, answer = call("keystore", *command, keystore, "--password-file", tmp_path / "password")
    assert (code, answer["error"]) == (6, "registry_newer")
    assert keystore.exists()
    assert len(list(keystore.parent.glob("*.p12"))) == 2


def test_once_it_is_put_right_everything_is_there(file: Path, tmp_path: Path, call: Call) -> None:
    good = shutil.copy(file, tmp_path / "copy.db")
    corrupt(file)
    assert call("provider", "list")[0] == 6
    shutil.copy(good, file)
    assert [provider["name"] for provider in call("provider", "list")[1]["providers"]] == ["De Smet"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_cause_has_a_sentence_and_a_step_of_its_own(language: LanguageName) -> None:
    texts = Translator(language)
    found = [
        errors.RegistryBusy(place="r.db"),
        errors.RegistryReadOnly(place="r.db"),
        errors.RegistryNewer(place="r.db", version="9"),
        errors.RegistryDamaged(place="r.db"),
        errors.RegistryDamaged(place="r.db", reason="foreign"),
        errors.SampleRefused(place="r.db"),
        errors.DiskFull(folder="r.db"),
    ]
    sentences = [texts.error(error) for error in found]
    assert len(set(sentences)) == len(found)
    assert len({texts.next_step(error) for error in found}) >= len(found) - 1
    assert all("r.db" in sentence for sentence in sentences)


def test_an_audit_names_a_record_that_cannot_be_read_and_goes_on(
    file: Path, tmp_path: Path, call: Call
) -> None:
    with open_registry(load_settings()) as registry:
        registry.add(Provider("Peeters"))
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE provider SET birth_date = 'rubbish', name = x'00ff' WHERE id = 1")
    code, answer = call("audit", tmp_path / "keystores", "--environment", "training")
    assert code == 1
    found = [finding for finding in answer["findings"] if finding["key"] == "record_unreadable"]
    assert [(finding["provider"], finding["severity"]) for finding in found] == [(1, "error")]
    assert "birth_date, name" in found[0]["message"] or "name, birth_date" in found[0]["message"]
    assert sorted(provider["provider"] for provider in answer["providers"]) == [1, 2]
    for command in (("provider", "list"), ("provider", "show", "#1"), ("provider", "export")):
        assert call(*command)[0] in (0, 1)
