"""The first page: what is due, the procedures, the tools. It shows what exists and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.due import Due, DueKind, due_keystores
from ehtoolkit.forms.holder import number_words
from ehtoolkit.forms.markup import Markup, Severity, element, heading, join, link, panel, paragraph, show, svg
from ehtoolkit.forms.stage import Stage
from ehtoolkit.texts import Texts


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that can be chosen: the name of its notebook, and its icon, or its number among others."""

    page: str
    icon: str = ""

    @property
    def key(self) -> str:
        """What its texts are called."""
        return f"index.{self.page.replace('-', '_')}"


# The groups of the menu, in the order of a certificate's life; the renewal is a path of three steps.
GROUPS: Final = (
    ("request", (Entry("request", "card"), Entry("complete", "download"), Entry("foreigner", "people"))),
    ("renewal", (Entry("renew"), Entry("complete-renewal"), Entry("activate"))),
    ("password", (Entry("password", "key"),)),
    ("revocation", (Entry("revoke", "cross"),)),
)
TOOLS: Final = (
    Entry("providers", "people"),
    Entry("audit", "chart"),
    Entry("troubleshoot", "tools"),
    Entry("doctor", "activity"),
    Entry("trainer", "school"),
)

_LOOK: Final[dict[DueKind, tuple[Severity, str]]] = {
    DueKind.WAITING: ("info", "mail"),
    DueKind.COMPLETE: ("ok", "ok"),
    DueKind.CLOSED: ("off", "file"),
}


def open_index() -> Widget:
    """The index page of this kernel, to be displayed."""
    stage = Stage.of_this_kernel()
    pages = stage.pages()
    texts = stage.texts
    parts = [
        element("h1", texts.get("index.title"), class_="eh-h1"),
        due_section(stage.settings.keystores, stage.notes, pages, texts),
        menu(pages, texts),
        tools(pages, texts),
    ]
    return stage.show(show(*parts))


def due_section(folder: Path, notes: Path, pages: frozenset[str], texts: Texts) -> Markup:
    """The keystores of ``folder``; only the first has the page's main button."""
    try:
        due = due_keystores(folder, notes)
    except errors.EhToolkitError as error:
        return _section(texts, "due", panel("warn", texts.error(error), texts.next_step(error)))
    if not due:
        note = texts.get("index.due.none")
        first = link(texts.get("index.request.do"), "request.ipynb", class_="eh-button eh-primary")
        return _section(texts, "due", paragraph(note, "eh-lead"), first if "request" in pages else "")
    count = texts.get("index.due.one") if len(due) == 1 else texts.get("index.due.many", count=len(due))
    lines = (_due_line(one, pages, texts, primary=number == 0) for number, one in enumerate(due))
    return _section(
        texts,
        "due",
        paragraph(count, "eh-note"),
        element("ul", join(lines), class_="eh-card eh-flush eh-due-list"),
    )


def menu(pages: frozenset[str], texts: Texts) -> Markup:
    """The procedures, in groups."""
    groups = [
        _group(name, [entry for entry in entries if entry.page in pages], texts) for name, entries in GROUPS
    ]
    if not any(groups):
        return Markup("")
    return _section(texts, "procedures", element("div", join(groups), class_="eh-menu"))


def tools(pages: frozenset[str], texts: Texts) -> Markup:
    """What is beside the procedures."""
    cards = [_tool(entry, texts) for entry in TOOLS if entry.page in pages]
    return _section(texts, "tools", element("ul", join(cards), class_="eh-tools")) if cards else Markup("")


def _section(texts: Texts, name: str, *content: Markup | str) -> Markup:
    title = element("h2", texts.get(f"index.{name}"), class_="eh-h2", id=f"eh-{name}")
    return element("section", title + join(content), class_="eh-section", aria_labelledby=f"eh-{name}")


def _due_line(due: Due, pages: frozenset[str], texts: Texts, *, primary: bool) -> Markup:
    severity, icon = _LOOK[due.kind]
    when = element(
        "div",
        element("span", svg(icon) + texts.get(f"index.due.{due.kind}.when"))
        + element("b", texts.get(f"index.due.{due.kind}.state")),
        class_=f"eh-due-when eh-is-{severity}",
    )
    name = due.holder or " ".join(_holder(due, texts))
    about = element("span", " · " + ", ".join(_holder(due, texts)), class_="eh-note") if due.holder else ""
    moment = texts.moment(due.note.requested_at) if due.note else texts.date(due.found.moment.date())
    what = element(
        "div",
        element("h3", Markup("{}{}").format(name, about), class_="eh-h3")
        + paragraph(texts.get(f"index.due.{due.kind}.text", moment=moment))
        + paragraph(due.found.path.name, "eh-note eh-mono"),
        class_="eh-due-what",
    )
    return element("li", when + what + _next_step(due, name, pages, texts, primary=primary), class_="eh-due")


def _holder(due: Due, texts: Texts) -> list[str]:
    """Who the file is for, as far as can be seen."""
    return list(number_words(due.identifier, due.application_id, texts)) or [texts.get("index.due.unnamed")]


def _next_step(due: Due, name: str, pages: frozenset[str], texts: Texts, *, primary: bool) -> Markup:
    if due.kind is not DueKind.WAITING or "complete" not in pages:
        return Markup("")
    text = texts.get("index.complete.do")
    href = f"complete.ipynb?keystore={quote(due.found.path.name)}"
    look = "eh-button eh-primary" if primary else "eh-button"
    return element("div", link(text, href, class_=look, label=f"{text} : {name}"), class_="eh-due-do")


def _group(name: str, entries: list[Entry], texts: Texts) -> Markup:
    if not entries:
        return Markup("")
    items = (element("li", _menu_item(number, entry, texts)) for number, entry in enumerate(entries, 1))
    numbered = not any(entry.icon for entry in entries)
    title = heading(texts.get(f"index.group.{name}"), 3)
    return element(
        "section", title + element("ol" if numbered else "ul", join(items)), class_="eh-menu-group"
    )


def _menu_item(number: int, entry: Entry, texts: Texts) -> Markup:
    mark = element("span", svg(entry.icon) if entry.icon else str(number), class_="eh-menu-n")
    words = element("b", texts.get(entry.key)) + element("small", texts.get(f"{entry.key}.about"))
    return link(mark + element("span", words) + svg("next"), f"{entry.page}.ipynb", class_="eh-menu-item")


def _tool(entry: Entry, texts: Texts) -> Markup:
    words = element("b", texts.get(entry.key)) + element("small", texts.get(f"{entry.key}.about"))
    return element("li", link(svg(entry.icon) + words, f"{entry.page}.ipynb", class_="eh-card eh-tool"))
