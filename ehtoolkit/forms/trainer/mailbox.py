"""The Mailbox page: the e-mails of the training platform, as their holders would get them."""

from __future__ import annotations

from pathlib import Path

from ipywidgets import Widget

from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import heading, link, paragraph, show
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.trainer.tables import mail_rows
from ehtoolkit.forms.widgets import Button, ButtonBar, MailList
from ehtoolkit.i18n import Translator
from ehtoolkit.training import TrainingPlatform


def open_mailbox() -> Widget:
    """Return the page of this kernel, to be displayed. It is about training, whatever environment is configured."""
    stage = PageContext.of_this_kernel()
    training = open_training_platform(stage.settings)
    page = MailboxPage(training, stage.texts, stage.settings.home, trainer="trainer" in stage.pages())
    on_close(page.root, training.close)
    return stage.show(page.root)


class MailboxPage:
    """The mailbox page.

    Attributes:
        root: the widget to display.
        trainer: whether the trainer's page is there, which moves the clock.
    """

    def __init__(self, training: TrainingPlatform, texts: Translator, home: Path, *, trainer: bool) -> None:
        get = texts.get
        self._training = training
        self._texts = texts
        self._shell = shell = PageShell(
            texts, home, get("mailbox.caption"), "mailbox.failed", lead=get("mailbox.lead")
        )
        self.mails = MailList(get("trainer.mails"), nothing=get("trainer.mails.none"))
        self._refresh = ButtonBar([Button("look", get("trainer.look"), "primary", "again")])
        self._refresh.on_action(shell.guard(lambda _: self._show(get("trainer.looked"))))
        to_clock = [show(paragraph(link(get("mailbox.clock"), "trainer.ipynb")))] if trainer else []
        title = show(heading(get("mailbox.mails")))
        parts = (shell.back, shell.head, shell.errors, title, self.mails, self._refresh, *to_clock)
        self.root = column("eh", "eh-stack", "eh-form", of=(*parts, shell.announcer))
        shell.guard(self._show)()

    def _show(self, said: str = "") -> None:
        self._shell.clear_errors()
        self.mails.show(mail_rows(self._training.mails(), self._texts))
        self._shell.confirm(said)
