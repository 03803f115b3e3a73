"""HTML put together from pieces: a `Markup` is HTML already, everything else is text and is escaped here."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

Piece = str | Markup


def join(pieces: Iterable[Piece]) -> Markup:
    return Markup("").join(pieces)


def element(tag: str, content: Piece = "", /, **attributes: str | None) -> Markup:
    """``<tag attributes>content</tag>``; ``class_`` and ``aria_label`` are written without and with a dash."""
    written = join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, content)
