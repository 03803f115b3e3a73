"""Locks between processes and between pages of one process."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.records import actor_lock
from ehtoolkit.secret import Secret
from ehtoolkit.system.locks import folder_lock

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

PERSON = Identifier("SSIN", "79031421872")

HOLD = """
import sys
from pathlib import Path
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.storage.records import actor_lock
from ehtoolkit.system.locks import folder_lock
folder = Path(sys.argv[2])
lock = folder_lock(folder) if sys.argv[1] == "folder" else actor_lock(
    folder, Environment.TRAINING, Identifier("SSIN", "79031421872"))
with lock:
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(what: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, what, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def test_one_request_for_a_holder(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    with held_elsewhere("actor", folder):
        with pytest.raises(errors.RequestRunning), actor_lock(folder, Environment.TRAINING, PERSON):
            pass
        with actor_lock(folder, Environment.ACCEPTANCE, PERSON):
            pass
        with actor_lock(folder, Environment.TRAINING, PERSON, "APP"):
            pass
        with actor_lock(folder, Environment.TRAINING, Identifier("CBE", "0486132722")):
            pass
    with actor_lock(folder, Environment.TRAINING, PERSON):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    with held_elsewhere("actor", tmp_path) as process:
        process.kill()
        process.wait()
        with actor_lock(tmp_path, Environment.TRAINING, PERSON):
            pass


def test_two_pages_of_one_process(tmp_path: Path) -> None:
    outcome: list[str] = []

    def other_page() -> None:
        try:
            with actor_lock(tmp_path, Environment.TRAINING, PERSON):
                outcome.append("got it")
        except errors.RequestRunning:
            outcome.append("refused")

    with actor_lock(tmp_path, Environment.TRAINING, PERSON):
        thread = threading.Thread(target=other_page)
        thread.start()
        thread.join()
    other_page()
    assert outcome == ["refused", "got it"]


def test_an_error_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), actor_lock(tmp_path, Environment.TRAINING, PERSON):
        raise ZeroDivisionError
    with actor_lock(tmp_path, Environment.TRAINING, PERSON):
        pass


def test_a_writer_waits_and_then_says_who_is_in_the_way(tmp_path: Path) -> None:
    with (
        held_elsewhere("folder", tmp_path),
        pytest.raises(errors.FileBusy) as refusal,
        folder_lock(tmp_path, patience=0.1),
    ):
        pass
    assert refusal.value.facts == {"path": str(tmp_path), "reason": "folder"}
    texts = Translator("en")
    assert f"folder {tmp_path}" in texts.error(refusal.value)
    assert "file" not in texts.error(refusal.value) + texts.next_step(refusal.value)


def test_a_writer_goes_on_when_the_other_is_done(
    tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    path = tmp_path / "a.p12"
    with held_elsewhere("folder", tmp_path) as process:
        assert process.stdin is not None
        threading.Timer(0.3, process.stdin.close).start()
        KeystoreFile.create(path, keystore_maker.prepared, password)
    assert open_keystore(path, password) == keystore_maker.prepared


@pytest.mark.skipif(os.name != "posix", reason="rights of folders")
def test_a_folder_that_vanished_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with folder_lock(tmp_path / "keystores" / "2026"):
            pass
        with actor_lock(tmp_path / "locks", Environment.TRAINING, PERSON):
            pass
    finally:
        os.umask(before)
    for name in ("keystores", "keystores/2026", "locks"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [(_link, "link"), (Path.mkdir, "folder"), (os.mkfifo, "special")],
    ids=["link", "folder", "special"],
)
def test_what_has_the_name_of_a_lock_is_named(
    keystore_maker: KeystoreMaker, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "a.p12"
    KeystoreFile.create(path, keystore_maker.complete, Secret("Kine-2026"))
    before = path.read_bytes()
    lock = tmp_path / ".ehtoolkit.lock"
    lock.unlink()
    make(lock)
    with pytest.raises(errors.LockUnusable) as refusal:
        change_password(path, Secret("Kine-2026"), Secret("Praxis-2027"))
    assert refusal.value.facts == {"path": str(lock), "reason": reason}
    assert path.read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()
    for language in LANGUAGES:
        assert str(lock) in Translator(language).error(refusal.value)
