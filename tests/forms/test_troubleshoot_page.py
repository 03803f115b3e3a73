"""The Troubleshoot page with its widgets and without a browser: what is shown, said, handed out, and kept secret."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms import open_troubleshoot
from ehtoolkit.forms.engine.background import Outcome, run_inline
from ehtoolkit.forms.troubleshoot import examined_file
from ehtoolkit.forms.troubleshoot.advice import FileAction
from ehtoolkit.forms.troubleshoot.model import MOST
from ehtoolkit.forms.troubleshoot.page import AT_ONCE
from ehtoolkit.forms.widgets import ButtonBar, ChoiceField, ErrorSummary, FileList, SecretField, SectionHead
from ehtoolkit.forms.widgets.files import Reason
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12, write_pkcs12
from ehtoolkit.keystore.diagnosis.rules.format import OTHER_FILES
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.keystore.storage.writing import create_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from tests.forms.player import Later, Player
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.keystore.conftest import KeystoreMaker

if TYPE_CHECKING:
    from ehtoolkit.bootstrap import Toolkit

NAME = "SSIN=79031421872 20261124-130000.p12"
OLDER = "SSIN=79031421872 20230901-101500.p12"
PASSWORD, NEW, WRONG = "Kine-2026 & co", "Nieuw-2027!", "KINE 2026"
SECRET = Secret(PASSWORD)


@pytest.fixture
def toolkit() -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings())
    yield toolkit
    toolkit.close()


@pytest.fixture
def today(bench: KeystoreMaker) -> KeystoreMaker:
    now = datetime.now(UTC).replace(microsecond=0)
    return KeystoreMaker(bench.keys, now - timedelta(days=1), now + timedelta(days=1000))


@pytest.fixture
def renewed(today: KeystoreMaker) -> Keystore:
    roles = {**today.keys, "authentication": today.keys["renewed"], "encryption": today.keys["stranger"]}
    later = KeystoreMaker(roles, today.start, today.end)
    certificate = later.encryption_certificate(serial=(1 << 127) + 9)
    return later.installed.with_encryption(later.keys["encryption"], certificate)


@pytest.fixture
def data(today: KeystoreMaker) -> bytes:
    return write_pkcs12(today.complete.contents, SECRET)


@pytest.fixture
def desk(toolkit: Toolkit) -> TroubleshootDriver:
    return TroubleshootDriver(toolkit)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_empty_at_first(desk: TroubleshootDriver, keystores: Path) -> None:
    assert desk.title == "Troubleshooting"
    assert desk.page.detail is None
    assert desk.part(FileList).options == []
    assert str(keystores) in desk.html


def test_the_verdict_comes_first_and_the_size_is_beside_it(desk: TroubleshootDriver, data: bytes) -> None:
    desk.drop((NAME, data))
    panel = text_of(desk.detail.html.partition("eh-findings")[0])
    assert "Password needed" in panel
    assert "kB" in panel
    assert desk.detail.part(SectionHead).note.endswith("in memory only")
    assert desk.deeds == [("open", "primary")]
    assert desk.said == f"{NAME}: Password needed"
    assert desk.verdicts == [], "one file needs no list"


def test_several_files_each_have_their_line(desk: TroubleshootDriver, data: bytes) -> None:
    desk.drop((NAME, data), ("cut.p12", data[:1500]), ("nothing.p12", b""), ("letter.txt", b"Dear colleague"))
    assert desk.verdicts == [
        (NAME, "off", "Password needed"),
        ("cut.p12", "danger", "Cut off: the end is missing"),
        ("nothing.p12", "danger", "Empty"),
        ("letter.txt", "danger", "Not a keystore"),
    ]
    assert desk.said == "4 files have been looked at."
    desk.choose("nothing.p12")
    assert desk.part(FileList).chosen == "3"
    assert "zero bytes" in desk.detail.html
    assert desk.detail.part(SectionHead).focused == 1


def test_findings_are_grouped_worst_first_with_what_to_do(
    desk: TroubleshootDriver, today: KeystoreMaker
) -> None:
    bags = today.complete.contents
    desk.drop(("copy (1).p12", write_pkcs12(bags, Secret(""))))
    desk.do("open", password="")
    html = desk.detail.html
    heads = re.findall(r'<(?:h3 class="eh-h3"|summary)>([^<]+\(\d+\))', html)
    assert [head.split(" (")[0] for head in heads] == ["Warnings", "Good to know", "In order"]
    assert "“Update the protection”: letters without accents" in html
    assert desk.deeds[0] == ("protect", "primary")


def test_a_wrong_password_stays_at_its_field(desk: TroubleshootDriver, data: bytes) -> None:
    desk.drop((NAME, data))
    desk.do("open", password="")
    assert desk.detail.problem == [(Translator("en").get("error.keystore_password_wrong.empty"), "password")]
    assert desk.detail.part(ErrorSummary).notes == [
        Translator("en").get("error.keystore_password_wrong.empty.next")
    ]
    desk.do("open", password=WRONG)
    sentence, field = desk.detail.problem[0]
    assert (field, sentence) == ("password", Translator("en").get("finding.password_wrong"))
    assert desk.detail.part(SecretField).error == sentence
    desk.do("open", password=PASSWORD)
    assert desk.detail.problem == []
    assert "This keystore is complete" in desk.detail.html
    assert desk.detail.parts(SecretField) == []
    assert "ELISE" in desk.detail.html.upper() or "ÉLISE" in desk.detail.html.upper()


def test_the_card_of_the_file_s_holder_is_chosen(desk: TroubleshootDriver, data: bytes) -> None:
    card = desk.part(ChoiceField, "card")
    card.value = "training:bram"
    desk.drop((NAME, data))
    desk.do("open", password=PASSWORD)
    assert card.value == "training:elise"


def test_neither_password_nor_bytes_are_in_any_state(desk: TroubleshootDriver, data: bytes) -> None:
    desk.drop((NAME, data), ("cut.p12", data[: len(data) // 2]))
    states = []
    for password in (WRONG, PASSWORD):
        desk.do("open", password=password)
        states.append(repr([widget.get_state() for widget in desk.everything()]))
    desk.do("protect")
    desk.do("go", {"modern": False}, new=NEW, again=NEW)
    states.append(repr([widget.get_state() for widget in desk.everything()]))
    for state in states:
        assert len(state) > 10_000
        assert not [word for word in (PASSWORD, WRONG, NEW) if word in state]
        assert repr(data[40:60])[2:-1] not in state


# ── what does not come in ────────────────────────────────────────────────────────────────────────────────────
def test_refusals_are_sentences(desk: TroubleshootDriver) -> None:
    desk.drop(
        refused=(
            {"name": "huge.p12", "reason": "size"},
            {"name": "keystore", "reason": "folder"},
            *({"name": f"{number}", "reason": "many"} for number in range(3)),
        )
    )
    assert desk.zone.errors == [
        "“huge.p12” is larger than 1 MB: no keystore is that large. It was not read.",
        "“keystore” is a folder. Drop the files that are in it.",
        "Files left out: 3. At most 20 can be taken at once.",
    ]
    desk.drop(("a.p12", b"x"))
    assert desk.zone.errors == []


def test_a_full_list_takes_no_more(desk: TroubleshootDriver) -> None:
    for start in (0, AT_ONCE):
        desk.drop(*((f"{number}.p12", b"x") for number in range(start, start + AT_ONCE)))
    assert desk.zone.max_files == 0
    desk.drop(("one more.p12", b"x"))
    assert desk.zone.errors == ["Files left out: 1. The list is full: take some off it first."]
    desk.do("close")
    assert desk.zone.max_files == 1
    assert desk.said == "20.p12 is off the list."


def test_a_folder_with_more_files_than_there_is_room_for(toolkit: Toolkit, keystores: Path) -> None:
    for number in range(3):
        (keystores / f"{number}.p12").write_bytes(b"x")
    desk = TroubleshootDriver(toolkit)
    for start in (0, AT_ONCE):
        desk.drop(*((f"{number}.p12", b"y") for number in range(start, start + AT_ONCE - (start and 2))))
    desk.press("look", {"folder": ""})
    assert len(desk.verdicts) == MOST
    assert desk.zone.errors == ["Files left out: 1. The list is full: take some off it first."]
    desk.press("look", {"folder": "2.p12"})
    assert len(desk.verdicts) == MOST
    assert desk.zone.errors == []


def test_what_nobody_foresaw_is_a_sentence_and_a_report(toolkit: Toolkit, data: bytes) -> None:
    breaks = False

    def runner(work: Callable[[], None], outcome: Outcome) -> None:
        if breaks:
            outcome(ZeroDivisionError(PASSWORD))
        else:
            run_inline(work, outcome)

    desk = TroubleshootDriver(toolkit, runner=runner)
    desk.drop((NAME, data))
    breaks = True
    desk.do("open", password=PASSWORD)
    assert "This did not work." in desk.detail.problem[0][0]
    (report,) = (load_settings().home / "reports").glob("*.txt")
    assert "ZeroDivisionError" in report.read_text(encoding="utf-8")
    assert PASSWORD not in report.read_text(encoding="utf-8")
    assert not desk.holds(PASSWORD)
    breaks = False
    desk.do("open", password=PASSWORD)
    assert "This keystore is complete" in desk.detail.html


# ── the folder ───────────────────────────────────────────────────────────────────────────────────────────────
def test_files_of_the_folder_need_no_upload(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    create_keystore(keystores / NAME, today.prepared.contents, SECRET)
    create_keystore(keystores / OLDER, today.complete.contents, SECRET)
    desk = TroubleshootDriver(toolkit)
    desk.press("look", {"folder": ""})
    assert [name for name, *_ in desk.verdicts] == [NAME, OLDER]
    assert desk.detail.part(SectionHead).note.endswith("in the keystore folder")
    desk.do("open", password=PASSWORD)
    links = {
        button["name"]: button["href"]
        for button in desk.detail.parts(ButtonBar)[-1].buttons
        if button["href"]
    }
    quoted = "SSIN%3D79031421872%2020261124-130000.p12"
    assert links == {
        "complete": f"complete.ipynb?keystore={quoted}",
        "password": f"password.ipynb?keystore={quoted}",
    }
    desk.press("look", {"folder": "../elsewhere.p12"})
    assert len(desk.verdicts) == 2
    (error,) = desk.zone.errors
    assert error.startswith("There is no keystore ../elsewhere.p12. Look in the folder ehealth/keystore")


def test_a_second_press_does_not_look_at_the_folder_twice(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NAME, today.complete.contents, SECRET)
    runner = Later()
    desk = TroubleshootDriver(toolkit, runner=runner)
    for _ in range(2):
        desk.press("look", {"folder": NAME})
    assert len(runner) == 1
    runner.do_one()
    assert [file.name for file in desk.model.examined_files] == [NAME]


def test_the_page_s_address_names_a_file(
    keystores: Path, today: KeystoreMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_keystore(keystores / NAME, today.complete.contents, SECRET)
    monkeypatch.setenv("QUERY_STRING", f"keystore={NAME}")
    root = open_troubleshoot()
    assert NAME in [part.title for part in Player(root).parts(SectionHead)]


def test_a_folder_that_cannot_be_listed(toolkit: Toolkit, keystores: Path) -> None:
    keystores.rmdir()
    keystores.write_bytes(b"in the place of a folder")
    desk = TroubleshootDriver(toolkit)
    assert "cannot be read" in desk.html
    desk.drop(("nothing.p12", b""))
    assert "zero bytes" in desk.detail.html


def test_a_name_that_no_text_can_hold(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    name = os.fsdecode(b"SSIN=79031421872 20261124-130000 \xff\xe2\x80\xae.p12")
    create_keystore(keystores / name, today.complete.contents, SECRET)
    desk = TroubleshootDriver(toolkit)
    shown = "SSIN=79031421872 20261124-130000 \ufffd\ufffd.p12"
    desk.press("look", {"folder": shown})
    desk.do("open", password=PASSWORD)
    assert desk.detail.part(SectionHead).title == shown
    for widget in desk.everything():
        json.dumps(widget.get_state(), ensure_ascii=False, default=repr).encode()
    desk.do("rename")
    desk.do("go")
    assert [path.name for path in keystores.iterdir() if path.suffix == ".p12"] == [NAME]


# ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rescue_is_handed_out(
    desk: TroubleshootDriver,
    data: bytes,
    today: KeystoreMaker,
    keystores: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.drop((NAME, data[: len(data) // 2]))
    desk.do("open", password=PASSWORD)
    assert desk.deeds == [("rescue", "primary"), ("prove", ""), ("ask", "")]
    desk.do("rescue")
    assert desk.deeds == [("go", "primary"), ("cancel", "quiet")]
    desk.do("go", {"modern": True}, new="", again="")
    assert "A new keystore is ready, but it lacks something" in desk.detail.html
    assert "the end of the file (cut off)" in desk.detail.html
    name, saved = desk.download(monkeypatch)
    assert name.startswith("SSIN=79031421872 ")
    keys = read_pkcs12(saved, SECRET).keys
    assert [key.pkcs8 for key in keys] == [key.pkcs8 for key in today.complete.contents.keys]
    assert list(keystores.iterdir()) == []
    desk.do("save")
    (path,) = keystores.glob("*.p12")
    assert path.read_bytes() == saved
    assert "The new keystore is in the folder" in desk.detail.html
    assert [name for name, *_ in desk.verdicts] == [NAME, path.name]


def test_two_different_new_passwords(desk: TroubleshootDriver, data: bytes) -> None:
    desk.drop((NAME, data))
    desk.do("open", password=PASSWORD)
    desk.do("protect")
    desk.do("go", {}, new=NEW, again="x")
    assert desk.detail.problem[0][1] == "again"
    desk.do("go", {}, new="clé", again="clé")
    assert desk.detail.problem[0][1] == "new"
    desk.do("cancel")
    assert desk.detail.problem == []
    assert desk.deeds[:2] == [
        ("prove", "primary"),
        ("protect", ""),
    ]  # nothing is wrong with it: does it work?


def test_a_copy_that_still_opens_with_the_old_password_is_named(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NAME, today.complete.contents, SECRET)
    desk = TroubleshootDriver(toolkit)
    desk.press("look", {"folder": NAME})
    desk.do("open", password=PASSWORD)
    desk.do("protect")
    desk.do("go", {}, new=NEW, again=NEW)
    (backup,) = (keystores / "backup").iterdir()
    assert backup.name in desk.detail.html
    assert "still opens with the OLD password" in desk.detail.html
    assert open_keystore(keystores / NAME, Secret(NEW)) == today.complete
    desk.do("back")
    assert "This keystore is complete" in desk.detail.html, "the new password is known"


def test_old_keys_are_taken_over(
    toolkit: Toolkit, keystores: Path, renewed: Keystore, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NAME, renewed.contents, SECRET)
    create_keystore(keystores / OLDER, today.complete.contents, Secret(NEW))
    desk = TroubleshootDriver(toolkit)
    desk.press("look", {"folder": NAME})
    desk.do("open", password=PASSWORD)
    assert desk.deeds[0] == ("merge", "primary")
    desk.do("merge")
    desk.do("go", {"old": f"folder:{OLDER}"}, old_password=WRONG)
    assert desk.detail.problem[0][1] == "old_password"
    assert len(open_keystore(keystores / NAME, SECRET).encryption) == 1
    desk.do("go", {"old": f"folder:{OLDER}"}, old_password=NEW)
    assert "Old keys taken over: 1." in desk.detail.html
    assert len(open_keystore(keystores / NAME, SECRET).encryption) == 2
    desk.do("back")
    assert "Decrypt old messages" in desk.detail.html
    desk.do("merge")
    desk.do("go", {"old": f"folder:{OLDER}"}, old_password=NEW)
    assert "Nothing is missing" in desk.detail.html


def test_an_old_file_that_is_open_already_needs_no_password(
    desk: TroubleshootDriver, renewed: Keystore, data: bytes
) -> None:
    desk.drop((OLDER, data), ("new.p12", write_pkcs12(renewed.contents, Secret(NEW))))
    desk.do("open", password=PASSWORD)
    desk.choose("new.p12")
    desk.do("open", password=NEW)
    desk.do("merge")
    desk.do("go", {"old": "here:1"}, old_password="")
    assert "Old keys taken over: 1." in desk.detail.html


def test_a_lone_file_has_nothing_to_take_over(desk: TroubleshootDriver, data: bytes) -> None:
    desk.drop((NAME, data))
    desk.do("open", password=PASSWORD)
    desk.do("merge")
    assert desk.deeds == [("cancel", "primary")]
    assert "There is no other file" in desk.detail.html


def test_a_copy_is_renamed(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    name = NAME.replace(".p12", " - Copy.p12")
    create_keystore(keystores / name, today.complete.contents, SECRET)
    desk = TroubleshootDriver(toolkit)
    desk.press("look", {"folder": name})
    assert ("rename", "") in desk.deeds
    desk.do("rename")
    assert NAME in desk.detail.html
    desk.do("go")
    assert (keystores / NAME).exists()
    assert desk.detail.part(SectionHead).title == NAME


def test_public_parts_are_handed_out(
    desk: TroubleshootDriver, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.drop((NAME, data))
    desk.do("open", password=PASSWORD)
    name, etk = desk.download(monkeypatch, "ETK certificates (PEM)")
    assert name == NAME.replace(".p12", " etk.pem")
    assert etk.startswith(b"-----BEGIN CERTIFICATE-----")


# ── the page stays usable ────────────────────────────────────────────────────────────────────────────────────
def test_another_file_can_be_seen_while_one_is_worked_on(toolkit: Toolkit, data: bytes) -> None:
    runner = Later()
    desk = TroubleshootDriver(toolkit, runner=runner)
    desk.drop((NAME, data), ("nothing.p12", b""))
    runner.do_one()
    desk.do("open", password=PASSWORD)
    assert desk.detail.parts(ButtonBar)[-1].busy == "Opening the file…"
    desk.do("open", password=PASSWORD)
    assert len(runner) == 1, "a second press does nothing"
    desk.choose("nothing.p12")
    assert "zero bytes" in desk.detail.html
    runner.do_one()
    assert "zero bytes" in desk.detail.html
    assert desk.verdicts[0] == (NAME, "ok", "In order")
    desk.choose(NAME)
    assert "This keystore is complete" in desk.detail.html


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", get_args(LanguageName))
def test_there_are_words_for_everything(language: LanguageName) -> None:
    texts = Translator(language)
    keys = [f"kind.{kind}" for kind in (*OTHER_FILES, "pkcs12")]
    keys += [f"key.{role}" for role in get_args(examined_file.KeyRole)]
    keys += [f"certificate.{role}" for role in get_args(examined_file.CertificateRole)]
    keys += [f"refused.{reason}" for reason in get_args(Reason)]
    keys += [f"lost.{one}" for one in ("key", "certificate", "certificates", "other", "rest")]
    keys += [f"lost.{one}" for one in ("truncated", "damaged", "unproven", "unsupported")]
    keys += [f"{deed}.{part}" for deed in FileAction for part in ("title", "lead", "go", "busy")]
    keys += [f"{deed}.done" for deed in FileAction if deed is not FileAction.RENAME]
    assert [key for key in keys if not texts.has(f"troubleshoot.{key}")] == []


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_it_speaks_every_language(toolkit: Toolkit, data: bytes, language: LanguageName) -> None:
    desk = TroubleshootDriver(toolkit, language)
    desk.drop((NAME, data), ("cut.p12", data[: len(data) // 2]), ("nothing.p12", b""))
    desk.do("open", password=PASSWORD)
    for deed in ("protect", "merge"):
        desk.do(deed)
        desk.do("cancel")
    desk.choose("cut.p12")
    desk.do("open", password=PASSWORD)
    desk.do("rescue")
    desk.do("go", {}, new="", again="")
    words = text_of(desk.html)
    assert Translator(language).get("troubleshoot.made.partly") in words
    assert "{" not in words
    assert "troubleshoot." not in words
