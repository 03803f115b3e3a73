"""The first page: what is due, the procedures, the tools. Only pages that exist are linked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, get_args

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.copies.backup_reminder import BackupReminder
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.list_html import due_list, leading
from ehtoolkit.forms.due.list_parts import DeliveryPart, UnlockPart
from ehtoolkit.forms.due.loaded_part import LoadedPart
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.engine.form import MenuGroup
from ehtoolkit.forms.engine.page_context import PageContext, set_refresh
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import Markup, Piece, element, heading, join, link, panel, paragraph, show, svg
from ehtoolkit.forms.registry import PAGES, AnyPage
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState
from ehtoolkit.keystore.storage.holder_keystores import archived_files
from ehtoolkit.procedures.context import Context
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import Toolkit, open_toolkit


def _pages_of(group: str) -> tuple[AnyPage, ...]:
    found = (page for page in PAGES.values() if page.menu.group == group)
    return tuple(sorted(found, key=lambda page: page.menu.place))


# In the order of a certificate's life; the renewal is a path of three steps.
GROUPS: Final = tuple((name, _pages_of(name)) for name in get_args(MenuGroup) if name != "tools")
TOOLS: Final = _pages_of("tools")


def open_index() -> Widget:
    """Return the index page of this kernel, to be displayed."""
    context = PageContext.of_this_kernel()
    page = IndexPage(context, open_toolkit)
    set_refresh(page.root, page.refresh)
    return context.show(page.root)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is between the list of due keystores and the menu; there where the toolkit could be built."""

    context: Context
    deliveries: DeliveryPart
    unlock: UnlockPart
    loaded: LoadedPart
    backup: BackupReminder


class IndexPage:
    """``root``: the widget to display. ``build`` builds the toolkit; when it fails, ``parts`` is None, and the
    procedures are there all the same."""

    def __init__(
        self, context: PageContext, build: Callable[[Settings], Toolkit], run: Runner = run_in_thread
    ) -> None:
        texts = self._texts = context.texts
        self._shell = shell = PageShell(context, run, "index", tab=texts.get("page.title.index"))
        self.parts: Parts | None = None
        self._due = show()
        widgets: list[Widget] = [self._due]
        try:
            toolkit = build(context.settings)
            shell.when_closed(toolkit.close)
            self.parts = parts = Parts(
                toolkit.context,
                DeliveryPart(toolkit, shell, self._look_again),
                UnlockPart(toolkit, shell, self._saw),
                LoadedPart(toolkit.context, shell, self._look),
                BackupReminder(toolkit, shell, self._look_again),
            )
            widgets += [parts.loaded.root, parts.deliveries.root, parts.unlock.root, parts.backup.root]
        except errors.EhToolkitError as error:
            self._show_error(error)
        self.refresh()
        widgets.append(show(menu(shell.pages, texts), tools(shell.pages, texts)))
        shell.build(widgets, has_summary=False, has_way_home=False, classes=("eh-index",))
        self.root = shell.root

    def _look(self) -> None:
        """Look at the keystore folder, and show what is due. Raises `errors.FileUnreadable`."""
        parts, get, pages = self.parts, self._texts.get, self._shell.pages
        if parts is None:
            return
        context = parts.context
        now = context.clock.now()
        due, archived = due_keystores(context.keystores, context.notes), archived_files(context.keystores)
        items = outlook(due, now, context.environment, archived)
        if items:
            self._show(due_list(items, now, pages, self._texts))
        else:
            first = link(get("index.request.do"), "request.ipynb", class_="eh-button eh-primary")
            self._show(paragraph(get("index.due.none"), "eh-lead"), first if "request" in pages else "")
        closed = [keystore.due.file.path for keystore in items if keystore.state is FileState.CLOSED]
        parts.unlock.offer(closed, main=bool(items) and leading(items, pages) is None)
        parts.loaded.offer(items)
        parts.backup.offer(items)
        self._shell.say(parts.deliveries.watch(items))

    def refresh(self) -> None:
        """Show what is due by the clock that was moved."""
        try:
            self._look()
        except errors.EhToolkitError as error:
            self._show_error(error)

    def _look_again(self) -> None:
        with suppress(errors.FileUnreadable):  # the list stays as it was
            self._look()

    def _saw(self, sentence: str) -> None:
        self._look()
        self._shell.say(sentence)

    def _show_error(self, error: errors.EhToolkitError) -> None:
        self._show(panel("warn", self._texts.error(error), self._texts.next_step(error)))

    def _show(self, *content: Piece) -> None:
        shown = str(_section(self._texts, "due", *content))
        if shown != self._due.value:  # drawn anew, a link would lose the focus
            self._due.value = shown


def menu(pages: frozenset[str], texts: Translator) -> Markup:
    """Return the procedures that are among ``pages``, in groups; empty where there are none."""
    groups = [_group(name, [page for page in there if page.name in pages], texts) for name, there in GROUPS]
    if not any(groups):
        return Markup("")
    return _section(texts, "procedures", element("div", join(groups), class_="eh-menu"))


def tools(pages: frozenset[str], texts: Translator) -> Markup:
    """Return the tools that are among ``pages``, which the first page lists beside the procedures; empty where there
    are none."""
    cards = [_tool(tool, texts) for tool in TOOLS if tool.name in pages]
    return _section(texts, "tools", element("ul", join(cards), class_="eh-tools")) if cards else Markup("")


def _section(texts: Translator, name: str, *content: Markup | str) -> Markup:
    title = element("h2", texts.get(f"index.{name}"), class_="eh-h2", id=f"eh-{name}")
    return element("section", title + join(content), class_="eh-section", aria_labelledby=f"eh-{name}")


def _group(name: str, pages: Sequence[AnyPage], texts: Translator) -> Markup:
    if not pages:
        return Markup("")
    items = (element("li", _menu_item(number, page, texts)) for number, page in enumerate(pages, 1))
    numbered = not any(page.menu.icon for page in pages)
    title = heading(texts.get(f"index.group.{name}"), 3)
    return element(
        "section", title + element("ol" if numbered else "ul", join(items)), class_="eh-menu-group"
    )


def _menu_item(number: int, page: AnyPage, texts: Translator) -> Markup:
    mark = element("span", svg(page.menu.icon) if page.menu.icon else str(number), class_="eh-menu-n")
    words = element("span", _words(page, texts))
    return link(mark + words + svg("next"), f"{page.name}.ipynb", class_="eh-menu-item")


def _tool(page: AnyPage, texts: Translator) -> Markup:
    words = svg(page.menu.icon) + _words(page, texts)
    return element("li", link(words, f"{page.name}.ipynb", class_="eh-card eh-tool"))


def _words(page: AnyPage, texts: Translator) -> Markup:
    key = page.menu.words
    return element("b", texts.get(key)) + element("small", texts.get(f"{key}.about"))
