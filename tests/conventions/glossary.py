"""The tables of docs/glossary.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def rows(title: str) -> Iterator[list[str]]:
    """The cells of the table under ``title``."""
    section = GLOSSARY.partition(f"## {title}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith(("| fr | nl |", "| language |")):
            yield [cell.strip() for cell in line.strip("|").split("|")]
