"""Characters that may not be where a text of somebody else is shown."""

from __future__ import annotations

import unicodedata

VISIBLE_FORMATS = frozenset("\u00ad\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Formats that are drawn, or end a word at the end of a line: none turns anything round."""


def is_unseen(character: str) -> bool:
    """By the categories of Unicode: controls, formats, separators of lines and paragraphs, surrogates."""
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def offends(text: str) -> set[str]:
    """The characters that should not be there."""
    return {
        character
        for character in text
        if is_unseen(character)
        and character not in VISIBLE_FORMATS
        and not 0x110BD <= ord(character) <= 0x1D17A
    }
