"""E-mails and messages, one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from traitlets import List, Unicode

from ehtoolkit.forms.widgets.base import EsmWidget, esm


@dataclass(frozen=True, slots=True)
class MailMessage:
    """An e-mail or a message in a list.

    Attributes:
        about: to whom and when, in the list.
        head: the same in full, above the text.
        language: of the text.
    """

    subject: str
    about: str
    head: str
    body: str
    language: str


class MailList(EsmWidget):
    """The newest is open at first. ``nothing``: what is shown while there is none."""

    _esm = esm("mailbox")
    label: str = Unicode().tag(sync=True)
    nothing: str = Unicode().tag(sync=True)
    mails: list[dict[str, Any]] = List().tag(sync=True)

    def __init__(self, label: str, *, nothing: str) -> None:
        super().__init__(label=label, nothing=nothing)

    def show(self, mails: Sequence[MailMessage]) -> None:
        self.mails = [asdict(mail) for mail in mails]
