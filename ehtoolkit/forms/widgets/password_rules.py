"""The rules of a new password, judged while it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from anywidget import AnyWidget
from traitlets import Dict, Int, List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm
from ehtoolkit.keystore.passwords import SENSIBLE_LENGTH

Rule = Literal["filled", "printable", "long", "same"]

_ICONS: Final = {"open": icon("info"), "met": icon("ok"), "warned": icon("warn"), "broken": icon("danger")}


class PasswordRules(AnyWidget):  # type: ignore[misc]
    """A list that the browser keeps while two `SecretField`\\ s of the page are typed in; what is typed neither
    leaves the browser for it nor is kept. It decides nothing: that is the model's when the form is sent.

    ``first`` and ``second``: the names of the fields; ``rules``: a sentence each; ``met``, ``warned`` and ``broken``:
    what a screen reader says behind one that is kept, or not, or (``long``) need not be.
    ``least``: characters of a password that is not short.
    """

    _esm = esm("rules")
    label: str = Unicode().tag(sync=True)
    first: str = Unicode().tag(sync=True)
    second: str = Unicode().tag(sync=True)
    rules: list[dict[str, str]] = List().tag(sync=True)
    words: dict[str, str] = Dict().tag(sync=True)
    least: int = Int(SENSIBLE_LENGTH).tag(sync=True)
    icons: dict[str, Any] = Dict(_ICONS).tag(sync=True)

    def __init__(
        self,
        label: str,
        rules: Mapping[Rule, str],
        *,
        met: str,
        broken: str,
        warned: str = "",
        first: str = "first",
        second: str = "second",
    ) -> None:
        super().__init__(
            label=label,
            first=first,
            second=second,
            rules=[{"kind": kind, "text": text} for kind, text in rules.items()],
            words={"open": "", "met": met, "warned": warned, "broken": broken},
        )
