"""Other programs in the same folder: whatever we write there, they neither fall over it nor take the wrong file."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ehtoolkit
from ehtoolkit import ContactData, errors, load_settings
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.diagnosis.archival import plan_archival
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.rewrite import change_password, rewrite_file
from ehtoolkit.keystore.storage.backups import delete_backup
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, open_keystore
from ehtoolkit.keystore.storage.moving import archive_keystore, rename_keystore
from ehtoolkit.secret import Secret
from tests.keystore.prescribing import SeveralKeystores, dotnet_client, prescription_module
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "79031421872"
NAME = f"SSIN={NUMBER} 20261124-130000.p12"
LATER = f"SSIN={NUMBER} 20291124-130000.p12"
COPY = f"SSIN={NUMBER} 20261124-130000 (1).p12"
NEW = Secret("Nieuw-2027!")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ehealth" / "keystore"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def path(folder: Path, keystore_maker: KeystoreMaker, password: Secret) -> Path:
    create_keystore(folder / NAME, keystore_maker.complete.contents, password)
    return folder / NAME


def both_take(folder: Path, number: str = NUMBER) -> Path:
    """The file that both choose; a test fails when they do not agree, or when one falls over."""
    chosen = prescription_module(folder, number)
    assert chosen is not None
    assert dotnet_client(folder, number) == chosen
    return chosen


class TestTheNeighbours:
    """Those that are played have to bite."""

    @pytest.mark.parametrize(
        "name", [COPY, f"SSIN={NUMBER} 20261124-130000 - Copy.p12", f"SSIN={NUMBER}.p12"]
    )
    def test_the_module_falls_over_odd_names(self, folder: Path, name: str) -> None:
        (folder / name).touch()
        with pytest.raises(ValueError, match="does not match format"):
            prescription_module(folder, NUMBER)

    @pytest.mark.parametrize("ending", [".p12", ".acc-p12", ".int-p12"])
    def test_the_module_refuses_two_and_the_client_takes_the_last(self, path: Path, ending: str) -> None:
        later = path.with_name(f"SSIN={NUMBER}_20291124-130000{ending}")
        later.touch()
        with pytest.raises(SeveralKeystores):
            prescription_module(path.parent, NUMBER)
        assert dotnet_client(path.parent, NUMBER) == later

    def test_what_is_not_theirs(self, path: Path) -> None:
        for other in ("SSIN=80010112309 20261124-130000.p12", f"{NAME}.bak", f"{NUMBER}.txt"):
            (path.parent / other).touch()
        assert both_take(path.parent) == path
        assert prescription_module(path.parent, "85073003328") is None
        assert dotnet_client(path.parent, "85073003328") is None


class TestAfterwards:
    def test_a_request_and_its_completion(self, tmp_path: Path, password: Secret) -> None:
        settings = load_settings(home=tmp_path, training_delivery=0.0)
        with ehtoolkit.connect(settings=settings) as eh:
            number = eh.read_card().niss.digits
            asked = eh.request_certificate(
                ContactData("elise@example.be", "+32 4 555 01 42"),
                pin=lambda _: Secret("1234"),
                password=password,
                agree=lambda _: None,
            )
            assert both_take(settings.keystores, number) == asked.keystore
            assert not open_keystore(asked.keystore, password).installed
            eh.complete_certificate(asked.keystore, password)
        assert both_take(settings.keystores, number) == asked.keystore
        assert open_keystore(asked.keystore, password).current_encryption

    def test_a_request_on_a_computer_with_a_slow_clock(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        """The client takes the last one: the new one, although its moment is earlier."""
        slow = datetime(2020, 1, 1, tzinfo=UTC)
        new = keystore_path(path.parent, Identifier("SSIN", NUMBER), None, slow, Environment.PRODUCTION)
        KeystoreFile.create(new, keystore_maker.prepared, password)
        assert dotnet_client(path.parent, NUMBER) == new
        with pytest.raises(SeveralKeystores):
            prescription_module(path.parent, NUMBER)

    @pytest.mark.parametrize("profile", list(EncryptionProfile))
    def test_a_change_of_password(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret, profile: EncryptionProfile
    ) -> None:
        backup = change_password(path, password, NEW, profile).backup
        assert both_take(path.parent) == path
        assert open_keystore(path, NEW) == keystore_maker.complete
        assert open_keystore(backup, password) == keystore_maker.complete
        delete_backup(backup)
        assert both_take(path.parent) == path

    def test_a_change_that_is_refused(self, path: Path, password: Secret) -> None:
        with pytest.raises(errors.KeystorePasswordWrong):
            change_password(path, NEW, password)
        assert both_take(path.parent) == path

    def test_a_merge(self, path: Path, keystore_maker: KeystoreMaker, password: Secret, older: Path) -> None:
        file = KeystoreFile.open(path, password)
        file.save(merge_old_keys(file.keystore, open_keystore(older, password)))
        assert both_take(path.parent) == path
        assert len(open_keystore(path, password).encryption) == 2

    def test_a_rescue(self, path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        path.write_bytes(path.read_bytes()[:-200])
        rewrite_file(path, password, path.with_name(LATER), salvage=True)
        assert dotnet_client(path.parent, NUMBER) == path.with_name(LATER)
        archive_keystore(path)
        assert both_take(path.parent) == path.with_name(LATER)
        open_keystore(path.with_name(LATER), password)

    def test_a_conversion(self, folder: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        source = folder / "mailed.txt"
        source.write_bytes(base64.encodebytes(write_pkcs12(keystore_maker.complete.contents, password)))
        rewrite_file(source, password, folder / NAME)
        assert both_take(folder) == folder / NAME
        assert open_keystore(folder / NAME, password) == keystore_maker.complete

    def test_an_archiving(self, path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        later = path.with_name(LATER)
        create_keystore(later, keystore_maker.complete.contents, password)
        with pytest.raises(SeveralKeystores):
            prescription_module(path.parent, NUMBER)
        for verdict in plan_archival(path.parent, keystore_maker.start, lambda _: password):
            if verdict.successor is not None:
                archive_keystore(verdict.path)
        assert both_take(path.parent) == later

    @pytest.mark.parametrize("opened", [True, False])
    def test_a_renaming(
        self, folder: Path, keystore_maker: KeystoreMaker, password: Secret, opened: bool
    ) -> None:
        copy = folder / COPY
        create_keystore(copy, keystore_maker.complete.contents, password)
        given = password if opened else None
        name = diagnose(copy, given, keystore_maker.start, listing=HolderFiles.listed(folder)).proper_name
        assert name is not None
        renamed = rename_keystore(copy, name)
        assert both_take(folder) == renamed
        assert open_keystore(renamed, password) == keystore_maker.complete

    def test_a_copy_that_is_renamed_beside_its_original(
        self, path: Path, keystore_maker: KeystoreMaker, password: Secret
    ) -> None:
        """It must not become the one that the client takes: it may be from before the certificate came."""
        copy = path.with_name(COPY)
        create_keystore(copy, keystore_maker.prepared.contents, password)
        name = diagnose(copy, None, keystore_maker.start, listing=HolderFiles.listed(path.parent)).proper_name
        assert name is not None
        rename_keystore(copy, name)
        assert dotnet_client(path.parent, NUMBER) == path


@pytest.fixture
def older(tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret) -> Path:
    """One more decryption key of the same holder, in a keystore elsewhere."""
    certificate = keystore_maker.encryption_certificate("renewed", 4711)
    keystore = keystore_maker.installed.with_encryption(keystore_maker.keys["renewed"], certificate)
    path = tmp_path / "older.p12"
    create_keystore(path, keystore.contents, password)
    return path


class TestMeanwhile:
    """At every moment of a procedure the neighbours find the old file or the new one, whole, and no other."""

    def listen(self, how: str, folder: Path, password: Secret, *files: Path, number: str = NUMBER) -> Any:
        program = [sys.executable, "-m", "tests.keystore.folder_listener"]
        done = subprocess.run(
            [*program, how, str(folder), number, password.reveal(), *map(str, files)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found = json.loads(done.stdout)
        print(f"{how}: {found['moments']} moments")
        return found

    @pytest.mark.parametrize("how", ["default", "legacy", "merge"])
    def test_a_file_that_is_written_over(self, how: str, path: Path, password: Secret, older: Path) -> None:
        before = digest(path)
        found = self.listen(how, path.parent, password, path, older)
        assert found["moments"] > 20
        assert found["names"] == [NAME]
        assert set(found["module"]) == set(found["client"]) == {before, digest(path)}
        assert before != digest(path)

    def test_a_request_and_its_completion(self, tmp_path: Path, password: Secret) -> None:
        settings = load_settings()
        number = ehtoolkit.read_card().niss.digits
        found = self.listen("road", settings.keystores, password, number=number)
        (path,) = settings.keystores.glob("*p12")
        backups = {digest(copy) for copy in settings.keystores.glob("backup/*")}
        assert found["names"] == [path.name]
        assert len(backups) == 2  # before the certificate, before the encryption key
        expected = {"nothing", digest(path), *backups}
        assert set(found["module"]) == set(found["client"]) == expected

    def test_a_conversion(self, folder: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        source = folder / "mailed.txt"
        source.write_bytes(base64.encodebytes(write_pkcs12(keystore_maker.complete.contents, password)))
        found = self.listen("convert", folder, password, source, folder / NAME)
        assert found["names"] == [NAME]
        assert set(found["module"]) == set(found["client"]) == {"nothing", digest(folder / NAME)}

    def test_a_rescue(self, path: Path, password: Secret) -> None:
        path.write_bytes(path.read_bytes()[:-200])
        damaged = digest(path)
        found = self.listen("rescue", path.parent, password, path, path.with_name(LATER))
        assert found["names"] == [NAME, LATER]
        assert set(found["client"]) == {damaged, digest(path.with_name(LATER))}
        assert set(found["module"]) == {damaged, "several"}

    def test_an_archiving(self, path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
        create_keystore(path.with_name(LATER), keystore_maker.complete.contents, password)
        found = self.listen("archive", path.parent, password, path)
        assert found["names"] == [NAME, LATER]
        assert set(found["client"]) == {digest(path.with_name(LATER))}
        assert set(found["module"]) == {"several", digest(path.with_name(LATER))}

    def test_a_renaming(self, path: Path, password: Secret) -> None:
        copy, content = path.rename(path.with_name(COPY)), digest(path.with_name(COPY))
        found = self.listen("rename", path.parent, password, copy, path)
        assert found["names"] == [COPY, NAME]
        assert set(found["client"]) == {content}
        assert set(found["module"]) == {"fails", content}  # until its name is right, as before


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
