"""Buttons and switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from traitlets import Float, Int, List, Unicode

from ehtoolkit.forms.html import svg
from ehtoolkit.forms.widgets.base import MessageWidget, esm
from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class Button:
    """One button, or with ``href`` a link that looks like one.

    Attributes:
        look: primary (one a page), danger (the same for what cannot be undone), remove (for that beside the page's main
            button), submit (the main one of a form beside the page's own), quiet (at the far end), stop (only there
            while something is going on) or plain. Secrets are sent by primary, danger and submit alone.
        icon: a name of `ehtoolkit.forms.html`.
        always: can be pressed while something is going on.
        does: what the browser does by itself (``print``).
        expanded: whether what the button opens and closes is open; None: it opens nothing.
        folded: shown only after a press on the word `ButtonBar.more`.
    """

    name: str
    label: str
    look: Literal["", "primary", "danger", "remove", "submit", "quiet", "stop"] = ""
    icon: str = ""
    href: str = ""
    always: bool = False
    does: Literal["", "print"] = ""
    expanded: bool | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A button was pressed: which one, and what the fields of its form held at that moment."""

    name: str
    values: Mapping[str, str | bool] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    def typed(self, name: str, otherwise: str = "") -> str:
        """Return what the field ``name`` held; ``otherwise`` where the form has no such field."""
        return str(self.values.get(name, otherwise))

    def secret(self, name: str) -> Secret | None:
        """Return the secret that was typed into the field ``name``; None where it is empty."""
        secret = self.secrets.get(name)
        return None if secret == Secret("") else secret


class ButtonBar(MessageWidget):
    """A row of buttons under the fields of the nearest ancestor of class ``eh-form``. ``more``: the word behind which
    buttons are folded.

    A press counts once. It does not count while something is going on, nor of a button that is not offered any more,
    nor a second time before the browser has heard that the first is done, as in a double click. The browser's half
    leaves out the second click of a double one that comes later.

    Attributes:
        serial: goes up with each press that counts, and is sent with the next one.
    """

    _esm = esm("actions")
    more: str = Unicode().tag(sync=True)
    buttons: list[dict[str, Any]] = List().tag(sync=True)
    busy: str = Unicode().tag(sync=True)
    progress: float = Float(-1.0).tag(sync=True)
    serial: int = Int(0).tag(sync=True)

    def __init__(self, buttons: Sequence[Button] = (), more: str = "") -> None:
        self._listener: Callable[[ButtonPress], None] | None = None
        self._oldest = 0
        self._counted: dict[str, int] = {}
        super().__init__(buttons=[_plain_button(button) for button in buttons], more=more)

    def offer(self, buttons: Sequence[Button], *, anew: bool = False) -> None:
        """Offer other buttons. ``anew``: they are of another page, so that no press of those before counts, also where
        they have the same names."""
        with self.hold_sync():
            if anew:
                self.serial += 1
                self._oldest = self.serial
                self._counted.clear()
            self.buttons = [_plain_button(button) for button in buttons]

    def begin(self, sentence: str) -> None:
        """Show ``sentence``: something is going on. Until `end` no button does anything but those marked ``always``.
        Calling it again changes the sentence."""
        self.busy = sentence

    def end(self) -> None:
        self.busy, self.progress = "", -1.0

    def on_action(self, listener: Callable[[ButtonPress], None]) -> None:
        """Call ``listener`` with every press that counts; it replaces the one before."""
        self._listener = listener

    def _receive(self, content: dict[str, Any], buffers: list[Any]) -> None:
        secrets = {name: Secret(str(value)) for name, value in content.pop("secrets", {}).items()}
        name = str(content.get("action"))
        if self._listener is None or not self._counts(name, content.get("serial", 0)):
            return
        self._counted[name] = self.serial
        try:
            self._listener(ButtonPress(name, content.get("values", {}), secrets))
        finally:
            self.serial += 1  # now: before, nobody can have seen what the press has done

    def _counts(self, name: str, serial: int) -> bool:
        button = next((button for button in self.buttons if button["name"] == name), None)
        if button is None or (self.busy and not button["always"]):
            return False
        return serial >= self._oldest and serial > self._counted.get(name, -1)


def _plain_button(button: Button) -> dict[str, Any]:
    return {**asdict(button), "icon": svg(button.icon)}


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch.

    Attributes:
        key: what the listener gets.
        hint: what it does, in a sentence.
        group: the heading of the switches from this one on; empty for the same one as before.
    """

    key: str
    label: str
    hint: str
    on: bool
    group: str = ""


class Switches(MessageWidget):
    """A group of switches called ``label``; ``on_word`` and ``off_word`` say how one stands, beside its look.
    ``serial``: counts what was shown, since equal switches are no change, and one may have moved in the browser."""

    _esm = esm("switches")
    serial: int = Int(0).tag(sync=True)
    label: str = Unicode().tag(sync=True)
    on_word: str = Unicode().tag(sync=True)
    off_word: str = Unicode().tag(sync=True)
    switches: list[dict[str, Any]] = List().tag(sync=True)

    def show(self, switches: Sequence[Switch]) -> None:
        self.switches = [asdict(switch) for switch in switches]
        self.serial += 1

    def on_switch(self, listener: Callable[[str, bool], None]) -> None:
        """Call ``listener(key, on)`` when the user turns a switch."""
        self._listen("switch", listener, key=str, on=bool)
