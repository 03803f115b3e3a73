"""The parts of a keystore that may be given away, each in two forms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ipywidgets import HBox, VBox, Widget

from ehtoolkit.forms.markup import heading, show
from ehtoolkit.forms.troubleshoot.inventory import PublicPart
from ehtoolkit.forms.widgets import Download, Handout
from ehtoolkit.texts import Texts


def public_parts(parts: Sequence[PublicPart], stem: str, texts: Texts) -> Widget:
    """A row of downloads for each part. ``stem``: what their files are called, before what is in them."""
    get, rows = texts.get, []
    for name in dict.fromkeys(part.part for part in parts):
        row: Any = HBox(
            [
                Download(get(f"troubleshoot.export.{name}.{part.form}"), partial(_handout, part, stem))
                for part in parts
                if part.part == name
            ]
        )
        row.add_class("eh-row")
        rows.append(row)
    box: Any = VBox([show(heading(get("troubleshoot.export"), 3)), *rows])
    box.add_class("eh-parts")
    box.add_class("eh-no-print")
    return box


def _handout(part: PublicPart, stem: str) -> Handout:
    word = "" if part.part == "certificate" else f" {part.part}"
    return Handout(f"{stem}{word}{part.ending}", part.data)
