"""One page of the browser and its kernel, in which the forms follow each other.

A link to another form of ours costs no new kernel: the form is opened here, instead of the one before, and
everything that belonged to that one is closed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from weakref import WeakSet

from ipywidgets import Widget

from ehtoolkit.forms.engine.page_context import PageContext, refresh, translated, under_voila
from ehtoolkit.forms.engine.page_errors import write_report
from ehtoolkit.forms.engine.user_progress import HERE
from ehtoolkit.forms.layout import close, column
from ehtoolkit.forms.training_class import connect_to_class
from ehtoolkit.forms.widgets.page_frame import HeaderDate, Navigator

LANGUAGE: Final = "EHTOOLKIT_LANGUAGE"
"""The variable that has the language of this kernel's page."""
_TRAINER: Final = "trainer"
"""The page whose user leads the class."""

Opener = Callable[[], Widget]
"""Puts together the form that a page shows; what its address says is in ``QUERY_STRING``."""


class Router:
    """The pages that follow each other in one page of the browser.

    Attributes:
        root: the widget to display.
        openers: the pages that can be shown, by the names of their notebooks.

    A form that cannot be opened is left to the browser, which then loads its address as a page of its own.
    """

    def __init__(self, openers: Mapping[str, Opener], context: PageContext) -> None:
        self._openers = openers
        self._date = HeaderDate()
        self._class = connect_to_class(context, dated=self._set_date, changed=self._refresh)
        self._form: Widget | None = None
        self._home = context.settings.home
        self._born: WeakSet[Widget] = WeakSet()
        self._navigator = Navigator(pages=sorted(context.pages() & openers.keys()))
        self._use(context)
        self._navigator.on_go(self._go)
        self._navigator.on_language(self._speak)
        bar = () if self._class is None else (self._class.bar,)
        self._above = (self._navigator, *bar)
        self.root = column("eh-visit", of=self._above)

    def begin(self, page: str) -> None:
        """Show the first form. Raises what its opener raises."""
        # Also those that a form keeps out of sight: a box that was never shown is a model in the browser all the same.
        Widget.on_widget_constructed(self._note)
        self._arrive(page)
        self._show(self._openers[page]())
        if self._class is not None:
            self._class.begin()

    @property
    def form(self) -> Any:
        """The form that is shown; None before the first one."""
        return self._form

    def _go(self, page: str, query: str, serial: int) -> None:
        left = replace(HERE)

        def open_there() -> Widget:
            opener = self._openers[page]
            self._arrive(page)
            return opener()

        if not self._replace("QUERY_STRING", query, open_there, serial):
            self._arrive(left.page)
            HERE.step, HERE.problem = left.step, left.problem

    def _speak(self, language: str, serial: int) -> None:
        """Show the form that is shown now in another language. What has nothing to lose is opened again by the
        browser."""
        form = self._form
        if form is None:
            return

        def translate() -> Widget | None:
            context = PageContext.of_this_kernel()
            shown = translated(form, context)
            if shown is not None:
                self._use(context)
                if self._class is not None:
                    self._class.speak(context.texts)
            return shown

        self._replace(LANGUAGE, language, translate, serial)

    def _use(self, context: PageContext) -> None:
        """Take over the settings and the language of ``context``."""
        self._context, get = context, context.texts.get
        self._navigator.asking, self._navigator.working = get("page.leave"), get("page.leave.busy")
        self._navigator.loading = get("page.starting")

    def _replace(self, variable: str, value: str, make: Callable[[], Widget | None], serial: int) -> bool:
        """Set ``variable``, show what ``make`` returns instead of the form that is shown, and return True. If that
        fails, or ``make`` returns None, restore ``variable``, close the widgets that ``make`` has made, let the browser
        load the page, and return False. What else ``make`` has changed is not restored here."""
        before, self._born = self._born, WeakSet()
        old, form = os.environ.get(variable), None
        try:
            os.environ[variable] = value  # a page may ask for anything, also for what no environment takes
            form = make()
        except Exception as error:  # noqa: BLE001  # the boundary: the page that is loaded instead says what to do
            write_report(error, self._home)
        if form is None:
            self._close(self._born)
            self._born = before
            os.environ.pop(variable, None)
            if old is not None:
                os.environ[variable] = old
            self._navigator.failed(serial)
            return False
        self._show(form)
        self._navigator.arrived(serial)
        self._close(before)
        return True

    def _note(self, widget: Widget) -> None:
        self._born.add(widget)

    def _arrive(self, page: str) -> None:
        HERE.open_page(page)
        if self._class is not None:
            self._class.bar.hushed = page == _TRAINER

    def _show(self, form: Widget) -> None:
        self._form = form
        self._set_date(self._context.date())
        self.root.children = (*self._above, form, self._date)

    def _set_date(self, date: str) -> None:
        self._date.text = date

    def _refresh(self) -> None:
        """Bring the form that is shown to the clock that was moved, or to the scenario that was switched."""
        if self._form is None:
            return
        try:
            refresh(self._form)
        except Exception as error:  # noqa: BLE001  # the boundary: the page stays as it was
            write_report(error, self._home)

    def _close(self, widgets: WeakSet[Widget]) -> None:
        for widget in tuple(widgets):
            try:
                widget.close()
            except Exception as error:  # noqa: BLE001  # the form is gone; what it could not let go ends with the kernel
                write_report(error, self._home)


_IN_NOTEBOOKS: Final[dict[str, Widget]] = {}
"""The pages that cells of this kernel's notebooks have opened, by their names."""


def _open_in_notebook(page: str, opener: Opener) -> Widget:
    """Open a page, and close the one that a cell has opened before: it would keep its lock of the holder, its card and
    its passwords as long as the kernel runs."""
    before = _IN_NOTEBOOKS.pop(page, None)
    if before is not None:
        close(before)
    _IN_NOTEBOOKS[page] = opened = opener()
    return opened


def make_entry_point(openers: Mapping[str, Opener], page: str) -> Opener:
    """Return what the notebook of ``page`` calls: in our pages a visit that begins with it, elsewhere the form
    alone."""

    def open_page() -> Widget:
        if not under_voila():
            return _open_in_notebook(page, openers[page])
        visit = Router(openers, PageContext.of_this_kernel())
        visit.begin(page)
        return visit.root

    open_page.__name__ = f"open_{page.replace('-', '_')}"
    open_page.__doc__ = openers[page].__doc__
    return open_page
