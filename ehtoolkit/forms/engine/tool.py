"""A tool page, declared: what it knows, what it shows, and its place on the first page.

All its texts are in one catalogue, by convention: ``title``, ``lead`` where there is one, ``failed`` above an error,
``stopped`` above it when the user has stopped the work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext, set_refresh
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.production_guard import confirm_production

M = TypeVar("M")


class ToolPage(ABC, Generic[M]):
    """The content of a tool page.

    Attributes:
        beside_title: what is in one row with the title.
        has_summary: errors are shown in a summary under the title; False where the page has another place for them.
    """

    has_summary: ClassVar[bool] = True

    def __init__(self, model: M, shell: PageShell) -> None:
        self.model = model
        self.shell = shell
        self.texts = shell.texts
        self.beside_title: Sequence[Widget] = ()

    @abstractmethod
    def body(self) -> Sequence[Widget]:
        """Return what is under the title, from top to bottom; called once."""

    def begin(self) -> None:
        """Do what the page does without a button, as soon as it is put together. Errors are shown on the page."""

    def refresh(self) -> None:
        """Show what has changed since the training clock was moved, or a scenario switched. Nothing that was typed is
        lost by it."""

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        """Return the field that an error is about; None where it is about no field."""
        return None

    @property
    def root(self) -> Widget:
        """The widget to display."""
        return self.shell.root


P = TypeVar("P", bound=ToolPage[Any])


@dataclass(frozen=True)
class Tool(Generic[M, P]):
    """A page that is no form in steps.

    Attributes:
        name: of its notebook, and in the addresses that lead to it.
        model: opens what the page works with, from what its address says; what it registers is closed with the page.
        page: makes the content, without a widget that is shown yet.
        catalogue: of its texts; empty: called as the page.
        classes: of the page, beside ``eh-<name>``, for the style sheet.
        reaches_platform: in production it is opened only after that was confirmed.
    """

    name: str
    model: Callable[[PageContext, ExitStack], M]
    page: Callable[[M, PageShell], P]
    menu: MenuPlace
    catalogue: str = ""
    classes: Sequence[str] = ("eh-stack",)
    reaches_platform: bool = True

    def build(
        self,
        model: M,
        context: PageContext,
        runner: Runner = run_in_thread,
        *,
        pages: frozenset[str] | None = None,
    ) -> P:
        """Return the page, before it `begin`s. ``pages``: those that can be linked to."""
        shell = PageShell(context, runner, self.catalogue or self.name, pages=pages)
        page = self.page(model, shell)
        shell.field_of = page.field_of
        classes = (f"eh-{self.name}", *self.classes)
        body = page.body()
        shell.build(body, beside_title=page.beside_title, has_summary=page.has_summary, classes=classes)
        return page

    def open(self) -> Widget:
        """Open the page in this kernel, and return the widget to display."""
        return confirm_production(self._open) if self.reaches_platform else self._open()

    def _open(self) -> Widget:
        context = PageContext.of_this_kernel()
        with ExitStack() as opened:  # a page that cannot be shown releases what it has opened
            page = self.build(self.model(context, opened), context)
            page.shell.guard(page.begin)()
            shown = context.show(page.root)
            set_refresh(shown, page.shell.guard(page.refresh))
            page.shell.when_closed(opened.pop_all().close)
        return shown
