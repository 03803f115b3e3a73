"""Build hook: compiles the message catalogues, so that a wheel and an editable install both carry them.

``python hatch_build.py`` compiles them in a copy of the project.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Babel writes the minute of the build, in the zone of the computer, where a catalogue has no date of its own: two
# builds of the same sources would differ. This is the day that hatchling gives to the files of a wheel.
DATE_OF_EVERY_BUILD = datetime(2020, 2, 2, tzinfo=UTC)


def read_catalogues(folder: Path) -> dict[Path, Catalog]:
    """Return the catalogues of one language by file, from its ``LC_MESSAGES``.

    A text ``=KEY`` stands for the text of KEY, in any catalogue of the language. Raises ``ValueError`` for a KEY that
    no catalogue has, or whose text stands for another.
    """
    catalogues = {}
    for po in sorted(folder.glob("*.po")):
        with po.open("rb") as source:
            catalogues[po] = read_po(source, locale=folder.parent.name, abort_invalid=True)
    messages = [message for catalogue in catalogues.values() for message in catalogue if message.id]
    texts = {message.id: str(message.string) for message in messages}
    for message in messages:
        if str(message.string).startswith("="):
            text = texts.get(str(message.string)[1:], "=")
            if text.startswith("="):
                raise ValueError(f"{message.id} in {folder}: there is no text of {message.string}")
            message.string = text
    return catalogues


def compile_catalogues(root: Path) -> list[Path]:
    """Write a .mo beside every .po under ``root``; returns what was written."""
    written = []
    languages = sorted((root / "ehtoolkit" / "locale").glob("*/LC_MESSAGES"))
    for po, catalogue in (pair for folder in languages for pair in read_catalogues(folder).items()):
        catalogue.creation_date = DATE_OF_EVERY_BUILD
        mo = po.with_suffix(".mo")
        # Another process may be reading the old one, or writing it too: it changes in one step.
        unfinished = mo.with_name(f"{mo.name}.{os.getpid()}")
        with unfinished.open("wb") as target:
            write_mo(target, catalogue)
        unfinished.replace(mo)
        written.append(mo)
    return written


class CatalogueHook(BuildHookInterface[BuilderConfig]):
    """Runs before hatchling collects the files of a wheel (editable or not)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent)
