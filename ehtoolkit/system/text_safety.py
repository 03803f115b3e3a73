"""Make untrusted text harmless where it is shown, and typed text tidy.

A terminal obeys control characters; others are invisible or turn round the letters that follow. One list for the
terminal, pages, notebooks and file names.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Final

from ehtoolkit.type_errors import instance_of

REPLACEMENT: Final = "\ufffd"
"""What stands for a character that is not shown."""

_CONTROLS: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
"""C0 but the tabulator and the ends of a line, DEL, and C1."""
_INVISIBLE: Final = (
    r"\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e007f\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)
"""Separators of lines and paragraphs, and the categories Cf and Co of Unicode: formats (soft hyphens, characters
without width, tags, what changes the direction of writing) and private use."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_UNSEEN: Final = re.compile(rf"\r(?!\n)|[{_CONTROLS}{_INVISIBLE}]")
_UNSEEN_IN_A_LINE: Final = re.compile(rf"[\t\n\r{_CONTROLS}{_INVISIBLE}]")


def harmless(text: str) -> str:
    """Return ``text`` with `REPLACEMENT` for every character that is not seen, or obeyed; ends of lines stay."""
    return _UNSEEN.sub(REPLACEMENT, text)


def printable(text: str) -> str:
    """Return ``text`` as one line that UTF-8 can hold: file names of Unix are bytes and need not be text."""
    whole = os.fsencode(text).decode("utf-8", "replace") if _SURROGATE.search(text) else text
    return _UNSEEN_IN_A_LINE.sub(REPLACEMENT, whole)


LONGEST: Final = 500
"""Characters of untrusted text within one of our sentences."""


def fit(text: str, longest: int = LONGEST) -> str:
    """Return ``text`` on one line, a blank for what is not shown, cut where it is longer than ``longest``."""
    line = " ".join(_UNSEEN_IN_A_LINE.sub(" ", text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


_WITHOUT_WIDTH: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Marks that a copied text carries along: soft hyphens, joiners, directions."""


def tidy(text: str) -> str:
    """Return ``text`` with a plain blank for each run of blanks of any kind, none at its ends, and without invisible
    marks."""
    return " ".join(_WITHOUT_WIDTH.sub("", instance_of("text", text, str)).split())


def json_text(value: object, default: Callable[[object], object] | None = None) -> str:
    """Return ``value`` as JSON on one line: letters as they are, what is not seen as ``\\\\uXXXX``, so that nothing is
    lost."""
    return _UNSEEN_IN_A_LINE.sub(_escape, json.dumps(value, ensure_ascii=False, default=default))


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]
