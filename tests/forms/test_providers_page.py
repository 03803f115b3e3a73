"""The providers' page without a browser: what is typed is kept, told and shown; what fails changes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.forms import open_providers
from ehtoolkit.forms.demo_data import open_training
from ehtoolkit.forms.engine.background import Outcome, run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.providers.html import STATUSES, end_of_certificate
from ehtoolkit.forms.providers.import_panel import look
from ehtoolkit.forms.providers.listing import SHOWN
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.page import ProvidersSource
from ehtoolkit.forms.providers.record_fields import FieldError, ProviderForm
from ehtoolkit.forms.providers.record_page import PARTS
from ehtoolkit.forms.tools.providers import PROVIDERS
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import Tabs
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, SecretField, TextField
from ehtoolkit.forms.widgets.files import Download, DropZone
from ehtoolkit.forms.widgets.page_frame import Address, Announcer
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.forms.widgets.tables import EditTable, Table
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.standing import without_file
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers import Assignment, Provider, Registry, open_registry
from ehtoolkit.providers.provider import KNOWN
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import open_toolkit, open_training_platform
from ehtoolkit.training.sample import Sample
from tests.browser.prepared_homes import certificate_in
from tests.forms.player import Player
from tests.support.ipywidgets_internals import send_to

NISS, PASSWORD = "79031421872", "Kine-2026"
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
get = Translator("en").get


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with open_registry(settings) as opened:
        yield opened


class ProvidersDriver(Player):
    """The page, and somebody at it."""

    def __init__(self, registry: Registry, settings: Settings, language: LanguageName = "en") -> None:
        self.model = ProvidersModel(registry, settings, SystemClock())
        source = ProvidersSource(lambda: self.model)
        self.page = PROVIDERS.build(source, PageContext(settings, Translator(language)))
        self.page.begin()
        super().__init__(self.page.root)

    def type(self, name: str, text: str) -> None:
        self.part(TextField, name).value = text

    def open(self, key: int) -> None:
        if not self.parts(Table):  # added since the page was opened, by another window
            self.page.show_list()
        send_to(self.part(Table), {"action": "press", "key": str(key), "button": "open"})

    def turn_to(self, part: str) -> None:
        send_to(self.part(Tabs), {"action": "choose", "key": part})

    def edit(self, row: int, column: str, value: str) -> None:
        message = {"action": "edit", "key": f"p{row}", "column": column, "value": value}
        send_to(self.part(EditTable), message)

    @property
    def counts(self) -> dict[str, int]:
        return {option["key"]: option["count"] for option in self.part(Tabs).options}


@pytest.fixture
def driver(registry: Registry, settings: Settings) -> ProvidersDriver:
    return ProvidersDriver(registry, settings)


@pytest.fixture
def elise(registry: Registry, elise_record: Provider) -> Provider:
    return registry.add(elise_record)


@pytest.fixture
def elise_record() -> Provider:
    return Provider("Vandamme", "Élise", niss=NISS, inami="53886171521", types=("physiotherapist",))


def test_a_new_record_is_kept_when_it_is_saved(driver: ProvidersDriver, registry: Registry) -> None:
    driver.press("new")
    assert driver.title == get("providers.new.title")
    driver.type("name", "Vandamme")
    driver.type("niss", "79.03.14-218.72")
    driver.part(CheckField, "type-nurse").value = True
    driver.part(CheckField, "type-midwife").value = True
    driver.part(ChoiceField, "language").value = "fr"
    assert registry.count() == 0
    assert get("providers.unsaved") in driver.html
    driver.press("save", {"first_names": "Élise"})  # the field that has the focus has not told yet
    (record,) = registry.providers()
    assert (record.full_name, record.niss, record.types) == ("Élise Vandamme", NISS, ("nurse", "midwife"))
    assert record.language == "fr"
    assert driver.said == get("providers.saved")
    assert driver.title == "Élise Vandamme"
    assert get("providers.unsaved") not in driver.html
    assert "discard" not in driver.buttons


def test_the_address_of_a_new_record_is_its_own_once_it_is_saved(
    driver: ProvidersDriver, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload shows the record, not an empty one."""
    sent_queries: list[Any] = []
    monkeypatch.setattr(driver.part(Address), "send", sent_queries.append)
    driver.press("new")
    driver.press("save")
    driver.press("save", {"name": "Vandamme"})
    (record,) = registry.providers()
    driver.press("save", {"name": "Vandamme"})
    assert sent_queries == [
        {"query": "provider=new", "entry": True},
        {"query": f"provider={record.id}", "entry": False},
    ]


