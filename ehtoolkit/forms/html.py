"""HTML that is only read: every value is escaped here, and forms never put HTML together by hand.

A `Markup` is HTML already; everything else that goes into a function of this module is text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from ipywidgets import HTML, Widget
from markupsafe import Markup, escape

from ehtoolkit.finding_html import Look
from ehtoolkit.html import Piece, element, join
from ehtoolkit.i18n import Translator
from ehtoolkit.system.text_safety import printable

__all__ = ["Markup", "Piece", "element", "escape", "join"]
"""What other modules take from here as if it were defined here."""

_PATHS: Final[Mapping[str, str]] = {
    "activity": '<path d="M1.6 10.6h3.6l2.2-6 4.4 11 2.4-5h4.2"/>',
    "add": '<path d="M10 4v12M4 10h12"/>',
    "again": '<path d="M16.6 8A7 7 0 1 0 17 11.4M17 3.6V8h-4.4"/>',
    "back": '<path d="M12.5 4.5 7 10l5.5 5.5"/>',
    "calendar": (
        '<rect x="2.5" y="4" width="15" height="13.5" rx="1.6"/><path d="M2.5 8.2h15M6.5 2v3.6M13.5 2v3.6"/>'
    ),
    "card": '<rect x="1.8" y="4" width="16.4" height="12" rx="2"/><path d="M5 8h3v2.6H5zM11 8.4h4M11 11.4h4"/>',
    "chart": '<path d="M2.5 17.5h15M5 14V9.5M10 14V3.5M15 14V7"/>',
    "circle": '<circle cx="10" cy="10" r="8"/>',
    "clock": '<circle cx="10" cy="10" r="8"/><path d="M10 5.4V10l3 2"/>',
    "cross": '<path d="m5 5 10 10M15 5 5 15"/>',
    "danger": (
        '<path d="M6.6 1.8h6.8l4.8 4.8v6.8l-4.8 4.8H6.6l-4.8-4.8V6.6l4.8-4.8Z"/><path d="m7 7 6 6m0-6-6 6"/>'
    ),
    "done": '<path d="m4 10.6 4 4L16 6"/>',
    "download": '<path d="M10 3v9.5m-4-4 4 4 4-4M3.5 16.8h13"/>',
    "file": '<path d="M4.5 2h7l4 4v12h-11V2Z"/><path d="M11.2 2.2V6.4h4.2"/>',
    "flask": (
        '<path d="M7.6 2.4h4.8M8.4 2.4v5L3.6 16a1.2 1.2 0 0 0 1 1.8h10.8a1.2 1.2 0 0 0 1-1.8l-4.8-8.6v-5"/>'
        '<path d="M6.4 12.6h7.2"/>'
    ),
    "info": '<circle cx="10" cy="10" r="8"/><path d="M10 9.2v4.6M10 6.2v.1"/>',
    "key": '<circle cx="6.4" cy="13.6" r="3.6"/><path d="m9 11 7.6-7.6M13 7l2.4 2.4M16 4l1.6 1.6"/>',
    "lock": (
        '<rect x="3.5" y="8.6" width="13" height="9" rx="1.6"/>'
        '<path d="M6.4 8.6V6a3.6 3.6 0 0 1 7.2 0v2.6M10 12v2.4"/>'
    ),
    "mail": '<rect x="2" y="4" width="16" height="12" rx="1.6"/><path d="m2.6 5.2 7.4 6 7.4-6"/>',
    "next": '<path d="m7.5 4.5 5.5 5.5-5.5 5.5"/>',
    "ok": '<circle cx="10" cy="10" r="8"/><path d="m6.3 10.4 2.5 2.5 4.9-5.4"/>',
    "pen": '<path d="m3 17 1-4L14 3l3 3L7 16l-4 1Z"/>',
    "people": (
        '<circle cx="7.4" cy="6.4" r="3.2"/>'
        '<path d="M1.6 17c.3-3.6 2.6-5.4 5.8-5.4s5.5 1.8 5.8 5.4"/>'
        '<path d="M13 3.6a3.1 3.1 0 0 1 0 5.7M15.2 12c2 .7 3 2.4 3.2 5"/>'
    ),
    "print": '<path d="M5.5 7V2.5h9V7M5.5 14H2.5V7h15v7h-3M5.5 11.5h9v6h-9z"/>',
    "search": '<circle cx="8.6" cy="8.6" r="5.8"/><path d="m13 13 4.6 4.6"/>',
    "school": (
        '<path d="M1.6 7.6 10 3.6l8.4 4-8.4 4-8.4-4Z"/>'
        '<path d="M5 9.4v4.2c1.4 1.6 3.2 2.2 5 2.2s3.6-.6 5-2.2V9.4M18.4 7.6v5"/>'
    ),
    "shield": (
        '<path d="M10 1.9 17 4.4v5c0 4.4-2.8 7.2-7 8.8-4.2-1.6-7-4.4-7-8.8v-5l7-2.5Z"/>'
        '<path d="m6.8 9.9 2.3 2.3 4.2-4.6"/>'
    ),
    "tools": (
        '<path d="M12.2 7.8 3 17M17.4 5.2a4.4 4.4 0 0 1-6 4.2 4.4 4.4 0 0 1 4-6.8l-2 2.2.6 1.8 1.8.6 1.6-2Z"/>'
    ),
    "upload": '<path d="M10 13V3.5m-4 4 4-4 4 4M3.5 16.8h13"/>',
    "warn": '<path d="M10 2.6 18.4 17H1.6L10 2.6Z"/><path d="M10 8v4.2M10 14.4v.1"/>',
}

ICONS: Final = frozenset(_PATHS)


def svg(name: str) -> Markup:
    """Return the icon ``name``, which is one of `ICONS`; empty for the empty name, which has none."""
    if not name:
        return Markup("")
    paths = Markup(_PATHS[name])  # noqa: S704  # one of our own constants
    return element("svg", paths, class_="eh-i", viewBox="0 0 20 20", aria_hidden="true", focusable="false")


def severity_icon(severity: str) -> Markup:
    """Return the icon of a severity or a look; empty for the empty one, which has none."""
    return svg({"off": "clock"}.get(severity, severity))


Severity = Look | Literal["off"]


def show(*pieces: Piece) -> Widget:
    """Return a widget that shows ``pieces``, one after the other."""
    return HTML(value=str(join(pieces)))


def paragraph(content: Piece, class_: str | None = None) -> Markup:
    return element("p", content, class_=class_)


def heading(content: Piece, level: Literal[2, 3] = 2) -> Markup:
    return element(f"h{level}", content, class_=f"eh-h{level}")


def section(title: Piece, *content: Piece) -> Markup:
    """Return a part of a page under its title."""
    return element("section", heading(title) + join(content))


def bullets(lines: Iterable[Piece], class_: str = "eh-bullets") -> Markup:
    """Return lines with a dot before each."""
    return element("ul", join(element("li", line) for line in lines), class_=class_)


def mono(text: Piece) -> Markup:
    """Return ``text`` as something to be read letter by letter: a file name, a key identifier."""
    return element("span", text, class_="eh-mono")


def key_identifier(key_id: str) -> Markup:
    """Return a key identifier of 40 hexadecimal digits, in groups that can be read out on the telephone."""
    return mono(" ".join(key_id[place : place + 4] for place in range(0, len(key_id), 4)))


def link(text: Piece, href: str, *, class_: str | None = None, label: str | None = None) -> Markup:
    """Return a link to ``href``; ``class_`` may make it look like a button (``eh-button``, ``eh-button eh-primary``);
    ``label`` is what a screen reader says in place of a text that many links share."""
    return element("a", text, href=href, class_=class_, aria_label=label)


def panel(severity: Severity, title: Piece, *lines: Piece, level: Literal[2, 3] = 2) -> Markup:
    """Return a verdict: icon, title and sentences on a coloured ground."""
    body = element("div", join([heading(title, level), *map(paragraph, lines)]))
    return element("div", severity_icon(severity) + body, class_=f"eh-panel eh-is-{severity}")


def tag(severity: Severity, word: Piece) -> Markup:
    """Return a state in a word, with its icon."""
    return element("span", severity_icon(severity) + word, class_=f"eh-tag eh-is-{severity}")


def checks(items: Iterable[tuple[Severity, Piece]]) -> Markup:
    """Return a list of what was looked at and how it is."""
    lines = (
        element("li", severity_icon(severity) + element("span", text), class_=f"eh-is-{severity}")
        for severity, text in items
    )
    return element("ul", join(lines), class_="eh-checks")


SummaryRows = list[tuple[Piece, Piece]]
"""Names and values."""


@dataclass(frozen=True, slots=True)
class ChangeLink:
    """Leads from a line of a summary back to the step where it was typed. ``word``: change."""

    step: str
    word: str


def summary(
    rows: Iterable[tuple[Piece, Piece]],
    class_: str = "eh-summary",
    changes: Mapping[Piece, ChangeLink] = MappingProxyType({}),
) -> Markup:
    """Return a list of names and values. ``changes``: by the names of those that can still be changed; the browser
    takes their links to the step (``stepper.js``)."""
    lines = (
        element("div", element("dt", name) + element("dd", value) + _change(name, changes.get(name)))
        for name, value in rows
    )
    return element("dl", join(lines), class_=class_)


def _change(name: Piece, change: ChangeLink | None) -> Markup:
    if change is None:
        return Markup("")
    about = element("span", Markup(" {}").format(name), class_="eh-sr")
    return element("dd", element("a", escape(change.word) + about, href="#content", data_eh_step=change.step))


def with_hint(value: Piece, hint: Piece) -> Markup:
    """Return a value of a summary and, smaller, what explains it."""
    return Markup("{}{}").format(value, element("span", hint, class_="eh-hint"))


@dataclass(frozen=True, slots=True)
class Event:
    """A point of a time line. ``icon``: the name of one; empty: its number is shown."""

    title: Piece
    lines: Sequence[Piece] = ()
    icon: str = ""
    state: Literal["done", "now", "later"] = "later"


def timeline(events: Sequence[Event], texts: Translator) -> Markup:
    """Return a time line of what was, is and comes, from top to bottom."""
    points = (_point(number, event, texts) for number, event in enumerate(events, 1))
    return element("ol", join(points), class_="eh-timeline")


def _point(number: int, event: Event, texts: Translator) -> Markup:
    done = event.state == "done"
    name = "done" if done else event.icon
    dot = element("span", svg(name) if name else str(number), class_="eh-timeline-dot")
    word = element("span", f" {texts.get('wizard.done')}", class_="eh-sr") if done else Markup("")
    lines = join(paragraph(line, "eh-when") for line in event.lines)
    body = element("div", element("b", event.title) + word + lines)
    class_ = {"done": "eh-done", "now": "eh-now", "later": None}[event.state]
    current = "step" if event.state == "now" else None
    return element("li", dot + body, class_=class_, aria_current=current)


def details(title: Piece, *lines: Piece) -> Markup:
    """Return lines that are folded away under their title."""
    return folded(title, element("div", join(map(paragraph, lines)), class_="eh-prose"))


def folded(title: Piece, content: Markup) -> Markup:
    """Return ``content`` folded away under its ``title``, to be opened by those who need it; reachable by keyboard,
    which ipywidgets' Accordion is not."""
    return element("details", element("summary", title) + content, class_="eh-details")


def file_in_folder(path: Path, texts: Translator) -> Markup:
    """Return the name of a file, and smaller its folder."""
    folder = texts.get("closing.in_folder", folder=printable(str(path.parent)))
    return with_hint(mono(printable(path.name)), folder)


def summary_card(
    rows: Iterable[tuple[Piece, Piece]], changes: Mapping[Piece, ChangeLink] | None = None
) -> Widget:
    """Return a list of names and values in a white box, to be shown. ``changes``: as `summary` has them, where it shows
    answers that are to be checked."""
    class_ = "eh-summary" if changes is None else "eh-summary eh-answers"
    return show(card(summary(rows, class_, changes or {})))


def card(*pieces: Piece) -> Markup:
    """Return ``pieces`` in a white box."""
    return element("div", join(pieces), class_="eh-card")
