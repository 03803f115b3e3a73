"""Papers that a form hands out: pages of their own, to be printed, kept or sent, without script or foreign request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ehtoolkit.forms.html import Markup, Piece, element, join
from ehtoolkit.forms.widgets import DownloadFile
from ehtoolkit.i18n import Translator

_STYLE: Final = (
    "body{font-family:sans-serif;margin:2rem;max-width:46rem;line-height:1.5}h1{font-size:1.5rem}"
    "th{text-align:left;padding:.4rem 2rem .4rem 0;vertical-align:top}td{overflow-wrap:anywhere}"
    "span{display:block}li{margin:.5rem 0}.box{display:inline-block;width:1em;height:1em;margin-right:.7em;"
    "border:1px solid #000;vertical-align:-.15em}.line{border-bottom:1px solid #000;height:2.6rem}"
)


def document(name: str, title: str, texts: Translator, *content: Piece) -> DownloadFile:
    """Return a page of ``content`` under ``title``, as a file; ``name``: of the file, without its ending."""
    html = Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title><style>{}</style></head>'
        "<body><h1>{}</h1>{}</body></html>"
    ).format(texts.language, title, Markup(_STYLE), title, join(content))  # our own style
    return DownloadFile(f"{name}.html", str(html).encode(), "text/html")


def table(rows: Iterable[tuple[Piece, Piece]]) -> Markup:
    """Return a table of names and values, one pair a line."""
    lines = (element("tr", element("th", name, scope="row") + element("td", value)) for name, value in rows)
    return element("table", element("tbody", join(lines)))


def boxes(items: Iterable[Piece]) -> Markup:
    """Return a list of things to be ticked off by hand."""
    box = element("span", "", class_="box")
    return element("ul", join(element("li", box + join([step])) for step in items))


def blank(label: Piece) -> Markup:
    """Return a line to be written on by hand, below its label."""
    return element("p", label) + element("div", "", class_="line")
