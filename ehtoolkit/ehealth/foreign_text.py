"""A stranger's words, made fit for a sentence of ours: a terminal obeys control characters, and a page is no word."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 500

# C0 and C1 controls, and what turns the direction of writing round.
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def fit(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line without control characters, cut where it is longer than ``longest``."""
    line = " ".join(_UNFIT.sub(" ", text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
