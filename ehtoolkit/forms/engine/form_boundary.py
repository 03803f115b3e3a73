"""The boundary of a form on a page: which fields a button sends, and which button Enter presses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit.forms.layout import column, row

FORM: Final = "eh-form"
"""The class by which the scripts of the pages know the boundary."""


def form_column(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a column that is one form: its buttons send what its fields hold, and Enter in a field presses its main
    button."""
    return column(FORM, *classes, of=of)


def form_row(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Return a row that is one form, as `form_column`."""
    return row(FORM, *classes, of=of)
