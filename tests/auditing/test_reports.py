"""Reports for clients: one for each practice, with nothing of another one's, and no file written over."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.audit import Audit, audit_providers
from ehtoolkit.auditing.export import practice_reports
from ehtoolkit.auditing.export.formats import OF_REPORTS
from ehtoolkit.auditing.export.practice_reports import safe_name, write_reports
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.practice_split import split_by_practice
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.auditing.tables.merged_rows import MergedRow
from ehtoolkit.cli.run import run
from ehtoolkit.i18n import LANGUAGES, Translator, language_of
from ehtoolkit.providers import Assignment, Conventioned, Period, Provider, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop
from tests.auditing.practice import LEFT

EN = Translator("en")
NUMBERS = (ELISE, KARL, CLAIRE, LEFT)


@dataclass(frozen=True)
class Consultancy:
    audit: Audit
    folder: Path
    home: Path


@pytest.fixture(scope="module")
def consultancy(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consultancy]:
    """Two practices; a keystore that both use, one that cannot be opened, one of nobody, other files beside them."""
    place = tmp_path_factory.mktemp("consultancy")
    folder = place / "clients"
    elise = workshop.write(folder / "tilleuls", ELISE, -1000, 55)
    karl = workshop.write(folder / "orme", KARL, -1187, -21, pair=1)
    claire = workshop.write(folder / "orme" / "more", CLAIRE, -287, 900, pair=2)
    workshop.write(folder, LEFT, -30, 1157, pair=4)
    (folder / "tilleuls" / f"notes {ELISE}.txt").write_text("x")
    (folder / "orme" / "more" / "within").mkdir()
    (folder / "orme" / "more" / "within" / "plan.pdf").write_text("x")
    (folder / "other.docx").write_text("x")
    (folder / "orme" / ".hidden").write_text("x")
    nurse = (Period("nurse", date(2020, 1, 1), None, "41234502401", Conventioned.PARTLY),)
    with open_registry(load_settings(home=place / "home")) as registry:
        for name, first, niss, practice, path in (
            ("Vandamme", "Élise", ELISE, "Les Tilleuls", elise),
            ("Hennes", "Karl", KARL, "L'Orme", karl),
            ("=1+1", "Claire", CLAIRE, "l'orme", claire),
            ("Desmedt", "Bram", "", "Les Tilleuls", karl),  # another one's
            ("Nobody", "Nele", "", "", None),
        ):
            record = registry.add(Provider(name, first, niss=niss, practice=practice, periods=nurse))
            if path is not None:
                registry.assign(record.id or 0, Assignment(str(path)))

        def passwords(file: Path) -> Secret | None:
            return None if file == claire else PASSWORD

        options = AuditOptions(now=NOW, processes=1, language="en")
        yield Consultancy(audit_providers(registry, [folder], passwords, options), folder, place / "home")


def content(path: Path) -> str:
    """What somebody gets to read of a report."""
    if path.suffix == ".html":
        return unescape(path.read_text(encoding="utf-8"))
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    return "\n".join(
        str(cell.value) for sheet in book.worksheets for row in sheet for cell in row if cell.value
    )


def test_each_report_in_the_language_of_its_practice(consultancy: Consultancy, tmp_path: Path) -> None:
    """L'Orme has two records in German and one in French, Les Tilleuls one in each of two languages."""
    spoken = {"Hennes": "de", "=1+1": "de", "Vandamme": "fr", "Desmedt": "de"}
    rows = consultancy.audit.rows
    providers = [replace(row, language=spoken.get(row.name)) for row in rows.providers]
    (hennes,) = (row for row in providers if row.name == "Hennes")
    extra = replace(hennes, name="Third", language="fr")
    audit = replace(consultancy.audit, rows=replace(rows, providers=(*providers, extra)))
    languages = [part.audit.texts.language for part in split_by_practice(audit, EN, own_languages=True)]
    assert languages == ["de", "de", "en"]
    assert {part.audit.texts.language for part in split_by_practice(audit, EN)} == {"en"}
    written = write_reports(audit, tmp_path, EN, own_languages=True, formats=("html",))
    for path, language in zip(written, languages, strict=True):
        assert f'<html lang="{language}"' in path.read_text(encoding="utf-8")
        assert Translator(language_of(language)).get("export.report.date") in content(path)
    others = [path.read_bytes() for path in written]
    with pytest.raises(errors.FileExists):
        write_reports(audit, tmp_path, EN, own_languages=True, formats=("html",))
    assert write_reports(audit, tmp_path, EN, formats=("html",), replacing=True) == written
    assert [path.read_bytes() for path in written] != others


