"""The page Providers: its list, search, export and import, and the sample of a demonstration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.forms import open_providers
from ehtoolkit.forms.demo_data import open_training
from ehtoolkit.forms.engine.background import Outcome, run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.providers.html import STATUSES
from ehtoolkit.forms.providers.import_panel import look
from ehtoolkit.forms.providers.listing import SHOWN
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.page import ProvidersSource
from ehtoolkit.forms.providers.record_page import PARTS
from ehtoolkit.forms.tools.providers import PROVIDERS
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import Tabs
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.files import Download, DropZone
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Assignment, Provider, Registry, open_registry
from ehtoolkit.providers.provider import KNOWN
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import open_training_platform
from ehtoolkit.training.sample import Sample
from tests.browser.prepared_homes import certificate_in
from tests.forms.player import Player
from tests.forms.providers_driver import (
    NISS,
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


def test_a_file_that_is_not_there_leaves_the_list(driver: ProvidersDriver, elise: Provider) -> None:
    driver.page.show_holder("../SSIN=79031421872 20261124-101500.p12")
    assert driver.title == get("providers.title")
    assert driver.said == get("providers.holder.unknown", file="../SSIN=79031421872 20261124-101500.p12")
