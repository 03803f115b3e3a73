"""Notebooks with code: begun where they say, with folders of one's own, from which nothing is taken away."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest

from ehtoolkit.training import PEOPLE
from tests.conftest import DATA
from tests.support.notebook_run import run

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
AUDITS = ("audit-examples", "forty-practices")
START = re.compile(r"^3\. Go on at “(.+?)”", re.MULTILINE)
VARIABLES = re.compile(r"^2\. Instead of the cell below “Example files”, run `([a-z, ]+) = ", re.MULTILINE)
CONNECT = re.compile(r"^1\. In the first cell, connect with `(connect\(.+?\))`", re.MULTILINE)

CERTIFICATES = """
import shutil
from ehtoolkit import ContactData


def certificate(name, password="Eigen-2026"):
    contact = ContactData("someone@example.be", "+32 4 555 01 42")
    made = eh.request_certificate(
        contact, pin="1234", password=password, agree=lambda _: None, card="training:" + name
    ).keystore
    return eh.complete_certificate(made, password).keystore


bram, claire = certificate("bram"), certificate("claire", "Anders-2026")
"""
"""Two certificates of the platform that the notebook is connected to."""
MADE = {
    "broken-keystore": f"""{CERTIFICATES}
(own / "inbox").mkdir()
shutil.copy(bram, own / "inbox")
shutil.copy(certificate("wim"), own / "inbox")  # its delivery takes days
shutil.copy(claire, own / "inbox")
(own / "inbox" / "half.p12").write_bytes(bram.read_bytes()[:-60])
(own / "inbox" / "half of another.p12").write_bytes(claire.read_bytes()[:-60])
(own / "inbox" / "letter.docx").write_bytes(b"PK no keystore")
shutil.copytree(own, own.with_name("before"))
""",
    "unopened-message": f"""{CERTIFICATES}
(own / "messages").mkdir()
(own / "letter.txt").write_text("Beste collega")
keystore = Path(shutil.copy(bram, own))
eh.seal(own / "letter.txt", own / "messages" / "mine.etee", bram, "Eigen-2026", to_self=True)
eh.seal(own / "letter.txt", own / "messages" / "hers.etee", claire, "Anders-2026", to_self=True)
(own / "messages" / "note.txt").write_text("no message")
shutil.copytree(own, own.with_name("before"))
""",
    **dict.fromkeys(AUDITS, ""),
}
"""What a person has in their folder."""
VALUES = {
    "broken-keystore": 'own / "inbox", own / "mended", "Eigen-2026"',
    "unopened-message": 'own / "messages", keystore, own / "opened", "Eigen-2026"',
    **dict.fromkeys(AUDITS, '[own], ehtoolkit.read_passwords(own / "passwords.csv"), own'),
}
"""The variables that the notebook names, in its order."""
NEW = {
    "broken-keystore": {"mended"},
    "unopened-message": {"opened/mine.txt"},
    "audit-examples": {"audit.xlsx", "due.ics", "findings.csv"},
    "forty-practices": {"practices.xlsx", "practices.html"},
}


def code_of(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def files_in(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("name", MADE)
def test_it_begins_at_its_start_with_folders_of_ones_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell of the example is left out. Audits run in production, as they say: they ask no platform."""
    own, temporary = tmp_path / "own", tmp_path / "temporary"
    own.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    words, first, *rest = notebook.cells
    (variables,), (start,) = VARIABLES.findall(words.source), START.findall(words.source)
    (position,) = (at for at, cell in enumerate(rest) if cell.source.startswith(f"## {start}"))
    assert rest[0].source.startswith("## Example files")
    assert [cell.cell_type for cell in rest[:position]] == ["markdown", "code"]
    if name in AUDITS:
        for path in sorted((DATA / "keystores").glob("*.p12"))[:5]:
            shutil.copy(path, own)
        (own / "passwords.csv").write_text("pattern,password\n*,Eigen-2026\n")
        shutil.copytree(own, own.with_name("before"))
        (connect,) = CONNECT.findall(words.source)
        first.source = re.sub(
            r"ehtoolkit\.connect\(.+\)$", f"ehtoolkit.{connect}", first.source, flags=re.MULTILINE
        )
        assert connect in first.source
    mine = f"own = Path({str(own)!r})\n{MADE[name]}\n{variables} = {VALUES[name]}"
    notebook.cells = [first, nbformat.v4.new_code_cell(mine), *rest[position:]]
    run(notebook, tmp_path)
    before, now = files_in(own.with_name("before")), files_in(own)
    assert before
    assert before.items() <= now.items()
    new = now.keys() - before.keys()
    assert new
    assert all(any(path.startswith(expected) for expected in NEW[name]) for path in new)
    assert NEW[name] <= {*new, *(path.partition("/")[0] for path in new)}
    assert [path for path in temporary.iterdir() if path.name.startswith("ehtoolkit-")] == []
    shown = json.dumps([cell.get("outputs", []) for cell in notebook.cells])
    assert not [person.name for person in PEOPLE if person.person.niss.digits in shown]


@pytest.mark.parametrize("name", MADE)
def test_it_deletes_only_its_temporary_folder(name: str) -> None:
    tree = ast.parse(code_of(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)))
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert {"TemporaryDirectory", "cleanup"} <= called
    assert not called & {"rmtree", "unlink", "rmdir", "remove", "removedirs", "replace", "clear", "reset"}


def test_every_notebook_with_code_is_looked_at() -> None:
    with_code = {
        path.stem
        for path in NOTEBOOKS.glob("*.ipynb")
        if len([cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]) > 1
    }
    assert with_code == MADE.keys()
