"""The Mailbox page: the e-mails of the training platform, as their holders would get them."""

from __future__ import annotations

from collections.abc import Sequence

from ipywidgets import Widget

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import heading, link, paragraph, show
from ehtoolkit.forms.trainer.tables import mail_rows
from ehtoolkit.forms.widgets import Button, MailList
from ehtoolkit.training import TrainingPlatform


class MailboxPage(ToolPage[TrainingPlatform]):
    """The e-mails. A link leads to the trainer's page, which moves the clock, where that page is there."""

    def __init__(self, model: TrainingPlatform, shell: PageShell) -> None:
        super().__init__(model, shell)
        get = self.texts.get
        self.mails = MailList(get("trainer.mails"), nothing=get("trainer.mails.none"))
        self._refresh = shell.buttons(
            lambda _: self._show(get("trainer.looked")),
            Button("look", get("trainer.look"), "primary", "again"),
        )

    def body(self) -> Sequence[Widget]:
        get = self.texts.get
        there = "trainer" in self.shell.pages
        to_clock = [show(paragraph(link(get("mailbox.clock"), "trainer.ipynb")))] if there else []
        return [show(heading(get("mailbox.mails"))), self.mails, self._refresh, *to_clock]

    def begin(self) -> None:
        self._show()

    def refresh(self) -> None:
        self.mails.show(mail_rows(self.model.mails(), self.texts))

    def _show(self, said: str = "") -> None:
        self.shell.clear_errors()
        self.refresh()
        self.shell.confirm(said)
