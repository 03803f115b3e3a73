"""The buttons that end a step, and the one message in which a form is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from anywidget import AnyWidget
from traitlets import Float, Int, List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class Button:
    """One button, or with ``href`` a link that looks like one.

    ``look``: primary (one a page: it sends the secrets), quiet (at the far end), stop (only there while something
    is going on) or plain. ``icon``: a name of
    `ehtoolkit.forms.icons`. ``always``: can be pressed while something is going on. ``does``: what the browser
    does by itself (``print``).
    """

    name: str
    label: str
    look: Literal["", "primary", "quiet", "stop"] = ""
    icon: str = ""
    href: str = ""
    always: bool = False
    does: Literal["", "print"] = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button was pressed: which one, and what the fields of its form held at that moment."""

    name: str
    values: Mapping[str, str | bool] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    serial: int = 0


class Actions(AnyWidget):  # type: ignore[misc]
    """A row of buttons under the fields of the nearest ancestor of class ``eh-form``."""

    _esm = esm("actions")
    buttons: list[dict[str, Any]] = List().tag(sync=True)
    busy: str = Unicode().tag(sync=True)
    progress: float = Float(-1.0).tag(sync=True)
    serial: int = Int(0).tag(sync=True)

    def __init__(self, buttons: Sequence[Button] = ()) -> None:
        self._listener: Callable[[Action], None] | None = None
        super().__init__(buttons=[_plain(one) for one in buttons])
        self.on_msg(self._receive)

    def offer(self, buttons: Sequence[Button], serial: int | None = None) -> None:
        """Other buttons; with ``serial``, presses of the old ones that are still on their way are told apart."""
        if serial is not None:
            self.serial = serial
        self.buttons = [_plain(one) for one in buttons]

    def begin(self, sentence: str) -> None:
        """Something is going on; until `end` the buttons do nothing. Calling it again changes the sentence."""
        self.busy = sentence

    def end(self) -> None:
        self.busy, self.progress = "", -1.0

    def on_action(self, listener: Callable[[Action], None]) -> None:
        """``listener`` is called with every press; it replaces the one before."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        secrets = {name: Secret(str(value)) for name, value in content.pop("secrets", {}).items()}
        if self._listener is not None:
            action = Action(content["action"], content.get("values", {}), secrets, content.get("serial", 0))
            self._listener(action)


def _plain(button: Button) -> dict[str, Any]:
    return {
        "name": button.name,
        "label": button.label,
        "look": button.look,
        "icon": icon(button.icon),
        "href": button.href,
        "always": button.always,
        "does": button.does,
    }
