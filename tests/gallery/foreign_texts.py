"""Words of another language on a page, found without a browser; `tests.support.untranslated` finds them in one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from lxml import html

from ehtoolkit.settings import LanguageName
from tests.forms.player import Player
from tests.support.untranslated import of_another_language

_CODE: Final = frozenset({"_esm", "_css"})
"""Traits of widgets that hold no text."""
_BLOCKS: Final = frozenset(
    {"p", "li", "label", "h1", "h2", "h3", "summary", "dt", "dd", "td", "th", "small", "b", "button", "a"}
    | {"legend", "figcaption", "div", "span"}
)
_PARTS: Final = frozenset({"p", "li", "dd", "td", "div", "table", "ul", "dl"})


def foreign_texts(root: Any, language: LanguageName) -> Iterator[str]:
    """What the widgets of a page show that is certainly not in its language, and does not say that it is in another."""
    for widget in Player(root).everything():
        state = widget.get_state()
        typed = {"value"} if "name" in state else set()  # by somebody, into a field of a form
        if state.get("lang") in (None, "", language):
            for name, value in state.items():
                if name not in _CODE | typed:
                    for text in _strings(value, language):
                        yield from _foreign(text, language)


def _strings(value: Any, language: LanguageName) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and value.get("language", language) == language:  # a mail has its own
        for member in value.values():
            yield from _strings(member, language)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _strings(member, language)


@cache
def _foreign(text: str, language: LanguageName) -> tuple[str, ...]:
    """Of one text, or of the blocks of a piece of HTML; pages have most of theirs in common."""
    blocks = _blocks(html.fragment_fromstring(text, create_parent="div"), language) if "<" in text else [text]
    return tuple(of_another_language(blocks, language))


def _blocks(root: Any, language: LanguageName) -> list[str]:
    """Each block as it is read. What says of itself that it is in another language is left out, as is what is no
    language: paths, numbers of keys."""
    for iterdescendant in [*root.iterdescendants()]:
        other = isinstance(iterdescendant.tag, str) and iterdescendant.get("lang", language) != language
        if (
            other
            or iterdescendant.tag in ("style", "pre", "code", "script")
            or "eh-mono" in (iterdescendant.get("class") or "")
        ):
            iterdescendant.drop_tree()
    return [
        element.text_content().strip()
        for element in root.iter()
        if element.tag in _BLOCKS and not any(part.tag in _PARTS for part in element.iterdescendants())
    ]
