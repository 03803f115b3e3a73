"""Files that were looked at, one under the other, each with its verdict; one of them is shown in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from anywidget import AnyWidget
from traitlets import List, Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm

_ICONS: Final = {"ok": "ok", "info": "info", "warn": "warn", "danger": "danger", "off": "key"}


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A line. ``severity``: ok, info, warn, danger or off; ``verdict``: in a word or two; ``note``: what the file
    is beside it."""

    key: str
    name: str
    note: str
    severity: str
    verdict: str


class FileList(AnyWidget):  # type: ignore[misc]
    """Buttons, one a file; invisible while there is none. ``chosen``: the key of the one that is shown."""

    _esm = esm("files")
    label: str = Unicode().tag(sync=True)
    files: list[dict[str, Any]] = List().tag(sync=True)
    chosen: str = Unicode().tag(sync=True)

    def __init__(self, label: str) -> None:
        self._listener: Callable[[str], None] | None = None
        super().__init__(label=label)
        self.on_msg(self._receive)

    def show(self, files: Sequence[ListedFile], chosen: str) -> None:
        self.chosen = chosen
        self.files = [{**asdict(one), "icon": icon(_ICONS[one.severity])} for one in files]

    def on_choose(self, listener: Callable[[str], None]) -> None:
        """``listener(key)``: the user wants to see this one."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "choose":
            self._listener(str(content.get("key", "")))
