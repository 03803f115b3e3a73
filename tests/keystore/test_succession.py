"""Which file of a holder has replaced which: by content with passwords, by names and keys without, in doubt none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.identity import DistinguishedName, Identifier, Organisation
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.keystore.codec.contents import with_alias
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.archival import (
    ArchiveDecision,
    KeepReason,
    plan_archival,
    require_archivable,
)
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, find_keystores
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker, name_of

if TYPE_CHECKING:
    from cryptography.x509 import Name

OLD = "SSIN=79031421872 20231124-130000.p12"
NEW = "SSIN=79031421872 20261124-130000.p12"
ACCEPTANCE = "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 003"
PRODUCTION = "ZetesConfidens Private Trust PKI - eHealth issuing CA 002"
SERIALS = {"old": 1001, "new": 1002, "extra": 1003}


@dataclass(frozen=True)
class Folder:
    """A folder of keystores of the bench's person: ``old`` from before a renewal, ``new`` from after it."""

    path: Path
    keystore_maker: KeystoreMaker
    password: Secret

    @property
    def now(self) -> datetime:
        return self.keystore_maker.start + timedelta(days=30)

    @property
    def new(self) -> Keystore:
        return self.with_key(self.keystore_maker.installed, self.keystore_maker, "encryption", SERIALS["new"])

    @property
    def old_keystore_maker(self) -> KeystoreMaker:
        keys = {**self.keystore_maker.keys, "authentication": self.keystore_maker.keys["renewed"]}
        years = timedelta(days=1095)
        return KeystoreMaker(
            keys, self.keystore_maker.start - years, self.keystore_maker.start + timedelta(days=90)
        )

    @property
    def old(self) -> Keystore:
        keystore_maker = self.old_keystore_maker
        return self.with_key(keystore_maker.installed, keystore_maker, "stranger", SERIALS["old"])

    @property
    def new_with_old_keys(self) -> Keystore:
        return self.with_key(self.new, self.old_keystore_maker, "stranger", SERIALS["old"])

    @staticmethod
    def with_key(keystore: Keystore, keystore_maker: KeystoreMaker, role: str, serial: int) -> Keystore:
        return keystore.with_encryption(
            keystore_maker.keys[role], keystore_maker.encryption_certificate(role, serial)
        )

    def issued(
        self, keystore_maker: KeystoreMaker, issuer: str, subject: Name | None = None, serial: str = "new"
    ) -> Keystore:
        """Complete, with a certificate of another authority or for another subject."""
        name, subject = name_of(C="BE", O="Test", CN=issuer), subject or keystore_maker.subject
        key = keystore_maker.keys["authentication"]
        chain = (
            keystore_maker.certificate(subject, key, name, keystore_maker.keys["issuer"]),
            keystore_maker.certificate(
                name, keystore_maker.keys["issuer"], keystore_maker.root_name, keystore_maker.keys["root"]
            ),
            keystore_maker.chain[2],
        )
        own = keystore_maker.certificate(
            subject, keystore_maker.keys["encryption"], subject, key, SERIALS[serial]
        )
        return keystore_maker.prepared.with_chain(chain).with_encryption(
            keystore_maker.keys["encryption"], own
        )

    def write(self, name: str, keystore: Keystore | bytes) -> Path:
        path = self.path / name
        data = keystore if isinstance(keystore, bytes) else write_pkcs12(keystore.contents, self.password)
        path.write_bytes(data)
        return path

    def verdicts(self, *, opened: bool = True) -> dict[str, ArchiveDecision]:
        given = self.password if opened else None
        return {verdict.path.name: verdict for verdict in plan_archival(self.path, self.now, lambda _: given)}

    def stays(self, *, opened: bool = True) -> dict[str, KeepReason | None]:
        return {name: verdict.stays for name, verdict in self.verdicts(opened=opened).items()}


@pytest.fixture
def folder(tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret) -> Folder:
    return Folder(tmp_path, keystore_maker, password)


@pytest.mark.parametrize("opened", [True, False])
def test_a_renewed_file_has_replaced_the_older_one(folder: Folder, opened: bool) -> None:
    old, new = folder.write(OLD, folder.old), folder.write(NEW, folder.new_with_old_keys)
    verdicts = folder.verdicts(opened=opened)
    assert list(verdicts) == [NEW, OLD]
    assert verdicts[OLD] == ArchiveDecision(old, new, None, (), OLD)
    assert verdicts[NEW].stays is KeepReason.NEWEST


