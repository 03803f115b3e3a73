"""The audit page without a browser: what it looks at, what it shows, and what goes wrong on the way."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import icalendar
import openpyxl
import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.acknowledgements import Acknowledgement, AcknowledgementStore
from ehtoolkit.auditing.export.formats import FORMATS, OF_PAGES
from ehtoolkit.clock import SystemClock
from ehtoolkit.forms import open_audit
from ehtoolkit.forms.audit.model import AuditModel
from ehtoolkit.forms.engine.background import Outcome, Runner, run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import UNSAVED
from ehtoolkit.forms.finding_urgency import ShownUrgency
from ehtoolkit.forms.tools.audit import AUDIT
from ehtoolkit.forms.widgets.choices import Chips, Tabs
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, TextField
from ehtoolkit.forms.widgets.files import Download, DropZone
from ehtoolkit.forms.widgets.page_parts import Chart, ErrorSummary, Passage
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.settings import LanguageName, Settings, load_settings
from tests.auditing.conftest import CLAIRE, ELISE, KARL, PASSWORD, Workshop, workshop
from tests.forms.player import Player
from tests.forms.practice import BRAM, NOBODY, TILLEULS, keystores, register
from tests.support.ipywidgets_internals import send_to

__all__ = ["workshop"]

get = Translator("en").get
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(ROOT / "notebooks")  # where the pages are
    return load_settings(home=tmp_path / "home")


@pytest.fixture(scope="module")
def made(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files once; each test has copies of its own."""
    return keystores(workshop, tmp_path_factory.mktemp("made"), SystemClock().now())


@pytest.fixture
def practice(made: dict[str, Path], settings: Settings) -> dict[str, Path]:
    settings.keystores.mkdir(parents=True)
    files = {name: Path(shutil.copy(path, settings.keystores / path.name)) for name, path in made.items()}
    with open_registry(settings) as registry:
        register(registry, files)
    return files


class AuditDriver(Player):
    """The page, and somebody at it."""

    def __init__(
        self,
        settings: Settings,
        language: LanguageName = "en",
        runner: Runner = run_inline,
        *,
        masks: bool = False,
    ) -> None:
        self.model = AuditModel(settings, SystemClock(), patience=0.2, masks=masks)
        self.page = AUDIT.build(self.model, PageContext(settings, Translator(language)), runner)
        super().__init__(self.page.root)
        self.page.start()

    def look(self, password: str = "", **values: str) -> None:
        """Open the fields where they are closed, and start."""
        if "choose" in self.buttons:
            self.press("choose")
        held = {"folders": self.part(TextField, "folders").value, "pattern": "", **values}
        self.press("start", held, {"password": password})

    def turn_to(self, tab: str) -> None:
        send_to(self.part(Tabs), {"action": "choose", "key": tab})

    @property
    def sorted(self) -> Table:
        """The table, on its tab or not."""
        table = self.page.results.table.root
        assert isinstance(table, Table)
        return table

    @property
    def table(self) -> list[list[str]]:
        """The rows: title, state, and the rest."""
        names = [column["label"] for column in self.sorted.columns]
        state = names.index(self.page.texts.get("audit_page.column.state"))
        return [
            [row["cells"][0]["text"], row["cells"][state]["text"], *(cell["text"] for cell in row["cells"])]
            for row in self.sorted.rows
        ]

    @property
    def saved(self) -> str:
        """What a notebook would keep of the page: the state of all its widgets."""
        return json.dumps([widget.get_state() for widget in self.everything()], default=str)

    def turn(self, **message: Any) -> None:
        send_to(self.sorted, message)

    def download(self, ending: str) -> tuple[str, bytes]:
        sent: list[Any] = []
        self.turn_to("export")
        button = next(
            part for part in self.parts(Download) if part.label == get(f"audit_page.export.{ending}")
        )
        button.send = lambda content, buffers=None: sent.append((content, buffers))
        send_to(button, {"action": "want"})
        ((content, (data,)),) = sent
        return content["name"], data


@pytest.fixture
def driver(settings: Settings, practice: dict[str, Path]) -> AuditDriver:
    return AuditDriver(settings)


