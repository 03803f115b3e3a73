"""A button that hands out a file which is neither on disk nor in any state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anywidget import AnyWidget
from traitlets import Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class Handout:
    """The file, as the browser gets it."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


class Download(AnyWidget):  # type: ignore[misc]
    """``make`` is called when the button is pressed, and not before; None hands out nothing."""

    _esm = esm("download")
    label: str = Unicode().tag(sync=True)
    icon: str = Unicode().tag(sync=True)
    look: str = Unicode().tag(sync=True)

    def __init__(self, label: str, make: Callable[[], Handout | None], *, look: str = "quiet small") -> None:
        self._make = make
        super().__init__(label=label, icon=icon("download"), look=look)
        self.on_msg(self._receive)

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("action") == "want":
            file = self._make()
            if file is None:
                return
            self.send({"action": "file", "name": file.name, "mime": file.mime}, buffers=[file.content])
