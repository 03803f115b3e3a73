"""Tables: drawn on a terminal that can, else lines; with hostile names in either."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from operator import itemgetter
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.cli.table import TableCell, TableColumn, first_clause, print_table
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import LANGUAGES
from tests.auditing.conftest import ELISE, workshop
from tests.cli.audited_folder import folder, passwords
from tests.keystore.conftest import keystore_maker
from tests.support.unseen_text import offends

__all__ = ["folder", "keystore_maker", "passwords", "workshop"]

EVIL = "x\x1b]0;owned\x07\x9b31m\u202egnp\t\u200b\r\nnext"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Screen(io.TextIOWrapper):
    """A terminal of so many columns that keeps what is shown."""

    def __init__(self, page: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=page, write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


def screen(monkeypatch: pytest.MonkeyPatch, width: int, page: str = "utf-8", **variables: str) -> Screen:
    made = Screen(page)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": str(width), **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", made)
    return made


def columns_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def audit(folder: Path, passwords: Path, *more: str) -> int:
    return run(["audit", str(folder), "--passwords", str(passwords), "--lang", "en", *more])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_table_fits_its_terminal(
    width: int, folder: Path, passwords: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = screen(monkeypatch, width)
    assert audit(folder, passwords) == 1
    plain = _COLOUR.sub("", made.shown)
    heading, table = plain.splitlines()[0], plain.partition("▲ Warning:")[0]
    assert max(columns_of(line) for line in table.splitlines()) <= width
    assert {"Holder", "State", "File"} <= set(heading.split())
    assert ("Next step" in heading) is (width >= 100)
    assert "▲ To be renewed" in plain
    assert "\x1b[33m" in made.shown, "what is due is yellow"
    assert str(folder) not in table, "files are shown by their paths within the folder"
    assert "States: To be renewed 1, Certificate valid 1." in plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_provider_takes_two_lines_on_eighty_columns(
    folder: Path, passwords: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    assert run(["provider", "add", "--name", "Dubois", "--first-names", "Élise", "--niss", ELISE]) == 0
    file = next(folder.glob(f"*{ELISE}*"))
    assert run(["provider", "assign", "Dubois", str(file), "--passwords", str(passwords)]) == 0
    assert (
        run(["provider", "add", "--name", "Peeters", "--practice", "Les Tilleuls", "--type", "doctor"]) == 0
    )
    made = screen(monkeypatch, 80)
    assert run(["provider", "list", "--lang", language]) == 0
    shown = _COLOUR.sub("", made.shown).splitlines()
    rows = shown[next(number for number, line in enumerate(shown) if line.startswith("#1")) :]
    assert len(rows) <= 2 * 2


@pytest.mark.parametrize(
    ("width", "variables"), [(59, {}), (120, {"NO_COLOR": "1"}), (120, {"TERM": "dumb"})]
)
def test_lines_where_nothing_is_drawn(
    width: int, variables: dict[str, str], folder: Path, passwords: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = screen(monkeypatch, width, **variables)
    assert audit(folder, passwords) == 1
    assert "\x1b" not in made.shown
    assert not re.search("[─│●▲✖]", made.shown)
    (row,) = [line for line in made.shown.splitlines() if "\tTo be renewed\t" in line]
    assert len(row.split("\t")) == len(made.shown.splitlines()[0].split("\t"))


def test_a_code_page_without_symbols_gets_lines(
    folder: Path, passwords: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = screen(monkeypatch, 120, page="cp850")
    assert audit(folder, passwords) == 1
    assert "\x1b" not in made.shown


def test_all_findings_when_they_are_asked_for(
    folder: Path, passwords: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "other.p12").write_bytes(b"x" * 400)
    assert audit(folder, passwords) == 1
    brief = capsys.readouterr().out
    assert "Error: " in brief
    assert "Warning: " not in brief
    assert "--findings shows all" in brief
    assert audit(folder, passwords, "--findings") == 1
    whole = capsys.readouterr().out
    assert "Warning: " in whole
    assert "--findings" not in whole


@pytest.mark.parametrize("drawn", [True, False])
def test_control_characters_of_untrusted_texts_are_not_printed(
    drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = screen(monkeypatch, 80 if drawn else 40)
    columns = (TableColumn("A", itemgetter(0)), TableColumn(EVIL, itemgetter(1), right=True))
    print_table(columns, [(EVIL, TableCell(EVIL, Severity.ERROR)), ("[red]markup[/red] :smile:", None)])
    shown = _COLOUR.sub("", made.shown)
    assert not offends(shown) - {"\n", "\t"}
    assert "[red]markup[/red]" in shown.replace("\n", ""), "no markup of the library's is obeyed"
    assert (re.search(r"\x1b\[[0-9;]*m", made.shown) is not None) is drawn
    if not drawn:
        assert [line.count("\t") for line in shown.splitlines()] == [1, 1, 1]


def test_a_table_without_rows_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert not print_table((TableColumn("A", str),), [])
    assert capsys.readouterr().out == ""


def test_the_first_clause() -> None:
    assert first_clause("Complete it: ehtoolkit certificate complete.") == "Complete it"
    assert first_clause("Vervollständigen Sie es.") == "Vervollständigen Sie es"
    assert first_clause("Complétez-le\u00a0: maintenant") == "Complétez-le"