@pytest.mark.parametrize("opened", [True, False])
def test_keys_that_were_not_carried_over_are_reported(folder: Folder, opened: bool) -> None:
    folder.write(OLD, folder.old)
    folder.write(NEW, folder.new)
    verdict = folder.verdicts(opened=opened)[OLD]
    assert (verdict.successor, verdict.lost) == (folder.path / NEW, (str(SERIALS["old"]),))


@pytest.mark.parametrize("opened", [True, False])
def test_the_only_file_stays(folder: Folder, opened: bool) -> None:
    folder.write(OLD, folder.old)
    folder.write("SSIN=80010112309 20261124-130000.p12", b"")
    assert folder.stays(opened=opened)[OLD] is KeepReason.NEWEST


@pytest.mark.parametrize("opened", [True, False])
def test_a_waiting_file_stays_and_replaces_nothing(folder: Folder, opened: bool) -> None:
    folder.write(OLD, folder.old)
    folder.write(NEW, folder.keystore_maker.prepared)
    assert folder.stays(opened=opened) == {NEW: KeepReason.WAITING, OLD: KeepReason.NEWEST}
    folder.write("SSIN=79031421872 20270101-130000.p12", folder.new)
    assert folder.stays(opened=opened)[NEW] is KeepReason.WAITING


class TestRenewal:
    """A renewed file carries old decryption keys before its certificate comes: without its password it looks
    much as a complete one."""

    @pytest.fixture
    def renewed(self, folder: Folder) -> Keystore:
        return folder.with_key(
            folder.keystore_maker.prepared, folder.old_keystore_maker, "stranger", SERIALS["old"]
        )

    @pytest.mark.parametrize("opened", [True, False])
    def test_it_waits_and_has_replaced_nothing(self, folder: Folder, renewed: Keystore, opened: bool) -> None:
        folder.write(OLD, folder.old)
        folder.write(NEW, renewed)
        assert folder.stays(opened=opened) == {OLD: KeepReason.NEWEST, NEW: KeepReason.WAITING}

    @pytest.mark.parametrize("opened", [True, False])
    def test_it_stays_beside_a_later_one(self, folder: Folder, renewed: Keystore, opened: bool) -> None:
        folder.write(OLD, folder.old)
        folder.write(NEW, renewed)
        later = "SSIN=79031421872 20270101-130000.p12"
        folder.write(later, folder.new_with_old_keys)
        verdicts = folder.verdicts(opened=opened)
        assert verdicts[NEW].stays is KeepReason.WAITING
        assert verdicts[OLD].successor == folder.path / later

    @pytest.mark.parametrize("opened", [True, False])
    def test_where_its_keys_come_from_is_in_the_archive(
        self, folder: Folder, renewed: Keystore, opened: bool
    ) -> None:
        (folder.path / "archive").mkdir()
        folder.write(f"archive/{OLD}", folder.old)
        folder.write(NEW, renewed)
        assert folder.stays(opened=opened) == {NEW: KeepReason.WAITING}

    @pytest.mark.parametrize("opened", [True, False])
    def test_a_file_that_came_back_from_the_archive(self, folder: Folder, opened: bool) -> None:
        (folder.path / "archive").mkdir()
        folder.write(f"archive/{OLD}", folder.old)
        folder.write(OLD, folder.old)
        folder.write(NEW, folder.new_with_old_keys)
        assert folder.verdicts(opened=opened)[OLD].successor == folder.path / NEW

    def test_an_archive_that_is_none(self, folder: Folder) -> None:
        folder.write(OLD, folder.old)
        folder.write(NEW, folder.new)
        folder.write("archive", b"a file")
        assert folder.verdicts(opened=False)[OLD].successor == folder.path / NEW


def test_an_old_one_without_an_etk_is_replaced_once_it_is_opened(folder: Folder) -> None:
    folder.write(OLD, folder.old_keystore_maker.installed)
    folder.write(NEW, folder.new)
    assert folder.stays(opened=False)[OLD] is KeepReason.WAITING
    assert folder.verdicts()[OLD].successor == folder.path / NEW


