"""The Troubleshoot page tidies up: files that were replaced go to the archive, copies of before are deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ehtoolkit import errors
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.diagnosis.archival import KeepReason
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.procedures.archive import archive_keystores
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.keystore.conftest import KeystoreMaker
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from ehtoolkit.toolkit import Toolkit

NEWER = "SSIN=79031421872 20261124-130000.p12"
OLDER = "SSIN=79031421872 20230901-101500.p12"
PASSWORD, OTHER, NEW = "Kine-2026 & co", "Oud-2023", "Nieuw-2027!"


@pytest.fixture
def toolkit() -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings())
    yield toolkit
    toolkit.close()


@pytest.fixture
def today(keystore_maker: KeystoreMaker) -> KeystoreMaker:
    now = datetime.now(UTC).replace(microsecond=0)
    return KeystoreMaker(keystore_maker.keys, now - timedelta(days=2), now + timedelta(days=1000))


@pytest.fixture
def fresh(today: KeystoreMaker) -> Keystore:
    """Of the same holder: newer, with a key of its own alone."""
    roles = {**today.keys, "authentication": today.keys["renewed"], "encryption": today.keys["stranger"]}
    later = KeystoreMaker(roles, today.start + timedelta(days=1), today.end)
    own = later.encryption_certificate(serial=(1 << 127) + 9)
    return later.installed.with_encryption(later.keys["encryption"], own)


@pytest.fixture
def renewed(fresh: Keystore, today: KeystoreMaker) -> Keystore:
    """The same, with the old key too."""
    (old,) = today.complete.encryption
    assert isinstance(old.key, RSAPrivateKey)
    return fresh.with_encryption(old.key, old.chain[0])


@pytest.fixture
def driver(toolkit: Toolkit, keystores: Path, today: KeystoreMaker, renewed: Keystore) -> TroubleshootDriver:
    """The page on a folder with an old and a new file, neither open."""
    create_keystore(keystores / OLDER, today.complete.contents, Secret(OTHER))
    create_keystore(keystores / NEWER, renewed.contents, Secret(PASSWORD))
    driver = TroubleshootDriver(toolkit)
    driver.look()
    return driver


def open_both(driver: TroubleshootDriver) -> None:
    for name, password in ((OLDER, OTHER), (NEWER, PASSWORD)):
        driver.choose(name)
        driver.do("open", password=password)


# ── the archive ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seen_from", [OLDER, NEWER])
@pytest.mark.parametrize("known", [False, True], ids=["closed", "open"])
def test_the_old_file_is_put_away(
    driver: TroubleshootDriver, keystores: Path, seen_from: str, known: bool
) -> None:
    before = (keystores / OLDER).read_bytes()
    if known:
        open_both(driver)
    driver.choose(seen_from)
    assert "use “Archive the old file”" in driver.detail.html
    driver.do("archive")
    html = driver.detail.html
    assert OLDER in html
    assert f"replaced by {NEWER}" in html
    assert (keystores / OLDER).exists(), "nothing is done before it is agreed to"
    driver.do("go")
    assert not (keystores / OLDER).exists()
    assert (keystores / "archive" / OLDER).read_bytes() == before
    assert str(keystores / "archive") in driver.detail.html
    assert "move the file back to its original folder, under the same name" in driver.detail.html

    driver.do("back")
    for name in (OLDER, NEWER):
        driver.choose(name)
        assert driver.detail.part(SectionHead).title == name
        assert "archive" not in [action for action, _ in driver.deeds], (
            "there is no other file beside it any more"
        )
    driver.choose(OLDER)
    assert driver.detail.part(SectionHead).note.endswith("in memory only")
    assert "password" not in [button["name"] for button in driver.detail.parts(ButtonBar)[-1].buttons]


def test_missing_keys_of_the_new_file_are_reported_first(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker, fresh: Keystore
) -> None:
    create_keystore(keystores / OLDER, today.complete.contents, Secret(OTHER))
    create_keystore(keystores / NEWER, fresh.contents, Secret(PASSWORD))
    driver = TroubleshootDriver(toolkit)
    driver.look(OLDER)
    driver.do("archive")
    assert "Decryption keys that the new file lacks: 1" in driver.detail.html
    assert "use “Copy old keys”" in driver.detail.html
    driver.do("cancel")
    assert (keystores / OLDER).exists()


def test_a_file_that_stays_says_why(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    create_keystore(keystores / OLDER, today.complete.contents, Secret(OTHER))
    create_keystore(keystores / NEWER, today.prepared.contents, Secret(PASSWORD))
    driver = TroubleshootDriver(toolkit)
    driver.look(OLDER)
    driver.do("archive")
    assert "There is nothing to archive" in driver.detail.html
    assert [name for name, _ in driver.deeds] == ["back"]
    driver.do("go")
    assert sorted(path.name for path in keystores.glob("*.p12")) == [OLDER, NEWER]
    driver.look(NEWER)
    driver.do("archive")
    assert "waiting for its certificate" in driver.detail.html


def test_what_changed_between_the_question_and_the_answer(
    driver: TroubleshootDriver, keystores: Path
) -> None:
    driver.choose(OLDER)
    driver.do("archive")
    (keystores / NEWER).unlink()
    driver.do("go")
    assert OLDER in driver.detail.problem[0][0]
    assert (keystores / OLDER).exists()


def test_an_archive_that_has_such_a_file(driver: TroubleshootDriver, keystores: Path) -> None:
    (keystores / "archive").mkdir()
    (keystores / "archive" / OLDER).write_bytes(b"another")
    driver.choose(OLDER)
    driver.do("archive")
    driver.do("go")
    assert "already exists" in driver.detail.problem[0][0]
    assert (keystores / OLDER).exists()
    assert (keystores / "archive" / OLDER).read_bytes() == b"another"


def test_one_that_cannot_be_moved_does_not_hide_those_that_were(
    driver: TroubleshootDriver, keystores: Path
) -> None:
    assert driver.verdicts
    toolkit = driver.page.model.toolkit
    paths = [keystores / OLDER, keystores / "none.p12"]
    done = archive_keystores(paths, toolkit.settings, toolkit.context)
    assert [new.name for _, new in done.moved] == [OLDER]
    assert isinstance(done.failure, errors.KeystoreNotFound)


@pytest.fixture
def broken_registry() -> Path:
    """Of the providers, whose records are to follow the files."""
    path = load_settings().provider_file
    path.write_bytes(b"no registry at all")
    return path


def test_a_file_is_archived_the_next_time_if_its_record_cannot_follow(
    driver: TroubleshootDriver, keystores: Path, broken_registry: Path
) -> None:
    driver.choose(OLDER)
    driver.do("archive")
    driver.do("go")
    assert len(driver.detail.problem) == 1
    assert sorted(path.name for path in keystores.glob("*.p12")) == [OLDER, NEWER]
    broken_registry.unlink()
    driver.do("go")
    assert (keystores / "archive" / OLDER).exists()
    assert not (keystores / OLDER).exists()


def test_a_file_is_not_renamed_if_its_record_cannot_follow(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker, broken_registry: Path
) -> None:
    create_keystore(keystores / "mine.p12", today.complete.contents, Secret(PASSWORD))
    driver = TroubleshootDriver(toolkit)
    driver.look("mine.p12")
    driver.do("open", password=PASSWORD)
    driver.do("rename")
    driver.do("go")
    assert len(driver.detail.problem) == 1
    assert [path.name for path in keystores.glob("*.p12")] == ["mine.p12"]
    broken_registry.unlink()
    driver.do("go")
    assert driver.detail.problem == []
    assert [path.name for path in keystores.glob("*.p12")] != ["mine.p12"]


def test_a_lone_file_and_one_in_memory_are_not_put_away(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NEWER, today.complete.contents, Secret(PASSWORD))
    driver = TroubleshootDriver(toolkit)
    driver.drop((OLDER, (keystores / NEWER).read_bytes()))
    assert "archive" not in [name for name, _ in driver.deeds]
    (examined,) = driver.model.examined_files
    with pytest.raises(errors.KeystoreNotFound):
        driver.model.plan_archive(examined)
    driver.look(NEWER)
    assert "archive" not in [name for name, _ in driver.deeds]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_every_reason_to_stay(language: LanguageName) -> None:
    texts = Translator(language)
    assert [reason for reason in KeepReason if not texts.has(f"troubleshoot.archive.stays.{reason}")] == []


# ── the copy of before ───────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def protected(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> TroubleshootDriver:
    """The page after a file has got a new password."""
    create_keystore(keystores / NEWER, today.complete.contents, Secret(PASSWORD))
    driver = TroubleshootDriver(toolkit)
    driver.look(NEWER)
    driver.do("open", password=PASSWORD)
    driver.do("protect")
    driver.do("go", {}, new=NEW, again=NEW)
    return driver


def test_the_copy_is_deleted_after_its_question(
    protected: TroubleshootDriver, keystores: Path, today: KeystoreMaker
) -> None:
    (copy,) = backups_of(keystores / NEWER)
    protected.do("delete")
    assert "Do you already work with the new password?" in protected.detail.html
    assert copy.name in protected.detail.html
    assert copy.exists()
    protected.do("no")
    assert "still opens with the OLD password" in protected.detail.html
    assert copy.exists()
    protected.do("delete")
    protected.do("yes")
    assert not copy.exists()
    assert "The copy was deleted" in protected.detail.html
    assert "Other copies" not in protected.detail.html
    assert open_keystore(keystores / NEWER, Secret(NEW)) == today.complete
    protected.do("back")
    assert "This keystore is complete" in protected.detail.html


def test_copies_that_are_left_are_counted(protected: TroubleshootDriver, keystores: Path) -> None:
    protected.do("back")
    protected.do("protect")
    protected.do("go", {"modern": True}, new="", again="")
    copies = backups_of(keystores / NEWER)
    assert len(copies) == 2
    protected.do("delete")
    assert "Does the changed file already work in your software?" in protected.detail.html
    protected.do("yes")
    assert backups_of(keystores / NEWER) == copies[1:]
    assert "each with an earlier password: 1." in protected.detail.html


def test_a_missing_copy_is_reported(protected: TroubleshootDriver, keystores: Path) -> None:
    (copy,) = backups_of(keystores / NEWER)
    protected.do("delete")
    copy.unlink()
    protected.do("yes")
    assert copy.name in protected.detail.problem[0][0]
    assert (keystores / NEWER).exists()
