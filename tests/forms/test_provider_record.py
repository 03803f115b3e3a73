"""The record of a provider on the page Providers: what is typed, saved and removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.providers.html import end_of_certificate
from ehtoolkit.forms.providers.record_fields import FieldError, ProviderForm
from ehtoolkit.forms.widgets.choices import Tabs
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, TextField
from ehtoolkit.forms.widgets.page_frame import Address
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.forms.widgets.tables import EditTable, Table
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.standing import without_file
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers import Assignment, Provider, Registry
from ehtoolkit.providers.provider import KNOWN
from ehtoolkit.settings import LanguageName, Settings
from tests.browser.prepared_homes import certificate_in
from tests.forms.providers_driver import (
    NISS,
    NOW,
    PASSWORD,
    ProvidersDriver,
    driver,
    elise,
    elise_record,
    get,
    registry,
    settings,
)
from tests.support.ipywidgets_internals import send_to

__all__ = ["driver", "elise", "elise_record", "registry", "settings"]


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