@pytest.mark.parametrize(("alias", "waits"), [("1", True), ("authentication", True), (str(1 << 127), None)])
def test_the_only_key_of_a_closed_file(folder: Folder, alias: str, waits: bool | None) -> None:
    """Java calls a key without a name by its place: that is no serial number of an encryption key. What a file with an
    encryption key alone waits for does not show."""
    contents = folder.keystore_maker.installed.contents
    keys = tuple(with_alias(key, alias) for key in contents.keys)
    path = folder.write(NEW, Keystore.of(replace(contents, keys=keys)))
    files = HolderFiles.in_folder(folder.path)
    (file,) = files.of_holder(("SSIN=79031421872", None))
    assert (files.waits(file), bool(file.serials)) == (waits, not waits)
    closed = diagnose(path, None, folder.now)
    assert closed.has("closed_without_encryption_key") is bool(waits)
    assert closed.has("closed_with_encryption_key") is not waits


def test_content_counts_and_not_the_time_in_the_name(folder: Folder) -> None:
    folder.write(OLD, folder.new)
    folder.write(NEW, folder.old)
    assert folder.verdicts()[NEW].successor == folder.path / OLD
    assert folder.verdicts(opened=False)[OLD].successor == folder.path / NEW


def test_an_expired_or_damaged_or_closed_file_replaces_nothing(folder: Folder) -> None:
    folder.write(OLD, folder.old)
    folder.write(NEW, folder.new)
    late = folder.keystore_maker.end + timedelta(days=1)
    stays = {
        file.path.name: file.stays for file in plan_archival(folder.path, late, lambda _: folder.password)
    }
    assert stays == {OLD: KeepReason.NEWEST, NEW: KeepReason.NEWEST}
    passwords = {OLD: folder.password, NEW: Secret("no")}
    verdicts = plan_archival(folder.path, folder.now, lambda path: passwords[path.name])
    stays = {verdict.path.name: verdict.stays for verdict in verdicts}
    assert stays == {OLD: KeepReason.NEWEST, NEW: KeepReason.UNJUDGED}
    whole = (folder.path / NEW).read_bytes()
    for damaged in (b"", bytes(100), whole[:3000], whole[:-40] + bytes(40)):
        folder.write(NEW, damaged)
        assert folder.stays() == {OLD: KeepReason.NEWEST, NEW: KeepReason.UNJUDGED}


def test_a_file_closed_to_its_password_stays(folder: Folder) -> None:
    folder.write(OLD, folder.old)
    folder.write(NEW, folder.new)
    passwords = {OLD: Secret("no"), NEW: folder.password}
    verdicts = plan_archival(folder.path, folder.now, lambda path: passwords[path.name])
    assert [verdict.stays for verdict in verdicts] == [KeepReason.NEWEST, KeepReason.UNJUDGED]


def test_number_and_application_distinguish_holders(folder: Folder) -> None:
    pharmacy = Organisation(Identifier("NIHII-PHARMACY", "12345678"), "Apotheek Testje")
    subjects = {
        application: DistinguishedName.for_organisation(pharmacy, application).to_name()
        for application in (None, "SHOP", "NIGHT")
    }
    for application, year in ((None, 2024), ("SHOP", 2025), ("NIGHT", 2026)):
        name = "NIHII-PHARMACY=12345678" + (f",{application}" if application else "")
        keystore = folder.issued(folder.keystore_maker, TRAINING_ISSUERS[0], subjects[application])
        folder.write(f"{name} {year}1124-130000.p12", keystore)
    assert set(folder.stays().values()) == {KeepReason.NEWEST}
    assert set(folder.stays(opened=False).values()) == {KeepReason.NEWEST}


