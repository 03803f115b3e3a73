"""Two folders, or audits that were saved, compared with each other and with what pandas joins."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.audit_finding import FOLDER_KEYS
from ehtoolkit.auditing.changes import ChangeKind
from ehtoolkit.auditing.comparison import AuditComparison, read_saved_audit
from ehtoolkit.auditing.export import plain_text
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.snapshot import LEFT_OUT, RANKS
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, Workshop

Look = Callable[..., Audit]
MOVED, UNRELATED = "73052117386", "61041712394"
TWIN = "79031405640"
"""Born on the day of Élise."""
LATER = "20261123-120000"


@pytest.fixture
def look(passwords: Callable[[Path], Secret]) -> Look:
    def audit(*folders: Path, days: int = 0) -> Audit:
        options = AuditOptions(now=NOW + timedelta(days=days), processes=1, language="en")
        return audit_folder(folders, passwords, options)

    return audit


@pytest.fixture
def folders(tmp_path: Path, workshop: Workshop) -> tuple[Path, Path]:
    """Last year's copy of a folder, and the folder."""
    old, new = tmp_path / "2025" / "copy", tmp_path / "keystores"
    workshop.write(old, ELISE, -1000, 55, at="20240228-120000")
    workshop.write(old, KARL, pair=1)
    workshop.write(old, CLAIRE, pair=2)
    workshop.write(old / "desk", MOVED, pair=3)
    workshop.write(old, UNRELATED, pair=0, name="shared.p12")
    shutil.copytree(old, new)
    workshop.write(new, ELISE, -1, 1095, pair=4, at=LATER)
    (new / f"SSIN={CLAIRE} 20260816-120000.p12").unlink()
    (new / f"SSIN={KARL} 20260816-120000.p12").write_bytes(bytes(64))
    shutil.move(new / "desk", new / "room")
    workshop.write(new, CLAIRE, -100, 950, pair=3, name="shared.p12")
    workshop.write(new / "more", TWIN, pair=1)
    return old, new


EXPECTED = [
    ("gone", f"SSIN={CLAIRE} 20260816-120000.p12", True),
    ("worse", f"SSIN={KARL} 20260816-120000.p12", True),
    ("other_certificate", "shared.p12", True),
    ("new", f"SSIN={TWIN} 20260816-120000.p12", False),
    ("renewed", f"SSIN={ELISE} {LATER}.p12", False),
    ("moved", f"SSIN={MOVED} 20260816-120000.p12", False),
]


def found(comparison: AuditComparison) -> list[tuple[str, str, bool]]:
    return [
        (row.change, Path(row.file or row.old_file or row.folder or "").name, row.is_due)
        for row in comparison.rows
    ]


def test_two_folders(folders: tuple[Path, Path], look: Look) -> None:
    old, new = folders
    comparison = ehtoolkit.compare_audits(look(old), look(new), language="en")
    assert found(comparison) == EXPECTED
    assert comparison.is_due
    frame = comparison.changes.set_index("change")
    assert frame.loc["moved", "old_file"] == str(old / "desk" / EXPECTED[5][1])
    assert frame.loc["moved", "file"] == str(new / "room" / EXPECTED[5][1])
    assert frame.loc["renewed", "old_file"] == str(old / f"SSIN={ELISE} 20240228-120000.p12")
    assert frame.loc["gone", "old_file"] == str(old / EXPECTED[0][1])
    assert (frame.loc["worse", "old_state"], frame.loc["worse", "state"]) == ("complete", "unreadable")
    same = ehtoolkit.compare_audits(look(new), look(new))
    assert (len(same.changes), same.is_due) == (0, False)