def test_what_shows_without_a_password_is_there_at_once(driver: AuditDriver) -> None:
    assert {row[0] for row in driver.table} == {
        *("Karl Hennes", "Claire Noirhomme", "Élise Vandamme", "Bram Desmedt", "SSIN=68070411479")
    }
    closed = next(option["count"] for option in driver.part(Chips).options if option["key"] == "closed")
    assert get("audit_page.closed", count=closed) in driver.html, "as many as its chip has"
    assert closed == [row[1] for row in driver.table].count(get("export.state.closed")) == 3
    assert driver.model.result is not None
    assert driver.said == get(
        "audit_page.done", keystores=5, providers=4, findings=len(driver.model.result.table.findings)
    )
    assert "password" not in [part.name for part in driver.parts(TextField)]


def test_a_chip_shows_its_own_alone_and_pressed_again_all(driver: AuditDriver) -> None:
    driver.look(PASSWORD.reveal())
    whole, chips = len(driver.table), driver.part(Chips)
    expired = next(option for option in chips.options if option["key"] == "expired")
    send_to(chips, {"action": "choose", "key": "expired"})
    assert len(driver.table) == expired["count"] < whole
    assert {row[1] for row in driver.table} == {get("export.state.expired")}
    assert chips.chosen == "expired"
    send_to(chips, {"action": "choose", "key": "no state of ours"})
    assert chips.chosen == "expired"
    send_to(chips, {"action": "choose", "key": "expired"})
    assert (len(driver.table), chips.chosen) == (whole, "")


def test_with_the_password_everything_shows_and_it_stays_in_no_widget(driver: AuditDriver) -> None:
    driver.look(PASSWORD.reveal())
    states = {row[0]: row[1] for row in driver.table}
    assert states["Karl Hennes"] == get("export.state.expired")
    assert states["Bram Desmedt"] == get("export.state.prepared")
    assert get("export.action.renew") in driver.html
    assert driver.part(Chips).options
    driver.turn_to("timeline")
    assert driver.part(Chart).drawing.count('class="today"') == 1
    assert get("audit_page.closed", count=3) not in driver.html
    assert not driver.holds(PASSWORD.reveal())
    driver.press("choose")
    assert "*" in driver.html
    driver.press("forget")
    assert driver.model.passwords.lines == ()
    assert driver.said == get("audit_page.forgotten")


def test_a_password_for_some_files_and_one_that_fits_none(driver: AuditDriver) -> None:
    driver.look(PASSWORD.reveal(), pattern=ELISE)
    states = {row[0]: row[1] for row in driver.table}
    assert states["Élise Vandamme"] == get("page.urgency.correct"), (
        "the certificate is valid, her record is not"
    )
    assert driver.model.result is not None
    closed = driver.model.result.audit.verdict.closed
    assert len(closed) == 3
    driver.look("x", pattern="nobody*")
    assert get("audit_page.idle", pattern="nobody*") in driver.html
    driver.look("wrong", pattern="85010112387")
    assert get("audit_page.wrong", count=1) in driver.html
    assert {row[0]: row[1] for row in driver.table}["Élise Vandamme"] == get("page.urgency.correct")


def test_what_is_acknowledged_is_counted_apart(driver: AuditDriver, settings: Settings) -> None:
    """It is in no job, no urgency and no number of the page; its state stays, and the JSON file has it."""
    driver.look(PASSWORD.reveal())
    assert driver.model.result is not None
    before, table = driver.model.result, driver.table
    mark = next(mark for mark in before.audit.marks if KARL in mark.file)
    count = sum(found.file == mark.shown for found in before.audit.audit_findings)
    assert count > 0
    AcknowledgementStore(settings.home / "audit").add(
        [Acknowledgement.of(mark, before.audit.now, "left", None, None)]
    )
    driver.look(PASSWORD.reveal())
    after = driver.model.result
    assert get("audit_page.acknowledged", keystores=1, findings=count) in driver.html
    assert len(after.audit.counted_findings) == len(before.audit.audit_findings) - count
    assert driver.said == get(
        "audit_page.done", **after.audit.counts, findings=len(after.audit.counted_findings)
    )
    assert [found.urgency for found in after.table.findings if found.audit_finding.acknowledged] == [
        ShownUrgency.FINE
    ] * count
    assert [row[0] for row in table] == [row[0] for row in driver.table]


