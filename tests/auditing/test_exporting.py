"""What leaves an audit, as the programs that read it see it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import icalendar
import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.auditing import tables
from ehtoolkit.auditing.audit import Audit, audit_folder, audit_providers
from ehtoolkit.auditing.comparison import compare_states
from ehtoolkit.auditing.export import plain_text, xlsx
from ehtoolkit.auditing.export.formats import FORMATS, ExportOptions
from ehtoolkit.auditing.export.html import web_page
from ehtoolkit.auditing.export.ics import calendar
from ehtoolkit.auditing.export.plain_text import STATE_LOOKS, csv_text, json_text, text_lines
from ehtoolkit.auditing.export.xlsx import excel
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.snapshot import AuditState
from ehtoolkit.auditing.tables.frames import masked_frame
from ehtoolkit.auditing.tables.merged_rows import ROWS
from ehtoolkit.auditing.tables.rows import STATE_SEVERITIES
from ehtoolkit.finding import Severity
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.providers import Assignment, Provider, open_registry
from ehtoolkit.settings import LanguageName, load_settings
from tests.auditing.conftest import CLAIRE, ELISE, KARL, NOW, PASSWORD, Workshop
from tests.auditing.practice import FORMULA, LEFT, audited, with_row

EN = Translator("en")
NUMBERS = (ELISE, KARL, CLAIRE, LEFT)


@pytest.fixture(scope="module")
def audit(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    with audited(tmp_path_factory.mktemp("practice"), workshop) as made:
        yield made


def sheets(data: bytes) -> dict[str, Worksheet]:
    return {sheet.title: sheet for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets}


def column(sheet: Worksheet, heading: str) -> list[Cell]:
    place = next(cell.column for cell in sheet[1] if cell.value == heading)
    return [row[place - 1] for row in sheet.iter_rows(min_row=2)]


def events(data: bytes) -> list[icalendar.Event]:
    return [
        event
        for event in icalendar.Calendar.from_ical(data).walk("VEVENT")
        if isinstance(event, icalendar.Event)
    ]


# ── what a newer one has replaced ────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def replaced(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Audit, Path]]:
    """The old file is over, is the one that is assigned, and has its successor beside it; and another one of nobody."""
    place = tmp_path_factory.mktemp("replaced")
    old = workshop.write(place / "ks", ELISE, -900, -21, at="20240601-120000")
    workshop.write(place / "ks", ELISE, -60, 900, pair=1, at="20260925-120000")
    workshop.write(place / "ks", KARL, -900, 20, at="20240601-120000", pair=2)
    workshop.write(place / "ks", KARL, -60, 900, pair=3, at="20260925-120000")
    with open_registry(load_settings(home=place / "home")) as registry:
        record = registry.add(Provider("Vandamme", "Élise", niss=ELISE))
        registry.assign(record.id or 0, Assignment(str(old)))
        options = AuditOptions(now=NOW, processes=1)
        yield audit_providers(registry, [place / "ks"], lambda _: PASSWORD, options), old


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_replaced_is_never_to_be_renewed(
    replaced: tuple[Audit, Path], language: LanguageName
) -> None:
    audit, _ = replaced
    texts = Translator(language)
    of_files = [
        audit_finding
        for audit_finding in audit.audit_findings
        if audit_finding.finding.catalogue == "audit" and audit_finding.finding.key != "nobody"
    ]
    assert sorted(file.finding.key for file in of_files) == ["newer_beside", "replaced"]
    book = sheets(excel(audit, texts))
    cells = " ".join(str(cell.value) for sheet in book.values() for row in sheet.iter_rows() for cell in row)
    pages = (text_lines(audit, texts), web_page(audit, texts), cells)
    for key in ("certificate_expired", "certificate_renewable", "certificate_ends"):
        assert not any(texts.get(f"audit.{key}.next") in page for page in pages)
    ends = {event.decoded("dtstart") for event in events(calendar(audit, texts))}
    assert all(day > audit.today for day in ends)
    stands = [
        cell.value
        for cell in column(book[texts.get("export.sheet.keystores")], plain_text.title("state", texts))
    ]
    assert sorted(map(str, stands)) == sorted(
        [texts.get("export.state.complete")] * 2 + [texts.get("export.state.replaced")] * 2
    )
    table = web_page(audit, texts).partition('id="keystores-heading"')[2].partition("</table>")[0]
    assert table.count(texts.get("export.state.replaced")) == 2
    assert texts.get("export.state.expired") not in table
    assert texts.get("export.timeline.over", date="03/11/2026") not in web_page(audit, texts)


# ── the frame of periods ─────────────────────────────────────────────────────────────────────────────────
def test_periods_as_a_frame(audit: Audit) -> None:
    assert list(audit.periods.columns) == list(ROWS["periods"].columns())
    rows = audit.periods.set_index("name")
    karl = rows.loc["Hennes"]
    assert (karl["end"].date(), karl["days_left"], karl["current"]) == (date(2027, 3, 31), 127, True)
    assert (karl["conventioned"], karl["inami"], karl["number"]) == ("partly", "41234502401", 1)
    elise = rows.loc["Vandamme"]
    assert list(elise["current"]) == [False, True]
    assert list(elise["end"].isna()) == [False, True]
    assert str(audit.periods["start"].dtype) == "datetime64[s]"


def test_no_provider_no_period(tmp_path: Path) -> None:
    empty = audit_folder([tmp_path])
    assert list(empty.periods.columns) == list(ROWS["periods"].columns())
    assert not len(empty.periods)


# ── a mask over every format ─────────────────────────────────────────────────────────────────────────────
def texts_of(audit: Audit, form: str, secrets: Path, *, full: bool) -> str:
    """Return what somebody can read in files of a format: in all tables of CSV, in the parts of a ZIP archive."""
    found = []
    for table in tables.TABLES if form == "csv" else ("merged",):
        options = ExportOptions(full=full, table=table)
        data = FORMATS[form].file(replace(audit, secrets=secrets), EN, options)
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                found += [archive.read(name) for name in archive.namelist()]
        else:
            found.append(data.replace(b"\r\n ", b""))  # a folded line of a calendar
    return b"\n".join(found).decode("utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_a_niss_is_masked_unless_asked_for(audit: Audit, form: str, tmp_path: Path) -> None:
    masked, full = (texts_of(audit, form, tmp_path, full=full) for full in (False, True))
    over = {KARL} if form == "ics" else set()  # his certificate has ended: nothing of it is to come
    for number in NUMBERS:
        assert number not in masked
        assert (number in full) is (number not in over)
    if form not in ("table", "ics", "markdown"):  # in sentences, every number of eleven digits is masked
        inami = "41234502401"  # public
        assert (inami in masked) is (inami in full)


def test_an_incomplete_niss_is_masked_unless_asked_for(tmp_path: Path) -> None:
    """A record may have a mistyped number; the missing digits are no secret, the others are."""
    incomplete = KARL[:9]
    (tmp_path / "ks").mkdir()
    with open_registry(load_settings(home=tmp_path / "home")) as registry:
        registry.add(Provider("Peeters", "Karl", niss=incomplete))
        made = audit_providers(
            registry, [tmp_path / "ks"], lambda _: PASSWORD, AuditOptions(now=NOW, processes=1)
        )
        masked = {form for form in FORMATS if incomplete not in texts_of(made, form, tmp_path, full=False)}
        shown = {form for form in FORMATS if incomplete in texts_of(made, form, tmp_path, full=True)}
    assert masked == set(FORMATS)
    assert shown >= {"csv", "html", "json", "table", "xlsx"}


# ── Excel ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_sheet_for_each_table_with_a_head_that_stays(audit: Audit) -> None:
    found = sheets(excel(audit, EN))
    tables_of_it = ["Findings", "Keystores", "Providers", "NIHII periods", "Providers and keystores"]
    assert list(found) == [*tables_of_it, "About this audit"]
    for name, columns in (
        ("Findings", ROWS["findings"].columns()),
        ("Keystores", ROWS["keystores"].columns()),
        ("NIHII periods", ROWS["periods"].columns()),
    ):
        sheet = found[name]
        assert (sheet.freeze_panes, sheet.max_column) == ("A2", len(columns))
        assert sheet.auto_filter.ref is not None
        assert all(cell.font.b for cell in sheet[1])
        assert all((sheet.column_dimensions[cell.column_letter].width or 0) >= 9 for cell in sheet[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_knows_its_moment_version_and_request(audit: Audit, language: LanguageName) -> None:
    asked = {"environment": Environment.PRODUCTION, "due_within": timedelta(days=30), "practice": ELISE}
    found = replace(audit, request=audit.request.model_copy(update=asked))
    book = openpyxl.load_workbook(io.BytesIO(excel(found, Translator(language))))
    properties = {prop.name: prop.value for prop in book.custom_doc_props.props}
    assert properties == {
        "now": NOW.isoformat(),
        "version": ehtoolkit.__version__,
        "environment": "production",
        "due_within": 30,
        "practice": f"{ELISE[:6]}*****",
        "registry": True,
        "revocation": False,
        "follow_links": False,
    }
    rows = [tuple(cell.value for cell in row) for row in book.worksheets[-1].iter_rows(max_col=2)]
    values = [value for _, value in rows]
    folders = [str(folder) for folder in audit.request.folders]
    assert values[1 : 2 + len(folders)] == [ehtoolkit.__version__, *folders]
    assert values[-5:] == [f"{ELISE[:6]}*****", 30, True, False, False]
    assert all(isinstance(label, str) and "export." not in label for label, _ in rows)


def test_frames_know_their_moment_version_and_request(audit: Audit) -> None:
    named = replace(audit, request=audit.request.model_copy(update={"folders": (Path(f"/{ELISE}"),)}))
    for name in tables.TABLES:
        attributes = getattr(named, name).attrs
        assert attributes == named.about()
        assert (attributes["now"], attributes["folders"]) == (NOW.isoformat(), [f"/{ELISE}"])
        assert json.loads(json.dumps(attributes)) == attributes
    hidden = [f"/{ELISE[:6]}*****"]
    assert named.masked().findings.attrs["folders"] == hidden
    assert masked_frame(named.findings).attrs["folders"] == hidden
    assert named.findings.attrs["folders"] == [f"/{ELISE}"]


def test_each_row_of_csv_has_the_moment(audit: Audit) -> None:
    for name in tables.TABLES:
        rows = list(
            csv.DictReader(io.StringIO(csv_text(audit, EN, ExportOptions(table=name))), delimiter=";")
        )
        assert {row["audited_at"] for row in rows} == {NOW.isoformat()}
        assert list(rows[0]) == [*ROWS[name].columns(), "audited_at"]


def test_cells_have_types(audit: Audit) -> None:
    keystores = sheets(excel(audit, EN))["Keystores"]
    ends = [cell for cell in column(keystores, "Expires") if cell.value is not None]
    assert {cell.data_type for cell in ends} == {"d"}
    assert ends[0].value == datetime(2026, 11, 3)
    assert {cell.number_format for cell in ends} == {"dd/mm/yyyy"}
    assert [cell.value for cell in column(keystores, "Days left")] == [-21, -10, 55, 900, 1157, None]
    assert {cell.data_type for cell in column(keystores, "Opened")} == {"b"}
    assert column(keystores, "State")[0].value == "Expired"


def test_text_stays_text_also_when_its_cell_is_edited(audit: Audit) -> None:
    (cell,) = (
        cell for cell in column(sheets(excel(audit, EN))["Providers"], "Name") if cell.value == FORMULA
    )
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    practices = column(sheets(excel(audit, EN))["Providers"], "Practice")
    assert {(practice.value, practice.quotePrefix) for practice in practices} == {("@Les Tilleuls", True)}


def test_colours_follow_urgency(audit: Audit) -> None:
    keystores = sheets(excel(audit, EN))["Keystores"]
    place = column(keystores, "Days left")[0].column_letter
    rules = {
        (rule.operator, tuple(rule.formula)): rule.dxf.fill.bgColor.rgb
        for area, found in keystores.conditional_formatting._cf_rules.items()
        for rule in found
        if str(area.sqref).startswith(place) and rule.type == "cellIs"
    }
    assert rules.keys() == {("lessThan", ("0",)), ("between", ("0", "90"))}
    assert len(set(rules.values())) == 2


def test_no_user_in_the_properties(audit: Audit) -> None:
    properties = openpyxl.load_workbook(io.BytesIO(excel(audit, EN))).properties
    assert (properties.creator, properties.lastModifiedBy) == ("ehtoolkit", "ehtoolkit")
    assert properties.created == NOW.replace(tzinfo=None)


def test_a_table_that_no_sheet_holds_is_refused(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library leaves out the rest without a word."""
    assert xlsx._ROWS + 1 == 1_048_576
    rows = len(audit.rows.keystores)
    largest = max(len(audit.table(name)) for name in tables.TABLES)
    monkeypatch.setattr(xlsx, "_ROWS", largest)
    audit.to_excel(tmp_path / "fits.xlsx")
    monkeypatch.setattr(xlsx, "_ROWS", rows - 1)
    few = replace(audit, audit_findings=())
    with pytest.raises(errors.WorkbookFull) as raised:
        few.to_excel(tmp_path / "audit.xlsx")
    assert raised.value.facts == {"table": "keystores", "rows": rows, "limit": rows - 1}
    assert not (tmp_path / "audit.xlsx").exists()


