"""How the platform is put back to its beginning: which files it moves aside, and that nothing is lost on the way."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ehtoolkit import errors
from ehtoolkit.training import Scenario, TrainingPlatform
from ehtoolkit.training.authority.certificate_register import key_identifier
from ehtoolkit.training.keystores.keystore_factory import private_key
from ehtoolkit.training.reset import ASIDE_FOLDER
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase
from tests.training.conftest import keystore_with

if TYPE_CHECKING:
    from tests.training.conftest import Client

    MakeClient = Callable[..., Client]

Files = dict[Path, bytes]


def written(files: Files) -> Files:
    for path, data in files.items():
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
    return files


def below(folder: Path) -> Files:
    """Every file in a folder, without the database, which SQLite writes in several."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(DATABASE_FILE))
    return {path: path.read_bytes() for path in files}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def issued(client: MakeClient, training: TrainingPlatform, notes: Path) -> Files:
    """What the platform was asked for, or has signed."""
    person = client()
    person.deliver()
    person.register()
    key_id = training.certificates()[0].key_id
    folder = training.folder / "keystore"
    files = {
        folder / "SSIN=79031421872 20261124-101204.p12": keystore_with(person.key, person.encryption_key),
        folder / "archive" / "old.bak": keystore_with(person.key),
        training.folder / "thrown-away" / "SSIN=79031421872.p12": keystore_with(person.key, private_key(0)),
    }
    remembered = {folder / f"{key_id}.json": {"key_id": key_id} for folder in (notes, notes / "seen")}
    return written(files | {path: json.dumps(note).encode() for path, note in remembered.items()})


@pytest.fixture
def own(issued: Files, training: TrainingPlatform, notes: Path, keys: tuple[rsa.RSAPrivateKey, ...]) -> Files:
    """What a person has put there: each has to do with a certificate of this platform, or looks like it."""
    folder, key_id = training.folder / "keystore", training.certificates()[0].key_id
    foreign = keys[2]
    foreign_id = key_identifier(foreign.public_key())
    return written(
        {
            folder / "my lesson notes.md": f"The key was {key_id}.".encode(),
            folder / "lower case.txt": key_id.lower().encode(),
            folder / "bytes.bin": b"0\x82" + bytes.fromhex(key_id),
            folder / "with a key of elsewhere.p12": keystore_with(keys[0], foreign),
            folder / "shows no key.p12": keystore_with(keys[0], shown=False),
            folder / "elsewhere.p12": keystore_with(foreign),
            folder / "of the sample.p12": keystore_with(private_key(1)),
            folder / "cut off.p12": keystore_with(keys[0])[:-40],
            folder / f"{key_id}.txt": json.dumps({"key_id": key_id}).encode(),
            folder / "my words.json": json.dumps({"key_id": key_id}).encode(),
            training.folder / "trace" / "001-x-response.xml": f"<Key>{key_id}</Key>".encode(),
            notes / "other" / f"{key_id}.json": key_id.encode(),
            notes / "another" / f"{key_id}.json": json.dumps([key_id]).encode(),
            notes / "deep" / f"{key_id}.json": b"[" * 100_000,
            notes / f"{foreign_id}.json": json.dumps({"key_id": foreign_id}).encode(),
        }
    )


@pytest.mark.parametrize("how", ["reset", "start_afresh"])
def test_what_the_platform_issued_is_moved_aside_and_nothing_else(
    training: TrainingPlatform, issued: Files, own: Files, notes: Path, how: str
) -> None:
    training.switch(Scenario.SLOW, True)
    root = training.authorities.card_root
    cards = below(training.folder / "cards")
    assert cards
    done = training.reset(also=(notes,)) if how == "reset" else training.start_afresh("elise", also=(notes,))
    assert sorted(path.read_bytes() for path in done.files) == sorted(issued.values())
    assert {path.parent for path in done.files} == {done.folder}
    assert done.folder.parent == training.folder / ASIDE_FOLDER
    assert not any(path.exists() for path in issued)
    assert {path: path.read_bytes() for path in own} == own
    assert (done.certificates, training.certificates(), training.mails()) == (1, (), [])
    with closing(TrainingDatabase(done.folder / DATABASE_FILE)) as before, before.reading() as connection:
        assert connection.execute("SELECT count(*) FROM certificate").fetchone()[0] == 1
    assert training.authorities.card_root == root
    kept = training.folder if how == "start_afresh" else done.folder
    assert below(kept / "cards") == {kept / path.relative_to(training.folder): cards[path] for path in cards}


def test_a_reset_forgets_the_clock_and_the_cards(client: MakeClient, training: TrainingPlatform) -> None:
    key_id = client().request().key_id
    training.clock.move("+1y")
    assert training.reset().files == ()
    assert training.clock.offset == timedelta(0)
    assert not (training.folder / "cards").exists()
    assert client().request().key_id == key_id


@pytest.mark.parametrize("how", ["reset", "start_afresh"])
@pytest.mark.parametrize("obstacle", ["the database is busy", "a row that cannot go", "a file in the way"])
def test_one_that_fails_changes_nothing(
    training: TrainingPlatform, issued: Files, notes: Path, how: str, obstacle: str
) -> None:
    database, other = (
        training.database,
        sqlite3.connect(training.folder / DATABASE_FILE, isolation_level=None),
    )
    if obstacle == "the database is busy":
        with database.reading() as connection:
            connection.execute("PRAGMA busy_timeout = 50")
        other.execute("BEGIN IMMEDIATE")
    elif obstacle == "a row that cannot go":  # only found out after the files were moved
        other.execute("CREATE TRIGGER no BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'no'); END")
    else:
        (training.folder / ASIDE_FOLDER).write_bytes(b"")
    before, certificates = below(training.folder) | below(notes), training.certificates()
    reset: Callable[[], object] = (
        (lambda: training.reset(also=(notes,)))
        if how == "reset"
        else (lambda: training.start_afresh("elise", also=(notes,)))
    )
    with pytest.raises((errors.FileBusy, sqlite3.IntegrityError, errors.FileExists)):
        reset()
    other.close()
    assert below(training.folder) | below(notes) == before
    assert issued.items() <= before.items()
    assert training.certificates() == certificates
    assert not (training.folder / ASIDE_FOLDER).is_dir() or not list(
        (training.folder / ASIDE_FOLDER).iterdir()
    )


@pytest.mark.parametrize("kind", ["named", "given"])
def test_reset_refuses_when_real_keystores_lie_inside(
    kind: str, client: MakeClient, training: TrainingPlatform
) -> None:
    person = client()
    person.request()
    real = training.folder / ("ehealth/keystore" if kind == "named" else "mine")
    (keystore,) = written({real / "SSIN=79031421872 20261124-101204.p12": keystore_with(person.key)})
    with pytest.raises(errors.ResetRefused) as refused:
        training.reset(real_folders=(real,))
    assert refused.value.facts["path"] == str(real)
    assert keystore.exists()
    assert len(training.mails()) == 1


def test_reset_follows_no_link_and_opens_no_pipe(
    client: MakeClient, training: TrainingPlatform, tmp_path: Path
) -> None:
    person = client()
    person.request()
    (outside,) = written({tmp_path / "outside" / "a.p12": keystore_with(person.key)})
    (training.folder / "keystore").symlink_to(outside.parent)
    (training.folder / "linked.p12").symlink_to(outside)
    if hasattr(os, "mkfifo"):
        os.mkfifo(training.folder / "pipe.p12")
    assert training.reset().files == ()
    assert outside.exists()
    assert (training.folder / "linked.p12").is_symlink()
