"""The frame around a page: navigation, its address, the class of a trainer, and announcements."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from traitlets import Bool, Dict, Int, List, Unicode

from ehtoolkit.forms.html import svg
from ehtoolkit.forms.widgets.base import EsmWidget, MessageWidget, esm
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.identity.actor import has_person_number


class Announcer(EsmWidget):
    """Writes into the live region of the page's frame; what was done is also seen for some seconds, at the bottom of
    the window."""

    _esm = esm("announcer")
    text: str = Unicode().tag(sync=True)
    count: int = Int(0).tag(sync=True)
    seen: bool = Bool(False).tag(sync=True)
    icon: str = Unicode(svg("ok")).tag(sync=True)

    def say(self, sentence: str, *, seen: bool = False) -> None:
        """Say ``sentence`` to a screen reader; the same one twice is said twice. ``seen``: it says what was done, which
        the page does not show, and is shown itself for some seconds."""
        self.text, self.seen = sentence, seen
        self.count += 1

    def clear(self) -> None:
        """Take away what was said: it is no news any more."""
        if self.text:
            self.say("")


class Navigator(MessageWidget):
    """Takes the links to ``pages`` (names of notebooks beside this one), Back and Forward, and asks Python for the
    form; everything else it leaves to the browser. Steps of a form are entries of the browser's history.

    Attributes:
        asking: the question before something that was typed is left.
        working: while a form is at work.
    """

    _esm = esm("navigator")
    pages: list[str] = List(Unicode()).tag(sync=True)
    asking: str = Unicode().tag(sync=True)
    working: str = Unicode().tag(sync=True)
    loading: str = Unicode().tag(sync=True)
    shown: int = Int(0).tag(sync=True)

    def on_go(self, listener: Callable[[str, str, int], None]) -> None:
        """Call ``listener(page, query, serial)`` when that page is wanted, with the query of its address."""

        def go(page: str, query: str, serial: int) -> None:
            if page in self.pages:
                listener(page, query, serial)

        self._listen("go", go, page=str, query=str, serial=int)

    def on_language(self, listener: Callable[[str, int], None]) -> None:
        """Call ``listener(language, serial)`` when the page that is shown is wanted in that language."""

        def speak(language: str, serial: int) -> None:
            if language in LANGUAGES:
                listener(language, serial)

        self._listen("language", speak, language=str, serial=int)

    def arrived(self, serial: int) -> None:
        """Report to the browser that the page that was wanted under ``serial`` is there."""
        self.shown = serial

    def failed(self, serial: int) -> None:
        """Report to the browser that the page cannot be shown here: it loads the address of the page instead."""
        self.send({"failed": serial})


class Address(EsmWidget):
    """The query in the address of a page. When Back, Forward or a reload leads to an address, the page is opened with
    its query. In a notebook nothing happens."""

    _esm = esm("address")

    def go(self, query: Mapping[str, str]) -> None:
        """Make an entry of the browser's history for ``query``; when it was the entry before, go back to it."""
        self.send({"query": _encoded(query), "entry": True})

    def keep(self, query: Mapping[str, str]) -> None:
        """Change the query of the current entry."""
        self.send({"query": _encoded(query), "entry": False})


def _encoded(query: Mapping[str, str]) -> str:
    """Return the query without empty values and those with the number, the e-mail address or the telephone number of
    a person."""
    return urlencode({name: value for name, value in query.items() if value and not _is_personal(value)})


_TELEPHONE: Final = re.compile(r"(?:\d[ ./()-]?){8}")
"""Eight digits or more: NIHII numbers are among them, which is no harm."""


def _is_personal(text: str) -> bool:
    return "@" in text or bool(_TELEPHONE.search(text)) or has_person_number(text)


class HeaderDate(EsmWidget):
    """Writes the training date into the frame's header, where there is one: the clock moves while the page is open."""

    _esm = esm("header_date")
    text: str = Unicode().tag(sync=True)


class ClassBar(MessageWidget):
    """Asks for a name while a class is open, and then says who is in class and what the class works on.

    The browser keeps the name, and a random number of its own, until it sees another class.

    Attributes:
        class_id: of the class that is open; empty without one, and then nothing is shown.
        hushed: nothing is shown all the same, as on the trainer's page.
        words: ``title``, ``note``, ``label``, ``enter``, ``later``, ``inside`` with the place ``{name}``, ``leave``.
        station: what the class works on; empty: nothing yet.
        href: the page that it works on.
    """

    _esm = esm("class_bar")
    class_id: str = Unicode().tag(sync=True)
    hushed: bool = Bool(False).tag(sync=True)
    words: dict[str, str] = Dict().tag(sync=True)
    station: str = Unicode().tag(sync=True)
    href: str = Unicode().tag(sync=True)

    def show(self, class_id: str, station: str, href: str) -> None:
        with self.hold_sync():
            self.class_id, self.station, self.href = class_id, station, href

    def on_enter(self, listener: Callable[[str, str, str], None]) -> None:
        """Call ``listener(class_id, visitor, name)`` when the user enters the class, and ``listener`` with an empty
        name when they leave it. ``visitor``: the browser's random number."""
        self._listen("enter", listener, class_id=str, visitor=str, name=str)

    def on_visible(self, listener: Callable[[bool], None]) -> None:
        """Call ``listener`` when the page is shown, or hidden behind another window."""
        self._listen("visible", listener, visible=bool)
