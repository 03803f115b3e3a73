"""Build hook: compiles the message catalogues, so that a wheel and an editable install both carry them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Babel writes the minute of the build, in the zone of the computer, where a catalogue has no date of its own: two
# builds of the same sources would differ. This is the day that hatchling gives to the files of a wheel.
DATE_OF_EVERY_BUILD = datetime(2020, 2, 2, tzinfo=UTC)


def compile_catalogues(root: Path) -> list[Path]:
    """Write a .mo beside every .po under ``root``; returns what was written."""
    written = []
    for po in sorted((root / "ehtoolkit" / "locale").glob("*/LC_MESSAGES/*.po")):
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parts[-3], abort_invalid=True)
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