def test_changes_that_no_sheet_holds_are_refused(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = AuditState("nothing", ())
    found = compare_states(nothing, audit.state(), audit.texts)
    monkeypatch.setattr(xlsx, "_ROWS", len(found.rows) - 1)
    with pytest.raises(errors.WorkbookFull):
        found.to_excel()


def test_the_registry_is_masked_as_the_folders_are(audit: Audit) -> None:
    """A folder may have the name of a person."""
    place = replace(audit, registry=f"/home/{ELISE}/registry.db")
    assert json.loads(place.to_json() or "")["registry"] == f"/home/{ELISE[:6]}*****/registry.db"
    assert json.loads(place.to_json(full=True) or "")["registry"] == place.registry


def test_days_that_excel_does_not_know(audit: Audit) -> None:
    """A certificate without an end ends in the year 9999; an INAMI period may have begun before Excel's calendar."""
    changed = with_row(audit, "periods", 0, start=date(1890, 5, 1))
    changed = with_row(changed, "periods", 1, end=date.max)
    periods = sheets(excel(changed, EN))["NIHII periods"]
    assert column(periods, "Start")[0].value == "1890-05-01"
    assert column(periods, "End")[1].value == datetime(9999, 12, 31)


# ── JSON and CSV ─────────────────────────────────────────────────────────────────────────────────────────
def test_each_state_is_as_urgent_everywhere() -> None:
    """The terminal, Excel and HTML take it from one table; a finding about the state agrees."""
    assert {*STATE_SEVERITIES} == {*map(str, (*State, *FileState))}
    assert {state: LOOKS[severity] for state, severity in STATE_SEVERITIES.items()} == STATE_LOOKS
    assert STATE_SEVERITIES["not_yet_valid"] is Severity.INFO


def test_json_has_every_table_and_what_it_was_judged_by(audit: Audit) -> None:
    value = json.loads(json_text(audit, EN))
    assert value["folders"] == [str(folder) for folder in audit.request.folders]
    assert value.keys() == {
        "audit",
        "folders",
        "environment",
        "due",
        "closed",
        "registry",
        "passed_over",
        "keystores",
        "providers",
        "periods",
        "findings",
    }
    assert (value["environment"], value["due"]) == (None, True)
    assert value["audit"] == {
        "now": NOW.isoformat(),
        "version": ehtoolkit.__version__,
        "folders": value["folders"],
        "environment": None,
        "due_within": 90,
        "practice": None,
        "registry": True,
        "revocation": False,
        "follow_links": False,
    }
    assert {period["name"]: period["end"] for period in value["periods"]}["Hennes"] == "2027-03-31"
    for table in ROWS.keys() - {"merged"}:
        assert all(row.keys() == ROWS[table].columns().keys() for row in value[table]), table


def test_the_holder_of_a_keystore_without_a_record_is_named(audit: Audit) -> None:
    found = next(finding for finding in audit.audit_findings if finding.finding.key == "nobody")
    assert found.provider is None
    assert found.holder_name
    assert f"{found.holder_name} · " in web_page(audit, EN)


def test_csv_of_periods(audit: Audit) -> None:
    rows = list(
        csv.DictReader(io.StringIO(csv_text(audit, EN, ExportOptions(table="periods"))), delimiter=";")
    )
    assert {row["practice"] for row in rows} == {"'@Les Tilleuls"}
    assert [row["current"] for row in rows if row["name"] == "Vandamme"] == ["no", "yes"]


# ── the calendar ─────────────────────────────────────────────────────────────────────────────────────────
def test_days_to_be_reminded_of(audit: Audit) -> None:
    found = {(event["summary"], event.start) for event in events(calendar(audit, EN))}
    assert found == {
        ("eHealth certificate to be renewed: Élise Vandamme", date(2026, 10, 18)),
        ("eHealth certificate expires: Élise Vandamme", date(2027, 1, 18)),
        (f"eHealth certificate to be renewed: Claire {FORMULA}", date(2029, 2, 12)),
        (f"eHealth certificate expires: Claire {FORMULA}", date(2029, 5, 12)),
        ("eHealth certificate to be renewed: DUBOIS ELISE", date(2029, 10, 24)),
        ("eHealth certificate expires: DUBOIS ELISE", date(2030, 1, 24)),
        ("End of a NIHII period: Karl Hennes", date(2027, 3, 31)),
    }


def test_whole_days_with_reminders(audit: Audit) -> None:
    for event in events(calendar(audit, EN)):
        assert not isinstance(event.start, datetime)
        assert event.end - event.start == timedelta(days=1)
        assert event["transp"] == "TRANSPARENT"
        alarms = list(event.walk("VALARM"))
        assert alarms
        assert all(alarm["action"] == "DISPLAY" and alarm["description"] for alarm in alarms)
        days = {alarm.decoded("trigger") for alarm in alarms}
        nine = timedelta(hours=9)
        renewal = "renewed" in str(event["summary"])
        assert days == ({nine} if renewal else {nine - timedelta(days=30), nine - timedelta(days=7)})


def test_a_later_calendar_updates_the_earlier_one(audit: Audit) -> None:
    first = {str(event["uid"]): event for event in events(calendar(audit, EN))}
    later = NOW + timedelta(days=1)
    second = {
        str(event["uid"]): event
        for event in events(calendar(replace(audit, now=later), Translator("fr"), ExportOptions(full=True)))
    }
    assert len(first) == 7
    assert first.keys() == second.keys()
    for uid, event in first.items():
        assert second[uid].decoded("sequence") > event.decoded("sequence")
        assert second[uid].decoded("dtstamp") == later
        assert not any(number in uid for number in NUMBERS)


@pytest.mark.parametrize("others", [("Adam", "Zorgdrager"), ("Zorgdrager", "Adam")])
def test_of_several_who_have_a_keystore_its_holder_is_named(
    tmp_path: Path, workshop: Workshop, others: tuple[str, str]
) -> None:
    common = workshop.write(tmp_path / "ks", ELISE, -100, 400)
    with open_registry(load_settings(home=tmp_path / "home")) as registry:
        for name, niss in (("Vandamme", ELISE), (others[0], KARL), (others[1], "")):
            record = registry.add(Provider(name, niss=niss))
            registry.assign(record.id or 0, Assignment(str(common)))
        options = AuditOptions(now=NOW, processes=1, language="en")
        made = audit_providers(registry, [tmp_path / "ks"], lambda _: PASSWORD, options)
    summaries = [str(event["summary"]) for event in events(calendar(made, EN))]
    assert summaries
    assert all("Vandamme" in summary for summary in summaries)


def test_as_the_standard_wants_it(audit: Audit) -> None:
    data = calendar(audit, EN)
    lines = data.split(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    made = icalendar.Calendar.from_ical(data)
    assert (made["version"], made["method"]) == ("2.0", "PUBLISH")
    assert made.errors == []


def test_a_certificate_without_an_end_is_in_no_calendar(audit: Audit) -> None:
    for place, row in enumerate(audit.rows.keystores):
        if row.not_after is not None:
            audit = with_row(audit, "keystores", place, not_after=date.max)
    found = events(calendar(audit, EN))
    assert all(span.start.year < 9999 for span in found)


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────
class Outline(HTMLParser):
    """Which elements a page has, and with which attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_sends_no_requests(audit: Audit, language: LanguageName) -> None:
    page = web_page(audit, Translator(language))
    found = Outline(page).found
    assert ("html", {"lang": language}) in found
    addresses = [
        value
        for _, attributes in found
        for name in ("src", "href", "style")
        if (value := attributes.get(name))
    ]
    assert [address for address in addresses if not address.startswith("#")] == []
    policy = next(a["content"] or "" for _, a in found if a.get("http-equiv") == "Content-Security-Policy")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; base-uri 'none'; form-action 'none'",
        policy,
    )
    assert not re.search(r"@import|url\([^)]", page)


def test_what_was_typed_is_no_html(workshop: Workshop, tmp_path: Path) -> None:
    nasty = "<img src=x onerror=alert(1)>.p12"
    (tmp_path / nasty).write_bytes(b"x" * 400)
    page = web_page(audit_folder([tmp_path]), EN)
    assert "<img" not in page
    assert "&lt;img" in page


def test_an_empty_page_says_so() -> None:
    page = web_page(audit_folder([]), EN)
    assert "No findings." in page
    assert "<table" not in page


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_what_presses(audit: Audit) -> None:
    pressing, all_ = text_lines(audit, EN, ExportOptions(pressing=True)), text_lines(audit, EN)
    assert "Note:" in all_
    assert "Note:" not in pressing
    assert pressing.startswith("Error: The certificate has expired: 3 November 2026")
    assert text_lines(audit_folder([]), EN, ExportOptions(pressing=True)) == ""


def test_the_moment_of_an_audit_is_aware(audit: Audit) -> None:
    assert (audit.now.astimezone(UTC), audit.today) == (NOW, date(2026, 11, 24))