def test_a_table_of_passwords(driver: AuditDriver) -> None:
    driver.press("choose")
    zone = driver.part(DropZone)

    def drop(content: bytes) -> None:
        send_to(zone, {"action": "file", "name": "passwords.csv"}, [content])
        send_to(zone, {"action": "end", "refused": []})

    drop(b"Patient;Montant\nx;1\n")
    refused = errors.PasswordTableInvalid(path="passwords.csv", reason="header", found="…;…")
    texts = Translator("en")
    assert zone.errors == [f"{texts.error(refused)} {texts.next_step(refused)}"]
    drop(f"pattern;password\nSSIN=79*;{PASSWORD.reveal()}\n".encode())
    assert driver.said == get("audit_page.csv.taken", count=1)
    assert [pattern for pattern, _ in driver.model.passwords.lines] == ["SSIN=79*"]
    driver.look()
    assert {row[0]: row[1] for row in driver.table}["Élise Vandamme"] == get("page.urgency.correct")
    assert not driver.holds(PASSWORD.reveal())


def test_filters_hold_for_everything_below(driver: AuditDriver) -> None:
    driver.look(PASSWORD.reveal())
    driver.press("filter")
    driver.part(ChoiceField, "practice").value = TILLEULS
    assert {row[0] for row in driver.table} == {"Claire Noirhomme", "Élise Vandamme"}
    driver.turn_to("timeline")
    assert "Karl Hennes" not in driver.part(Chart).drawing
    assert driver.model.result is not None
    count = sum(found.practice == TILLEULS for found in driver.model.result.table.findings)
    assert driver.said == get("audit_page.filtered", shown=3, count=6, findings=count)
    driver.part(TextField, "words").value = "nobody at all"
    assert driver.table == []
    assert get("audit_page.nothing_found") in driver.html
    assert get("audit_page.findings.none") not in driver.html, (
        "nothing is left, which does not mean that all is well"
    )
    assert (driver.parts(Chart), driver.parts(Download)) == ([], [])
    driver.press("everything")
    assert len(driver.table) == 6
    assert "clear" not in driver.buttons
    driver.part(ChoiceField, "urgency").value = "stops"
    driver.look()  # what was chosen stays chosen
    assert driver.part(ChoiceField, "urgency").value == "stops"
    assert len(driver.table) < 6


def test_the_table_is_sorted_and_its_pages_turned(settings: Settings) -> None:
    with open_registry(settings) as registry:
        registry.merge([Provider(f"Name {number:03}", niss="") for number in range(120)])
    driver = AuditDriver(settings)
    table = driver.sorted
    assert (len(table.rows), table.pages) == (50, 3)
    assert table.place == get("audit_page.place", first=1, last=50, count=120)
    driver.turn(action="sort", column="title")
    assert (table.sort, table.ascending) == ("title", True)
    driver.turn(action="sort", column="title")
    assert (driver.table[0][0], table.ascending) == ("Name 119", False)
    driver.turn(action="turn", page=3)
    assert (driver.table[-1][0], table.page) == ("Name 000", 3)
    for message in (
        {"action": "sort", "column": "nothing"},
        {"action": "turn", "page": "x"},
        {"action": "?"},
    ):
        driver.turn(**message)
    driver.turn(action="turn", page=99)
    assert (table.page, table.sort) == (3, "title")
    assert driver.html.count("<h3") == 12
    driver.press("more")
    assert driver.html.count("<h3") == 36
    assert driver.said == get("audit_page.findings.shown", shown=36, count=120)
    assert driver.part(Passage).target == "eh-job-12", "reading goes on at the first that is new"


