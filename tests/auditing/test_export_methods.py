"""An audit in Python writes itself: the methods have the content of the command's files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import icalendar
import openpyxl
import pandas as pd
import pytest

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.export.formats import FORMATS, ExportOptions
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from tests.auditing.conftest import CLAIRE, ELISE, KARL, Workshop
from tests.auditing.practice import FORMULA, LEFT, audited

NUMBERS = (ELISE, KARL, CLAIRE, LEFT)
METHODS = {name: f"to_{form.method or name}" for name, form in FORMATS.items()}


@pytest.fixture(scope="module")
def audit(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    place = tmp_path_factory.mktemp("practice")
    with audited(place, workshop) as made:
        yield replace(made, secrets=place / "secrets")


def written(audit: Audit, form: str) -> Callable[..., str | bytes | None]:
    method: Callable[..., str | bytes | None] = getattr(audit, METHODS[form])
    return method


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_has_a_method(audit: Audit, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"audit.{FORMATS[form].suffix}"
    assert written(audit, form)(path) is None
    assert path.stat().st_mode & 0o777 == 0o600
    if form != "xlsx":  # its parts have the time of their compression
        assert path.read_bytes() == FORMATS[form].file(audit, Translator("en"), ExportOptions())
    content = written(audit, form)()
    assert isinstance(content, bytes if form in ("xlsx", "ics") else str)
    with pytest.raises(errors.FileExists):
        written(audit, form)(path)
    path.chmod(0o640)
    path.write_bytes(b"old")
    assert written(audit, form)(path, force=True) is None
    assert (len(path.read_bytes()) > 3, path.stat().st_mode & 0o777) == (True, 0o640)
    with pytest.raises(errors.FolderMissing):
        written(audit, form)(tmp_path / "none" / "audit")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_a_file(audit: Audit, language: LanguageName) -> None:
    texts = Translator(language)
    page, lines = audit.to_html(language=language), audit.to_markdown(language=language)
    for text in (page, lines):
        assert text is not None
        assert texts.get("export.page.personal") in text
    messages = str(audit.to_csv(table="findings", language=language))
    assert audit.audit_findings[0].finding.next_step(texts) in messages
    with pytest.raises(ValueError, match="language"):
        audit.to_html(language="xx")


def test_whole_numbers_only_with_full(audit: Audit) -> None:
    for form in FORMATS:
        if form == "xlsx":
            continue
        shown, whole = (str(written(audit, form)(full=full)) for full in (False, True))
        assert not any(number in shown for number in NUMBERS), form
        assert ELISE in whole, form


@pytest.mark.parametrize("table", TABLES)
def test_pandas_reads_the_csv_of_each_table(audit: Audit, table: str, tmp_path: Path) -> None:
    audit.to_csv(tmp_path / "table.csv", table=table, full=True)
    read = pd.read_csv(tmp_path / "table.csv", sep=";", encoding="utf-8-sig", dtype="str")
    frame: pd.DataFrame = getattr(audit, table)
    assert list(read.columns) == [*frame.columns, "audited_at"]
    assert len(read) == len(frame)
    if "file" in frame:
        pd.testing.assert_series_equal(read["file"], frame["file"])
    with pytest.raises(ValueError, match="table"):
        audit.to_csv(table="others")


def test_pandas_and_openpyxl_read_the_workbook(audit: Audit, tmp_path: Path) -> None:
    path = tmp_path / "audit.xlsx"
    audit.to_excel(path, language="en", full=True)
    assert openpyxl.load_workbook(path).sheetnames[0] == "Findings"
    read = pd.read_excel(path, sheet_name="Keystores")
    assert list(read["File"]) == list(audit.keystores["file"])
    assert list(read["Days left"].astype("Int64")) == list(audit.keystores["days_left"])
    ends = read["Expires"].dropna().astype("datetime64[s]").reset_index(drop=True)
    wanted = audit.keystores["not_after"].dropna().reset_index(drop=True)
    pd.testing.assert_series_equal(ends, wanted, check_names=False)


def test_a_calendar_program_reads_the_calendar(audit: Audit) -> None:
    data = audit.to_ics()
    assert data is not None
    assert icalendar.Calendar.from_ical(data).walk("VEVENT")


def test_markdown_shows_names_as_they_are(audit: Audit) -> None:
    text = audit.to_markdown()
    assert text is not None
    lines = text.splitlines()
    assert lines[0].startswith("# ")
    heads = [line for line in lines if line.startswith("| ---")]
    assert len(heads) == 3  # keystores, providers, periods
    tables = [line for line in lines if line.startswith("|")]
    assert len(tables) == 2 * 3 + len(audit.keystores) + len(audit.providers) + len(audit.periods)
    assert {line.replace("\\|", "").count("|") for line in tables} == {8}
    assert f"\\{FORMULA}" in text  # the first sign of a line could be markup
    assert "790314\\*\\*\\*\\*\\*" in text
    row = audit.rows.providers[0]
    hostile = replace(row, name="a|b *c* <d>")
    changed = replace(audit, rows=replace(audit.rows, providers=(hostile,)))
    assert "a\\|b \\*c\\* \\<d\\>" in str(changed.to_markdown())


def test_metrics_need_the_key_of_pseudonyms(audit: Audit) -> None:
    with pytest.raises(ValueError, match="secrets"):
        replace(audit, secrets=None).to_prometheus()
    assert str(audit.to_prometheus()).endswith("# EOF\n")


def test_a_change_in_a_frame_changes_no_export(audit: Audit) -> None:
    changed = replace(audit)
    before = changed.to_csv(table="keystores")
    changed.keystores["practice"] = "another"
    assert set(changed.keystores["practice"]) == {"another"}, "the frame is the same each time"
    assert changed.to_csv(table="keystores") == before


def test_an_audit_as_a_text_is_what_the_command_writes(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    workshop.write(tmp_path / "ks", ELISE)
    workshop.write(tmp_path / "ks", KARL, -1000, -20, pair=1)
    assert run(["audit", str(tmp_path / "ks"), "--lang", "nl", "-o", str(tmp_path / "due.txt")]) in (0, 1)
    made = ehtoolkit.audit(tmp_path / "ks", language="nl", processes=1)
    written = (tmp_path / "due.txt").read_text(encoding="utf-8")
    assert f"{made}\n" == written.replace("→", "->")
    assert ELISE not in str(made)
    assert "\n" not in repr(made)
    assert len(repr(made)) < 400


def test_the_methods_refuse_what_is_no_path(audit: Audit) -> None:
    with pytest.raises(TypeError, match="path"):
        audit.to_html(io.StringIO())  # type: ignore[arg-type]  # what is tested
