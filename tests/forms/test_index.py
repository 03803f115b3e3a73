"""The first page: what is due is seen without a password, and only pages that exist are linked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from ehtoolkit.forms.due import DueKind, due_keystores
from ehtoolkit.forms.index import GROUPS, TOOLS, due_section, menu, open_index, tools
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore import Keystore, Note, keystore_path, save_keystore, write_note
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from ehtoolkit.texts import Texts

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
ELISE = Identifier.parse("SSIN=79031421872")
TILLEULS = Identifier.parse("CBE=0486132722")
ALL = frozenset({"request", "complete"})


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "keystore"
    folder.mkdir()
    return folder


def put_waiting(folder: Path, notes: Path, key: RSAPrivateKey) -> Path:
    keystore = Keystore.prepare(key, NOW)
    path = keystore_path(folder, ELISE, None, NOW, Environment.TRAINING)
    save_keystore(keystore, path, Secret("Zo-Geheim_42"), exists=False)
    name = DistinguishedName(ELISE, "VANDAMME ELISE").text
    write_note(notes, Note(keystore.key_id, name, Environment.TRAINING, NOW))
    return path


def put_closed(folder: Path) -> Path:
    path = folder / "CBE=0486132722,TILLEULS 20231103-140218.p12"
    path.write_bytes(b"\x30\x82no keystore that could be read")
    return path


def test_waiting_keystores_come_first(folder: Path, tmp_path: Path, key: RSAPrivateKey) -> None:
    closed = put_closed(folder)
    waiting = put_waiting(folder, tmp_path / "notes", key)

    due = due_keystores(folder, tmp_path / "notes")

    assert [(one.kind, one.found.path, one.holder) for one in due] == [
        (DueKind.WAITING, waiting, "VANDAMME ELISE"),
        (DueKind.CLOSED, closed, None),
    ]


def test_no_folder_is_nothing_due(tmp_path: Path) -> None:
    assert due_keystores(tmp_path / "none", tmp_path) == ()


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_each_file_has_its_line_in_every_language(
    folder: Path, tmp_path: Path, key: RSAPrivateKey, language: LanguageName
) -> None:
    texts = Texts(language)
    waiting = put_waiting(folder, tmp_path / "notes", key)
    closed = put_closed(folder)

    html = str(due_section(folder, tmp_path / "notes", ALL, texts))

    assert html.count('<li class="eh-due">') == 2
    assert "79.03.14-218.72" in html
    assert "0486.132.722" in html
    assert waiting.name in html
    assert closed.name in html
    assert texts.moment(NOW) in html
    assert html.count("eh-primary") == 1
    assert f"complete.ipynb?keystore=SSIN%3D79031421872%20{waiting.stem.split()[1]}.p12" in html


def test_a_next_step_that_has_no_page_is_no_link(folder: Path, tmp_path: Path, key: RSAPrivateKey) -> None:
    put_waiting(folder, tmp_path / "notes", key)

    html = str(due_section(folder, tmp_path / "notes", frozenset(), Texts("en")))

    assert "<a " not in html


def test_an_empty_folder_leads_to_a_request(folder: Path, tmp_path: Path) -> None:
    html = str(due_section(folder, tmp_path / "notes", ALL, Texts("en")))

    assert re.findall(r'href="([^"]*)"', html) == ["request.ipynb"]
    assert "<a " not in str(due_section(folder, tmp_path / "notes", frozenset(), Texts("en")))


def test_a_file_name_cannot_bring_markup(folder: Path, tmp_path: Path) -> None:
    (folder / "<b onclick=x> 20231103-140218.p12").write_bytes(b"0")

    html = str(due_section(folder, tmp_path / "notes", ALL, Texts("en")))

    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;" in html


def test_only_pages_that_exist_are_listed() -> None:
    assert re.findall(r'href="([^"]*)"', str(menu(ALL, Texts("fr")))) == ["request.ipynb", "complete.ipynb"]
    assert "Renouvellement" not in str(menu(ALL, Texts("fr")))
    assert str(menu(frozenset(), Texts("fr"))) == ""
    assert str(tools(ALL, Texts("fr"))) == ""
    assert re.findall(r'href="([^"]*)"', str(tools(frozenset({"audit"}), Texts("fr")))) == ["audit.ipynb"]


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_every_entry_has_its_words(language: LanguageName) -> None:
    pages = frozenset(entry.page for _, entries in GROUPS for entry in entries)
    pages |= {entry.page for entry in TOOLS}
    texts = Texts(language)

    html = str(menu(pages, texts) + tools(pages, texts))

    assert html.count("<b>") == len(pages)
    assert html.count("<ol>") == 1, "the renewal is a path of numbered steps"


def test_the_page_is_one_widget(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "request.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "de")

    page = open_index()

    assert "<h1" in page.value
    assert "eHealth-Zertifikate" in page.value
    assert "request.ipynb" in page.value


def test_outside_voila_the_style_comes_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)

    page = open_index()

    assert ".eh-button" in page.children[0].value
    assert "eh-env-training" in page.children[1].value
    assert "<h1" in page.children[2].value
