"""The reminder of the first page about safety copies, and the part that makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from ehtoolkit.clock import SystemClock
from ehtoolkit.forms.audit.choosing_panel import FOLDERS
from ehtoolkit.forms.audit.model import AuditModel
from ehtoolkit.forms.copies.backup_reminder import BackupReminder, missing_copies
from ehtoolkit.forms.copies.copy_part import FIELD
from ehtoolkit.forms.copies.offered_folders import COPY_FOLDER, offered_folders
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.index import IndexPage
from ehtoolkit.forms.tools.audit import AUDIT
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import KeystoreState
from ehtoolkit.keystore.storage.copies import CopiedFile, note_copy
from ehtoolkit.keystore.storage.holder_keystores import keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import sha256_of_file
from ehtoolkit.secret import Secret
from ehtoolkit.settings import EnvironmentName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.due_files import waiting
from tests.forms.player import Player
from tests.support.items import ON_FIRST_PAGE, item_in
from tests.support.mounted_drives import mount_drives, mounted_at

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
ELISE = Identifier.parse("SSIN=79031421872")
PASSWORD = Secret("Zo-Geheim_42")
texts = Translator("en")
get = texts.get


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only drive of this computer."""
    stick = tmp_path / "media" / "STICK"
    stick.mkdir(parents=True)
    mount_drives(monkeypatch, stick)
    return mounted_at(stick)


@pytest.fixture
def keystore(key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A keystore that waits for its certificate, in the home of the pages."""
    monkeypatch.chdir(tmp_path)
    folder = load_settings().home / "training" / "keystore"
    path = keystore_path(folder, ELISE, None, NOW, Environment.TRAINING)
    KeystoreFile.create(path, Keystore.prepare(key, NOW), PASSWORD)
    return path


def first_page() -> Player:
    return Player(IndexPage(PageContext(load_settings(), texts), open_toolkit, run_inline).root)


# ── which keystores ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", ON_FIRST_PAGE)
def test_keystores_in_use_or_awaited_need_a_copy(tmp_path: Path, state: KeystoreState) -> None:
    needless = {"expired", "revoked", "refused", "unreadable", "elsewhere", "replaced"}
    found = tuple(missing_copies([item_in(waiting("20261124"), state)], tmp_path))
    assert bool(found) is (state.value not in needless)
    assert all(missing.last is None for missing in found)


@pytest.mark.parametrize(
    ("copied", "expected"),
    [(None, ["never"]), ("the file", []), ("an earlier state", ["older"])],
)
def test_a_copy_counts_while_the_file_is_unchanged(
    keystore: Path, tmp_path: Path, copied: str | None, expected: list[str]
) -> None:
    items = outlook(due_keystores(keystore.parent, tmp_path), NOW, Environment.TRAINING)
    key_id = items[0].due.file.key_id
    assert key_id is not None
    if copied is not None:
        content = sha256_of_file(keystore) if copied == "the file" else "0" * 64
        note_copy(tmp_path, key_id, CopiedFile(tmp_path / "copies" / keystore.name, content), NOW)
    found = tuple(missing_copies(items, tmp_path))
    assert ["never" if missing.last is None else "older" for missing in found] == expected


# ── on the first page ────────────────────────────────────────────────────────────────────────────────────
def test_a_copy_on_a_drive_ends_the_reminder_until_the_file_changes(keystore: Path, stick: Path) -> None:
    page, title = first_page(), texts.counted("index.backup", 1)
    assert title in page.html
    page.press("copy_files")
    assert page.part(SectionHead).focused == 1
    page.press("folder_0")
    copy = stick / COPY_FOLDER / keystore.name
    assert copy.read_bytes() == keystore.read_bytes()
    assert title not in page.html
    assert get("closing.copy.done") in page.html
    assert str(copy) in page.html
    assert page.said == get("closing.copy.done")
    assert page.part(SectionHead).focused == 2
    assert title not in first_page().html

    before = keystore.read_bytes()
    opened = KeystoreFile.open(keystore, PASSWORD)
    keystore.unlink()
    KeystoreFile.create(keystore, opened.keystore, Secret("Een-Ander_42"))
    again = first_page()
    assert title in again.html
    again.press("copy_files")
    again.press("folder_0")
    assert copy.read_bytes() == keystore.read_bytes() != before
    (kept,) = (copy.parent / "backup").iterdir()
    assert kept.read_bytes() == before
    assert str(kept.resolve()) in again.html


def test_a_typed_folder_is_offered_the_next_time(keystore: Path, stick: Path, tmp_path: Path) -> None:
    folder = tmp_path / "network"
    page = first_page()
    page.press("copy_files")
    page.press("copy", {FIELD: str(folder)})
    assert page.part(TextField, FIELD).error
    folder.mkdir()
    page.press("copy", {FIELD: str(folder)})
    assert (folder / keystore.name).exists()
    offered = offered_folders(load_settings().notes, keystore.parent)
    assert [(each.kind, each.path) for each in offered] == [
        ("drive", stick),
        ("keystores", keystore.parent),
        ("recent", folder),
    ]


def test_a_stick_that_is_connected_later_is_found(keystore: Path, stick: Path) -> None:
    stick.rmdir()
    page = first_page()
    page.press("copy_files")
    assert "folder_0" not in page.buttons
    page.press("look_again")
    assert page.said == get("closing.copy.found.nothing")
    stick.mkdir()
    page.press("look_again")
    assert page.said == texts.counted("closing.copy.found", 1)
    assert "folder_0" in page.buttons


@pytest.mark.parametrize(
    ("environment", "shared", "look"),
    [("training", False, "quiet"), ("training", True, None), ("acceptance", False, "")],
)
def test_the_reminder_is_quiet_in_training_and_absent_on_a_shared_server(
    keystore: Path, environment: EnvironmentName, shared: bool, look: str | None
) -> None:
    toolkit = open_toolkit(load_settings(environment=environment, shared=shared))
    context = toolkit.context
    shell = PageShell(PageContext(toolkit.settings, texts), run_inline, "index")
    reminder = BackupReminder(toolkit, shell, lambda: None)
    reminder.offer(outlook(due_keystores(keystore.parent, context.notes), NOW, Environment.TRAINING))
    page = Player(reminder.root)
    looks = [button["look"] for bar in page.parts(ButtonBar) for button in bar.buttons]
    assert looks == ([] if look is None else [look])
    toolkit.close()


# ── the same folders where folders are typed ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize("shared", [False, True])
def test_the_audit_adds_a_drive_to_its_folders(keystore: Path, stick: Path, shared: bool) -> None:
    settings = load_settings(shared=shared)
    page = AUDIT.build(AuditModel(settings, SystemClock()), PageContext(settings, texts), run_inline)
    driver = Player(page.root)
    page.start()
    driver.press("choose")
    assert ("folder_0" in driver.buttons) is not shared
    if shared:
        return
    driver.press("folder_0", {FOLDERS: f"{keystore.parent}\n\n/typed"})
    assert driver.part(TextField, FOLDERS).value.splitlines() == [str(keystore.parent), "/typed", str(stick)]
    assert driver.said == get("audit_page.folders.added", folder=stick.name)
