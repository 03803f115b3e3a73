"""Drives the page Providers as a browser does, on a registry of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ehtoolkit.clock import SystemClock
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.providers.model import ProvidersModel
from ehtoolkit.forms.providers.page import ProvidersSource
from ehtoolkit.forms.tools.providers import PROVIDERS
from ehtoolkit.forms.widgets.choices import Tabs
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.forms.widgets.tables import EditTable, Table
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Provider, Registry, open_registry
from ehtoolkit.settings import LanguageName, Settings, load_settings
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
