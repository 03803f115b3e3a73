"""The terms of docs/glossary.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def terms() -> Iterator[list[str]]:
    """Yield each term in French, Dutch, German and English: the rows of the table."""
    for line in _section("Terms").splitlines():
        if line.startswith("| ") and not line.startswith("| fr | nl |"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def avoided_words() -> Iterator[tuple[str, str, str]]:
    """Yield the language, a word that its texts do not use, and the word to use."""
    for line in re.sub(r"\n +", " ", _section("Not these")).splitlines():
        if line.startswith("- "):
            language, _, pairs = line.removeprefix("- ").partition(": ")
            for pair in pairs.split("; "):
                word, _, instead = pair.partition(" → ")
                yield language, word, instead


def _section(title: str) -> str:
    return GLOSSARY.partition(f"## {title}\n")[2].partition("\n## ")[0]