def test_each_row_and_finding_is_in_one_report(consultancy: Consultancy) -> None:
    parts = split_by_practice(consultancy.audit, EN)
    assert [part.practice for part in parts] == ["L'Orme", "Les Tilleuls", None]
    for table in TABLES:
        whole = getattr(consultancy.audit, table)
        assert sum(len(getattr(part.audit, table)) for part in parts) == len(whole), table
        for part in parts:
            assert list(getattr(part.audit, table).dtypes) == list(whole.dtypes), table
    assert sum(len(part.audit.audit_findings) for part in parts) == len(consultancy.audit.audit_findings)
    assert [len(part.audit.rows.keystores) for part in parts] == [2, 1, 1]
    assert sum(part.audit.passed_over for part in parts) == consultancy.audit.passed_over
    orme, tilleuls, unassigned = parts
    assert orme.folders == ("clients/orme", "clients/orme/more")
    assert [Path(path).name for path in orme.unopened] == [f"SSIN={CLAIRE} 20260816-120000.p12"]
    assert orme.passed_over == ("clients/orme/more/within/plan.pdf",)
    assert tilleuls.passed_over == (f"clients/tilleuls/notes {ELISE}.txt",)
    assert unassigned.passed_over == ("clients/other.docx",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_says_what_it_is_about_and_hides_the_rest(
    consultancy: Consultancy, tmp_path: Path, language: LanguageName
) -> None:
    texts = Translator(language)
    folder = tmp_path / "reports"
    written = write_reports(consultancy.audit, folder, texts, author="An Peeters, consultant")
    names = [path.name for path in written]
    stem = safe_name(texts.get("export.report.unassigned"))
    assert names == [
        f"{name}-2026-11-24.{form}" for name in ("l-orme", "les-tilleuls", stem) for form in OF_REPORTS
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for path in written:
        text = content(path)
        assert str(consultancy.folder.parent) not in text
        assert "An Peeters, consultant" in text
        assert texts.get("export.page.unasked") in text
        for number in NUMBERS:
            assert number not in text
            assert not re.search(rf"{number[:6]}\D?{number[6:9]}", text)
        for label in ("date", "folders", "unopened", "passed_over", "never"):
            assert texts.get(f"export.report.{label}") in text
        assert path.stat().st_mode & 0o777 == 0o600
    orme, tilleuls, unassigned = ("".join(content(path) for path in written[at : at + 2]) for at in (0, 2, 4))
    assert f"clients/orme/SSIN={KARL[:6]}***** 20260816-120000.p12" in orme
    assert f"notes {ELISE[:6]}*****.txt" in tilleuls
    assert "plan.pdf" in orme
    # Of the keystore that both have, neither hears whose else it is.
    hidden = texts.get("export.report.elsewhere")
    for own, other, ours, theirs in (
        (orme, tilleuls, "Hennes", ("Vandamme", "Desmedt", "tilleuls/", f"notes {ELISE[:6]}")),
        (tilleuls, orme, "Vandamme", ("Claire", "orme/", "plan.pdf")),
    ):
        assert ours in own
        assert [word for word in theirs if word in own] == []
        assert hidden in own
        assert other != own
    assert "Nobody" in unassigned
    assert hidden not in unassigned


def test_a_page_has_contents_that_lead_somewhere(consultancy: Consultancy, tmp_path: Path) -> None:
    (path, *_) = write_reports(consultancy.audit, tmp_path, EN, formats=("html",))
    page = path.read_text(encoding="utf-8")
    contents = page.partition("<nav")[2].partition("</nav>")[0]
    targets = re.findall(r'href="#([^"]+)"', contents)
    assert targets[0] == "findings-heading"
    assert targets[-1] == "scope-heading"
    assert [target for target in targets if page.count(f'id="{target}"') != 1] == []
    assert 'data-search="Search"' in page
    assert "<title>eHealth certificates: L&#39;Orme – ehtoolkit</title>" in page
    assert "Made by" not in page


def test_a_workbook_begins_with_its_cover(consultancy: Consultancy, tmp_path: Path) -> None:
    (path, *_) = write_reports(consultancy.audit, tmp_path, EN, formats=("xlsx",), author="=cmd()")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:2] == ["Scope", "Findings"]
    cover = {row[0].value: row[1] for row in book.worksheets[0].iter_rows(min_row=3) if row[0].value}
    assert cover["Practice"].value == "L'Orme"
    assert cover["Folders"].value == "clients/orme"
    assert (cover["Made by"].value, cover["Made by"].data_type) == ("=cmd()", "s")
    files = [cell.value for cell in book["Keystores"]["A"][1:]]
    assert all(file.startswith("clients/orme/") for file in files)


def test_whole_numbers_only_when_asked_for(consultancy: Consultancy, tmp_path: Path) -> None:
    written = write_reports(consultancy.audit, tmp_path, EN, full=True)
    assert all(KARL in content(path) for path in written[:2])
    assert not any(ELISE in content(path) for path in written[:2])
    assert not any(KARL in content(path) for path in written[2:4])


def test_a_report_has_the_expiry_of_its_holders_keystores(consultancy: Consultancy) -> None:
    """Though another provider, of another practice and before him in the registry, has it as well."""
    orme, tilleuls, _ = split_by_practice(consultancy.audit, EN)
    (found,) = [row for row in orme.audit.finding_rows() if row.key == "certificate_expired"]
    assert (found.name, found.holder) == ("Karl Hennes", f"SSIN={KARL}")
    assert "certificate_expired" not in {row.key for row in tilleuls.audit.finding_rows()}


def test_the_holder_in_another_practice_stays_hidden(consultancy: Consultancy) -> None:
    """In every table and sentence, though one of its own people has that keystore."""
    tilleuls = split_by_practice(consultancy.audit, EN)[1]
    hidden = EN.get("export.report.elsewhere")
    (row,) = [row for row in map(MergedRow.by_column, tilleuls.audit.rows.merged) if row["name"] == "Desmedt"]
    assert (row["file"], row["holder"], row["holder_name"]) == (hidden,) * 3
    assert hidden in {row.file for row in tilleuls.audit.finding_rows()}
    for table in TABLES:
        assert KARL not in getattr(tilleuls.audit, table).to_csv(), table
    assert KARL not in repr(tilleuls.audit.audit_findings)


# ── names of files, and what is there already ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Les Tilleuls", "les-tilleuls"),
        ("../../etc/passwd", "etc-passwd"),
        ('Élan: "Zorg" <&>|?*\\', "elan-zorg"),
        ("CON", "practice-con"),
        ("lpt1", "practice-lpt1"),
        ("Ψυχή", "practice"),
        ("", "practice"),
        (". . .", "practice"),
        (f"Cabinet {ELISE}", "cabinet-790314"),
        ("x" * 300, "x" * 60),
        ("a\nb\0c\u202ed", "a-b-c-d"),
        ("Straße", "strasse"),
    ],
)
def test_a_name_that_every_system_takes(name: str, wanted: str) -> None:
    assert safe_name(name) == wanted