def test_of_more_records_than_are_shown_the_first_in_the_order_are_shown(
    registry: Registry, settings: Settings
) -> None:
    now, there = SystemClock().now(), certificate_in(settings.home, PASSWORD)
    ends = {f"N{number:03d}": now + timedelta(days=1000) for number in range(SHOWN + 1)}
    for name, end in (ends | {"Élan": now + timedelta(days=900), "Zoé": now - timedelta(days=1)}).items():
        record = registry.add(Provider(name))
        path = there.with_name("gone.p12") if name == "Zoé" else there
        registry.assign(record.id or 0, Assignment(str(path), not_after=end))
    driver = ProvidersDriver(registry, settings)
    table = driver.part(Table)

    def first() -> str:
        assert len(table.rows) == SHOWN
        return str(table.rows[0]["cells"][0]["text"])

    assert first() == "Élan"
    for column, expected in (
        ("provider", "Zoé"),
        ("provider", "Élan"),
        ("certificate", "Zoé"),
        ("state", "Zoé"),
    ):
        send_to(table, {"action": "sort", "column": column})
        assert (column, first()) == (column, expected)
    assert get("providers.count.more", shown=SHOWN, count=SHOWN + 3) in driver.html


def test_an_invalid_value_is_reported_at_its_field(driver: ProvidersDriver, registry: Registry) -> None:
    driver.press("new")
    driver.type("birth_date", "31/02/1979")
    assert driver.part(TextField, "birth_date").error
    assert not driver.part(TextField, "name").error  # not typed yet is not wrong yet
    assert set(driver.counts.values()) == {0}
    driver.press("save")
    assert driver.counts["identity"] == 3
    assert [field for _, field in driver.problem] == ["name", "birth_date"]
    assert driver.part(TextField, "name").error == "The name is missing."
    assert registry.count() == 0
    driver.type("name", "A")
    driver.type("birth_date", "28/02/1979")
    driver.press("save")
    assert registry.count() == 1
    assert driver.problem == []


def test_periods_are_judged_while_they_are_typed(
    driver: ProvidersDriver, registry: Registry, elise: Provider
) -> None:
    driver.open(elise.id or 0)
    driver.turn_to("periods")
    driver.press("add")
    assert driver.part(EditTable).rows[0]["values"]["type"] == "physiotherapist"
    driver.edit(1, "start", "1/1/2020")
    driver.edit(1, "inami", "5/38861/71/521")
    assert driver.part(EditTable).rows[0]["severity"] == "ok"
    assert driver.counts["periods"] == 0

    driver.press("add")
    driver.edit(2, "start", "31/02/2021")
    second = driver.part(EditTable).rows[1]
    assert (second["severity"], second["wrong"]) == ("danger", ["start"])
    driver.turn_to("identity")
    driver.press("save")
    assert driver.part(Tabs).chosen == "periods"  # led there
    assert "14/03/1979" in driver.problem[0][0]
    assert registry.get(elise.id or 0).periods == ()

    driver.edit(2, "start", "1/6/2021")
    driver.edit(2, "inami", "54120735527")
    assert [row["severity"] for row in driver.part(EditTable).rows] == ["warn", "warn"]
    assert "541207" in driver.html
    driver.edit(1, "end", "31/5/2021")
    driver.edit(2, "conventioned", "partly")
    assert driver.part(EditTable).rows[0]["severity"] == "ok"
    driver.press("save")  # a wrong number is kept, and told
    kept = registry.get(elise.id or 0).periods
    assert [(period.start.isoformat(), period.inami, str(period.conventioned or "")) for period in kept] == [
        ("2020-01-01", "53886171521", ""),
        ("2021-06-01", "54120735527", "partly"),
    ]
    send_to(driver.part(EditTable), {"action": "press", "key": "p2", "button": "remove"})
    assert driver.said == get("providers.period.removed", number=2)
    driver.press("save")
    assert len(registry.get(elise.id or 0).periods) == 1


