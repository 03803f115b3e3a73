"""Characters that may not be where a text of somebody else is shown."""

from __future__ import annotations

import unicodedata


def offends(text: str) -> set[str]:
    """The characters that should not be there, by the categories of Unicode: controls, formats, private use, separators
    of lines and paragraphs, surrogates."""
    return {
        character
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Zl", "Zp", "Cs")
    }