def test_environments_are_distinguished(folder: Folder) -> None:
    acceptance = "SSIN=79031421872 20270101-130000.acc-p12"
    folder.write(OLD, folder.old)
    folder.write(acceptance, folder.issued(folder.keystore_maker, ACCEPTANCE))
    assert set(folder.stays().values()) == {KeepReason.NEWEST}
    assert set(folder.stays(opened=False).values()) == {KeepReason.NEWEST}
    (folder.path / acceptance).rename(folder.path / NEW)  # the name hides it
    assert folder.stays() == {OLD: KeepReason.NEWEST, NEW: KeepReason.MISNAMED}
    assert folder.verdicts()[NEW].proper_name == NEW.replace(".p12", ".acc-p12")


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(
    ("ending", "issuer", "replaced"),
    [(".acc-p12", ACCEPTANCE, True), (".p12", PRODUCTION, True), (".p12", TRAINING_ISSUERS[0], False)],
)
def test_an_expired_file_of_an_unknown_issuer_gets_one_answer(
    folder: Folder, ending: str, issuer: str, replaced: bool, closed: bool
) -> None:
    """Diagnosis, audit and archive agree, whether the newer file was opened or not."""
    unknown = "UAT ZetesConfidens Private Trust PKI - eHealth issuing CA 001"
    old = folder.write(
        OLD.replace(".p12", ending), folder.issued(folder.old_keystore_maker, unknown, serial="old")
    )
    new = folder.write(NEW.replace(".p12", ending), folder.issued(folder.keystore_maker, issuer))
    now = folder.keystore_maker.start + timedelta(days=100)
    passwords = {old: folder.password} if closed and replaced else dict.fromkeys((old, new), folder.password)

    decisions = {file.path: file for file in plan_archival(folder.path, now, passwords.get)}
    assert decisions[old].successor == (new if replaced else None)
    found = audit_folder([folder.path], passwords.get, AuditOptions(now=now, processes=1)).keystores
    newer = dict(zip(found["file"], found["replaced_by"], strict=True))[str(old)]
    assert newer == str(new) if replaced else not isinstance(newer, str)
    if replaced:
        listing = HolderFiles(find_keystores(folder.path))
        assert diagnose(old, folder.password, now, listing=listing).has("state_replaced")


@pytest.mark.parametrize(("issuers", "replaced"), [(("A", "A"), True), (("A", "B"), False)])
def test_unknown_issuers(folder: Folder, issuers: tuple[str, str], replaced: bool) -> None:
    folder.write(OLD, folder.issued(folder.old_keystore_maker, issuers[0]))
    folder.write(NEW, folder.issued(folder.keystore_maker, issuers[1]))
    assert (folder.verdicts()[OLD].successor is not None) is replaced


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "SSIN=79031421872 20231124-130000 (1).p12",
        "SSIN=79031421872 20231124-130000 - Copy.p12",
        "79031421872.p12",
        "my certificate.p12",
    ],
)
def test_misnamed_files_want_their_name_first(folder: Folder, name: str, opened: bool) -> None:
    folder.write(name, folder.old)
    folder.write(NEW, folder.new)
    verdict = folder.verdicts(opened=opened)[name]
    assert verdict.stays is KeepReason.MISNAMED
    if opened:
        assert verdict.proper_name is not None
        assert verdict.proper_name.startswith("SSIN=79031421872 2")


@pytest.mark.parametrize("opened", [True, False])
def test_a_misnamed_file_replaces_nothing(folder: Folder, opened: bool) -> None:
    """Software would not find the newer one, and lose the older."""
    folder.write(OLD, folder.old)
    folder.write("SSIN=79031421872 20261124-130000 (1).p12", folder.new)
    assert folder.stays(opened=opened)[OLD] is KeepReason.NEWEST


@pytest.mark.parametrize("opened", [True, False])
def test_a_copy_of_the_same_certificate(folder: Folder, opened: bool) -> None:
    """Of two files with the same keys the one with the later name stays; one with more keys stays too."""
    folder.write(OLD, folder.new)
    folder.write(NEW, folder.new)
    assert folder.verdicts(opened=opened)[OLD].successor == folder.path / NEW
    folder.write(OLD, folder.new_with_old_keys)
    verdict = folder.verdicts(opened=opened)[OLD]
    assert (verdict.stays, verdict.lost) == (KeepReason.KEYS, (str(SERIALS["old"]),))


def test_there_is_always_one_that_stays(folder: Folder) -> None:
    """Names and contents that contradict each other in a circle, since one of three is closed."""
    names = [f"SSIN=79031421872 202{year}0101-000000.p12" for year in (1, 2, 3)]
    folder.write(names[0], folder.new)
    folder.write(names[1], folder.old)
    folder.write(names[2], folder.old)

    def password_of(path: Path) -> Secret | None:
        return None if path.name == names[1] else folder.password

    verdicts = plan_archival(folder.path, folder.now, password_of)
    stay = {verdict.path for verdict in verdicts if verdict.stays is not None}
    assert stay
    assert {verdict.successor for verdict in verdicts if verdict.successor is not None} <= stay


def test_several_older_files_have_one_successor(folder: Folder) -> None:
    names = [f"SSIN=79031421872 202{year}0101-000000.p12" for year in range(5)]
    for name in names[:-1]:
        folder.write(name, folder.old)
    folder.write(names[-1], folder.new)
    verdicts = folder.verdicts()
    assert {verdicts[name].successor for name in names[:-1]} == {folder.path / names[-1]}