def test_what_is_typed_is_shown_as_people_write_it(
    driver: ProvidersDriver, registry: Registry, elise: Provider
) -> None:
    driver.open(elise.id or 0)
    assert driver.part(TextField, "niss").value == "79.03.14-218.72"
    assert "discard" not in driver.buttons, "a number in its groups is no change"
    driver.type("birth_date", "14/3/79")
    assert driver.part(TextField, "birth_date").value == "14/03/1979"
    driver.type("enterprise_number", "BE 0486 132\u00a0722")
    assert driver.part(TextField, "enterprise_number").value == "0486.132.722"
    driver.type("inami", "5/38861/71/522")
    assert driver.part(TextField, "inami").value == "5-38861-71-522"
    driver.type("inami", "5/38861/72/521")
    assert driver.part(TextField, "inami").value == "5/38861/72/521", "a wrong one stays as it was typed"
    driver.turn_to("periods")
    driver.press("add")
    driver.edit(1, "start", "1-2-21")
    driver.edit(1, "end", "31.12.99")
    assert driver.part(EditTable).rows[0]["values"]["start"] == "01/02/2021"
    assert driver.part(EditTable).rows[0]["values"]["end"] == "31/12/1999"
    driver.edit(1, "end", "31.12.30")
    driver.press("save")
    kept = registry.get(elise.id or 0)
    assert (kept.niss, kept.enterprise_number) == (NISS, "0486132722")
    assert str(kept.birth_date) == "1979-03-14"
    assert (str(kept.periods[0].start), str(kept.periods[0].end)) == ("2021-02-01", "2030-12-31")


def test_a_row_in_which_nothing_is_typed_is_not_wrong_yet(driver: ProvidersDriver, elise: Provider) -> None:
    driver.open(elise.id or 0)
    driver.turn_to("periods")
    driver.press("add")
    row = driver.part(EditTable).rows[0]
    assert (row["severity"], row["wrong"]) == ("", [])
    driver.press("save")
    row = driver.part(EditTable).rows[0]
    assert (row["severity"], row["wrong"]) == ("danger", ["start"])
    assert driver.part(ErrorSummary).items[0]["field"] == "p1-start", "the error leads into the cell"
    for settled in ("discard", "save"):  # and the next one is as new as the first
        driver.press(settled)
        driver.press("add")
        row = driver.part(EditTable).rows[-1]
        assert (row["severity"], row["wrong"]) == ("", [])
        driver.edit(1, "start", "1/2/21")


