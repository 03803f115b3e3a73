"""E-mails: a list, and the one that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Unicode

from ehtoolkit.forms.widgets.esm import esm


@dataclass(frozen=True, slots=True)
class Letter:
    """``about``: to whom and when, in the list; ``head``: the same in full, above the text; ``language``: of the
    text."""

    subject: str
    about: str
    head: str
    body: str
    language: str


class MailList(AnyWidget):  # type: ignore[misc]
    """The newest is open at first. ``nothing``: what is shown while there is none."""

    _esm = esm("mailbox")
    label: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    mails: list[dict[str, Any]] = List().tag(sync=True)

    def __init__(self, label: str, *, nothing: str) -> None:
        super().__init__(label=label, nothing=nothing)

    def show(self, mails: Sequence[Letter]) -> None:
        self.mails = [asdict(one) for one in mails]
