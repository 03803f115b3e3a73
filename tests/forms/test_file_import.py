"""Files from elsewhere: how they come into the folder, and what a shared server allows."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.file_import.model import FileElsewhere, FileImport
from ehtoolkit.forms.steps.keystore_import import FileActions
from ehtoolkit.forms.steps.keystore_picker import FIELD
from ehtoolkit.forms.widgets.fields import ChoiceField, TextField
from ehtoolkit.forms.widgets.files import CopyButton, Download, DropZone
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.forms.wizards.complete.form import COMPLETE
from ehtoolkit.forms.wizards.complete.model import CompleteModel
from ehtoolkit.forms.wizards.password.form import PASSWORD as PASSWORD_FORM
from ehtoolkit.forms.wizards.password.model import PasswordModel
from ehtoolkit.forms.wizards.renew import RENEW, RenewModel
from ehtoolkit.forms.wizards.revoke.form import REVOKE
from ehtoolkit.forms.wizards.revoke.model import LISTED, RevokeModel
from ehtoolkit.i18n import BRUSSELS, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.copied_keystore import NAME, PASSWORD, data, stick, toolkit
from tests.forms.player import Later, Player, SomePage
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.keystore.conftest import KeystoreMaker
from tests.support.ipywidgets_internals import send_to
from tests.support.mounted_drives import mounted_at

__all__ = ["data", "stick", "toolkit"]

get = Translator("en").get


class Sitting(Player):
    """A form that is open, and who takes a file for it."""

    def __init__(
        self, toolkit: Toolkit, form: Any = COMPLETE, made: Any = None, runner: Any = run_inline
    ) -> None:
        self.model = form.walk(CompleteModel(toolkit) if made is None else made)
        self.view = FormContext(form, self.model, Translator("en"), toolkit.settings.home, runner=runner)
        super().__init__(self.view.root)

    @property
    def complaint(self) -> list[str]:
        return [problem["text"] for summary in self.parts(ErrorSummary) for problem in summary.items]

    @property
    def offered(self) -> dict[str, bool]:
        field = self.part(ChoiceField, FIELD)
        return {option["value"]: option["value"] == field.value for option in field.options}


def content(folder: Path) -> dict[str, bytes]:
    return {keystore.path.name: keystore.path.read_bytes() for keystore in find_keystores(folder)}


# ── on the pages ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_dropped_file_is_copied_chosen_and_opened(toolkit: Toolkit, data: bytes) -> None:
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    assert "show_folder" not in user.buttons, "there is no file yet"
    user.drop_elsewhere(f"Copy of {NAME}", data)
    assert content(toolkit.context.keystores) == {NAME: data}
    assert user.offered == {NAME: True}
    assert user.said == get("file_import.done", file=NAME)
    user.press(secrets={"password": "Kine-2026"})
    assert user.title == get("password.new.title")


def test_a_file_of_a_place_is_found_and_copied_and_the_original_stays(
    toolkit: Toolkit, stick: Path, data: bytes
) -> None:
    user, original = Sitting(toolkit), mounted_at(stick) / "2026" / f"Copy of {NAME}"
    before = original.stat().st_mtime_ns
    user.press("search_place")
    found = user.part(ChoiceField, "import_found")
    assert [(option["label"], option["hint"]) for option in found.options] == [
        (original.name, str(original.parent))
    ]
    user.press("take_found")
    assert content(toolkit.context.keystores) == {NAME: data}
    assert (original.read_bytes(), original.stat().st_mtime_ns) == (data, before)
    assert user.offered == {NAME: True}, "also where the form would not have offered it"


def test_a_file_that_is_dropped_while_a_search_goes_on_is_taken_after_it(
    toolkit: Toolkit, stick: Path, data: bytes
) -> None:
    runner = Later()
    user = Sitting(toolkit, runner=runner)
    user.press("search_place")
    user.drop_elsewhere("letter.p12", b"Dear Elise")
    user.drop_elsewhere(NAME, data)
    assert len(runner) == 1, "one at a time"
    runner.do_one()
    runner.do_one()
    assert content(toolkit.context.keystores) == {NAME: data}, "of two, the last one"
    assert user.offered == {NAME: True}
    assert len(runner) == 0


def test_what_was_dropped_is_taken_also_after_a_search_that_fails(
    toolkit: Toolkit, stick: Path, data: bytes
) -> None:
    runner = Later()
    user = Sitting(toolkit, runner=runner)
    user.press("look_at_path", {"import_path": str(stick / "nothing.p12")})
    user.drop_elsewhere(NAME, data)
    runner.do_one()
    runner.do_one()
    assert content(toolkit.context.keystores) == {NAME: data}


@pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process is another's business there")
def test_a_file_without_a_time_in_its_name_gets_the_one_when_it_was_written_in_belgium(
    toolkit: Toolkit,
    stick: Path,
    data: bytes,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    request.addfinalizer(time.tzset)
    request.addfinalizer(monkeypatch.undo)  # before it
    path = stick / "SSIN=79031421872.p12"
    path.write_bytes(data)
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).timestamp()
    os.utime(path, (noon, noon))
    files = FileImport(toolkit)
    assert files.take(files.read(path)).path.name == NAME


def test_what_is_in_the_folder_already_is_chosen_and_not_copied(
    toolkit: Toolkit, stick: Path, data: bytes
) -> None:
    user = Sitting(toolkit)
    user.drop_elsewhere(NAME, data)
    user.press("elsewhere")
    user.press("look_at_path", {"import_path": str(stick / "2026" / f"Copy of {NAME}")})
    assert content(toolkit.context.keystores) == {NAME: data}
    assert user.said == get("file_import.already", file=NAME)


def test_a_folder_by_its_path_is_searched(toolkit: Toolkit, stick: Path) -> None:
    user = Sitting(toolkit)
    user.press("look_at_path", {"import_path": str(stick)})
    assert len(user.part(ChoiceField, "import_found").options) == 1
    assert get("file_import.found.one", count=1) in user.html


def test_a_file_is_named_after_its_certificate_when_it_is_opened(
    toolkit: Toolkit, data: bytes, keystore_maker: KeystoreMaker
) -> None:
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.drop_elsewhere("certificat.p12", data)
    user.press(secrets={"password": "wrong"})
    assert list(content(toolkit.context.keystores)) == ["certificat.p12"]
    user.press(secrets={"password": "Kine-2026"})
    assert user.title == get("password.new.title")
    (name,) = content(toolkit.context.keystores)
    assert name == f"SSIN=79031421872 {keystore_maker.start.astimezone(BRUSSELS):%Y%m%d-%H%M%S}.p12"
    assert user.model.path.name == name


def test_it_gets_its_name_also_when_it_is_opened_in_another_language(
    toolkit: Toolkit, data: bytes, keystore_maker: KeystoreMaker
) -> None:
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.drop_elsewhere("certificat.p12", data)
    view = FormContext(PASSWORD_FORM, user.model, Translator("nl"), toolkit.settings.home, runner=run_inline)
    Player(view.root).press(secrets={"password": "Kine-2026"})
    (name,) = content(toolkit.context.keystores)
    assert name == f"SSIN=79031421872 {keystore_maker.start.astimezone(BRUSSELS):%Y%m%d-%H%M%S}.p12"


def test_another_file_of_the_name_that_the_first_had_is_the_one_that_is_opened(
    toolkit: Toolkit, data: bytes, keystore_maker: KeystoreMaker
) -> None:
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.drop_elsewhere("certificat.p12", data)
    user.press(secrets={"password": "Kine-2026"})
    first = user.model.path
    user.press("back")

    other = write_pkcs12(keystore_maker.installed.contents, PASSWORD)
    user.press("elsewhere")
    user.drop_elsewhere("certificat.p12", other)
    assert user.offered == {"certificat.p12": True, first.name: False}
    user.press(secrets={"password": "Kine-2026"})
    assert user.title == get("password.new.title")
    assert user.model.path != first
    assert user.model.path.read_bytes() == other

    user.press("back")
    user.press(values={FIELD: first.name}, secrets={"password": "Kine-2026"})
    assert user.model.path == first


def test_a_file_that_was_there_before_keeps_its_name(toolkit: Toolkit, data: bytes) -> None:
    toolkit.context.keystores.mkdir(parents=True)
    (toolkit.context.keystores / "mine.p12").write_bytes(data)
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.press(secrets={"password": "Kine-2026"})
    assert list(content(toolkit.context.keystores)) == ["mine.p12"]


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        (b"", "error.not_a_keystore.empty"),
        (b"\xfe\xed\xfe\xed" + b"\0" * 50, "error.not_a_keystore.jks"),
        (b"x" * (limits.SIZE + 1), None),
    ],
)
def test_what_is_no_keystore_is_refused_with_what_to_do(
    toolkit: Toolkit, stick: Path, bad: bytes, key: str | None
) -> None:
    (stick / "bad.p12").write_bytes(bad)
    user = Sitting(toolkit)
    user.press("look_at_path", {"import_path": str(stick / "bad.p12")})
    assert content(toolkit.context.keystores) == {}
    (complaint,) = user.complaint
    assert key is None or complaint == get(key)
    shown = [part for part in user.parts(ErrorSummary) if part.items]
    assert [summary.title for summary in shown] == [get("file_import.failed")]
    assert all(shown[0].notes), "what to do"
    assert user.part(TextField, "import_path").error == complaint


def test_a_hostile_file_costs_no_more_than_others(
    toolkit: Toolkit, stick: Path, keystore_maker: KeystoreMaker
) -> None:
    """No key is derived, and nothing is computed with what the file says, before its password is typed."""
    rounds = bytearray(write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    (stick / "rounds.p12").write_bytes(bytes(rounds[:40]) + b"\x30\x84\x7f\xff\xff\xff" * 2_000)
    user = Sitting(toolkit)
    user.press("look_at_path", {"import_path": str(stick / "rounds.p12")})
    assert content(toolkit.context.keystores) == {}
    assert len(user.complaint) == 1


def test_a_missing_choice_is_reported(toolkit: Toolkit, stick: Path, data: bytes) -> None:
    (stick / "2026" / "another.p12").write_bytes(data)
    user = Sitting(toolkit)
    user.press("search_place")
    user.press("take_found", {"import_found": ""})
    assert user.complaint == [get("file_import.found.none_chosen")]
    user.press("look_at_path", {"import_path": " "})
    assert user.complaint == ["Type the path of a file or folder"]


def test_the_first_page_of_a_renewal_takes_the_file_that_it_lacks(toolkit: Toolkit, data: bytes) -> None:
    user = Sitting(toolkit, RENEW, RenewModel(toolkit))
    assert get("renew.before.none") in user.html
    user.press("elsewhere")
    user.drop_elsewhere(NAME, data)
    assert get("renew.before.none") not in user.html


def test_neither_path_nor_content_is_in_a_log(
    toolkit: Toolkit, stick: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    user = Sitting(toolkit)
    user.drop_elsewhere(f"Copy of {NAME}", data)
    user.press("elsewhere")
    user.press("look_at_path", {"import_path": str(stick / "letter.txt")})
    user.press("search_place")
    assert len(user.complaint) == 0
    assert str(stick) not in caplog.text
    assert NAME not in caplog.text


# ── on a server that is shared ───────────────────────────────────────────────────────────────────────────
@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toolkit]:
    monkeypatch.setenv("EHTOOLKIT_SHARED", "1")
    toolkit = open_toolkit(load_settings(home=tmp_path / "server", training_delivery=0.0))
    yield toolkit
    toolkit.close()


def test_a_shared_server_shows_nothing_of_its_disk_and_takes_no_file(
    shared: Toolkit, stick: Path, data: bytes
) -> None:
    user = Sitting(shared)
    assert user.parts(DropZone) == []
    assert get("page.shared.files.text") in user.html
    assert {part.name for part in (*user.parts(TextField), *user.parts(ChoiceField))} == set()
    files = FileImport(shared)
    assert files.places() == ()
    for look in (files.search, files.read, lambda path: files.look(str(path))):
        with pytest.raises(errors.KeystoreNotIssued):
            look(stick)
    assert not files.is_folder(stick)
    with pytest.raises(errors.KeystoreNotIssued):
        files.take(FileElsewhere(NAME, data))
    assert content(shared.context.keystores) == {}


def test_a_keystore_that_is_put_into_the_folder_of_a_shared_server_is_offered(
    shared: Toolkit, tmp_path: Path
) -> None:
    own = keystore_of(shared)
    elsewhere = own.rename(tmp_path / own.name)
    user = Sitting(shared, PASSWORD_FORM, PasswordModel(shared))
    assert user.parts(ChoiceField) == []
    elsewhere.rename(own)  # as its administrator does
    user.press("again")
    (choice,) = user.parts(ChoiceField)
    assert [option["value"] for option in choice.options] == [own.name]
    assert [button.label for button in user.parts(Download)] == [get("file_import.copy")]
    assert user.parts(CopyButton) == []
    assert "show_folder" not in user.buttons


# ── quiet actions ────────────────────────────────────────────────────────────────────────────────────────
def keystore_of(toolkit: Toolkit) -> Path:
    """A complete keystore of the first person."""
    card = toolkit.open_card()
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("elise@example.be", "+32 4 555 01 42"))
    made = request(requested, card, lambda _: Secret("1234"), PASSWORD, toolkit.context, show=lambda _: None)
    complete(KeystoreFile.open(made.keystore, PASSWORD), toolkit.context)
    return made.keystore


def test_the_folder_the_path_and_a_copy_of_the_chosen_file(
    toolkit: Toolkit, tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = program(tmp_path / "xdg-open", 'echo "$1" > "$0.started"')
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("shutil.which", lambda name: str(opener) if name == "xdg-open" else None)
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.drop_elsewhere(NAME, data)
    path = toolkit.context.keystores / NAME
    user.press("show_folder")
    assert opener.with_name("xdg-open.started").read_text() == f"{path.parent}\n"
    assert user.said == get("file_import.folder.done", folder=path.parent)
    copy = user.part(CopyButton)
    assert copy.text == str(path)
    send_to(copy, {"action": "copied"})
    assert user.said == get("file_import.path.done")
    sent: list[Any] = []
    download = user.part(Download)
    monkeypatch.setattr(download, "send", lambda message, buffers: sent.append((message["name"], buffers)))
    send_to(download, {"action": "want"})
    assert sent == [(NAME, [data])]
    path.unlink()
    send_to(download, {"action": "want"})
    assert user.complaint == [get("error.keystore_not_found", path=str(path))]


def test_the_actions_follow_a_file_to_its_new_name(
    toolkit: Toolkit, data: bytes, keystore_maker: KeystoreMaker
) -> None:
    """Also where the step that renamed it fails, so that its page stays."""
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.drop_elsewhere(NAME, write_pkcs12(keystore_maker.installed.contents, PASSWORD))
    user.press("elsewhere")
    user.drop_elsewhere("odd.p12", data)
    old = toolkit.context.keystores / "odd.p12"
    user.model.choosing.renamed(old, old.rename(old.with_name("proper.p12")))

    field, copy = user.part(ChoiceField, FIELD), user.part(CopyButton)
    field.value = NAME
    assert copy.text == str(old.with_name(NAME))
    field.value = "odd.p12"
    assert copy.text == str(old.with_name("proper.p12"))


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("opener", "folder", "reported"),
    [
        ("exit 3", ".", errors.FileManagerMissing),  # as xdg-open where there is no file manager
        (None, ".", errors.FileManagerMissing),
        ("exit 0", "none", errors.FolderMissing),
        (
            "exit 0",
            "x" * 300,
            errors.FileManagerMissing,
        ),  # the system refuses to answer, for the superuser too
    ],
)
def test_a_folder_that_cannot_be_opened_is_reported(
    toolkit: Toolkit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    opener: str | None,
    folder: str,
    reported: type[errors.EhToolkitError],
) -> None:
    path = None if opener is None else str(program(tmp_path / "xdg-open", opener))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("shutil.which", lambda _: path)
    page = SomePage(tmp_path)
    actions = FileActions(toolkit, page)
    actions.show(tmp_path / folder / NAME)
    Player(actions.root).press("show_folder")
    assert [type(error) for error in page.failures] == [reported]
    assert page.announcer.text == ""


def test_a_folder_that_is_not_shown_is_not_taken_for_a_keystore_that_is_not_opened(
    toolkit: Toolkit, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("shutil.which", lambda _: None)
    user = Sitting(toolkit, PASSWORD_FORM, PasswordModel(toolkit))
    user.drop_elsewhere(NAME, data)
    user.press("show_folder")
    assert [found.title for found in user.parts(ErrorSummary) if found.items] == [get("wizard.folder")]


# ── where a file is looked at, or names a certificate ────────────────────────────────────────────────────
def test_troubleshooting_looks_at_a_file_of_a_place_and_writes_nothing(
    toolkit: Toolkit, stick: Path, data: bytes
) -> None:
    driver = TroubleshootDriver(toolkit)
    driver.press("elsewhere")
    driver.press("look_at_path", {"import_path": str(stick / "2026" / f"Copy of {NAME}")})
    (examined,) = driver.model.examined_files
    assert (examined.path, examined.content) == (None, data)
    assert content(toolkit.context.keystores) == {}
    assert len(driver.parts(DropZone)) == 1, "there is a place to drop files on already"


def test_a_file_chooses_the_certificate_to_be_revoked_and_is_not_copied(
    toolkit: Toolkit, tmp_path: Path, data: bytes
) -> None:
    own = keystore_of(toolkit)
    away = tmp_path / "away.p12"
    own.rename(away)
    made = RevokeModel(toolkit)
    user = Sitting(toolkit, REVOKE, made)
    made.reading.read(made.wizard)
    made.ask_list(Secret("1234"))
    made.wizard._current = "choose"
    user.view.refresh()
    user.part(ChoiceField, LISTED).value = ""
    user.press("elsewhere")
    user.drop_elsewhere(NAME, data)
    assert len(user.complaint) == 1, "of none of these certificates"
    user.drop_elsewhere("away.p12", away.read_bytes())
    assert user.part(ChoiceField, LISTED).value == KeystoreFile.open(away, PASSWORD).keystore.key_id
    assert content(toolkit.context.keystores) == {}
