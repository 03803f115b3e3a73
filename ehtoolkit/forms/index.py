"""The first page: what is due, the procedures, the tools. Only pages that exist are linked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, get_args

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.copies.backup_reminder import BackupReminder
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.list_html import due_list, leading
from ehtoolkit.forms.due.list_parts import DeliveryPart, UnlockPart
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.engine.form import MenuGroup
from ehtoolkit.forms.engine.page_context import PageContext, set_refresh
from ehtoolkit.forms.html import Markup, Piece, element, heading, join, link, panel, paragraph, show, svg
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.registry import PAGES, menu_key
from ehtoolkit.forms.widgets import Announcer, StepHead
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState
from ehtoolkit.keystore.storage.holder_keystores import archived_files
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import Toolkit, open_toolkit


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page that can be chosen: the name of its notebook, its icon, or its number among others, and the key of its
    words."""

    page: str
    icon: str
    key: str


def _entries(group: str) -> tuple[MenuEntry, ...]:
    found = sorted(
        (page for page in PAGES.values() if page.menu.group == group), key=lambda page: page.menu.place
    )
    return tuple(MenuEntry(page.name, page.menu.icon, menu_key(page)) for page in found)


# In the order of a certificate's life; the renewal is a path of three steps.
GROUPS: Final = tuple((name, _entries(name)) for name in get_args(MenuGroup) if name != "tools")
TOOLS: Final = _entries("tools")


def open_index() -> Widget:
    """Return the index page of this kernel, to be displayed."""
    stage = PageContext.of_this_kernel()
    page = IndexPage(stage, open_toolkit)
    on_close(page.root, page.close)
    set_refresh(page.root, page.refresh)
    return stage.show(page.root)


class IndexPage:
    """``root``: the widget to display. ``build`` builds the parts of the toolkit; when it fails, the procedures are
    there all the same."""

    def __init__(
        self, stage: PageContext, build: Callable[[Settings], Toolkit], run: Runner = run_in_thread
    ) -> None:
        self._stage = stage
        self._pages = stage.pages()
        self._toolkit: Toolkit | None = None
        self._unlock: UnlockPart | None = None
        self._backup: BackupReminder | None = None
        self._deliveries: DeliveryPart | None = None
        self._announcer = Announcer()
        self._due = show()
        texts = stage.texts
        head = StepHead()
        head.tab = f"{texts.get('page.title.index')} – ehtoolkit"
        head.show(caption="", title=texts.get("index.title"), lead="", focus=False)
        widgets: list[Widget] = [head, self._due]
        try:
            self._toolkit = build(stage.settings)
            home = stage.settings.home
            self._deliveries = DeliveryPart(self._toolkit, texts, home, run, self._look_again)
            self._unlock = UnlockPart(self._toolkit, texts, home, run, self._saw)
            self._backup = BackupReminder(self._toolkit, texts, run, self._look_again, self._announcer)
            widgets += [self._deliveries.root, self._unlock.root, self._backup.root]
            self.look()
        except errors.EhToolkitError as error:
            self._show(panel("warn", texts.error(error), texts.next_step(error)))
        widgets += [show(menu(self._pages, texts), tools(self._pages, texts)), self._announcer]
        self.root: Any = column("eh", "eh-index", of=widgets)

    def look(self) -> None:
        """Look at the keystore folder, and show what is due. Raises `errors.FileUnreadable`."""
        if self._toolkit is None or self._unlock is None or self._deliveries is None:
            return
        texts, context = self._stage.texts, self._toolkit.context
        now = context.clock.now()
        items = outlook(
            due_keystores(context.keystores, context.notes),
            now,
            context.environment,
            archived_files(context.keystores),
        )
        if items:
            self._show(due_list(items, now, self._pages, texts))
        else:
            first = link(texts.get("index.request.do"), "request.ipynb", class_="eh-button eh-primary")
            lead = paragraph(texts.get("index.due.none"), "eh-lead")
            self._show(lead, first if "request" in self._pages else "")
        closed = [keystore.due.file.path for keystore in items if keystore.state is FileState.CLOSED]
        self._unlock.offer(closed, main=bool(items) and leading(items, self._pages) is None)
        if self._backup is not None:
            self._backup.offer(items)
        ready = self._deliveries.watch(items)
        if ready:
            self._announcer.say(ready)

    def refresh(self) -> None:
        """Show what is due by the clock that was moved."""
        try:
            self.look()
        except errors.EhToolkitError as error:
            self._show(panel("warn", self._stage.texts.error(error), self._stage.texts.next_step(error)))

    def close(self) -> None:
        """Release the parts, as soon as nothing works with them."""
        toolkit, unlock, deliveries, backup = self._toolkit, self._unlock, self._deliveries, self._backup
        if toolkit is None or unlock is None or deliveries is None or backup is None:
            return
        unlock.when_idle(lambda: deliveries.when_idle(lambda: backup.when_idle(toolkit.close)))

    def _look_again(self) -> None:
        with suppress(errors.FileUnreadable):  # the list stays as it was
            self.look()

    def _saw(self, sentence: str) -> None:
        self.look()
        self._announcer.say(sentence)

    def _show(self, *content: Piece) -> None:
        shown = str(_section(self._stage.texts, "due", *content))
        if shown != self._due.value:  # drawn anew, a link would lose the focus
            self._due.value = shown


def menu(pages: frozenset[str], texts: Translator) -> Markup:
    """Return the procedures that are among ``pages``, in groups; empty where there are none."""
    groups = [
        _group(name, [link for link in entries if link.page in pages], texts) for name, entries in GROUPS
    ]
    if not any(groups):
        return Markup("")
    return _section(texts, "procedures", element("div", join(groups), class_="eh-menu"))


def tools(pages: frozenset[str], texts: Translator) -> Markup:
    """Return the tools that are among ``pages``, which the first page lists beside the procedures; empty where there
    are none."""
    cards = [_tool(tool, texts) for tool in TOOLS if tool.page in pages]
    return _section(texts, "tools", element("ul", join(cards), class_="eh-tools")) if cards else Markup("")


def _section(texts: Translator, name: str, *content: Markup | str) -> Markup:
    title = element("h2", texts.get(f"index.{name}"), class_="eh-h2", id=f"eh-{name}")
    return element("section", title + join(content), class_="eh-section", aria_labelledby=f"eh-{name}")


def _group(name: str, entries: list[MenuEntry], texts: Translator) -> Markup:
    if not entries:
        return Markup("")
    items = (element("li", _menu_item(number, link, texts)) for number, link in enumerate(entries, 1))
    numbered = not any(link.icon for link in entries)
    title = heading(texts.get(f"index.group.{name}"), 3)
    return element(
        "section", title + element("ol" if numbered else "ul", join(items)), class_="eh-menu-group"
    )


def _menu_item(number: int, entry: MenuEntry, texts: Translator) -> Markup:
    mark = element("span", svg(entry.icon) if entry.icon else str(number), class_="eh-menu-n")
    words = element("b", texts.get(entry.key)) + element("small", texts.get(f"{entry.key}.about"))
    return link(mark + element("span", words) + svg("next"), f"{entry.page}.ipynb", class_="eh-menu-item")


def _tool(entry: MenuEntry, texts: Translator) -> Markup:
    words = element("b", texts.get(entry.key)) + element("small", texts.get(f"{entry.key}.about"))
    return element("li", link(svg(entry.icon) + words, f"{entry.page}.ipynb", class_="eh-card eh-tool"))
