"""Tables in Markdown, and the English texts of the catalogues for their cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

from ehtoolkit.i18n import COMMAND

PACKAGE: Final = Path(__file__).resolve().parents[2] / "ehtoolkit"


@cache
def english_texts(catalogue: str) -> dict[str, str]:
    """Return the keys and English texts of a catalogue, as the command line shows them."""
    with (PACKAGE / "locale/en/LC_MESSAGES" / f"{catalogue}.po").open("rb") as source:
        messages = {
            str(message.id): str(message.string) for message in read_po(source, locale="en") if message.id
        }
    return {key: COMMAND.sub(r"\2", text) for key, text in messages.items() if not key.endswith(".page")}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from (f"| {' | '.join(head)} |", "|" + "---|" * len(head))
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    """Return a text for a cell: a bar ends a cell, in code too, and an angle bracket begins a tag."""
    text = re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
    return text if "`" in text else text.replace("<", "&lt;")
