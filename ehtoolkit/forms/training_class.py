"""A page in training follows its platform: clock, scenarios, and the trainer's class, which it reports to.

A thread asks once a second, and at once when the user has gone on. Nothing is reported before the user has typed a
name, and only while the page is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Final

from ehtoolkit.errors import EhToolkitError
from ehtoolkit.forms.engine.background import Poller
from ehtoolkit.forms.engine.form_link import address_of
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_errors import write_report
from ehtoolkit.forms.engine.user_progress import HERE
from ehtoolkit.forms.widgets.page_frame import ClassBar
from ehtoolkit.i18n import Translator, in_brussels
from ehtoolkit.toolkit import open_class_link
from ehtoolkit.training.class_link import ClassLink
from ehtoolkit.training.lessons.stations import station_named
from ehtoolkit.training.state.attendance import PageReport
from ehtoolkit.training.state.classroom import ClassNews

_PAUSE: Final = 5
"""Looks that are left out after one that failed."""
WORDS: Final = ("title", "note", "label", "enter", "later", "inside", "leave")
"""The texts of the widget above the form."""


class ClassConnection:
    """The way of a page to the class, beside whatever form is shown.

    Attributes:
        bar: the widget above the form.
    """

    def __init__(
        self,
        link: ClassLink,
        texts: Translator,
        *,
        dated: Callable[[str], None],
        changed: Callable[[], None],
        fail: Callable[[Exception], object],
    ) -> None:
        """Make the part; it begins to ask with `begin`.

        Args:
            dated: gets the training date for the header whenever it is another one.
            changed: called when the clock was moved, or a scenario switched.
            fail: gets an unexpected error; the part goes on asking.
        """
        self._link = link
        self._texts = texts
        self._dated = dated
        self._changed = changed
        self._news: ClassNews | None = None
        self._entered = ("", "", "")
        self._visible = True
        self._pause = 0
        self.bar = ClassBar(words=_words(texts))
        self.bar.on_enter(self._enter)
        self.bar.on_visible(self._see)
        self._poller = Poller(self.look, fail, end=link.close, seconds=float("inf"))

    def begin(self) -> None:
        self._poller.begin()
        HERE.changed = self._poller.soon

    def speak(self, texts: Translator) -> None:
        """Go on in another language."""
        self._texts = texts
        self.bar.words = _words(texts)
        if self._news is not None:
            self._show(self._news)

    def look(self) -> Callable[[], None] | None:
        """Report where the user is, and return what brings the page to the state of the platform; None where it shows
        that already."""
        if self._pause:
            self._pause -= 1
            return None
        try:
            news = self._link.exchange(self._report())
        except EhToolkitError:  # the page is useful without the class
            self._pause = _PAUSE
            return None
        shows_it = self._news is not None and _shown(self._news) == _shown(news)
        return None if shows_it else partial(self._take, news)

    def _report(self) -> PageReport | None:
        class_id, visitor, name = self._entered
        if not name or not self._visible:
            return None
        with suppress(ValueError):  # of a page that was tampered with
            place = {"page": HERE.page, "step": HERE.step, "problem": HERE.problem, "card": HERE.card}
            return PageReport.from_json({"class_id": class_id, "visitor": visitor, "name": name, **place})
        return None

    def _enter(self, class_id: str, visitor: str, name: str) -> None:
        self._entered = (class_id, visitor, name)
        self._poller.soon()

    def _see(self, visible: bool) -> None:
        self._visible = visible

    def _take(self, news: ClassNews) -> None:
        before, self._news = self._news, news
        self._show(news)
        if before is not None and before.changes != news.changes:
            self._changed()

    def _show(self, news: ClassNews) -> None:
        station = station_named(news.station)
        self._dated(self._texts.short_date(in_brussels(news.now).date()))
        words = "" if station is None else self._texts.get(f"lesson.{station.name}")
        self.bar.show(news.class_id, words, "" if station is None else address_of(station.page))


def connect_to_class(
    context: PageContext, *, dated: Callable[[str], None], changed: Callable[[], None]
) -> ClassConnection | None:
    """Return the way of this kernel's page to the class; None in the real environments, and where the settings of the
    network cannot be used, which the forms say."""
    with suppress(EhToolkitError):
        if link := open_class_link(context.settings):
            fail = partial(write_report, home=context.settings.home)
            return ClassConnection(link, context.texts, dated=dated, changed=changed, fail=fail)
    return None


def _shown(news: ClassNews) -> tuple[date, str, str, str]:
    """Return what of the news a page shows."""
    return in_brussels(news.now).date(), news.changes, news.class_id, news.station


def _words(texts: Translator) -> dict[str, str]:
    return {word: texts.get(f"lesson.bar.{word}", name="{name}") for word in WORDS}
