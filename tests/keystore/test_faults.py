"""Full disks and folders that may not be written: the old file or the new one always opens."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore, verify_contents
from ehtoolkit.secret import Secret

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="signals, tmpfs and users as on Linux"),
]

NAME = "SSIN=79031421872 20261124-130000.p12"

# Works on the file as somebody who may not write its folder, and prints the key of the error.
UNPRIVILEGED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from ehtoolkit import errors
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.guessable_passwords import guess_of
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.backups import delete_backup
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import RequestRecord, write_request_record
from ehtoolkit.secret import Secret
path, password = Path(sys.argv[1]), Secret(sys.argv[2])
file = KeystoreFile.open(path, password)
note = RequestRecord(file.keystore.key_id, "C=BE", Environment.TRAINING, datetime.now(UTC))
backup = file.save(file.keystore)  # all modules are loaded while they may still be read
write_request_record(path.parent / "notes", note)
guess_of(password)  # reads its list
closed = path.parent / "closed"
closed.mkdir(mode=0o600)
path.parent.chmod(0o555)
backup.parent.chmod(0o555)
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for work in (
    lambda: file.save(file.keystore),
    lambda: KeystoreFile.create(path.with_name("new.p12"), file.keystore, password),
    lambda: KeystoreFile.create(path.parent / "sub" / "new.p12", file.keystore, password),
    lambda: KeystoreFile.create(closed / "new.p12", file.keystore, password),
    lambda: write_request_record(closed, note),
    lambda: change_password(path, password, Secret("Nieuw-2027!")),
    lambda: delete_backup(backup),
    lambda: delete_backup(closed / "backup" / backup.name),
):
    try:
        work()
        print("written")
    except errors.EhToolkitError as error:
        print(error.key, error.facts)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root may mount a small file system")
    command: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small file system here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, free_pages: int) -> None:
    """Leave room for ``free_pages`` pages of 4 kB."""
    filler = folder / "filler"
    filler.touch()
    with pytest.raises(OSError, match="No space left"):
        write_for_ever(filler)
    os.truncate(filler, filler.stat().st_size // 4096 * 4096 - free_pages * 4096)


def write_for_ever(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("free_pages", [0, 1, 2])
def test_a_full_disk(
    small_disk: Path, free_pages: int, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    """The copy takes a page and the new file two: at each place where the room ends, nothing is lost."""
    path = small_disk / "keystore" / NAME
    file = KeystoreFile.create(path, keystore_maker.prepared, password)
    before = path.read_bytes()
    fill(small_disk, free_pages)
    with pytest.raises(errors.DiskFull) as refusal:
        file.save(keystore_maker.complete)
    assert str(refusal.value.facts["folder"]).startswith(str(path.parent))
    assert path.read_bytes() == before
    assert file.keystore == keystore_maker.prepared
    assert not list(path.parent.rglob("*.tmp"))
    assert backups_of(path) == ()
    (small_disk / "filler").unlink()
    file.save(keystore_maker.complete)
    assert open_keystore(path, password) == keystore_maker.complete


@pytest.mark.parametrize("free_pages", [0, 1, 2, 3])
def test_a_full_disk_while_the_password_changes(
    small_disk: Path, free_pages: int, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    path, new = small_disk / "keystore" / NAME, Secret("Nieuw-2027!")
    KeystoreFile.create(path, keystore_maker.complete, password)
    before = path.read_bytes()
    fill(small_disk, free_pages)
    with pytest.raises(errors.DiskFull):
        change_password(path, password, new)
    assert path.read_bytes() == before
    assert not list(path.parent.rglob("*.tmp"))
    assert backups_of(path) == ()
    (small_disk / "filler").unlink()
    backup = change_password(path, password, new).backup
    assert open_keystore(path, new) == open_keystore(backup, password) == keystore_maker.complete


def test_no_room_for_a_new_file(small_disk: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
    path = small_disk / "keystore" / NAME
    fill(small_disk, free_pages=1)
    with pytest.raises(errors.DiskFull):
        KeystoreFile.create(path, keystore_maker.complete, password)
    assert not list(small_disk.rglob("*p12*"))
    assert not list(small_disk.rglob("*.tmp"))


def test_a_folder_that_may_not_be_written(keystore_maker: KeystoreMaker, password: Secret) -> None:
    folder = Path(tempfile.mkdtemp())  # others may not enter pytest's
    try:
        path = folder / "keystore" / NAME
        KeystoreFile.create(path, keystore_maker.complete, password)
        folder.chmod(0o755)
        path.chmod(0o444)
        output = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, path, password.reveal()],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        refused = f"folder_not_writable {{'folder': '{path.parent}'}}"
        about_backup = f"folder_not_writable {{'folder': '{path.parent / 'backup'}'}}"
        about_file = f"folder_not_writable {{'folder': '{path.parent}', 'path': '{path}'}}"
        about_closed = f"folder_not_writable {{'folder': '{path.parent / 'closed'}'}}"
        about_hidden = f"folder_not_writable {{'folder': '{path.parent / 'closed' / 'backup'}'}}"
        refusals = [refused, refused, refused, about_closed, about_closed, about_file, about_backup]
        assert output.splitlines() == [*refusals, about_hidden]
        assert open_keystore(path, password) == keystore_maker.complete
    finally:
        (folder / "keystore").chmod(0o755)
        (folder / "keystore" / "backup").chmod(0o755)
        (folder / "keystore" / "closed").chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("code", "error"), [(errno.EIO, errors.WriteFailed), (errno.ENOSPC, errors.DiskFull)]
)
def test_a_disk_that_fails_once_the_new_file_has_its_place(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keystore_maker: KeystoreMaker,
    password: Secret,
    code: int,
    error: type[errors.KeystoreError],
) -> None:
    """The old file is back, as the error says, and what was meant can be done again. The copy stays, too: a disk that
    fails is not believed."""
    path, new = tmp_path / NAME, Secret("Nieuw-2027!")
    file = KeystoreFile.create(path, keystore_maker.installed, password)
    path.chmod(0o640)
    before, flush = path.read_bytes(), os.fsync

    def failing(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), tmp_path.stat()):
            raise OSError(code, os.strerror(code))
        flush(descriptor)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", failing)
        with pytest.raises(error):
            file.save(keystore_maker.complete)
        with pytest.raises(error):
            change_password(path, password, new)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert file.keystore == keystore_maker.installed
    assert {copy.read_bytes() for copy in backups_of(path)} == {before}
    file.save(keystore_maker.complete)
    assert open_keystore(path, password) == keystore_maker.complete


def test_a_drive_that_does_not_list_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    """What killed processes left there stays; a keystore is written all the same."""

    def failing(path: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    with monkeypatch.context() as disk:
        disk.setattr(os, "scandir", failing)
        disk.setattr(os, "listdir", failing)
        KeystoreFile.create(tmp_path / NAME, keystore_maker.installed, password).save(keystore_maker.complete)
    assert open_keystore(tmp_path / NAME, password) == keystore_maker.complete


def test_a_write_that_does_not_read_back_is_given_up(
    tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    """A disk that loses data, played by a check that is given other octets than those written."""
    path = tmp_path / NAME
    KeystoreFile.create(path, keystore_maker.prepared, password)
    before = path.read_bytes()
    check = verify_contents(path, keystore_maker.installed.contents, DerivedKeyCache(password))
    for lost in (before, before[:-1], b"", bytes(len(before))):
        with pytest.raises(errors.WriteFailed) as refusal:
            check(lost)
        assert refusal.value.facts == {"path": str(path)}
    assert path.read_bytes() == before
