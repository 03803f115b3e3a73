"""Keystores put away and renamed: whole at every moment, under one name or both; none is written over."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.moving import archive_keystore, archive_place, rename_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.system.locks import folder_lock

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

NAME = "SSIN=79031421872 20261124-130000.p12"
COPY = "SSIN=79031421872 20261124-130000 (1).p12"
CONTENT = b"what nobody may lose"
on_unix = pytest.mark.skipif(sys.platform == "win32", reason="links, users and signals as on Unix")

# Does one of both on a file, dies at its N-th call of the file system, if it makes so many.
DIES = """
import os, signal, sys
from pathlib import Path
from ehtoolkit.keystore.storage.moving import archive_keystore, rename_keystore
path, name, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
import filelock
touching = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.symlink", "os.listdir", "os.scandir"}
def count(event, arguments):
    global left
    if event in touching:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
archive_keystore(path) if name == "" else rename_keystore(path, name)
"""

RACES = """
import sys
from pathlib import Path
from ehtoolkit import errors
from ehtoolkit.keystore.storage.moving import archive_keystore
sys.stdin.readline()
try:
    archive_keystore(Path(sys.argv[1]))
    print("moved")
except errors.KeystoreError as error:
    print(error.key)
"""

# As somebody who may not write the folder, or the archive in it.
UNPRIVILEGED = """
import os, sys
from pathlib import Path
from ehtoolkit import errors
from ehtoolkit.keystore.storage.moving import archive_keystore, rename_keystore
import filelock
path = Path(sys.argv[1])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for work in (lambda: archive_keystore(path), lambda: rename_keystore(path, "other.p12")):
    try:
        work()
        print("moved")
    except errors.EhToolkitError as error:
        print(error.key, error.facts)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keystore" / NAME
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    path.chmod(0o640)
    return path


