"""Show a contract, which is untrusted HTML, as lines of text on a terminal."""

from __future__ import annotations

import re

from lxml import etree

from ehtoolkit.system.text_safety import harmless

_BLOCKS = frozenset(
    (
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "tr",
        "table",
        "section",
        "article",
        "dl",
        "dt",
    )
)
_LABELS = frozenset(("dt", "th"))
"""What stands before its value, in the same line."""
_VALUES = frozenset(("dd", "td"))
_HIDDEN = frozenset(("head", "script", "style", "template", "title"))


class _Reader:
    """Collects the words of a document as `lxml` parses it. `html.parser` takes quadratic time for some documents."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._hidden = 0
        self._last = ""

    def start(self, tag: str, _: object) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag in _VALUES:
            self.pieces.append(" ")

    def end(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _LABELS:
            if self._last != ":":  # some labels have one of their own
                self.pieces.append(":")
        elif tag in _BLOCKS or tag in _VALUES:
            self.pieces.append("\n" if tag != "td" else " ")

    def data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))
            self._last = data.rstrip()[-1:] or self._last

    def close(self) -> None:
        """Do nothing: `lxml` calls it at the end."""


def plain_text(html: str) -> str:
    """Return the words of ``html``, each paragraph on its own line, without control characters (a terminal obeys
    those)."""
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, no_network=True)  # type: ignore[arg-type]  # the stubs want bytes too
    # A document in a text has no encoding of its own, whatever it claims.
    parser.feed(f"<html><body>{html}")
    parser.close()
    lines = (line.strip() for line in harmless("".join(reader.pieces)).splitlines())
    return "\n".join(line for line in lines if line)
