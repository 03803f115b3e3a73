"""A box of ipywidgets with the classes of our own style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import HBox, VBox, Widget


def column(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Widgets one under the other."""
    return _styled(VBox(tuple(of)), classes)


def row(*classes: str, of: Sequence[Widget] = ()) -> Any:
    """Widgets side by side."""
    return _styled(HBox(tuple(of)), classes)


def _styled(box: Any, classes: Sequence[str]) -> Any:
    for name in classes:
        box.add_class(name)
    return box