def test_a_folder_that_is_not_there(folder: Folder) -> None:
    assert plan_archival(folder.path / "missing", folder.now, lambda _: None) == ()


class TestNamed:
    """A file that somebody names although nothing shows that another one has replaced it."""

    def refuse(self, folder: Folder, name: str, *, opened: bool = True) -> dict[str, object]:
        given = folder.password if opened else None
        with pytest.raises(errors.WrongState) as refusal:
            require_archivable(folder.path / name, folder.now, lambda _: given)
        return {key: value for key, value in refusal.value.facts.items() if key != "path"}

    def test_a_waiting_one_stays(self, folder: Folder) -> None:
        folder.write(NEW, folder.keystore_maker.prepared)
        folder.write(OLD, folder.old)
        assert self.refuse(folder, NEW) == {"state": "prepared"}
        assert self.refuse(folder, NEW, opened=False) == {"reason": "closed"}
        folder.write(
            NEW,
            folder.with_key(
                folder.keystore_maker.prepared, folder.old_keystore_maker, "stranger", SERIALS["old"]
            ),
        )
        assert self.refuse(folder, NEW) == {"state": "prepared"}
        assert self.refuse(folder, NEW, opened=False) == {"reason": "closed"}

    @pytest.mark.parametrize("opened", [True, False])
    def test_the_last_one_of_a_holder_stays(self, folder: Folder, opened: bool) -> None:
        folder.write(OLD, folder.old)
        folder.write(NEW, folder.keystore_maker.prepared)
        folder.write("SSIN=80010112309 20261124-130000.p12", folder.new)
        folder.write(
            "SSIN=79031421872 20261125-130000.acc-p12", folder.issued(folder.keystore_maker, ACCEPTANCE)
        )
        assert self.refuse(folder, OLD, opened=opened) == {"reason": "only"}

    @pytest.mark.parametrize("opened", [True, False])
    def test_the_newest_may_go_when_another_is_there(self, folder: Folder, opened: bool) -> None:
        folder.write(OLD, folder.old)
        folder.write(NEW, folder.new)
        given = folder.password if opened else None
        require_archivable(folder.path / NEW, folder.now, lambda _: given)

    def test_a_damaged_one_may_go(self, folder: Folder) -> None:
        for data in (b"", bytes(99), write_pkcs12(folder.old.contents, folder.password)[:2000]):
            folder.write(OLD, data)
            require_archivable(folder.path / OLD, folder.now, lambda _: folder.password)

    def test_a_damaged_one_is_no_reason_for_another_to_go(self, folder: Folder) -> None:
        folder.write(OLD, folder.old)
        whole = write_pkcs12(folder.new.contents, folder.password)
        folder.write(NEW, whole[:-40] + bytes(40))
        assert self.refuse(folder, OLD) == {"reason": "only"}

    def test_one_that_its_password_does_not_open_is_no_reason_either(self, folder: Folder) -> None:
        folder.write(OLD, folder.old)
        folder.write(NEW, folder.new)
        passwords = {OLD: folder.password, NEW: Secret("no")}
        with pytest.raises(errors.WrongState) as refusal:
            require_archivable(folder.path / OLD, folder.now, lambda path: passwords[path.name])
        assert refusal.value.facts["reason"] == "only"

    def test_an_expired_one_may_go_once_that_is_seen(self, folder: Folder) -> None:
        """No software can use it any more. Without its password, nobody knows."""
        folder.write(OLD, folder.old)
        later = folder.old_keystore_maker.end + timedelta(seconds=1)
        require_archivable(folder.path / OLD, later, lambda _: folder.password)
        with pytest.raises(errors.WrongState) as refusal:
            require_archivable(folder.path / OLD, later, lambda _: None)
        assert refusal.value.facts["reason"] == "only"

    def test_one_that_is_called_anything(self, folder: Folder) -> None:
        folder.write("old.p12.bak", folder.old)
        folder.write(NEW, folder.new)
        require_archivable(folder.path / "old.p12.bak", folder.now, lambda _: folder.password)
        with pytest.raises(errors.KeystoreNotFound):
            require_archivable(folder.path / "none.p12", folder.now, lambda _: None)

    def test_a_keystore_without_holder(self, folder: Folder) -> None:
        keys = replace(folder.old.contents, certificates=())
        folder.write("key.p12", write_pkcs12(keys, folder.password))
        require_archivable(folder.path / "key.p12", folder.now, lambda _: folder.password)
