"""A PIN or a password: the one field whose content never becomes a trait."""

from __future__ import annotations

from typing import Literal

from anywidget import AnyWidget
from traitlets import Bool, Int, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.unlogged import keep_messages_out_of_logs
from ehtoolkit.forms.widgets.esm import esm

_TRIES = '<svg viewBox="0 0 60 16" aria-hidden="true" focusable="false">{}</svg>'.format(
    "".join(f'<circle cx="{x}" cy="8" r="6"/>' for x in (9, 30, 51))
)


class SecretField(AnyWidget):  # type: ignore[misc]
    """What is typed leaves the browser once, in the message of the form's primary button, and the field is empty
    afterwards. A trait would be echoed to every client, saved in the notebook and shown by debug logs.
    """

    _esm = esm("secret")
    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    error: str = Unicode().tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(icon("danger")).tag(sync=True)
    pin: bool = Bool(False).tag(sync=True)
    autocomplete: str = Unicode("off").tag(sync=True)
    max_length: int = Int(0).tag(sync=True)
    tries: str = Unicode().tag(sync=True)
    tries_left: int = Int(3).tag(sync=True)
    tries_icon: str = Unicode(_TRIES).tag(sync=True)
    reveal: str = Unicode().tag(sync=True)

    def __init__(
        self,
        name: str,
        label: str,
        *,
        hint: str = "",
        pin: bool = False,
        autocomplete: Literal["off", "current-password", "new-password"] = "off",
        reveal: str = "",
    ) -> None:
        """``pin``: digits, at most 12, in large type. ``reveal``: the words of a box that shows what is typed;
        none, no box."""
        keep_messages_out_of_logs()
        super().__init__(
            name=name,
            label=label,
            hint=hint,
            pin=pin,
            autocomplete=autocomplete,
            max_length=12 if pin else 0,
            reveal=reveal,
        )

    def show_tries(self, left: int, sentence: str) -> None:
        """``left`` of three tries, as dots, and in words."""
        self.tries_left, self.tries = left, sentence
