"""A box to tick."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Bool, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


class CheckField(AnyWidget):  # type: ignore[misc]
    """A box with its sentence; ``value`` is True when it is ticked."""

    _esm = esm("check")
    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    error: str = Unicode().tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(icon("danger")).tag(sync=True)
    value: bool = Bool(False).tag(sync=True)

    def __init__(self, name: str, label: str, *, value: bool = False, hint: str = "") -> None:
        super().__init__(name=name, label=label, value=value, hint=hint)
