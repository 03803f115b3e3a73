"""Links that somebody else has put into a folder that several write to: nobody chooses by them where our files go."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.rewrite import change_password, rewrite_file
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker

PASSWORD, OTHER = Secret("Kine-2026"), Secret("Nieuw-2027!")
OTHER_USER = 12_345


@pytest.fixture
def keystore(tmp_path: Path, keystore_maker: KeystoreMaker) -> Path:
    path = tmp_path / "shared" / "SSIN=79031421872 20261124-130000.p12"
    path.parent.mkdir()
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    return path


def link(place: Path, target: Path, monkeypatch: pytest.MonkeyPatch, *, of_another_user: bool) -> None:
    target.mkdir()
    place.symlink_to(target, target_is_directory=True)
    if of_another_user and os.geteuid() == 0:
        os.chown(place, OTHER_USER, OTHER_USER, follow_symlinks=False)
    elif of_another_user:
        monkeypatch.setattr(os, "getuid", lambda: OTHER_USER)


WORKS: dict[str, Callable[[Path], object]] = {
    "backup": lambda path: change_password(path, PASSWORD, OTHER, EncryptionProfile.COMPATIBLE),
    "archive": archive_keystore,
}


@pytest.mark.parametrize("folder", WORKS)
def test_a_link_of_another_user_instead_of_our_folder(
    folder: str, keystore: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, before = tmp_path / "elsewhere", keystore.read_bytes()
    link(keystore.parent / folder, elsewhere, monkeypatch, of_another_user=True)
    with pytest.raises(errors.FolderNotWritable) as refused:
        WORKS[folder](keystore)
    assert refused.value.facts["folder"] == str(keystore.parent / folder)
    assert list(elsewhere.iterdir()) == []
    assert keystore.read_bytes() == before


@pytest.mark.parametrize("folder", WORKS)
def test_a_link_of_one_s_own_is_followed(
    folder: str, keystore: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    link(keystore.parent / folder, elsewhere, monkeypatch, of_another_user=False)
    WORKS[folder](keystore)
    assert len(list(elsewhere.iterdir())) == 1


@pytest.mark.parametrize(
    "work",
    [
        lambda path, output: rewrite_file(
            path, PASSWORD, output, None, EncryptionProfile.COMPATIBLE, salvage=True
        ),
        lambda path, output: rewrite_file(path, PASSWORD, output, None, EncryptionProfile.COMPATIBLE),
    ],
    ids=["rescue", "convert"],
)
def test_a_broken_link_instead_of_a_new_file(
    work: Callable[[Path, Path], object], keystore: Path, tmp_path: Path
) -> None:
    output, target = tmp_path / "new.p12", tmp_path / "chosen by another"
    output.symlink_to(target)
    with pytest.raises(errors.FileExists):
        work(keystore, output)
    assert not target.exists()
