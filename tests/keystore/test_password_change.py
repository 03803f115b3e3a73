"""A change of password: everything stays but the password, and the old file until the new one is proven."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    Pkcs12Contents,
    Plain,
    attributes_of,
    with_alias,
)
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.protection import Encryption, Mac
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.key_pairs import key_id_of_pkcs8
from ehtoolkit.keystore.repair.key_names import with_sound_ids
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage import backups
from ehtoolkit.keystore.storage.backups import backups_of, delete_backup
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, read_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.system.locks import folder_lock
from tests.keystore.conftest import Sample
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

NAME = "SSIN=79031421872 20261124-130000.p12"
NEW = Secret("Nieuw-2027!")
OTHER = Secret("Anders-2027")
Named = TypeVar("Named", Key, CertificateBag)

# Changes the password of a file, back and forth, as long as it is told; prints what came of each.
CHANGER = """
import sys
from pathlib import Path
from ehtoolkit import errors
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.secret import Secret
path, first, second = Path(sys.argv[1]), Secret(sys.argv[2]), Secret(sys.argv[3])
print("go", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[4])):
    try:
        change_password(path, first, second)
        print("changed", flush=True)
    except errors.KeystoreError as error:
        print(error.key, flush=True)
    first, second = second, first
"""


@pytest.fixture
def path(tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret) -> Path:
    path = tmp_path / "keystore" / NAME
    KeystoreFile.create(path, keystore_maker.complete, password)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_password_opens_it_and_the_old_one_the_copy(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    before = path.read_bytes()
    changed = change_password(path, password, NEW)
    assert changed.path == path
    assert changed.backup == backups_of(path)[0]
    assert changed.backup.read_bytes() == before
    assert not changed.backup.name.endswith("p12")
    assert (
        read_keystore(path, NEW)
        == read_keystore(changed.backup, password)
        == keystore_maker.complete.contents
    )
    for file, wrong in ((path, password), (changed.backup, NEW)):
        with pytest.raises(errors.KeystorePasswordWrong):
            read_keystore(file, wrong)
    assert names(path.parent) == [".ehtoolkit.lock", NAME, "backup"]
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(changed.backup.stat().st_mode) == 0o600


@pytest.mark.parametrize("profile", list(EncryptionProfile))
def test_every_sound_file_keeps_all_it_holds(
    sound: list[Sample], tmp_path: Path, profile: EncryptionProfile
) -> None:
    for sample in sound:
        path = tmp_path / sample.name
        shutil.copyfile(sample.path, path)
        before = read_keystore(path, sample.secret)
        backup = change_password(path, sample.secret, NEW, profile).backup
        after = read_keystore(path, NEW)
        assert backup.read_bytes() == sample.data
        assert [key.pkcs8 for key in after.keys] == [key.pkcs8 for key in before.keys], sample.name
        assert [bag.der for bag in after.certificates] == [bag.der for bag in before.certificates], (
            sample.name
        )
        assert after.aliases == before.aliases, sample.name
        if not sample.name.startswith(("w_nolkid", "w_samelkid")):
            assert after == before, sample.name  # the localKeyIDs, every other attribute
        _has_sound_ids(after)
        protection = outline_pkcs12(path.read_bytes()).protection
        ciphers = {part.cipher for part in protection.encryptions if isinstance(part, Encryption)}
        assert ciphers == {"des-ede3-cbc" if profile is EncryptionProfile.COMPATIBLE else "aes256-cbc"}
        assert isinstance(protection.mac, Mac)
        assert max(part.iterations for part in protection.derivations()) <= 300_000
    assert len(sound) == 25


def _has_sound_ids(contents: Pkcs12Contents) -> None:
    ids = [key.local_key_id for key in contents.keys]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    for key in contents.keys:
        key_id = key_id_of_pkcs8(key.pkcs8)
        named = [bag for bag in contents.certificates if bag.local_key_id == key.local_key_id]
        assert named
        assert all(certificate_of(bag.der) == key_id for bag in named)


def certificate_of(der: bytes) -> bytes:
    from asn1crypto.x509 import Certificate

    return bytes(Certificate.load(der).public_key.sha1)


@pytest.mark.parametrize("name", ["w_nolkid.p12", "w_samelkid.p12"])
def test_only_missing_and_repeated_ids_are_replaced(samples: dict[str, Sample], name: str) -> None:
    before = read_keystore(samples[name].path, samples[name].secret)
    after = with_sound_ids(before)
    assert [key.local_key_id for key in after.keys] == [key_id_of_pkcs8(key.pkcs8) for key in after.keys]

    def others(contents: Pkcs12Contents) -> list[object]:
        bags: list[Key | CertificateBag] = [*contents.keys, *contents.certificates]
        return [
            [attribute for attribute in bag.attributes if attribute.oid != "1.2.840.113549.1.9.21"]
            for bag in bags
        ]

    assert others(after) == others(before)
    assert with_sound_ids(after) == after


def test_one_key_twice_gets_two_ids(keystore_maker: KeystoreMaker) -> None:
    contents = keystore_maker.complete.contents
    twice = replace(
        contents, keys=(*contents.keys, replace(contents.keys[1], attributes=attributes_of("again")))
    )
    ids = [key.local_key_id for key in with_sound_ids(twice).keys]
    assert len(set(ids)) == 3
    assert ids[:2] == [key.local_key_id for key in contents.keys]


def test_only_encryption_keys_are_called_by_another_serial_number(keystore_maker: KeystoreMaker) -> None:
    """What makes a keystore without names calls its keys 1 and 2."""
    names = {"authentication": "1", str((1 << 127) + 7): "2"}

    def numbered(bag: Named) -> Named:
        return with_alias(bag, names.get(bag.alias or "", bag.alias or ""))

    contents = keystore_maker.complete.contents
    before = replace(
        contents,
        keys=tuple(map(numbered, contents.keys)),
        certificates=tuple(map(numbered, contents.certificates)),
    )
    after = with_sound_ids(before)
    assert [key.alias for key in after.keys] == ["1", str((1 << 127) + 7)]
    assert after.certificates[0] == before.certificates[0]
    assert after.certificates[0].alias == "1"


def test_the_wrong_password_touches_nothing(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    before = path.read_bytes()
    with pytest.raises(errors.KeystorePasswordWrong) as refusal:
        change_password(path, OTHER, NEW)
    assert refusal.value.facts == {"path": str(path)}
    assert path.read_bytes() == before
    assert backups_of(path) == ()


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("clé", "characters")])
def test_a_new_password_that_programs_refuse(path: Path, password: Secret, text: str, reason: str) -> None:
    before = path.read_bytes()
    with pytest.raises(errors.PasswordNotAllowed) as refusal:
        change_password(path, password, Secret(text))
    assert refusal.value.facts == {"reason": reason}
    assert path.read_bytes() == before


def test_the_same_password_in_another_profile(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    change_password(path, password, password, EncryptionProfile.COMPATIBLE)
    encryption = outline_pkcs12(path.read_bytes()).protection.encryptions[0]
    assert isinstance(encryption, Encryption)
    assert encryption.cipher == "des-ede3-cbc"
    assert read_keystore(path, password) == keystore_maker.complete.contents


def test_names_that_java_would_lose_are_refused(
    tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    contents = keystore_maker.complete.contents
    path = tmp_path / NAME
    create_keystore(path, contents, password)
    shouting = Key(Plain(contents.keys[0].pkcs8), attributes_of("AUTHENTICATION"))
    with pytest.raises(errors.DuplicateAlias) as caught:
        create_keystore(tmp_path / "b.p12", replace(contents, keys=(*contents.keys, shouting)), password)
    assert "keystore rename-key" in Translator("en").next_step(caught.value)
    assert not (tmp_path / "b.p12").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no file that is open can be removed there")
def test_a_file_that_is_removed_meanwhile_is_there_again_with_its_copy(
    path: Path, keystore_maker: KeystoreMaker, password: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody else may write in the folder while the copy is made."""
    before, opened, unlocked = path.read_bytes(), os.open, []

    def opened_then_removed(place: Path, *arguments: int) -> int:
        descriptor = opened(place, *arguments)
        if place == path:
            path.unlink()
        if Path(place).parent == path.parent / "backup":
            with suppress(errors.FileBusy), folder_lock(path.parent, 0):
                unlocked.append(place)
        return descriptor

    monkeypatch.setattr(os, "open", opened_then_removed)
    changed = change_password(path, password, NEW)
    monkeypatch.undo()
    assert unlocked == []
    assert changed.backup.read_bytes() == before
    assert read_keystore(path, NEW) == keystore_maker.complete.contents


