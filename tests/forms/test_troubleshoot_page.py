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
from ipywidgets import Box

from ehtoolkit.forms import open_troubleshoot
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.engine.background import Outcome, run_inline
from ehtoolkit.forms.engine.page_shell import UNSAVED
from ehtoolkit.forms.troubleshoot.advice import FileAction
from ehtoolkit.forms.troubleshoot.file_intake import AT_ONCE
from ehtoolkit.forms.troubleshoot.keystore_contents import CertificateRole, KeyRole
from ehtoolkit.forms.troubleshoot.model import MOST
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import FileList
from ehtoolkit.forms.widgets.fields import ChoiceField, SecretField
from ehtoolkit.forms.widgets.files import Reason
from ehtoolkit.forms.widgets.page_parts import ErrorSummary, SectionHead
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.file_rules import OTHER_FILES
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.player import Later, Player
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.keystore.conftest import KeystoreMaker
from tests.support.keystores import create_keystore

if TYPE_CHECKING:
    from ehtoolkit.toolkit import Toolkit

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
def today(keystore_maker: KeystoreMaker) -> KeystoreMaker:
    now = datetime.now(UTC).replace(microsecond=0)
    return KeystoreMaker(keystore_maker.keys, now - timedelta(days=1), now + timedelta(days=1000))


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
def driver(toolkit: Toolkit) -> TroubleshootDriver:
    return TroubleshootDriver(toolkit)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_empty_at_first(driver: TroubleshootDriver, keystores: Path) -> None:
    assert driver.title == "Troubleshooting"
    assert driver.page.detail is None
    assert driver.part(FileList).options == []
    assert str(keystores) in driver.html


def test_the_verdict_comes_first_and_the_size_is_beside_it(driver: TroubleshootDriver, data: bytes) -> None:
    driver.drop((NAME, data))
    panel = text_of(driver.detail.html.partition("eh-findings")[0])
    assert "Password needed" in panel
    assert "kB" in panel
    assert driver.detail.part(SectionHead).note.endswith("in memory only")
    assert driver.deeds == [("open", "primary")]
    assert driver.said == f"{NAME}: Password needed"
    assert driver.verdicts == [], "one file needs no list"


def test_the_ways_in_are_folded_while_a_file_is_shown(driver: TroubleshootDriver, data: bytes) -> None:
    assert "another" not in driver.buttons
    driver.drop((NAME, data))
    assert driver.zone.folded
    assert "look_at_path" not in driver.buttons
    assert [
        button["name"] for button in driver.detail.parts(ButtonBar)[-1].buttons if not button["folded"]
    ] == [
        "open",
        "print",
        "close",
    ]
    driver.press("another")
    driver.drop(refused=({"name": "large.p12", "reason": "size"},))
    assert not driver.zone.folded
    assert driver.zone.errors != []
    driver.press("another")
    assert driver.zone.folded
    driver.do("close")
    assert not driver.zone.folded


def test_several_files_each_have_their_line(driver: TroubleshootDriver, data: bytes) -> None:
    driver.drop(
        (NAME, data), ("cut.p12", data[:1500]), ("nothing.p12", b""), ("letter.txt", b"Dear colleague")
    )
    assert driver.verdicts == [
        ("cut.p12", "danger", "Cut off: the end is missing"),
        ("nothing.p12", "danger", "Empty"),
        ("letter.txt", "danger", "Not a keystore"),
        (NAME, "off", "Password needed"),
    ], "worst first"
    assert driver.detail.part(SectionHead).title == "cut.p12"
    assert driver.said == "4 files were checked."
    driver.choose("nothing.p12")
    assert driver.part(FileList).chosen == "3"
    assert "zero bytes" in driver.detail.html
    assert driver.detail.part(SectionHead).focused == 1


def test_findings_are_grouped_worst_first_with_what_to_do(
    driver: TroubleshootDriver, today: KeystoreMaker
) -> None:
    bags = today.complete.contents
    driver.drop(("copy (1).p12", write_pkcs12(bags, Secret(""))))
    driver.do("open", password="")
    html = driver.detail.html
    heads = re.findall(r'<(?:h3 class="eh-h3"|summary)>([^<]+\(\d+\))', html)
    assert [head.split(" (")[0] for head in heads] == ["Warnings", "Good to know", "In order"]
    assert "“Update the protection” to choose a new password: letters without accents" in html
    assert driver.deeds[0] == ("protect", "primary")


