"""A line of text, or several."""

from __future__ import annotations

from typing import Literal

from anywidget import AnyWidget
from traitlets import Bool, Int, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


class TextField(AnyWidget):  # type: ignore[misc]
    """Label, hint, error and an input, tied together; ``value`` follows when the user leaves the field, and with
    ``live`` also when he pauses.

    ``name`` is unique on its page: values are collected, and errors shown, under it.
    """

    _esm = esm("text")
    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    error: str = Unicode().tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(icon("danger")).tag(sync=True)
    value: str = Unicode().tag(sync=True)
    kind: str = Unicode("text").tag(sync=True)
    inputmode: str = Unicode().tag(sync=True)
    autocomplete: str = Unicode().tag(sync=True)
    capitals: bool = Bool(False).tag(sync=True)
    max_length: int = Int(0).tag(sync=True)
    rows: int = Int(1).tag(sync=True)
    live: bool = Bool(False).tag(sync=True)

    def __init__(
        self,
        name: str,
        label: str,
        *,
        value: str = "",
        hint: str = "",
        kind: Literal["text", "email", "tel", "search"] = "text",
        inputmode: str = "",
        autocomplete: str = "",
        capitals: bool = False,
        max_length: int = 0,
        rows: int = 1,
        live: bool = False,
    ) -> None:
        """``autocomplete``: the HTML token (``email``, ``tel``, ``off``); ``capitals``: words begin with one."""
        super().__init__(
            name=name,
            label=label,
            value=value,
            hint=hint,
            kind=kind,
            inputmode=inputmode,
            autocomplete=autocomplete,
            capitals=capitals,
            max_length=max_length,
            rows=rows,
            live=live,
        )