def test_names_that_become_the_same_stay_apart() -> None:
    named = [("Café", "Café"), ("Cafe!", "Cafe!"), ("Unassigned", "Unassigned"), ("Unassigned", None)]
    assert list(practice_reports._stems(named)) == ["cafe", "cafe-2", "unassigned-2", "unassigned"]


def test_nothing_is_overwritten(consultancy: Consultancy, tmp_path: Path) -> None:
    last = write_reports(consultancy.audit, tmp_path, EN)[-1]
    for path in tmp_path.iterdir():
        if path != last:
            path.unlink()
    last.write_text("of somebody else")
    with pytest.raises(errors.FileExists) as raised:
        write_reports(consultancy.audit, tmp_path, EN)
    assert raised.value.facts["path"] == str(last)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["of somebody else"]


def test_a_full_disk_leaves_no_half_of_them(
    consultancy: Consultancy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, count = os.fsync, 0

    def sync(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(errors.DiskFull):
        write_reports(consultancy.audit, tmp_path, EN)
    assert count == 4
    assert list(tmp_path.iterdir()) == []


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_command_writes_them(
    consultancy: Consultancy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(consultancy.home))
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "training")
    common = ["audit", str(consultancy.folder), "--per-practice", "--lang", "nl"]
    assert run([*common, "-o", str(tmp_path / "new"), "--format", "html", "--author", "An"]) == 1
    shown = capsys.readouterr()
    assert sorted(path.name.rpartition("-20")[0] for path in (tmp_path / "new").iterdir()) == [
        "l-orme",
        "les-tilleuls",
        "niet-toegewezen",
    ]
    assert (shown.out + shown.err).count(".html") == 3
    assert run([*common, "-o", str(tmp_path / "other"), "--format", "html", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["due"] is True
    assert sorted(map(Path, answer["reports"])) == sorted((tmp_path / "other").iterdir())
    assert run([*common, "-o", str(tmp_path / "new"), "--format", "html"]) == 6
    assert "bestaat al" in capsys.readouterr().err
    for more, sentence in (
        ((), "--per-practice heeft een map nodig"),
        (("-o", "x", "--format", "csv"), "niet csv"),
        (("-o", "x", "--no-registry"), "--per-practice heeft het register nodig"),
        (("-o", "x", "--nagios"), "--nagios"),
    ):
        assert run([*common, *more]) in (2, 3)
        assert sentence in "".join(capsys.readouterr())
    assert run(["audit", str(consultancy.folder), "--author", "An", "--lang", "nl"]) == 2
    assert "--author hoort bij --per-practice." in capsys.readouterr().err