def test_the_copy_can_be_deleted_and_nothing_else(path: Path, password: Secret) -> None:
    backup = change_password(path, password, NEW).backup
    delete_backup(backup)
    assert not backup.exists()
    for other in (backup, path, path.parent / "backup", path.with_name("x.p12.20260101T000000Z.bak")):
        with pytest.raises(errors.KeystoreNotFound):
            delete_backup(other)
    assert path.exists()


def test_a_link_is_followed(tmp_path: Path, path: Path, password: Secret) -> None:
    link = tmp_path / "mine.p12"
    link.symlink_to(path)
    changed = change_password(link, password, NEW)
    assert changed.path == link
    assert changed.backup.parent == path.parent / "backup"
    assert link.is_symlink()
    read_keystore(path, NEW)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with names there")
def test_a_pipe_a_folder_and_nothing_at_all(tmp_path: Path, password: Secret) -> None:
    os.mkfifo(tmp_path / "pipe.p12")
    for name, error in (
        ("pipe.p12", errors.NotAKeystore),
        (".", errors.NotAKeystore),
        ("none.p12", errors.KeystoreNotFound),
    ):
        began = time.perf_counter()
        with pytest.raises(error):
            change_password(tmp_path / name, password, NEW)
        assert time.perf_counter() - began < 2