def test_the_files_are_those_that_pandas_joins(folders: tuple[Path, Path], look: Look) -> None:
    old, new = folders
    before, after = look(old), look(new)
    tables = []
    for audit, folder in ((before, old), (after, new)):
        table = audit.keystores
        tables.append(table.assign(path=[str(Path(file).relative_to(folder)) for file in table["file"]]))
    joined = tables[0].merge(tables[1], on="path", how="outer", indicator=True, suffixes=("_old", ""))
    only = {side: set(joined.loc[joined["_merge"] == side, "path"]) for side in ("left_only", "right_only")}
    keys = pd.merge(tables[0].dropna(subset="key_id"), tables[1], on="key_id", suffixes=("_old", ""))
    moved = {
        (old_path, path)
        for old_path, path in zip(keys["path_old"], keys["path"], strict=True)
        if old_path in only["left_only"] and path in only["right_only"]
    }
    changes = ehtoolkit.compare_audits(before, after).changes
    files = {
        kind: {str(Path(file).relative_to(new)) for file in rows["file"].dropna()}
        for kind, rows in changes.groupby("change", observed=True)
    }
    gone = changes.loc[changes["change"] == "gone", "old_file"]
    assert {str(Path(file).relative_to(old)) for file in gone} == only["left_only"] - {
        pair[0] for pair in moved
    }
    assert files["moved"] == {pair[1] for pair in moved}
    assert files["new"] | files["renewed"] == only["right_only"] - files["moved"]
    both = joined[joined["_merge"] == "both"]
    differs = (both["key_id_old"] != both["key_id"]) | (both["state_old"] != both["state"])
    assert files["worse"] | files["other_certificate"] == set(both.loc[differs, "path"]) - replaced(both)


def replaced(both: pd.DataFrame) -> set[str]:
    """Paths whose state is another one because a newer keystore is beside the old: the renewal is the change."""
    return set(both.loc[both["replaced_by"].notna(), "path"])


@pytest.mark.parametrize("name", ["audit.json", "keystores.csv", "merged.csv"])
@pytest.mark.parametrize("full", [True, False])
def test_an_audit_that_was_saved(
    name: str, full: bool, folders: tuple[Path, Path], look: Look, tmp_path: Path
) -> None:
    """Of the same folder, a year later."""
    old, new = folders
    saved = tmp_path / name
    before = look(old)
    if name == "audit.json":
        before.to_json(saved, full=full)
    else:
        before.to_csv(saved, full=full, table=saved.stem)
    shutil.rmtree(old)
    shutil.move(new, old)
    comparison = ehtoolkit.compare_audits(saved, look(old), language="en")
    assert comparison.is_masked is not full
    expected = [(kind, file if full else masked(file), due) for kind, file, due in EXPECTED]
    if not full:  # the newcomer has the birthday of Élise, whose certificate ends sooner
        expected = [("renewed" if kind == "new" else kind, file, due) for kind, file, due in expected]
    assert sorted(found(comparison)) == sorted(expected)
    assert ("same birthday" in str(comparison)) is not full
    again = tmp_path / f"later-{name}"
    if name == "audit.json":
        look(old).to_json(again, full=full)
    else:
        look(old).to_csv(again, full=full, table=saved.stem)
    assert found(ehtoolkit.compare_audits(str(saved), again)) == found(comparison)


def masked(file: str) -> str:
    shown: str = ehtoolkit.masked_frame(pd.DataFrame({"file": [file]})).loc[0, "file"]
    return shown


def test_keys_distinguish_two_persons_of_one_birthday(tmp_path: Path, workshop: Workshop, look: Look) -> None:
    folder = tmp_path / "keystores"
    workshop.write(folder, ELISE, pair=0)
    workshop.write(folder, TWIN, pair=1)
    look(folder).to_json(tmp_path / "before.json")
    (folder / f"SSIN={TWIN} 20260816-120000.p12").unlink()
    comparison = ehtoolkit.compare_audits(tmp_path / "before.json", look(folder))
    (row,) = comparison.rows
    assert (row.change, row.old_file) == ("gone", str(folder / "SSIN=790314***** 20260816-120000.p12"))


def test_folders_that_are_empty_or_were_not_audited_again(
    tmp_path: Path, workshop: Workshop, look: Look
) -> None:
    full, empty = tmp_path / "full", tmp_path / "empty"
    workshop.write(full)
    empty.mkdir()
    assert [row.change for row in ehtoolkit.compare_audits(look(empty), look(full)).rows] == ["new"]
    (row,) = ehtoolkit.compare_audits(look(full), look(empty)).rows
    assert (row.change, row.folder, row.problem, row.keystores) == (
        "folder_gone",
        str(empty),
        "folder_empty",
        1,
    )
    workshop.write(full / "more", KARL, pair=1)
    (row,) = ehtoolkit.compare_audits(look(full), look(full / "more")).rows
    assert (row.change, row.folder, row.problem) == ("folder_gone", str(full), "folder_left_out")