def test_the_files_to_take_along_hold_what_the_filters_leave(driver: AuditDriver) -> None:
    driver.look(PASSWORD.reveal())
    driver.press("filter")
    driver.part(ChoiceField, "practice").value = TILLEULS
    name, data = driver.download("csv")
    assert name.startswith("audit-")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert {row["name"] for row in rows} == {"Vandamme", "Noirhomme", ""}
    for form in OF_PAGES:
        name, data = driver.download(form)
        assert name.endswith(f".{FORMATS[form].ending or form}")
        assert ELISE.encode() not in data
    _, data = driver.download("json")
    assert {load["name"] for load in json.loads(data)["providers"]} == {"Vandamme", "Noirhomme"}
    _, data = driver.download("xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert len(book.worksheets) >= 4
    _, data = driver.download("ics")
    assert icalendar.Calendar.from_ical(data).walk("VEVENT")
    driver.part(CheckField, "full").value = True
    _, data = driver.download("csv")
    assert ELISE in data.decode("utf-8-sig")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("practice")
def test_the_hint_about_masking_is_true_of_the_file(settings: Settings, language: LanguageName) -> None:
    driver = AuditDriver(settings, language)
    driver.look(PASSWORD.reveal())
    _, data = driver.download("csv")
    (row,) = (
        row
        for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
        if row["name"] == "Vandamme" and row["niss"]
    )
    count = row["niss"].count("*")
    assert row["niss"] == ELISE[:-count] + "*" * count
    assert row["inami"].isdecimal(), "a number and a day of birth are left, so the file is personal data"
    assert f" {count} " in driver.part(CheckField, "full").hint


def test_an_empty_home_says_what_to_do(settings: Settings) -> None:
    driver = AuditDriver(settings)
    assert get("audit_page.empty") in driver.html
    assert "request.ipynb" in driver.html
    assert driver.parts(Table) == []
    assert "start" in driver.buttons
    assert driver.problem == []
    assert not settings.provider_file.exists()  # an audit makes no registry


def test_a_missing_folder_is_reported_and_the_others_are_shown(driver: AuditDriver, tmp_path: Path) -> None:
    driver.look(folders=f"{driver.model.settings.keystores}\n {tmp_path / 'nowhere'} \n\n")
    sentence = Translator("en").get("audit.folder_missing", folder=str(tmp_path / "nowhere"))
    assert driver.part(TextField, "folders").error == sentence
    assert sentence in driver.html
    # The training registry is for the folders of training; this one is not, and training was not named.
    assert Translator("en").get("audit_page.invented") in driver.html
    assert len(driver.table) == 5
    driver.look(folders=str(driver.model.settings.keystores))
    assert driver.page.choosing.folders.error == ""


@pytest.mark.skipif(os.name == "nt", reason="there are no such rights on Windows")
def test_invalid_paths_are_reported(driver: AuditDriver) -> None:
    driver.look(folders='"\0"\n/dev/null/x\n~nobody-of-this-name/x')
    assert len(driver.part(TextField, "folders").error.split(".")) >= 3
    assert driver.problem == []


def test_leaving_the_page_stops_the_audit(settings: Settings, practice: dict[str, Path]) -> None:
    """The page is closed while its thread is at work."""
    waiting: list[tuple[Callable[[], None], Outcome]] = []
    driver = AuditDriver(settings, runner=lambda work, outcome: waiting.append((work, outcome)))
    driver.page.root.close()
    raised: list[BaseException] = []
    for work, _ in waiting:
        try:
            work()
        except errors.Cancelled as error:
            raised.append(error)
    assert len(raised) == len(waiting) == 1
    assert driver.model.result is None


def test_errors_of_the_fields_are_spoken_as_errors(driver: AuditDriver) -> None:
    driver.look(folders=" ")
    folders = driver.part(TextField, "folders")
    assert (folders.error_word, bool(folders.error)) == (get("wizard.error"), True)


def test_given_passwords_are_asked_about_before_the_page_is_left(driver: AuditDriver) -> None:
    root: Any = driver.page.root
    assert UNSAVED not in root._dom_classes
    driver.look(password="Kine-2026 & co")
    assert UNSAVED in root._dom_classes
    driver.press("choose")
    driver.press("forget")
    assert UNSAVED not in root._dom_classes


def test_a_missing_folder_is_reported_at_its_field(driver: AuditDriver) -> None:
    driver.look(folders="  \n ")
    assert driver.problem == [
        (Translator("en").error(errors.FolderMissing(folder="", reason="unnamed")), "folders")
    ]
    assert driver.part(TextField, "folders").error
    assert len(driver.table) == 6  # what was there stays


@pytest.mark.parametrize("broken", ["damaged", "newer", "locked"])
def test_a_registry_that_cannot_be_asked(driver: AuditDriver, settings: Settings, broken: str) -> None:
    file = settings.provider_file
    holder = None
    if broken == "damaged":
        file.write_bytes(b"no database")
    else:
        holder = sqlite3.connect(file, isolation_level=None)
    if broken == "newer" and holder is not None:
        holder.execute("UPDATE ehtoolkit_version SET version_num = '9999'")
    if broken == "locked" and holder is not None:
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("UPDATE ehtoolkit_version SET version_num = version_num")
    try:
        driver.look(PASSWORD.reveal())
    finally:
        if holder is not None:
            holder.close()
    result = driver.model.result
    assert result is not None
    assert result.registry is not None
    assert Translator("en").error(result.registry).replace("'", "&#39;") in driver.html
    assert get("audit_page.without_registry") in driver.html
    assert len(driver.table) == 5  # the keystores
    assert driver.problem == []


def test_an_audit_is_stopped(settings: Settings, practice: dict[str, Path]) -> None:
    driver = AuditDriver(settings)
    before = driver.model.result
    actions = driver.page.choosing.actions

    def stop(change: dict[str, Any]) -> None:
        if change["new"] >= 0:  # the first file has been looked at
            driver.press("stop")

    actions.observe(stop, "progress")
    driver.look(PASSWORD.reveal())
    assert driver.part(ErrorSummary).title == get("audit_page.stopped")
    assert driver.model.result is before
    assert len(driver.table) == 6
    actions.unobserve(stop, "progress")
    driver.look()
    assert driver.model.result is not before
    assert driver.problem == []


def test_an_audit_is_stopped_before_its_work_has_begun(settings: Settings, practice: dict[str, Path]) -> None:
    begun: list[tuple[Callable[[], None], Outcome]] = []
    driver = AuditDriver(settings, runner=lambda work, outcome: begun.append((work, outcome)))

    driver.press("stop")
    run_inline(*begun.pop())

    assert (driver.part(ErrorSummary).title, driver.model.result) == (get("audit_page.stopped"), None)
    driver.press("start")
    run_inline(*begun.pop())
    assert driver.problem == []
    assert driver.model.result is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_four_languages(settings: Settings, practice: dict[str, Path], language: LanguageName) -> None:
    driver = AuditDriver(settings, language)
    driver.look(PASSWORD.reveal())
    assert driver.problem == []
    texts = Translator(language)
    assert [column["label"] for column in driver.sorted.columns] == [
        texts.get(f"audit_page.column.{column}") for column in ("title", "state", "end", "days", "next")
    ]
    count = len(driver.page.results.findings.jobs)
    assert texts.get("audit_page.findings.count", shown=count, count=count, findings=13) in driver.html
    for tab in ("list", "timeline", "export"):
        driver.turn_to(tab)
        assert driver.problem == []


# ── in a notebook ────────────────────────────────────────────────────────────────────────────────────────
def test_a_notebook_is_saved_without_a_whole_niss(settings: Settings, practice: dict[str, Path]) -> None:
    whole, driver = AuditDriver(settings), AuditDriver(settings, masks=True)
    for page in (whole, driver):
        page.look(PASSWORD.reveal(), pattern=f"*{ELISE}*")
    numbers = (ELISE, KARL, CLAIRE, BRAM, NOBODY)
    assert [number in whole.saved for number in numbers] == [True] * 5
    assert [number in driver.saved for number in numbers] == [False] * 5
    assert f"SSIN={NOBODY[:6]}*****" in {row[0] for row in driver.table}
    assert len(driver.table) == len(whole.table)


def test_its_links_lead_to_forms_that_ask_for_the_file(settings: Settings, practice: dict[str, Path]) -> None:
    pages = [
        [cell["link"]["href"] for row in page.sorted.rows for cell in row["cells"] if cell["link"]]
        for page in (AuditDriver(settings), AuditDriver(settings, masks=True))
    ]
    assert any("?keystore=" in href for href in pages[0])
    assert [href.partition("?keystore")[0] for href in pages[0]] == pages[1]
    assert not any("SSIN" in href for href in pages[0])


@pytest.mark.parametrize(("software", "masks"), [("", True), ("voila/0.5", False)])
def test_in_a_notebook_it_masks_by_itself(
    software: str, masks: bool, monkeypatch: pytest.MonkeyPatch, practice: dict[str, Path], tmp_path: Path
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SERVER_SOFTWARE", software)
    player = Player(open_audit())
    shown = json.dumps([widget.get_state() for widget in player.everything()], default=str)
    assert (NOBODY in shown) is not masks
    assert (f"{NOBODY[:6]}*****" in shown) is masks


def test_the_page_of_this_kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path))
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "nl")
    player = Player(open_audit())
    assert player.title == "Audit"
    assert Translator("nl").get("audit_page.empty") in player.html


def test_the_day_is_that_of_the_training_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from ehtoolkit.toolkit import open_training_platform

    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path))
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    open_training_platform(load_settings()).clock.move("+12mo")
    later = SystemClock().now() + timedelta(days=360)
    player = Player(open_audit())
    assert (
        str(later.year)
        in next(widget for widget in player.everything() if hasattr(widget, "caption")).caption
    )
