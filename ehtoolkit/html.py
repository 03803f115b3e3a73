"""HTML put together from pieces: a `Markup` is HTML already, everything else is text and is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from ehtoolkit.system.text_safety import harmless

Piece = str | Markup


def join(pieces: Iterable[Piece]) -> Markup:
    return Markup("").join(pieces)


def element(tag: str, content: Piece = "", /, **attributes: str | None) -> Markup:
    """Return ``<tag attributes>content</tag>``; ``class_`` and ``aria_label`` are written without and with a dash."""
    written = join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, content)


# ── cards for Jupyter ────────────────────────────────────────────────────────────────────────────────────
# Plain, nothing loaded from elsewhere. The values are strangers' words: a file's names may hold anything.
CARD_STYLE: Final = """
.ehd{border:1px solid #8a94a6;border-radius:6px;padding:.8em 1em;max-width:60em;line-height:1.45}
.ehd h3{margin:0 0 .4em;font-size:1.1em;overflow-wrap:anywhere}
.ehd dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1em;margin:0 0 .8em}
.ehd dt{opacity:.8}.ehd dd{margin:0;overflow-wrap:anywhere}
.ehd table{border-collapse:collapse;width:100%;margin:0 0 .8em}
.ehd table:last-child{margin:0}
.ehd caption{text-align:left;font-weight:600;padding:.2em 0}
.ehd th,.ehd td{text-align:left;vertical-align:top;padding:.35em .6em;border-top:1px solid #8a94a6}
.ehd th{overflow-wrap:anywhere}.ehd tr[class] th{white-space:nowrap}
.ehd-error{border-left:4px solid #b3261e}.ehd-warning{border-left:4px solid #9a6700}
.ehd-info{border-left:4px solid #2f5fa8}.ehd-ok{border-left:4px solid #2e7d32}
""".replace("\n", "")


def card(title: str, sections: Iterable[Markup], *, look: str, language: str) -> str:
    """Return a card with its style. ``look``: a severity, whose colour is at its edge."""
    inside = element("h3", harmless(title)) + join(sections)
    return f"<style>{CARD_STYLE}</style>{element('article', inside, class_=f'ehd ehd-{look}', lang=language)}"


def card_facts(rows: Iterable[tuple[str, str]]) -> Markup:
    """Return a list of labels with their values."""
    pairs = (element("dt", harmless(name)) + element("dd", harmless(value)) for name, value in rows)
    return element("dl", join(pairs))


def card_table(caption: str, labels: Iterable[str], rows: Iterable[Markup]) -> Markup:
    """Return a table whose rows are cards on a phone.

    Args:
        labels: of the columns.
        rows: of `table_row`.
    """
    head = element("tr", join(element("th", harmless(label), scope="col") for label in labels))
    body = element("thead", head) + element("tbody", join(rows))
    return element("table", element("caption", harmless(caption)) + body)


def table_row(first: Piece, *cells: str, class_: str | None = None, title: str | None = None) -> Markup:
    """Return a row that ``first`` names. ``title``: its whole text, where that is shortened."""
    name = first if isinstance(first, Markup) else harmless(first)
    heading = element("th", name, scope="row", title=None if title is None else harmless(title))
    return element("tr", heading + join(element("td", harmless(cell)) for cell in cells), class_=class_)
