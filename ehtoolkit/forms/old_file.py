"""The page about an old file of a renewal that was chosen instead of the new one: nothing is done to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ehtoolkit import errors
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import Piece, card, file_in_folder, show, summary
from ehtoolkit.forms.widgets import Button


@dataclass(frozen=True, slots=True)
class OldFile:
    """The old file of a renewal was chosen.

    Attributes:
        newer: the one that takes its place.
        complete: whether that is all there, so that it can be activated.
    """

    newer: Path
    complete: bool

    @classmethod
    def of(cls, error: errors.AlreadyRenewed | errors.RequestWaiting) -> OldFile:
        """Return what a procedure that was called with the old file raised."""
        if isinstance(error, errors.AlreadyRenewed):
            return cls(Path(error.newer), complete=True)
        return cls(Path(error.path or ""), complete=False)


def old_file_page(context: FormContext[Any], path: Path, holder: Piece, old: OldFile) -> Page:
    """Return the page for ``path``, whose place ``old.newer`` takes: the way on is the one button."""
    get, step = context.texts.get, "activate" if old.complete else "complete"
    rows: list[tuple[Piece, Piece]] = [
        (get("steps.old_file.name"), holder),
        (get("steps.old_file.old"), file_in_folder(path, context.texts)),
        (get("steps.old_file.new"), file_in_folder(old.newer, context.texts)),
    ]
    page, icon = ("activate", "key") if old.complete else ("complete-renewal", "download")
    lead = FormLink.to(page, f"steps.old_file.{step}.do", old.newer.name)
    take = Button("new", get(lead.words), "primary", icon, lead.address)
    return Page(
        title=get("steps.old_file.title"),
        lead=get(f"steps.old_file.{step}.lead"),
        body=[show(card(summary(rows)))],
        more=[(take, lambda _: None)],
    )
