"""The parts of a keystore that may be given away, each in two forms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ipywidgets import Widget

from ehtoolkit.forms.box import column, row
from ehtoolkit.forms.markup import heading, show
from ehtoolkit.forms.troubleshoot.inventory import PublicPart
from ehtoolkit.forms.widgets import Download, Handout
from ehtoolkit.i18n import Translator


def public_parts(parts: Sequence[PublicPart], stem: str, texts: Translator) -> Widget:
    """A row of downloads for each part. ``stem``: what their files are called, before what is in them."""
    get, rows = texts.get, []
    for name in dict.fromkeys(part.part for part in parts):
        buttons = [
            Download(get(f"troubleshoot.export.{name}.{part.form}"), partial(_handout, part, stem))
            for part in parts
            if part.part == name
        ]
        rows.append(row("eh-row", of=buttons))
    title = show(heading(get("troubleshoot.export"), 3))
    return column("eh-parts", "eh-no-print", of=(title, *rows))


def _handout(part: PublicPart, stem: str) -> Handout:
    word = "" if part.part == "certificate" else f" {part.part}"
    return Handout(f"{stem}{word}{part.ending}", part.data)