def test_it_is_moved_as_it_is(tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
    path = tmp_path / "keystore" / NAME
    KeystoreFile.create(path, keystore_maker.complete, password)
    before, status = path.read_bytes(), path.stat()
    place = archive_keystore(path)
    assert place == archive_place(path) == path.parent / "archive" / NAME
    assert not path.exists()
    assert find_keystores(path.parent) == ()
    assert place.read_bytes() == before
    assert (place.stat().st_mode, place.stat().st_mtime_ns) == (status.st_mode, status.st_mtime_ns)
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert open_keystore(place, password) == keystore_maker.complete
    place.rename(path)  # how it is undone
    assert open_keystore(path, password) == keystore_maker.complete


def test_nothing_in_the_archive_is_written_over(path: Path) -> None:
    place = archive_place(path)
    place.parent.mkdir()
    place.write_bytes(b"another one")
    with pytest.raises(errors.FileExists) as refusal:
        archive_keystore(path)
    assert refusal.value.facts == {"path": str(place)}
    assert (path.read_bytes(), place.read_bytes()) == (CONTENT, b"another one")


def test_the_same_content_in_the_archive_is_another_file_too(path: Path) -> None:
    archive_place(path).parent.mkdir()
    shutil.copy(path, archive_place(path))
    with pytest.raises(errors.FileExists):
        archive_keystore(path)
    assert path.exists()


def test_a_new_name(path: Path) -> None:
    copy = path.rename(path.with_name(COPY))
    assert rename_keystore(copy, NAME) == path
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [keystore.path for keystore in find_keystores(path.parent)] == [path]
    assert rename_keystore(path, NAME) == path
    assert path.read_bytes() == CONTENT


def test_a_name_that_is_taken(path: Path) -> None:
    copy = path.with_name(COPY)
    copy.write_bytes(b"the copy")
    with pytest.raises(errors.FileExists) as refusal:
        rename_keystore(copy, NAME)
    assert refusal.value.facts == {"path": str(path)}
    assert (path.read_bytes(), copy.read_bytes()) == (CONTENT, b"the copy")


def test_another_case(path: Path) -> None:
    shouting = path.rename(path.with_name(NAME.upper()))
    assert rename_keystore(shouting, NAME) == path
    assert [left.name for left in path.parent.iterdir() if not left.name.startswith(".")] == [NAME]
    assert path.read_bytes() == CONTENT


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.p12").mkdir()
    absent, folder = errors.KeystoreNotFound, errors.NotAKeystore
    for name, kind in (("missing.p12", absent), ("folder.p12", folder), ("missing/one.p12", absent)):
        with pytest.raises(kind) as refusal:
            archive_keystore(tmp_path / name)
        assert refusal.value.path == str(tmp_path / name)
        with pytest.raises(kind):
            rename_keystore(tmp_path / name, NAME)
    assert not (tmp_path / ARCHIVE).exists()


def test_a_file_where_the_archive_should_be(path: Path) -> None:
    (path.parent / ARCHIVE).write_bytes(b"")
    with pytest.raises(errors.FolderNotWritable):
        archive_keystore(path)
    assert path.read_bytes() == CONTENT


@on_unix
def test_a_link_leads_to_the_same_file(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "desktop" / NAME
    link.parent.mkdir()
    link.symlink_to("../keystore/" + NAME)
    place = archive_keystore(link)
    assert place.is_symlink()
    assert not link.is_symlink()
    assert place.read_bytes() == path.read_bytes() == CONTENT


@on_unix
@pytest.mark.parametrize("target", [".", "../keystore"])
def test_an_archive_that_is_the_folder_itself(path: Path, target: str) -> None:
    (path.parent / ARCHIVE).symlink_to(target)
    with pytest.raises(errors.FileExists):
        archive_keystore(path)
    assert path.read_bytes() == CONTENT


@on_unix
@pytest.mark.parametrize("has_another_name", [False, True])
def test_a_link_in_the_archive_back_to_the_file(path: Path, tmp_path: Path, has_another_name: bool) -> None:
    if has_another_name:
        (tmp_path / "elsewhere").hardlink_to(path)
    archive_place(path).parent.mkdir()
    archive_place(path).symlink_to(path)
    with pytest.raises(errors.FileExists):
        archive_keystore(path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("refused", [errno.EPERM, errno.ENOTSUP])
def test_a_disk_without_links(path: Path, refused: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FAT and some network drives are."""

    def hardlink_to(self: Path, target: Path) -> None:
        raise OSError(refused, os.strerror(refused))

    monkeypatch.setattr(Path, "hardlink_to", hardlink_to)
    place = archive_keystore(path)
    assert place.read_bytes() == CONTENT
    assert not path.exists()
    path.write_bytes(b"newer")
    with pytest.raises(errors.FileExists):
        archive_keystore(path)
    assert (path.read_bytes(), place.read_bytes()) == (b"newer", CONTENT)


def test_a_disk_without_links_that_refuses_to_move(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(errors.FolderNotWritable):
        archive_keystore(path)
    assert path.read_bytes() == CONTENT
    assert list(archive_place(path).parent.iterdir()) == []


def test_another_writer_is_waited_for(path: Path) -> None:
    moving = threading.Thread(target=archive_keystore, args=(path,))
    with folder_lock(path.parent):
        moving.start()
        time.sleep(0.3)
        assert path.read_bytes() == CONTENT
        assert not archive_place(path).exists()
    moving.join()
    assert archive_place(path).read_bytes() == CONTENT


@pytest.mark.faults
@on_unix
@pytest.mark.parametrize("name", ["", "SSIN=79031421872 20261124-130001.p12"], ids=["archive", "rename"])
def test_a_kill_at_every_call(path: Path, name: str) -> None:
    target = path.with_name(name) if name else archive_place(path)
    halfway = number = 0
    while True:
        number += 1
        command: list[str | Path] = [sys.executable, "-c", DIES, path, name, str(number)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        whole = [file for file in (path, target) if file.exists()]
        assert whole
        assert all(file.read_bytes() == CONTENT for file in whole)
        halfway += len(whole) == 2
        if not path.exists():
            target.rename(path)
        elif len(whole) == 2:
            assert (rename_keystore(path, name) if name else archive_keystore(path)) == target
            assert not path.exists()
            target.rename(path)
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
    assert number > 4
    assert halfway, "no kill came between the two names"
    print(
        f"{number - 1} kills of {'a new name' if name else 'an archiving'}, {halfway} halfway; nothing lost"
    )


def test_two_processes_on_one_file(path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RACES, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0].strip() for process in processes)
    assert said == ["keystore_not_found", "moved"]
    assert archive_place(path).read_bytes() == CONTENT


@on_unix
@pytest.mark.parametrize("locked", ["folder", "archive"])
def test_a_folder_that_may_not_be_written(locked: str) -> None:
    folder = Path(tempfile.mkdtemp())  # others may not enter pytest's
    path = folder / "keystore" / NAME
    try:
        (path.parent / ARCHIVE).mkdir(parents=True)
        folder.chmod(0o755)
        path.write_bytes(CONTENT)
        for place in (path.parent, path.parent / ARCHIVE):
            place.chmod(0o777)
        (path.parent if locked == "folder" else path.parent / ARCHIVE).chmod(0o555)
        output = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, path], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        if locked == "folder":
            assert output == [f"folder_not_writable {{'folder': '{path.parent}'}}"] * 2
        else:
            assert output == [f"folder_not_writable {{'folder': '{path.parent / ARCHIVE}'}}", "moved"]
        left = [file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")]
        assert [file.read_bytes() for file in left] == [CONTENT]
    finally:
        for place in (path.parent, path.parent / ARCHIVE):
            place.chmod(0o755)
        shutil.rmtree(folder)


@on_unix
def test_a_file_that_cannot_leave_its_folder_gets_no_second_name(path: Path) -> None:
    """The archive can be written and the folder cannot: what was put there is taken back."""
    if os.getuid() != 0:
        pytest.skip("only root may give files away")
    folder = Path(tempfile.mkdtemp())
    source = folder / "keystore" / NAME
    try:
        (source.parent / ARCHIVE).mkdir(parents=True)
        source.write_bytes(CONTENT)
        (source.parent / ".ehtoolkit.lock").touch()
        (source.parent / ".ehtoolkit.lock").chmod(0o666)
        source.chmod(0o666)
        (source.parent / ARCHIVE).chmod(0o777)
        for place in (folder, source.parent):
            place.chmod(0o755)
        output = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, source], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        assert output[0] == f"folder_not_writable {{'folder': '{source.parent}'}}"
        assert source.read_bytes() == CONTENT
        assert list((source.parent / ARCHIVE).iterdir()) == []
    finally:
        shutil.rmtree(folder)
