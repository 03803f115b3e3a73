"""Copies of the notebooks: each begins with what it is, in the user's language, and nothing of the user's is lost."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import nbformat
import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.lab import KEPT, CopyState, copy_notebooks, launcher_cards
from ehtoolkit.lab.launcher_cards import FIRST
from ehtoolkit.lab.notebook_copies import RECORD, TITLE_CELL
from ehtoolkit.settings import LanguageName
from ehtoolkit.voila import notebooks_folder

EN, NL = Translator("en"), Translator("nl")


def copied(folder: Path, texts: Translator = EN) -> dict[str, CopyState]:
    return {
        notebook.path.stem: notebook.state for notebook in copy_notebooks(notebooks_folder(), folder, texts)
    }


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_begins_with_one_line_of_what_it_is(tmp_path: Path, language: LanguageName) -> None:
    made = copied(tmp_path / "notebooks", Translator(language))
    assert set(made.values()) == {CopyState.COPIED}
    lines = []
    for name in made:
        original = nbformat.read(notebooks_folder() / f"{name}.ipynb", as_version=4)
        copy = nbformat.read(tmp_path / "notebooks" / f"{name}.ipynb", as_version=4)
        nbformat.validate(copy)
        first, *rest = copy.cells
        assert rest == original.cells
        assert (first.id, first.cell_type, first.source.count("\n")) == (TITLE_CELL, "markdown", 0)
        assert first.source.endswith(".")
        lines.append(first.source)
    assert len(set(lines)) == len(lines) > 15
    audit = {"fr": "**Audit**", "nl": "**Audit**", "de": "**Audit**", "en": "**Audit**"}
    assert any(line.startswith(audit[language]) for line in lines)


def test_the_line_is_in_the_language_of_the_user(tmp_path: Path) -> None:
    copied(tmp_path, NL)
    words = json.loads((tmp_path / "doctor.ipynb").read_text(encoding="utf-8"))["cells"][0]["source"]
    assert words == ["**Deze computer controleren** – Lezer, kaart, eID-software, platform."]


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    copied(tmp_path)
    before = content(tmp_path)
    assert set(copied(tmp_path).values()) == {CopyState.CURRENT}
    assert content(tmp_path) == before


def test_a_changed_one_is_kept_and_all_others_follow(tmp_path: Path) -> None:
    """Also one that was only run: its outputs are work too."""
    copied(tmp_path)
    mine = tmp_path / "audit.ipynb"
    notebook = nbformat.read(mine, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="done")]
    nbformat.write(notebook, mine)
    kept = mine.read_bytes()
    (tmp_path / "doctor.ipynb").unlink()
    made = copied(tmp_path, NL)
    assert mine.read_bytes() == kept
    assert {name for name, state in made.items() if state in KEPT} == {"audit"}
    assert (made["audit"], made["doctor"]) == (CopyState.CHANGED, CopyState.COPIED)
    assert made["trainer"] is CopyState.UPDATED
    assert copied(tmp_path, NL)["audit"] is CopyState.CHANGED


def test_what_was_there_before_is_kept(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"another program's")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "audit.ipynb").write_bytes(b"somebody's")
    (folder / "doctor.ipynb").symlink_to(elsewhere)
    (folder / "index.ipynb").mkdir()
    made = copied(folder)
    assert {name for name, state in made.items() if state is CopyState.FOREIGN} == {
        "audit",
        "doctor",
        "index",
    }
    assert (folder / "audit.ipynb").read_bytes() == b"somebody's"
    assert elsewhere.read_bytes() == b"another program's"


@pytest.mark.parametrize("record", [b"", b"{", b"[1]", b'{"audit.ipynb": 7}', b"\xff\xfe"])
def test_without_its_record_nothing_is_written_over(tmp_path: Path, record: bytes) -> None:
    copied(tmp_path)
    (tmp_path / RECORD).write_bytes(record)
    before = {name: held for name, held in content(tmp_path).items() if name != RECORD}
    assert set(copied(tmp_path, NL).values()) == {CopyState.FOREIGN}
    assert {name: held for name, held in content(tmp_path).items() if name != RECORD} == before
    assert set(copied(tmp_path).values()) == {CopyState.CURRENT}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    """What notebooks show is about people."""
    folder = tmp_path / "a" / "b"
    copied(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file" / "notebooks", Path("/proc/notebooks")):
        with pytest.raises(errors.FolderNotWritable):
            copied(folder)


def test_cards_are_for_notebooks_that_are_there() -> None:
    cards = launcher_cards([Path("/x/audit.ipynb"), Path("/x/request.ipynb"), Path("/x/index.ipynb")], EN)
    assert [(card.path, card.title) for card in cards] == [
        ("index.ipynb", "All forms and pages"),
        ("audit.ipynb", "Audit"),
    ]
    there = {path.stem for path in notebooks_folder().glob("*.ipynb")}
    assert set(FIRST) <= there
