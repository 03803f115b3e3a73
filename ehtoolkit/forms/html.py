"""HTML that is only read: every value is escaped here, and forms never put HTML together by hand.

A `Markup` is HTML already; everything else that goes into a function of this module is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ipywidgets import HTML, Widget
from markupsafe import Markup, escape

from ehtoolkit.finding_html import Look
from ehtoolkit.forms.icons import icon, severity_icon
from ehtoolkit.forms.shared_models import html_style, usual_layout
from ehtoolkit.html import Piece, element, join
from ehtoolkit.i18n import Translator

Severity = Look | Literal["off"]


def show(*pieces: Piece) -> Widget:
    """Return a widget that shows ``pieces``, one after the other."""
    return HTML(value=str(join(pieces)), layout=usual_layout(), style=html_style())


def svg(name: str) -> Markup:
    """Return the icon ``name`` of `ehtoolkit.forms.icons`."""
    return Markup(icon(name))  # noqa: S704  # one of our own constants


def _sign(severity: Severity) -> Markup:
    return Markup(severity_icon(severity))  # noqa: S704  # one of our own constants


def paragraph(content: Piece, class_: str | None = None) -> Markup:
    return element("p", content, class_=class_)


def heading(content: Piece, level: Literal[2, 3] = 2) -> Markup:
    return element(f"h{level}", content, class_=f"eh-h{level}")


def section(title: Piece, *content: Piece) -> Markup:
    """Return a part of a page under its title."""
    return element("section", heading(title) + join(content))


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
    return element("div", _sign(severity) + body, class_=f"eh-panel eh-is-{severity}")


def tag(severity: Severity, word: Piece) -> Markup:
    """Return a state in a word, with its icon."""
    return element("span", _sign(severity) + word, class_=f"eh-tag eh-is-{severity}")


def checks(items: Iterable[tuple[Severity, Piece]]) -> Markup:
    """Return a list of what was looked at and how it is."""
    lines = (
        element("li", _sign(severity) + element("span", text), class_=f"eh-is-{severity}")
        for severity, text in items
    )
    return element("ul", join(lines), class_="eh-checks")


SummaryRows = list[tuple[Piece, Piece]]
"""Names and values."""


def summary(rows: Iterable[tuple[Piece, Piece]]) -> Markup:
    """Return a list of names and values."""
    lines = (element("div", element("dt", name) + element("dd", value)) for name, value in rows)
    return element("dl", join(lines), class_="eh-summary")


@dataclass(frozen=True, slots=True)
class ChangeLink:
    """Leads from a line of a summary back to the step where it was typed. ``word``: change."""

    step: str
    word: str


def answers(rows: Iterable[tuple[Piece, Piece]], changes: Mapping[Piece, ChangeLink]) -> Markup:
    """Return a list of names and values to be checked. ``changes``: by the names of those that can still be changed;
    the browser takes their links to the step (``stepper.js``)."""
    lines = (
        element(
            "div",
            element("dt", name)
            + element("dd", value)
            + (_change(name, changes[name]) if name in changes else Markup("")),
        )
        for name, value in rows
    )
    return element("dl", join(lines), class_="eh-summary eh-answers")


def _change(name: Piece, change: ChangeLink) -> Markup:
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
    done_word: str = ""


def timeline(events: Sequence[Event]) -> Markup:
    """Return a time line of what was, is and comes, from top to bottom."""
    return element(
        "ol", join(_point(number, event) for number, event in enumerate(events, 1)), class_="eh-timeline"
    )


def _point(number: int, event: Event) -> Markup:
    name = "done" if event.state == "done" else event.icon
    dot = element("span", svg(name) if name else str(number), class_="eh-timeline-dot")
    word = element("span", f" {event.done_word}", class_="eh-sr") if event.done_word else Markup("")
    lines = join(paragraph(line, "eh-when") for line in event.lines)
    body = element("div", element("b", event.title) + word + lines)
    class_ = {"done": "eh-done", "now": "eh-now", "later": None}[event.state]
    current = "step" if event.state == "now" else None
    return element("li", dot + body, class_=class_, aria_current=current)


def details(title: Piece, *lines: Piece) -> Markup:
    """Return lines that are opened by their title, for those who need them; reachable by keyboard, which ipywidgets'
    Accordion is not."""
    body = element("div", join(map(paragraph, lines)), class_="eh-prose")
    return element("details", element("summary", title) + body, class_="eh-details")


def file_in_folder(path: Path, texts: Translator) -> Markup:
    """Return the name of a file, and smaller its folder."""
    return with_hint(mono(path.name), texts.get("closing.in_folder", folder=str(path.parent)))


def card(*pieces: Piece) -> Markup:
    """Return ``pieces`` in a white box."""
    return element("div", join(pieces), class_="eh-card")


__all__ = [
    "ChangeLink",
    "Event",
    "Markup",
    "Piece",
    "Severity",
    "answers",
    "card",
    "checks",
    "details",
    "element",
    "escape",
    "heading",
    "join",
    "key_identifier",
    "link",
    "mono",
    "panel",
    "paragraph",
    "show",
    "summary",
    "svg",
    "tag",
    "timeline",
    "with_hint",
]