def test_a_damaged_file_is_left_as_it_is(samples: dict[str, Sample], tmp_path: Path) -> None:
    for name in ("z_bitflip.p12", "z_trunc.p12", "z_crlf.p12", "x_JKS.p12", "z_zero.p12", "z_evil_iter.p12"):
        path = tmp_path / name
        shutil.copyfile(samples[name].path, path)
        with pytest.raises(errors.KeystoreError):
            change_password(path, samples[name].secret, NEW)
        assert path.read_bytes() == samples[name].data
    assert not list(tmp_path.rglob("*.bak"))


def test_a_clock_that_went_back_costs_no_copy(
    path: Path, password: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies are pruned by the time in their names: the newest has to come last whatever the clock says."""
    passwords = [password, *(Secret(f"Linde-{number}42") for number in range(8))]
    for number, (old, new) in enumerate(pairwise(passwords)):
        moment = datetime(2026 - 7 * number, 1, 1, tzinfo=UTC)
        monkeypatch.setattr(backups, "datetime", _Stopped(moment))
        backup = change_password(path, old, new).backup
        assert backups_of(path)[0] == backup
        read_keystore(backup, old)
    assert len(backups_of(path)) == backups.BACKUPS_KEPT
    read_keystore(path, passwords[-1])


class _Stopped:
    """A clock that shows one moment."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self, _: object) -> datetime:
        return self.moment


def test_a_folder_that_is_busy_for_a_moment_is_waited_for(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    command: list[str | Path] = [sys.executable, "-c", CHANGER, path, password.reveal(), NEW.reveal(), "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        with folder_lock(path.parent):
            process.stdin.write("\n")
            process.stdin.flush()
            time.sleep(0.5)
            read_keystore(path, password)
        assert process.stdout.readline() == "changed\n"
    assert read_keystore(path, NEW) == keystore_maker.complete.contents


def test_two_processes_on_one_file(path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
    """Both change it back and forth: each time one of them does, or is told the truth; nothing is lost."""
    command: list[str | Path] = [sys.executable, "-c", CHANGER, path, password.reveal(), NEW.reveal(), "12"]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outcomes = [process.communicate()[0].split() for process in processes]
    assert all(process.returncode == 0 for process in processes)
    results = {outcome for outcomes_of_one in outcomes for outcome in outcomes_of_one}
    assert "changed" in results
    assert results <= {"changed", "keystore_password_wrong", "file_busy"}
    opened = []
    for secret in (password, NEW):
        try:
            opened.append(read_keystore(path, secret))
        except errors.KeystorePasswordWrong:
            continue
    assert opened == [keystore_maker.complete.contents]
    assert not list(path.parent.glob("*.tmp"))
    print(
        f"two processes: {[sum(outcome == 'changed' for outcome in each) for each in outcomes]} of 12 changes each"
    )