def test_a_wrong_password_stays_at_its_field(driver: TroubleshootDriver, data: bytes) -> None:
    driver.drop((NAME, data))
    driver.do("open", password="")
    assert driver.detail.problem == [
        (Translator("en").get("error.keystore_password_wrong.empty"), "password")
    ]
    assert driver.detail.part(ErrorSummary).notes == [
        Translator("en").get("error.keystore_password_wrong.empty.next")
    ]
    driver.do("open", password=WRONG)
    sentence, field = driver.detail.problem[0]
    assert (field, sentence) == ("password", Translator("en").get("finding.password_wrong"))
    assert driver.detail.part(SecretField).error == sentence
    driver.do("open", password=PASSWORD)
    assert driver.detail.problem == []
    assert "This keystore is complete" in driver.detail.html
    assert driver.detail.parts(SecretField) == []
    assert "ELISE" in driver.detail.html.upper() or "ÉLISE" in driver.detail.html.upper()


def test_the_card_of_the_file_s_holder_is_chosen(driver: TroubleshootDriver, data: bytes) -> None:
    card = driver.part(ChoiceField, "card")
    card.value = "training:bram"
    driver.drop((NAME, data))
    driver.do("open", password=PASSWORD)
    assert card.value == "training:elise"


def test_neither_password_nor_bytes_are_in_any_state(driver: TroubleshootDriver, data: bytes) -> None:
    driver.drop((NAME, data), ("cut.p12", data[: len(data) // 2]))
    states = []
    for password in (WRONG, PASSWORD):
        driver.do("open", password=password)
        states.append(repr([widget.get_state() for widget in driver.everything()]))
    driver.do("protect")
    driver.do("go", {"modern": False}, new=NEW, again=NEW)
    states.append(repr([widget.get_state() for widget in driver.everything()]))
    for state in states:
        assert len(state) > 10_000
        assert not [word for word in (PASSWORD, WRONG, NEW) if word in state]
        assert repr(data[40:60])[2:-1] not in state


# ── what does not come in ────────────────────────────────────────────────────────────────────────────────────
def test_refusals_are_sentences(driver: TroubleshootDriver) -> None:
    driver.drop(
        refused=(
            {"name": "huge.p12", "reason": "size"},
            {"name": "keystore", "reason": "folder"},
            *({"name": f"{number}", "reason": "many"} for number in range(3)),
        )
    )
    assert driver.zone.errors == [
        "“huge.p12” is larger than 1 MB, which is too large for a keystore. It was not read.",
        "“keystore” is a folder. Drop the files that are in it.",
        "Files left out: 3. At most 20 can be added at once.",
    ]
    driver.drop(("a.p12", b"x"))
    assert driver.zone.errors == []


def test_a_full_list_takes_no_more(driver: TroubleshootDriver) -> None:
    for start in (0, AT_ONCE):
        driver.drop(*((f"{number}.p12", b"x") for number in range(start, start + AT_ONCE)))
    assert driver.zone.max_files == 0
    driver.drop(("one more.p12", b"x"))
    assert driver.zone.errors == ["Files left out: 1. The list is full: first remove some from it."]
    driver.do("close")
    assert driver.zone.max_files == 1
    assert driver.said == "20.p12 was removed from the list."


def test_a_folder_with_more_files_than_there_is_room_for(toolkit: Toolkit, keystores: Path) -> None:
    for number in range(3):
        (keystores / f"{number}.p12").write_bytes(b"x")
    driver = TroubleshootDriver(toolkit)
    for start in (0, AT_ONCE):
        driver.drop(*((f"{number}.p12", b"y") for number in range(start, start + AT_ONCE - (start and 2))))
    driver.look()
    assert len(driver.verdicts) == MOST
    assert driver.zone.errors == ["Files left out: 1. The list is full: first remove some from it."]
    driver.look("2.p12")
    assert len(driver.verdicts) == MOST
    assert driver.zone.errors == []


def test_an_unexpected_error_shows_a_sentence_and_a_report(toolkit: Toolkit, data: bytes) -> None:
    breaks = False

    def runner(work: Callable[[], None], outcome: Outcome) -> None:
        if breaks:
            outcome(ZeroDivisionError(PASSWORD))
        else:
            run_inline(work, outcome)

    driver = TroubleshootDriver(toolkit, runner=runner)
    driver.drop((NAME, data))
    breaks = True
    driver.do("open", password=PASSWORD)
    assert "The action failed." in driver.detail.problem[0][0]
    (report,) = (load_settings().home / "reports").glob("*.txt")
    assert "ZeroDivisionError" in report.read_text(encoding="utf-8")
    assert PASSWORD not in report.read_text(encoding="utf-8")
    assert not driver.holds(PASSWORD)
    breaks = False
    driver.do("open", password=PASSWORD)
    assert "This keystore is complete" in driver.detail.html


# ── the folder ───────────────────────────────────────────────────────────────────────────────────────────────
def test_files_of_the_folder_need_no_upload(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    create_keystore(keystores / NAME, today.prepared.contents, SECRET)
    create_keystore(keystores / OLDER, today.complete.contents, SECRET)
    driver = TroubleshootDriver(toolkit)
    driver.look()
    assert [name for name, *_ in driver.verdicts] == [NAME, OLDER]
    assert driver.detail.part(SectionHead).note.endswith("in the keystore folder")
    driver.do("open", password=PASSWORD)
    links = {
        button["name"]: button["href"]
        for button in driver.detail.parts(ButtonBar)[-1].buttons
        if button["href"]
    }
    key = key_of_file(NAME)
    assert links == {
        "complete": f"complete.ipynb?keystore={key}",
        "password": f"password.ipynb?keystore={key}",
    }
    driver.look("../elsewhere.p12")
    assert len(driver.verdicts) == 2
    (error,) = driver.zone.errors
    assert error.startswith(
        "The keystore ../elsewhere.p12 does not exist. Look in the folder ehealth/keystore"
    )


def test_a_second_press_does_not_look_at_the_folder_twice(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NAME, today.complete.contents, SECRET)
    runner = Later()
    driver = TroubleshootDriver(toolkit, runner=runner)
    for _ in range(2):
        driver.look(NAME)
    assert len(runner) == 1
    runner.do_one()
    assert [file.name for file in driver.model.examined_files] == [NAME]


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
    driver = TroubleshootDriver(toolkit)
    assert "cannot be read" in driver.html
    driver.drop(("nothing.p12", b""))
    assert "zero bytes" in driver.detail.html


def test_a_name_that_no_text_can_hold(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    name = os.fsdecode(b"SSIN=79031421872 20261124-130000 \xff\xe2\x80\xae.p12")
    create_keystore(keystores / name, today.complete.contents, SECRET)
    driver = TroubleshootDriver(toolkit)
    shown = "SSIN=79031421872 20261124-130000 \ufffd\ufffd.p12"
    driver.look(shown)
    driver.do("open", password=PASSWORD)
    assert driver.detail.part(SectionHead).title == shown
    for widget in driver.everything():
        json.dumps(widget.get_state(), ensure_ascii=False, default=repr).encode()
    driver.do("rename")
    driver.do("go")
    assert [path.name for path in keystores.iterdir() if path.suffix == ".p12"] == [NAME]


def test_files_that_come_while_others_are_examined_are_examined_afterwards(
    toolkit: Toolkit, data: bytes
) -> None:
    later = Later()
    driver = TroubleshootDriver(toolkit, runner=later)
    for name in ("a.p12", "b.p12", "c.p12"):
        driver.drop((name, data))
    while len(later):
        assert len(later) == 1, "one at a time"
        later.do_one()
    assert sorted(name for name, *_ in driver.verdicts) == ["a.p12", "b.p12", "c.p12"]


# ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_rescue_is_handed_out(
    driver: TroubleshootDriver,
    data: bytes,
    today: KeystoreMaker,
    keystores: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver.drop((NAME, data[: len(data) // 2]))
    driver.do("open", password=PASSWORD)
    assert driver.deeds == [("rescue", "primary"), ("prove", ""), ("ask", "")]
    driver.do("rescue")
    assert driver.deeds == [("go", "primary"), ("cancel", "quiet")]
    driver.do("go", {"modern": True}, new="", again="")
    assert "A new keystore is ready, but it lacks something" in driver.detail.html
    assert "the end of the file (cut off)" in driver.detail.html
    name, saved = driver.download(monkeypatch)
    assert name.startswith("SSIN=79031421872 ")
    keys = read_pkcs12(saved, SECRET).keys
    assert [key.pkcs8 for key in keys] == [key.pkcs8 for key in today.complete.contents.keys]
    assert list(keystores.iterdir()) == []
    driver.do("save")
    (path,) = keystores.glob("*.p12")
    assert path.read_bytes() == saved
    assert "The new keystore is in the folder" in driver.detail.html
    assert [name for name, *_ in driver.verdicts] == [NAME, path.name]


@pytest.mark.parametrize("end", ["download", "save", "back"])
def test_a_keystore_that_is_in_no_file_yet_is_asked_about(
    driver: TroubleshootDriver, data: bytes, keystores: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Also while another file is shown; and from the moment that it is seen."""
    seen: list[bool] = []

    def asks() -> bool:
        return UNSAVED in driver.root._dom_classes

    def see(_: object) -> None:
        seen.append(asks())

    driver.drop((NAME, data[: len(data) // 2]))
    driver.do("open", password=PASSWORD)
    driver.do("rescue")
    assert not asks()
    shown = next(
        box for box in driver.detail.parts(Box) if driver.detail.parts(ButtonBar)[-1] in box.children
    )
    shown.observe(see, "children")
    driver.do("go", {"modern": True}, new="", again="")
    assert asks()
    assert seen == [True]
    driver.drop(("other.p12", data))
    assert asks()
    driver.do("close")
    assert asks()

    if end == "download":
        driver.download(monkeypatch, Translator("en").get("troubleshoot.made.download"))
    else:
        driver.do(end)

    assert not asks()


def test_two_different_new_passwords(driver: TroubleshootDriver, data: bytes) -> None:
    driver.drop((NAME, data))
    driver.do("open", password=PASSWORD)
    driver.do("protect")
    driver.do("go", {}, new=NEW, again="x")
    assert driver.detail.problem[0][1] == "again"
    driver.do("go", {}, new="clé", again="clé")
    assert driver.detail.problem[0][1] == "new"
    driver.do("cancel")
    assert driver.detail.problem == []
    assert driver.deeds[:2] == [
        ("prove", "primary"),
        ("protect", ""),
    ]  # nothing is wrong with it: does it work?


def test_a_copy_that_still_opens_with_the_old_password_is_named(
    toolkit: Toolkit, keystores: Path, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NAME, today.complete.contents, SECRET)
    driver = TroubleshootDriver(toolkit)
    driver.look(NAME)
    driver.do("open", password=PASSWORD)
    driver.do("protect")
    driver.do("go", {}, new=NEW, again=NEW)
    (backup,) = (keystores / "backup").iterdir()
    assert backup.name in driver.detail.html
    assert "still opens with the OLD password" in driver.detail.html
    assert open_keystore(keystores / NAME, Secret(NEW)) == today.complete
    driver.do("back")
    assert "This keystore is complete" in driver.detail.html, "the new password is known"


def test_old_keys_are_taken_over(
    toolkit: Toolkit, keystores: Path, renewed: Keystore, today: KeystoreMaker
) -> None:
    create_keystore(keystores / NAME, renewed.contents, SECRET)
    create_keystore(keystores / OLDER, today.complete.contents, Secret(NEW))
    driver = TroubleshootDriver(toolkit)
    driver.look(NAME)
    driver.do("open", password=PASSWORD)
    assert driver.deeds[0] == ("merge", "primary")
    driver.do("merge")
    driver.do("go", {"old": f"folder:{OLDER}"}, old_password=WRONG)
    assert driver.detail.problem[0][1] == "old_password"
    assert len(open_keystore(keystores / NAME, SECRET).encryption) == 1
    driver.do("go", {"old": f"folder:{OLDER}"}, old_password=NEW)
    assert "Old keys copied: 1." in driver.detail.html
    assert len(open_keystore(keystores / NAME, SECRET).encryption) == 2
    driver.do("back")
    assert "Decrypt old messages" in driver.detail.html
    driver.do("merge")
    driver.do("go", {"old": f"folder:{OLDER}"}, old_password=NEW)
    assert "Nothing is missing" in driver.detail.html


def test_an_old_file_that_is_open_already_needs_no_password(
    driver: TroubleshootDriver, renewed: Keystore, data: bytes
) -> None:
    driver.drop((OLDER, data), ("new.p12", write_pkcs12(renewed.contents, Secret(NEW))))
    driver.do("open", password=PASSWORD)
    driver.choose("new.p12")
    driver.do("open", password=NEW)
    driver.do("merge")
    driver.do("go", {"old": "here:1"}, old_password="")
    assert "Old keys copied: 1." in driver.detail.html


def test_a_lone_file_has_nothing_to_take_over(driver: TroubleshootDriver, data: bytes) -> None:
    driver.drop((NAME, data))
    driver.do("open", password=PASSWORD)
    driver.do("merge")
    assert driver.deeds == [("back", "primary")]
    assert "There is no other file" in driver.detail.html


def test_a_copy_is_renamed(toolkit: Toolkit, keystores: Path, today: KeystoreMaker) -> None:
    name = NAME.replace(".p12", " - Copy.p12")
    create_keystore(keystores / name, today.complete.contents, SECRET)
    driver = TroubleshootDriver(toolkit)
    driver.look(name)
    assert ("rename", "") in driver.deeds
    driver.do("rename")
    assert NAME in driver.detail.html
    driver.do("go")
    assert (keystores / NAME).exists()
    assert driver.detail.part(SectionHead).title == NAME


def test_public_parts_are_handed_out(
    driver: TroubleshootDriver, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.drop((NAME, data))
    driver.do("open", password=PASSWORD)
    name, etk = driver.download(monkeypatch, "ETK certificates (PEM)")
    assert name == NAME.replace(".p12", " etk.pem")
    assert etk.startswith(b"-----BEGIN CERTIFICATE-----")


# ── the page stays usable ────────────────────────────────────────────────────────────────────────────────────
def test_another_file_can_be_seen_while_one_is_worked_on(toolkit: Toolkit, data: bytes) -> None:
    runner = Later()
    driver = TroubleshootDriver(toolkit, runner=runner)
    driver.drop((NAME, data), ("nothing.p12", b""))
    runner.do_one()
    driver.choose(NAME)
    driver.do("open", password=PASSWORD)
    assert driver.detail.parts(ButtonBar)[-1].busy == "Opening the file…"
    driver.do("open", password=PASSWORD)
    assert len(runner) == 1, "a second press does nothing"
    driver.choose("nothing.p12")
    assert "zero bytes" in driver.detail.html
    runner.do_one()
    assert "zero bytes" in driver.detail.html
    assert driver.verdicts[-1] == (NAME, "ok", "In order")
    driver.choose(NAME)
    assert "This keystore is complete" in driver.detail.html


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", get_args(LanguageName))
def test_there_are_words_for_everything(language: LanguageName) -> None:
    texts = Translator(language)
    keys = [f"kind.{kind}" for kind in (*OTHER_FILES, "pkcs12")]
    keys += [f"key.{role}" for role in get_args(KeyRole)]
    keys += [f"certificate.{role}" for role in get_args(CertificateRole)]
    keys += [f"refused.{reason}" for reason in get_args(Reason)]
    keys += [f"{action}.{part}" for action in FileAction for part in ("title", "lead", "go", "busy")]
    keys += [f"{action}.done" for action in FileAction if action is not FileAction.RENAME]
    assert [key for key in keys if not texts.has(f"troubleshoot.{key}")] == []


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_it_speaks_every_language(toolkit: Toolkit, data: bytes, language: LanguageName) -> None:
    driver = TroubleshootDriver(toolkit, language)
    driver.drop((NAME, data), ("cut.p12", data[: len(data) // 2]), ("nothing.p12", b""))
    driver.do("open", password=PASSWORD)
    for action in ("protect", "merge"):
        driver.do(action)
        driver.do("cancel")
    driver.choose("cut.p12")
    driver.do("open", password=PASSWORD)
    driver.do("rescue")
    driver.do("go", {}, new="", again="")
    words = text_of(driver.html)
    assert Translator(language).get("troubleshoot.made.partly") in words
    assert "{" not in words
    assert "troubleshoot." not in words