def test_what_is_printed_in_four_languages(folders: tuple[Path, Path], look: Look, tmp_path: Path) -> None:
    comparison = ehtoolkit.compare_audits(*map(look, folders), language="en")
    lines = str(comparison).splitlines()
    assert lines[0] == f"Compared: {folders[0]} -> {folders[1]}."
    assert lines[1].startswith(f"Gone: {folders[0]}/SSIN=900202*****")
    assert lines[-1] == "Keystores before: 5. After: 6. Changes: 6. To check: 3."
    assert not any(number in str(comparison) for number in (ELISE, KARL, CLAIRE, MOVED, UNRELATED, TWIN))
    assert CLAIRE in str(comparison.to_text(full=True))
    texts = {str(comparison.to_text(language=language)) for language in LANGUAGES}
    assert len(texts) == len(LANGUAGES)
    value = json.loads(str(comparison.to_json()))
    assert (value["due"], value["masked"], value["later"]["keystores"]) == (True, True, 6)
    assert value["changes"] == [row.plain() for row in comparison.rows]
    comparison.to_csv(tmp_path / "changes.csv", full=True)
    read = pd.read_csv(tmp_path / "changes.csv", sep=";", encoding="utf-8-sig")
    assert list(read["change"]) == [kind for kind, _, _ in EXPECTED]
    assert list(read["file"].dropna()) == list(comparison.changes["file"].dropna())
    with pytest.raises(errors.FileExists):
        comparison.to_csv(tmp_path / "changes.csv")
    comparison.to_csv(tmp_path / "changes.csv", force=True)
    assert CLAIRE not in (tmp_path / "changes.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("language", LANGUAGES)
def test_documents_show_each_change(folders: tuple[Path, Path], look: Look, language: LanguageName) -> None:
    comparison = ehtoolkit.compare_audits(*map(look, folders))
    texts = Translator(language)
    book = comparison.to_excel(language=language)
    assert book is not None
    (sheet,) = openpyxl.load_workbook(io.BytesIO(book)).worksheets
    rows = [[str(cell) for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    pages = [comparison.to_html(language=language), comparison.to_markdown(language=language)]
    documents = [str(rows), *(str(page).replace("\\", "") for page in pages)]
    columns = {texts.get(f"export.column.{name}") for name in ("change", "old_file", "old_state")}
    words = {texts.get(f"export.change.{kind}") for kind, _, _ in EXPECTED}
    words.add(texts.get("export.state.unreadable"))
    for document in documents:
        assert all(word in document for word in columns | words)
        assert not any(number in document for number in (ELISE, KARL, CLAIRE, MOVED, UNRELATED, TWIN))
        assert "None" not in document
    assert len(rows) == 1 + len(EXPECTED)
    for page in documents[1:]:
        assert texts.get("audit.comparison.heading", earlier=folders[0], later=folders[1]) in page
        assert texts.get("export.page.personal") in page
    assert CLAIRE in str(comparison.to_markdown(full=True))
    same = ehtoolkit.compare_audits(*[look(folders[0])] * 2)
    assert texts.get("audit.comparison.none") in str(same.to_html(language=language))


def test_each_word_of_a_change_is_translated() -> None:
    problems = {*FOLDER_KEYS, LEFT_OUT}
    words = {
        "change": set(map(str, ChangeKind)),
        "state": set(RANKS),
        "old_state": set(RANKS),
        "problem": problems,
    }
    for language in LANGUAGES:
        for column, keys in words.items():
            texts = Translator(language)
            assert texts.has(f"export.column.{column}")
            assert not any(plain_text.word(column, key, texts) == key for key in keys)


ROW = {"file": "/a.p12", "state": "complete", "holder": None, "not_after": "2027-01-31"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "", "columns"),
        ("a.json", "{", "format"),
        ("a.json", "[1]", "columns"),
        ("a.json", '{"keystores": 1, "findings": []}', "format"),
        ("a.json", json.dumps({"keystores": [{**ROW, "state": "well"}], "findings": []}), "format"),
        ("a.json", json.dumps({"keystores": [{**ROW, "not_after": "soon"}], "findings": []}), "format"),
        ("a.json", json.dumps({"keystores": [{**ROW, "file": 7}], "findings": []}), "format"),
        ("a.json", json.dumps({"keystores": [{"file": "/a.p12"}], "findings": []}), "columns"),
        ("a.json", '{"keystores": [], "findings": [], "audit": {"now": "soon"}}', "format"),
        ("a.json", '{"keystores": [], "findings": [], "audit": 7}', "format"),
        ("a.json", "[" * 100_000, "columns"),
        ("a.json", '{"keystores": ' + "[" * 100_000, "format"),
        ("a.csv", "severity;due;days\r\nerror;;\r\n", "columns"),
        ("a.csv", "file;state;holder;not_after\r\n/a.p12;well;;\r\n", "format"),
        ("a.csv", b"\xff\xfe\x00", "format"),
    ],
)
def test_what_is_no_saved_audit(name: str, content: str | bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(errors.SavedAuditInvalid) as caught:
        read_saved_audit(path)
    assert caught.value.reason == reason
    for language in LANGUAGES:
        assert name in Translator(language).error(caught.value)
    with pytest.raises(errors.FileUnreadable):
        read_saved_audit(tmp_path / "none.json")


def test_a_table_that_excel_has_saved_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"file;state;holder;not_after\r\n/a.p12;complete;;31/01/2027\r\n")
    (keystore,) = read_saved_audit(path).keystores
    assert (keystore.not_after, keystore.holder) == (date(2027, 1, 31), None)


@pytest.mark.parametrize("name", ["audit.json", "keystores.csv"])
def test_nothing_is_better_because_the_first_audit_is_the_later_one(
    name: str, tmp_path: Path, workshop: Workshop, look: Look
) -> None:
    """The clock of its computer was ahead, or the two are in the wrong order."""
    workshop.write(tmp_path / "ks", ELISE, -1000, 5)
    saved = tmp_path / name
    expired = look(tmp_path / "ks", days=20)
    expired.to_json(saved, full=True) if name == "audit.json" else expired.to_csv(saved, full=True)
    assert read_saved_audit(saved).now == NOW + timedelta(days=20)
    comparison = ehtoolkit.compare_audits(saved, look(tmp_path / "ks"))
    assert found(comparison) == []
    sides = json.loads(comparison.to_json() or "")
    assert (sides["earlier"]["now"], sides["later"]["now"]) == (
        (NOW + timedelta(days=20)).isoformat(),
        NOW.isoformat(),
    )
    before = look(tmp_path / "ks")
    (change,) = found(ehtoolkit.compare_audits(before, saved))
    assert change[0] == "worse"


@pytest.mark.parametrize("written", ["", "24/11/2026 12:00", "2026-11-24T12:00:00"])
def test_an_audit_of_an_earlier_version_has_no_moment(
    written: str, tmp_path: Path, workshop: Workshop, look: Look
) -> None:
    """Or a spreadsheet has rewritten it: then only the states are compared."""
    workshop.write(tmp_path / "ks", ELISE, -1000, 5)
    saved, table = tmp_path / "a.json", tmp_path / "keystores.csv"
    value = json.loads(look(tmp_path / "ks", days=20).to_json(full=True) or "")
    del value["audit"]
    saved.write_text(json.dumps(value), encoding="utf-8")
    moment = (NOW + timedelta(days=20)).isoformat()
    text = look(tmp_path / "ks", days=20).to_csv(full=True) or ""
    table.write_text(text.replace(moment, written), encoding="utf-8")
    for path in (saved, table):
        assert read_saved_audit(path).now is None
        (change,) = found(ehtoolkit.compare_audits(path, look(tmp_path / "ks")))
        assert change[0] == "better"


def test_a_keystore_that_two_providers_have_in_common_is_one(tmp_path: Path) -> None:
    path = tmp_path / "merged.csv"
    row = "/a.p12;complete;SSIN=1;2027-01-31;{practice}"
    rows = ["file;state;holder;not_after;practice", *(row.format(practice=name) for name in "ab"), ";;;;c"]
    path.write_text("\r\n".join(rows), encoding="utf-8")
    assert len(read_saved_audit(path).keystores) == 1


def test_only_audits_and_paths_are_compared(look: Look, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="later"):
        ehtoolkit.compare_audits(look(tmp_path), 7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="earlier is an empty path"):
        ehtoolkit.compare_audits("", look(tmp_path))
    with pytest.raises(ValueError, match="earlier is a folder: audit it"):
        ehtoolkit.compare_audits(tmp_path, look(tmp_path))
