"""Keystores on disk: saved in one step or not at all, with a copy of what was there."""

from __future__ import annotations

import errno
import gc
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.contents import Key, Plain, attributes_of
from ehtoolkit.keystore.codec.derivation import Derivation, derive
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.protection import Encryption
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.backups import BACKUPS_KEPT, backups_of
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import require_new

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

NAME = "SSIN=79031421872 20261124-130000.p12"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ehealth" / "keystore" / NAME


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def failing(code: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    return fail


def flushing(folder: Path, happens: Callable[[], None]) -> Callable[[int], None]:
    """Return a disk on which something happens when ``folder`` is flushed."""
    flush, place = os.fsync, folder.stat()

    def fsync(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), place):
            happens()
        flush(descriptor)

    return fsync


class TestCreate:
    def test_a_new_file_and_its_folder(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        assert (file.path, file.keystore) == (path, keystore_maker.prepared)
        assert file.named.identifier is not None
        assert file.named.identifier.value == "79031421872"
        assert open_keystore(path, password) == keystore_maker.prepared
        assert visible(path.parent) == [NAME]
        assert mode(path) == 0o600
        assert mode(path.parent) == 0o700

    def test_an_existing_file_is_never_written_over(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"precious")
        with pytest.raises(errors.FileExists) as refusal:
            KeystoreFile.create(path, keystore_maker.prepared, password)
        assert refusal.value.facts == {"path": str(path)}
        assert path.read_bytes() == b"precious"
        assert visible(path.parent) == [NAME]

    def test_a_file_where_the_folder_should_be(
        self, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        (tmp_path / "ehealth").write_bytes(b"")
        for path in (tmp_path / "ehealth" / NAME, tmp_path / "ehealth" / "keystore" / NAME):
            with pytest.raises(errors.FolderNotWritable):
                KeystoreFile.create(path, keystore_maker.prepared, password)

    def test_names_that_no_system_takes(
        self, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        for path in (tmp_path / ("x" * 300), tmp_path / ("x" * 300) / NAME):
            with pytest.raises(errors.WriteFailed):
                KeystoreFile.create(path, keystore_maker.prepared, password)
            require_new(path)  # what follows says why it cannot be written

    def test_names_that_clash_write_nothing(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        contents = keystore_maker.complete.contents
        shouting = Key(Plain(contents.keys[0].pkcs8), attributes_of("AUTHENTICATION"))
        clashing = Keystore.of(replace(contents, keys=(*contents.keys, shouting)))
        with pytest.raises(errors.DuplicateAlias):
            KeystoreFile.create(path, clashing, password)
        assert not path.exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="no folders are flushed there")
    def test_a_disk_that_fails_at_the_end_leaves_no_file(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path.parent.mkdir(parents=True)
        monkeypatch.setattr(os, "fsync", flushing(path.parent, failing(errno.EIO)))
        with pytest.raises(errors.WriteFailed):
            KeystoreFile.create(path, keystore_maker.prepared, password)
        assert visible(path.parent) == []

    @pytest.mark.parametrize("code", [errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.ENOSYS])
    def test_a_file_system_that_flushes_no_folders(
        self,
        path: Path,
        keystore_maker: KeystoreMaker,
        password: Secret,
        monkeypatch: pytest.MonkeyPatch,
        code: int,
    ) -> None:
        path.parent.mkdir(parents=True)
        monkeypatch.setattr(os, "fsync", flushing(path.parent, failing(code)))
        KeystoreFile.create(path, keystore_maker.prepared, password).save(keystore_maker.installed)
        assert open_keystore(path, password) == keystore_maker.installed


class TestSave:
    def test_from_prepared_to_complete(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        for keystore in (keystore_maker.installed, keystore_maker.complete):
            before = path.read_bytes()
            backup = file.save(keystore)
            assert backup is not None
            assert backup.read_bytes() == before
            assert file.keystore == open_keystore(path, password) == keystore
        assert visible(path.parent) == [NAME, "backup"]
        first, second = reversed(backups_of(path))
        assert open_keystore(first, password) == keystore_maker.prepared
        assert open_keystore(second, password) == keystore_maker.installed
        assert not [each for each in path.parent.rglob("*") if each != path and each.name.endswith("p12")]

    @pytest.mark.parametrize("profile", list(EncryptionProfile))
    def test_what_is_opened_is_saved_in_its_profile(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret, profile: EncryptionProfile
    ) -> None:
        KeystoreFile.create(path, keystore_maker.prepared, password, profile)
        opened = KeystoreFile.open(path, password)
        opened.save(keystore_maker.installed)
        encryption = outline_pkcs12(path.read_bytes()).protection.encryptions[0]
        assert isinstance(encryption, Encryption)
        assert encryption.is_pbes2 == (profile is EncryptionProfile.MODERN)
        assert open_keystore(path, password) == keystore_maker.installed

    def test_no_initialisation_vector_is_used_twice(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        """With the profile `MODERN`; the vector of 3DES comes from the salt (`Sealing`)."""
        file = KeystoreFile.create(path, keystore_maker.complete, password, EncryptionProfile.MODERN)
        seen = set()
        for _ in range(3):
            for encryption in outline_pkcs12(path.read_bytes()).protection.encryptions:
                assert isinstance(encryption, Encryption)
                seen.add(encryption.iv)
            file.save(keystore_maker.complete)
        assert len(seen) == 9

    @pytest.mark.parametrize(
        ("profile", "expected"), [(EncryptionProfile.MODERN, 2), (EncryptionProfile.COMPATIBLE, 3)]
    )
    def test_saving_derives_no_key(
        self,
        path: Path,
        keystore_maker: KeystoreMaker,
        password: Secret,
        profile: EncryptionProfile,
        expected: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Opening derives one for what is encrypted and one for the MAC; 3DES has its vector derived, too."""
        derived: list[Derivation] = []

        def counted(derivation: Derivation, password_input: bytes) -> bytes:
            derived.append(derivation)
            return derive(derivation, password_input)

        file = KeystoreFile.create(path, keystore_maker.prepared, password, profile)
        monkeypatch.setattr("ehtoolkit.keystore.codec.derivation.derive", counted)
        for keystore in (keystore_maker.installed, keystore_maker.complete, keystore_maker.installed):
            file.save(keystore)
            assert derived == []
            open_keystore(path, password)
            assert len(derived) == expected
            derived.clear()

    def test_the_password_is_not_kept(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        reached: list[object] = [file]
        seen = set()
        while reached:
            value = reached.pop()
            if id(value) in seen or isinstance(value, type) or callable(value):
                continue
            seen.add(id(value))
            assert value != password.reveal()
            assert not (isinstance(value, bytes) and password.reveal().encode() in value)
            assert not isinstance(value, Secret)
            reached += gc.get_referents(value)

    def test_permissions_are_kept(self, path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        path.chmod(0o640)
        backup = file.save(keystore_maker.installed)
        assert backup is not None
        assert mode(path) == 0o640
        assert mode(backup) == 0o600

    def test_a_link_is_followed(
        self, tmp_path: Path, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        KeystoreFile.create(path, keystore_maker.prepared, password)
        link = tmp_path / "desktop" / "mine.p12"
        link.parent.mkdir()
        link.symlink_to(path)
        KeystoreFile.open(link, password).save(keystore_maker.installed)
        assert link.is_symlink()
        assert open_keystore(path, password) == keystore_maker.installed
        assert visible(link.parent) == ["mine.p12"]
        assert len(backups_of(path)) == 1

    def test_links_in_a_circle(self, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        (tmp_path / "a.p12").symlink_to("b.p12")
        (tmp_path / "b.p12").symlink_to("a.p12")
        with pytest.raises(errors.NotAKeystore) as refusal:
            KeystoreFile.open(tmp_path / "a.p12", password)
        assert refusal.value.facts["kind"] == "loop"
        with pytest.raises(errors.KeystoreError):
            KeystoreFile.create(tmp_path / "a.p12", keystore_maker.prepared, password)

    def test_what_another_program_wrote_meanwhile_is_not_written_over(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        mine, theirs = (
            KeystoreFile.create(path, keystore_maker.prepared, password),
            KeystoreFile.open(path, password),
        )
        theirs.save(keystore_maker.installed)
        with pytest.raises(errors.FileBusy) as refusal:
            mine.save(keystore_maker.complete)
        assert refusal.value.facts == {"path": str(path), "reason": "changed"}
        assert open_keystore(path, password) == keystore_maker.installed
        assert mine.keystore == keystore_maker.prepared

    def test_a_missing_file_is_written_again(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        path.unlink()
        assert file.save(keystore_maker.installed) is None
        assert open_keystore(path, password) == keystore_maker.installed

    @pytest.mark.skipif(sys.platform == "win32", reason="no folders are flushed there")
    def test_the_copy_stays_where_the_disk_fails_after_the_file_was_replaced(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        before = path.read_bytes()
        monkeypatch.setattr(os, "fsync", flushing(path.parent, failing(errno.EIO)))
        with pytest.raises(errors.WriteFailed):
            file.save(keystore_maker.installed)
        assert [copy.read_bytes() for copy in backups_of(path)] == [before]

    @pytest.mark.skipif(sys.platform == "win32", reason="no folders are flushed there")
    def test_the_copy_stays_where_another_program_deletes_the_file_meanwhile(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As a Java client does before it writes a new one."""
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        before = path.read_bytes()
        (path.parent / "backup").mkdir()
        monkeypatch.setattr(os, "fsync", flushing(path.parent / "backup", path.unlink))
        with pytest.raises(errors.WriteFailed):
            file.save(keystore_maker.installed)
        assert not path.exists()
        assert [copy.read_bytes() for copy in backups_of(path)] == [before]

    def test_only_the_last_copies_are_kept(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        others = [
            path.parent / "backup" / "other.p12.20200101T000000Z.bak",
            path.parent / "backup" / f"{NAME}.old",
            path.parent / "backup" / f"{NAME}.20200101T000000Z.bak.txt",
        ]
        (path.parent / "backup").mkdir()
        for other in others:
            other.touch()
        for number in range(BACKUPS_KEPT + 3):
            file.save(keystore_maker.installed if number % 2 else keystore_maker.complete)
        assert len(backups_of(path)) == BACKUPS_KEPT
        assert all(other.exists() for other in others)
        newest = backups_of(path)[0]
        assert open_keystore(newest, password) == keystore_maker.complete

    def test_what_a_killed_process_left_is_swept(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        file = KeystoreFile.create(path, keystore_maker.prepared, password)
        left = path.parent / ".ehtoolkit-0123456789abcdef.tmp"
        left.write_bytes(b"half")
        mine = path.parent / "notes.tmp"
        mine.write_bytes(b"not ours")
        file.save(keystore_maker.installed)
        assert not left.exists()
        assert mine.exists()

    def test_a_file_of_the_official_program(
        self, data_folder: Path, tmp_path: Path, keystore_maker: KeystoreMaker
    ) -> None:
        source = data_folder / "keystores" / "connector_rsa-3-etk.p12"
        path = tmp_path / NAME
        path.write_bytes(source.read_bytes())
        password = Secret("s3cret-pw")
        file = KeystoreFile.open(path, password)
        before = file.keystore
        added = before.with_encryption(
            keystore_maker.keys["encryption"], keystore_maker.encryption_certificate()
        )
        file.save(added)
        after = open_keystore(path, password)
        assert after == added
        assert after.contents.keys[:-1] == before.contents.keys
        assert after.contents.certificates[:-1] == before.contents.certificates
        encryptions = outline_pkcs12(path.read_bytes()).protection.encryptions
        assert {encryption.cipher for encryption in encryptions if isinstance(encryption, Encryption)} == {
            "des-ede3-cbc"
        }


class TestOpen:
    def test_what_is_not_there(self, path: Path, password: Secret) -> None:
        with pytest.raises(errors.KeystoreNotFound) as refusal:
            open_keystore(path, password)
        assert refusal.value.facts == {"path": str(path)}

    @pytest.mark.skipif(sys.platform == "win32", reason="no pipes with names there")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path, password: Secret) -> None:
        os.mkfifo(tmp_path / "pipe.p12")
        with pytest.raises(errors.NotAKeystore) as refusal:
            KeystoreFile.open(tmp_path / "pipe.p12", password)
        assert refusal.value.facts["kind"] == "special"

    def test_a_folder(self, tmp_path: Path, password: Secret) -> None:
        with pytest.raises(errors.NotAKeystore) as refusal:
            open_keystore(tmp_path, password)
        assert refusal.value.facts == {"kind": "folder", "path": str(tmp_path)}

    def test_a_huge_file_is_not_read(self, tmp_path: Path, password: Secret) -> None:
        path = tmp_path / "huge.p12"
        with path.open("wb") as file:
            file.write(b"\x30\x84\x7f\xff\xff\xff\x02\x01\x03")
            file.truncate(1 << 40)
        with pytest.raises(errors.LimitExceeded) as refusal:
            open_keystore(path, password)
        assert refusal.value.facts["reason"] == "size"

    def test_damage_names_the_file(self, path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        KeystoreFile.create(path, keystore_maker.prepared, password)
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(errors.KeystoreDamaged) as damage:
            KeystoreFile.open(path, password)
        assert damage.value.facts == {"reason": "truncated", "path": str(path)}

    def test_the_state_survives_the_disk(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        KeystoreFile.create(path, keystore_maker.complete, password)
        read = open_keystore(path, password)
        assert read.state(keystore_maker.start + timedelta(days=1)) == "complete"
        assert read_pkcs12(path.read_bytes(), password) == keystore_maker.complete.contents
