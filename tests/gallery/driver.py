"""Who sits at the pages: opens one on a home that was prepared, and does what the browser would send."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from weakref import WeakSet

import pytest
from ipywidgets import Widget

from ehtoolkit import forms
from ehtoolkit.ehealth.soap.transport import Transport
from ehtoolkit.forms.widgets.buttons import Switches
from ehtoolkit.forms.widgets.choices import Tabs
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.user_profiles import KEYSTORE_FOLDER
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import TrainingPlatform
from tests.forms.player import Player
from tests.procedures.conftest import Wire
from tests.support.ipywidgets_internals import send_to
from tests.support.mounted_drives import mount_drives

NOTEBOOKS: Final = Path(__file__).resolve().parents[2] / "notebooks"
PIN, WRONG, PASSWORD = "1234", "4321", "Kine-2026"


class Form(Player):
    """A page that is open, and who sits at it. What is typed is shown, as it is in a browser."""

    def go(
        self, action: str = "next", secrets: Mapping[str, str] | None = None, **values: str | bool
    ) -> None:
        """Type ``values``, then press a button."""
        for field in self.everything():
            if getattr(field, "name", None) in values and field.has_trait("value"):
                field.value = values[field.name]
        self.press(action, self._held() | values, secrets)

    def pin(self, pin: str = PIN) -> None:
        self.go(secrets={"pin": pin})

    def open_chosen(self, password: str = PASSWORD, **values: str) -> None:
        """The keystore that the page proposes."""
        self.go(secrets={"password": password}, **values)

    def handle(self, key: str, button: str, table: int = 0) -> None:
        """Press a button in a row of a table."""
        send_to(self.parts(Table)[table], {"action": "press", "key": key, "button": button})

    def turn_to(self, tab: str) -> None:
        send_to(self.part(Tabs), {"action": "choose", "key": tab})

    def switch(self, name: str, *, on: bool) -> None:
        send_to(self.part(Switches), {"action": "switch", "key": name, "on": on})

    def message(self, kind: type[Any], content: dict[str, Any], name: str | None = None) -> None:
        """What the browser's half of a widget sends."""
        send_to(self.part(kind, name), content)

    def _held(self) -> dict[str, str | bool]:
        """What the fields hold."""
        return {
            widget.name: widget.value
            for widget in self.everything()
            if widget.has_trait("name") and widget.has_trait("value") and not isinstance(widget, ChoiceField)
        }


class GalleryDriver:
    """``homes``: those that were prepared; ``work``: a folder for their copies. ``root``: the page that is open, and
    ``page`` its name. ``wire``: what happens to messages on their way, by the words of their addresses."""

    def __init__(self, homes: Path, work: Path, language: LanguageName) -> None:
        self._homes, self._work, self._language = homes, work, language
        self._numbers = itertools.count(1)
        self.page = ""
        self.root: Any = None
        self._born: WeakSet[Widget] = WeakSet()
        self._gone: WeakSet[Widget] = WeakSet()
        self.wire = Wire(None)  # type: ignore[arg-type]  # the transport is put behind it when there is one
        self.patch = pytest.MonkeyPatch()
        self._home: Path | None = None

    @contextmanager
    def sitting(self) -> Iterator[GalleryDriver]:
        """For the time of one story: whatever it changes is as before afterwards."""
        with pytest.MonkeyPatch.context() as self.patch:
            self.wire = Wire(None)  # type: ignore[arg-type]
            self.patch.chdir(NOTEBOOKS)  # the pages that a page may lead to are those beside it
            self.patch.setenv("EHTOOLKIT_LANGUAGE", self._language)
            self.connect()
            self._tap()
            try:
                yield self
            finally:
                self.close()
                self._home = None

    def connect(self, *sticks: Path) -> None:
        """Let these be the drives of this computer."""
        for stick in sticks:
            stick.mkdir(parents=True, exist_ok=True)
        mount_drives(self.patch, *sticks)

    def furnish(self) -> Path:
        """Let this user have the folders that people have, and a stick be connected. Return the user's home."""
        user = self.home.parent
        self.patch.setenv("HOME", str(user))
        own = (user / name for name in ("Downloads", "Desktop", "Documents", KEYSTORE_FOLDER))
        for folder in (*own, self.settings.keystores / "archive"):
            folder.mkdir(parents=True, exist_ok=True)
        self.connect(user / "STICK")
        return user

    @property
    def home(self) -> Path:
        """A fresh one, where no other was taken."""
        if self._home is None:
            self.at("fresh")
        if self._home is None:
            raise RuntimeError("nobody sits here")
        return self._home

    def at(self, home: str) -> None:
        """Sit down at a copy of the home of that name."""
        self.close()
        self._home = self._work / f"{self._language}-{next(self._numbers)}" / "ehtoolkit"
        shutil.copytree(self._homes / home, self._home, symlinks=True)
        self.patch.setenv("EHTOOLKIT_HOME", str(self._home))

    def at_first(self, home: str) -> None:
        """The same, unless a home was taken already."""
        if self._home is None:
            self.at(home)

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.patch.setenv(f"EHTOOLKIT_{name.upper()}", value)

    def open(self, page: str, **query: str) -> Form:
        """The page of that notebook."""
        self.close()
        self.patch.setenv("EHTOOLKIT_HOME", str(self.home))
        self.patch.setenv("QUERY_STRING", urlencode(query))
        self.page = page
        Widget.on_widget_constructed(self._note)
        self.root = forms.PAGES[page]()
        return Form(self.root)

    def show(self, make: Callable[[], Any]) -> None:
        """Something else than a page."""
        self.close()
        Widget.on_widget_constructed(self._note)
        self.page, self.root = "", make()

    def get(self, key: str, /, **facts: object) -> str:
        """A sentence in the language of the pages."""
        return self.texts.get(key, **facts)

    @property
    def texts(self) -> Translator:
        return Translator(self._language, on_pages=True)

    def close(self) -> None:
        """Let go of the page. What else it made goes with the next `sweep`: a browser that is still drawing it would
        look for what is gone."""
        if self.root is not None:
            self.root.close()
        self.root = None
        self._gone |= self._born
        self._born = WeakSet()

    def sweep(self) -> None:
        """Close everything that belonged to pages that were left."""
        gone, self._gone = self._gone, WeakSet()
        for widget in tuple(gone):
            widget.close()

    @contextmanager
    def toolkit(self) -> Iterator[Toolkit]:
        toolkit = open_toolkit(self.settings)
        yield toolkit
        toolkit.close()

    @contextmanager
    def training(self) -> Iterator[TrainingPlatform]:
        """The platform, for a trainer."""
        with self.toolkit() as toolkit:
            if toolkit.training is None:
                raise RuntimeError("nothing is trained here")
            yield toolkit.training

    def later(self, step: str) -> None:
        with self.training() as training:
            training.clock.move(step)

    def scenario(self, name: str, *, on: bool = True) -> None:
        with self.training() as training:
            training.switch(name, on)

    @property
    def settings(self) -> Settings:
        return load_settings(home=self.home)

    @property
    def keystores(self) -> list[Path]:
        """Oldest first."""
        return sorted(self.settings.keystores.glob("*.p12"))

    def _note(self, widget: Widget) -> None:
        self._born.add(widget)

    def _tap(self) -> None:
        """Put the wire between this process and its platform."""
        transport = TrainingPlatform.transport

        def tapped(training: TrainingPlatform, **options: Any) -> Transport:
            wire = self.wire
            return Wire(transport(training, **options), wire.after, wire.before, wire.lost)

        self.patch.setattr(TrainingPlatform, "transport", tapped)