def test_the_last_day_of_a_certificate_is_that_of_a_belgian_calendar() -> None:
    end = datetime(2028, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight in Brussels
    record = replace(Provider("Vandamme"), keystore=Assignment("k.p12", not_after=end))
    for now in (NOW, end + timedelta(days=1)):
        words = end_of_certificate(record, without_file(FileState.MISSING), now, Translator("en"))
        assert words.endswith("1 Jul 2028")


def test_findings_name_the_rows_as_they_are_shown(elise_record: Provider) -> None:
    """A row that is wrong in between does not shift the numbers of those after it."""
    draft = ProviderForm.of(elise_record, NOW.year)
    for start in ("01/01/2020", "no day", "01/01/2021"):
        draft.add_row()
        draft.rows[-1] |= {"start": start, "inami": "53886171521"}
    assert draft.wrong() == [FieldError("start", "date", 2)]
    (overlap,) = (finding for finding in draft.findings(NOW, KNOWN) if finding.key == "periods_overlap_open")
    assert (overlap.facts["first"], overlap.facts["second"]) == (1, 3)


def test_messages_that_make_no_sense_change_nothing(driver: ProvidersDriver, elise: Provider) -> None:
    driver.open(elise.id or 0)
    driver.turn_to("periods")
    driver.press("add")
    before = driver.part(EditTable).rows
    table = driver.part(EditTable)
    for key, column in (("p9", "start"), ("p", "start"), ("p1", "id"), ("", "")):
        send_to(table, {"action": "edit", "key": key, "column": column, "value": "x"})
        send_to(table, {"action": "press", "key": "p7", "button": "remove"})
    driver.turn_to("nowhere")
    assert driver.part(EditTable).rows == before
    assert driver.part(Tabs).chosen == "periods"


def test_changes_are_discarded(driver: ProvidersDriver, registry: Registry, elise: Provider) -> None:
    driver.open(elise.id or 0)
    driver.type("practice", "Elsewhere")
    driver.press("discard")
    assert driver.part(TextField, "practice").value == ""
    assert "discard" not in driver.buttons
    assert registry.get(elise.id or 0) == elise


def test_the_way_back_to_the_list_asks_before_changes_are_lost(
    driver: ProvidersDriver, registry: Registry, elise: Provider
) -> None:
    driver.open(elise.id or 0)
    driver.type("practice", "Elsewhere")
    driver.press("close")
    assert driver.title == "Élise Vandamme"
    assert get("providers.close.sure") in driver.html
    driver.press("keep")
    assert driver.part(TextField, "practice").value == "Elsewhere"
    driver.press("close")
    driver.press("leave")
    assert driver.title == get("providers.title")
    driver.open(elise.id or 0)
    assert driver.part(TextField, "practice").value == ""
    driver.press("close")
    assert driver.title == get("providers.title")
    assert registry.get(elise.id or 0) == elise


def test_a_concurrent_change_is_reported(
    driver: ProvidersDriver, registry: Registry, elise: Provider
) -> None:
    driver.open(elise.id or 0)
    driver.type("practice", "Mine")
    registry.save(replace(elise, practice="Theirs"))
    driver.press("save")
    assert driver.part(ErrorSummary).items[0]["text"] == Translator("en").error(
        errors.ProviderChanged(name="Élise Vandamme")
    )
    assert driver.part(TextField, "practice").value == "Mine"  # nothing typed is lost
    driver.press("discard")
    assert driver.part(TextField, "practice").value == "Theirs"


def test_a_record_is_removed_after_a_question(
    driver: ProvidersDriver, registry: Registry, elise: Provider
) -> None:
    driver.open(elise.id or 0)
    driver.press("ask")
    driver.press("keep")
    assert registry.count() == 1
    driver.press("ask")
    assert get("providers.remove.sure", name="Élise Vandamme") in driver.html
    record = driver.page._record.actions
    driver.press("remove")
    send_to(record, {"action": "remove"})  # a second click, already on its way
    assert driver.problem == []
    assert registry.count() == 0
    assert driver.title == get("providers.title")


def test_the_list_searches_and_exports(elise: Provider, driver: ProvidersDriver, registry: Registry) -> None:
    registry.add(Provider("Peeters", "Jan"))
    driver.press("find", {"search": "ELISE"})
    assert [row["key"] for row in driver.part(Table).rows] == [str(elise.id)]
    driver.press("find", {"search": ""})
    assert len(driver.part(Table).rows) == 2
    shown = {}
    for status in STATUSES:
        driver.part(ChoiceField, "status").value = status
        shown[status] = [row["key"] for row in driver.part(Table).rows]
    assert {status: len(keys) for status, keys in shown.items() if keys} == {"none": 2, "correct": 2}
    assert driver.said == get("providers.found", count=2)
    driver.page.show_list()
    assert driver.part(ChoiceField, "status").value == STATUSES[-1], "kept as the words are"
    driver.part(ChoiceField, "status").value = ""
    cells = [cell["text"] for cell in driver.part(Table).rows[1]["cells"]]
    assert cells == [
        *("Vandamme Élise", "Physiotherapist", "79.03.14-218.72", "–"),
        *(get("export.state.none"), ""),
    ]
    sent: list[Any] = []
    download = driver.part(Download)
    download.send = lambda content, buffers=None: sent.append((content, buffers))
    send_to(download, {"action": "want"})
    ((content, (data,)),) = sent
    assert content["name"] == "providers.csv"
    assert data.startswith(b"\xef\xbb\xbfname;")
    assert data.decode("utf-8-sig").splitlines()[2].startswith("Vandamme;Élise;")
    driver.press("find", {"search": "peeters"})
    send_to(download, {"action": "want"})
    _, (data,) = sent[-1]
    (_, row) = data.decode("utf-8-sig").splitlines()
    assert row.startswith("Peeters;Jan;"), "only what the search finds"


def drop(driver: ProvidersDriver, name: str, content: bytes) -> None:
    zone = driver.part(DropZone)
    send_to(zone, {"action": "file", "name": name}, [content])
    send_to(zone, {"action": "end", "refused": []})


def test_a_table_is_imported_after_a_yes(
    elise: Provider, driver: ProvidersDriver, registry: Registry, settings: Settings
) -> None:
    table = (
        f"Nom;NISS;Cabinet;Début;Type\nVandamme;{NISS};Les Tilleuls;;\nPeeters;80010112345;;1/2/2020;Arts\n"
    )
    drop(driver, "list.csv", f"{table}Legrand;1;;31/02/2020;Arts\n".encode("cp1252"))
    assert registry.count() == 1
    assert get("providers.import.read", count=2, refused=1) in driver.html
    assert "Line 4 (Start)" in driver.html
    driver.press("cancel")
    assert "Line 4" not in driver.html
    drop(driver, "list.csv", table.encode())
    driver.press("find", {"search": "vandamme"})
    driver.press("import")
    assert driver.said == get("providers.import.done", added=1, changed=1, unchanged=0)
    assert registry.get(elise.id or 0).practice == "Les Tilleuls"
    assert [row["cells"][0]["text"] for row in driver.part(Table).rows] == ["Peeters", "Vandamme Élise"]
    assert [path for path in settings.home.iterdir() if path.name.startswith(".import-")] == []


def test_a_file_that_is_no_table_is_reported(
    driver: ProvidersDriver, registry: Registry, settings: Settings
) -> None:
    drop(driver, "photo.csv", b"Patient;Montant\nx;1\n")
    assert "patient, montant" in driver.problem[0][0]
    assert "The file photo.csv is" in driver.problem[0][0]
    assert "import" not in driver.buttons
    send_to(driver.part(DropZone), {"action": "end", "refused": [{"reason": "size", "name": "x"}]})
    assert driver.part(DropZone).errors == [get("providers.import.not.size")]
    assert [path for path in settings.home.iterdir() if path.name.startswith(".import-")] == []


def test_the_keystore_of_a_provider(
    driver: ProvidersDriver, settings: Settings, registry: Registry, elise: Provider
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    registry.add(Provider("Peeters", niss="80010112345"))
    driver.open(elise.id or 0)
    driver.turn_to("certificate")
    assert driver.part(ChoiceField, "keystore").value == keystore.name  # proposed
    (offered,) = driver.part(ChoiceField, "keystore").options
    assert offered["hint"].startswith(get("export.state.closed"))
    driver.press("assign", secrets={"password": "wrong"})
    assert registry.get(elise.id or 0).keystore is None
    wrong = Translator("en").error(errors.KeystorePasswordWrong())
    assert driver.problem == [(wrong, "password")]
    assert driver.part(SecretField, "password").error == wrong
    assert driver.said == "", "what was said before is no news beside an error"
    driver.press("assign", secrets={"password": PASSWORD})
    kept = registry.get(elise.id or 0).keystore
    assert kept is not None
    assert (kept.path, kept.holder) == (str(keystore), f"SSIN={NISS}")
    assert "eh-keylabel eh-is-ok" in driver.html, "by what its password has shown"
    assert not driver.holds(PASSWORD)
    driver.press("unassign")
    assert registry.get(elise.id or 0).keystore is None
    assert "eh-keylabel eh-is-warn" in driver.html
    driver.turn_to("history")
    assert keystore.name in driver.html

    # somebody else's record is offered no file of hers
    driver.press("close")
    driver.open(2)
    driver.turn_to("certificate")
    assert [part for part in driver.parts(ChoiceField) if part.name == "keystore"] == []
    assert "assign" not in driver.buttons


def test_a_record_opens_while_the_keystore_folder_cannot_be_listed(
    driver: ProvidersDriver, settings: Settings, elise: Provider
) -> None:
    settings.keystores.parent.mkdir(parents=True, exist_ok=True)
    settings.keystores.write_text("a file, not a folder")
    driver.open(elise.id or 0)
    assert driver.part(TextField, "name").value == "Vandamme"
    driver.turn_to("certificate")
    unlisted = errors.FileUnreadable(path=str(settings.keystores))
    assert Translator("en").error(unlisted) in unescape(driver.html)


def test_a_keystore_is_assigned_without_its_password_where_none_is_typed(
    driver: ProvidersDriver, settings: Settings, registry: Registry, elise: Provider
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    driver.open(elise.id or 0)
    driver.turn_to("certificate")
    driver.press("assign", secrets={"password": ""})
    assert driver.problem == []
    kept = registry.get(elise.id or 0).keystore
    assert kept is not None
    assert (kept.path, kept.not_after) == (str(keystore), None)

    bar = next(
        part for part in driver.parts(ButtonBar) if "assign" in {button["name"] for button in part.buttons}
    )
    assert bar.buttons[0]["label"] == get("providers.keystore.read"), "it is the same file"
    driver.press("assign", secrets={"password": PASSWORD})
    # The second click of a double one: the field is empty by then.
    send_to(bar, {"action": "assign", "values": {}, "secrets": {"password": ""}})
    kept = registry.get(elise.id or 0).keystore
    assert kept is not None
    assert kept.not_after is not None
    assert driver.problem == []
    assert "assign" not in driver.buttons, "the file is linked, and no other one is there"
    assert driver.part(ChoiceField, "keystore").layout.display == "none"


def test_where_no_keystore_is_chosen_one_is_asked_for(
    driver: ProvidersDriver, settings: Settings, registry: Registry, elise: Provider
) -> None:
    settings.keystores.mkdir(parents=True)
    for day in (20230101, 20261101):
        path = settings.keystores / f"SSIN={NISS} {day}-120000.p12"
        path.write_bytes(b"x")
    registry.assign(elise.id or 0, Assignment(str(path)))
    driver.open(elise.id or 0)
    driver.turn_to("certificate")
    looks = {button["name"]: button["look"] for bar in driver.parts(ButtonBar) for button in bar.buttons}
    assert (looks["assign"], looks["save"]) == ("submit", "primary"), "the file that is there is the newest"
    driver.page.shell.confirm(get("providers.saved"))
    driver.press("assign", secrets={"password": ""})
    assert driver.problem == [(get("choosing.block.none"), "keystore")]
    assert driver.said == ""


def test_a_newer_keystore_is_seen_in_the_list_and_beside_the_label(
    elise: Provider, driver: ProvidersDriver, settings: Settings, registry: Registry
) -> None:
    old, new = (settings.keystores / f"SSIN={NISS} {day}-120000.p12" for day in (20230101, 20261101))
    settings.keystores.mkdir(parents=True)
    old.write_bytes(b"x")
    driver.press("find", {"search": ""})
    assert driver.part(Table).rows[0]["cells"][3]["note"] == get("providers.proposed.fits")
    registry.assign(elise.id or 0, Assignment(str(old)))
    driver.press("find", {"search": ""})
    assert driver.part(Table).rows[0]["cells"][3]["note"] == ""
    new.write_bytes(b"x")
    driver.press("find", {"search": ""})
    assert driver.part(Table).rows[0]["cells"][3]["note"] == get("providers.proposed.newer")
    driver.open(elise.id or 0)
    assert new.name in driver.html
    driver.press("propose")
    assert driver.part(Tabs).chosen == "certificate"
    assert "propose" not in driver.buttons
    assert driver.part(ChoiceField, "keystore").value == new.name
    registry.assign(elise.id or 0, Assignment(str(new)))
    driver.press("discard" if "discard" in driver.buttons else "close")
    assert driver.part(Table).rows[0]["cells"][3]["note"] == ""


def test_the_address_opens_a_record_and_one_of_its_parts(driver: ProvidersDriver, elise: Provider) -> None:
    driver.page.show_asked(str(elise.id), "periods")
    assert (driver.title, driver.part(Tabs).chosen) == ("Élise Vandamme", "periods")
    for part in ("nowhere", ""):
        driver.page.show_asked(str(elise.id), part)
        assert driver.part(Tabs).chosen == "identity"
    driver.press("close")
    for wrong in ("x", "-1", "9" * 30, "٣", ""):
        driver.page.show_asked(wrong, "periods")
        assert driver.title == get("providers.title")
    driver.page.show_asked("77", "")
    assert driver.problem == [(Translator("en").error(errors.ProviderUnknown(text="#77")), "")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_finding_of_a_part_is_counted_as_one(
    registry: Registry, settings: Settings, language: LanguageName
) -> None:
    driver, texts = ProvidersDriver(registry, settings, language), Translator(language)
    driver.open(registry.add(Provider("Peeters", "An", niss="80010112345")).id or 0)
    words = {option["count"]: option["about"] for option in driver.part(Tabs).options}
    assert words[1] == texts.get("providers.findings.one")


def test_a_keystore_comes_after_the_niss(driver: ProvidersDriver) -> None:
    driver.press("new")
    driver.turn_to("certificate")
    assert get("providers.keystore.first") in driver.html
    assert "assign" not in driver.buttons


def test_a_registry_that_cannot_be_opened_is_reported(settings: Settings) -> None:
    def broken() -> ProvidersModel:
        raise errors.RegistryNewer(place="/r.db", version="9")

    providers = PROVIDERS.build(ProvidersSource(broken), PageContext(settings, Translator("en")))
    providers.begin()
    page = Player(providers.root)
    assert "newer version" in page.problem[0][0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_four_languages(
    registry: Registry, settings: Settings, elise: Provider, language: LanguageName
) -> None:
    driver = ProvidersDriver(registry, settings, language)
    texts = Translator(language)
    assert driver.title == texts.get("providers.title")
    driver.open(elise.id or 0)
    for part in PARTS:
        driver.turn_to(part)
    assert driver.part(ErrorSummary).items == []
    assert [option["label"] for option in driver.part(Tabs).options] == [
        texts.get(f"providers.part.{part}") for part in PARTS
    ]


def test_other_pages_load_no_database_and_the_audit_no_frames() -> None:
    program = (
        "import sys, ehtoolkit.forms; print({'sqlalchemy', 'pandas'}.isdisjoint(sys.modules));"
        "import ehtoolkit.forms.audit.page; print('pandas' not in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_the_page_of_this_kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path))
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "nl")
    player = Player(open_providers())
    assert player.title == "Zorgverleners"
    assert (tmp_path / "providers-training.db").is_file()


# ── the invented providers of a demonstration ────────────────────────────────────────────────────────────
class Waiting:
    """Stands for the thread: work is done when the test says so."""

    def __init__(self) -> None:
        self.work: list[tuple[Callable[[], None], Outcome]] = []

    def __call__(self, work: Callable[[], None], outcome: Outcome) -> None:
        self.work.append((work, outcome))

    def go(self) -> None:
        for work, outcome in self.work:
            run_inline(work, outcome)


def demonstration(home: Path, runner: Waiting) -> Player:
    settings = load_settings(home=home, sample=True)

    def make() -> ProvidersModel:
        return ProvidersModel(open_registry(settings), settings, SystemClock())

    context = PageContext(settings, Translator("en"))
    sample = Sample(settings, open_training_platform(settings))
    page = PROVIDERS.build(ProvidersSource(make, sample), context, runner)
    page.begin()
    return Player(page.root)


def test_in_a_demonstration_they_are_made_with_a_sign_of_life(tmp_path: Path) -> None:
    runner = Waiting()
    page = demonstration(tmp_path, runner)
    assert page.part(ButtonBar).busy == get("providers.sample.making")
    assert page.part(Announcer).text == get("providers.sample.making")
    assert page.title == get("providers.title")
    runner.go()
    assert len(page.part(Table).rows) == 40
    assert page.part(Announcer).text == get("providers.sample.made")
    again = Waiting()
    assert len(demonstration(tmp_path, again).part(Table).rows) == 40
    assert again.work == []


def test_when_they_cannot_be_made_the_page_is_there_without_them(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "sample").write_text("somebody's file where the folder goes")
    runner = Waiting()
    page = demonstration(tmp_path, runner)
    runner.go()
    assert page.parts(Table) == []
    assert page.problem


def test_in_the_real_environments_there_are_none(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, environment="acceptance", sample=True)
    with ExitStack() as opened:
        assert open_training(PageContext(settings, Translator("en")), opened).sample is None


def test_a_table_of_millions_of_rows_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """The reason is said of the count alone; to read it would take minutes."""
    with pytest.raises(errors.NotAProviderTable) as refused:
        look("rows.csv", b"name\n" + b"x\n" * 2_400_000, KNOWN, tmp_path)
    assert refused.value.facts["reason"] == "rows"


# ── from the last page of a form ─────────────────────────────────────────────────────────────────────────────
def test_the_record_of_a_keystore_s_holder_is_opened_where_it_is_assigned(
    driver: ProvidersDriver, elise: Provider, settings: Settings
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    driver.page.show_holder(keystore.name)
    assert driver.title == "Élise Vandamme"
    assert driver.part(Tabs).chosen == "certificate"
    assert driver.part(ChoiceField, "keystore").value == keystore.name
    driver.press("assign", secrets={"password": PASSWORD})
    assert elise.id is not None
    kept = driver.model.registry.providers()
    assert [provider.keystore.path if provider.keystore else None for provider in kept] == [str(keystore)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_record_a_new_one_is_filled_from_the_certificate(
    registry: Registry, settings: Settings, language: LanguageName
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    driver, texts = ProvidersDriver(registry, settings, language), Translator(language)
    toolkit = open_toolkit(settings)
    toolkit.open_keystore(keystore, Secret(PASSWORD))  # as the form did whose last page leads here
    toolkit.close()
    driver.page.show_holder(keystore.name)
    assert driver.title == texts.get("providers.new.title")
    shown = {name: driver.part(TextField, name).value for name in ("name", "niss", "birth_date")}
    assert shown == {"name": "VANDAMME ELISE MARIE", "niss": "79.03.14-218.72", "birth_date": "14/03/1979"}
    assert texts.get("providers.filled.text", file=keystore.name) in unescape(driver.html)
    assert "eh-keylabel" not in driver.html
    assert registry.count() == 0
    driver.type("name", "Vandamme")
    driver.type("first_names", "Élise")
    driver.press("save")
    assert [(provider.name, provider.first_names, provider.niss) for provider in registry.providers()] == [
        ("Vandamme", "Élise", NISS)
    ]
    assert driver.part(Tabs).chosen == "certificate"  # its turn now
    driver.press("assign", secrets={"password": PASSWORD})
    assert driver.problem == []
    assert [provider.keystore.path if provider.keystore else None for provider in registry.providers()] == [
        str(keystore)
    ]


def test_a_file_that_is_not_there_leaves_the_list(driver: ProvidersDriver, elise: Provider) -> None:
    driver.page.show_holder("../SSIN=79031421872 20261124-101500.p12")
    assert driver.title == get("providers.title")
    assert driver.said == get("providers.holder.unknown", file="../SSIN=79031421872 20261124-101500.p12")


def test_an_organisations_keystore_is_linked_to_its_record(
    driver: ProvidersDriver, registry: Registry, settings: Settings, elise_record: Provider
) -> None:
    settings.keystores.mkdir(parents=True, exist_ok=True)
    file = settings.keystores / "CBE=0486132722 20261124-101500.p12"
    file.write_bytes(b"no keystore, but called so")
    driver.page.show_holder(file.name)
    assert driver.title == get("providers.title")  # nobody is of that enterprise, and it is no person
    registry.add(replace(elise_record, enterprise_number="0486132722"))
    driver.page.show_holder(file.name)
    assert driver.title == "Élise Vandamme"
    assert [option["value"] for option in driver.part(ChoiceField, "keystore").options] == [file.name]


def test_a_record_that_the_address_names_counts_before_a_keystore_s_holder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elise_record: Provider
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path))
    settings = load_settings()
    settings.keystores.mkdir(parents=True)
    (settings.keystores / "CBE=0486132722 20261124-101500.p12").write_bytes(b"no keystore, but called so")
    with open_registry(settings) as registry:
        elise = registry.add(elise_record)
        registry.add(Provider("Hennes", "Karl", enterprise_number="0486132722"))
    keystore = "keystore=CBE%3D0486132722%2020261124-101500.p12"
    for query, shown in (
        (keystore, "Karl Hennes"),
        (f"{keystore}&provider={elise.id}&part=periods", "Élise Vandamme"),
    ):
        monkeypatch.setenv("QUERY_STRING", query)
        page = Player(open_providers())
        assert (page.title, page.problem) == (shown, [])
    assert page.part(Tabs).chosen == "periods"


@pytest.mark.parametrize(
    ("language", "number"), [("fr", "NISS"), ("nl", "INSZ"), ("de", "ENSS"), ("en", "SSIN")]
)
def test_numbers_are_called_and_written_as_people_do(
    registry: Registry, settings: Settings, elise_record: Provider, language: LanguageName, number: str
) -> None:
    """On the list, in a record, in what is found about it, and of its certificate."""
    keystore = certificate_in(settings.home, PASSWORD)
    key = registry.add(replace(elise_record, niss="85073003328", enterprise_number="0486132722")).id or 0
    registry.assign(key, Assignment(str(keystore), holder="SSIN=79031421872"))
    driver = ProvidersDriver(registry, settings, language)
    cells = [cell["text"] for row in driver.part(Table).rows for cell in row["cells"]]
    assert "85.07.30-033.28" in cells
    driver.open(key)
    shown = {name: driver.part(TextField, name).value for name in ("niss", "inami", "enterprise_number")}
    assert shown == {
        "niss": "85.07.30-033.28",
        "inami": "5-38861-71-521",
        "enterprise_number": "0486.132.722",
    }
    driver.turn_to("certificate")
    assert f"{number} 79.03.14-218.72" in driver.html
    assert "SSIN=" not in driver.html.replace(keystore.name, "")
    for digits in ("85073003328", "79031421872"):
        assert digits not in driver.html.replace(keystore.name, "")
