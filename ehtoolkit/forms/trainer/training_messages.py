"""Messages of training: the Mailbox page, and the part of the trainer's page about sealed messages and old keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import heading, link, mono, panel, paragraph, show
from ehtoolkit.forms.layout import column, form_column, set_visible
from ehtoolkit.forms.steps.opened_keystore import opening
from ehtoolkit.forms.trainer.tables import mail_rows, message_rows
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, SecretField
from ehtoolkit.forms.widgets.page_parts import MailList
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.keystore.storage.holder_keystores import find_keystore, find_keystores
from ehtoolkit.secret import Secret
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.trainer import KEYSTORES_FOLDER


class MailboxPage(ToolPage[TrainingPlatform]):
    """The e-mails. A link leads to the trainer's page, which moves the clock, where that page is there."""

    def __init__(self, model: TrainingPlatform, shell: PageShell) -> None:
        super().__init__(model, shell)
        get = self.texts.get
        self.mails = MailList(label=get("trainer.mails"), nothing=get("trainer.mails.none"))
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


FILE: Final = "discard_keystore"
PASSWORD: Final = "discard_password"  # noqa: S105  # the name of a field
_COLUMNS: Final = ("sender", "holder", "sent", "key")


class SealedMessagesPanel:
    """The sealed messages, and the lesson on old keys, on the Trainer page.

    Attributes:
        root: the widget to display.
        said: shows the page again and says what was done.
    """

    def __init__(self, training: TrainingPlatform, shell: PageShell, said: Callable[[str], None]) -> None:
        texts, get = shell.texts, shell.texts.get
        self._training = training
        self._texts = texts
        self._said = said
        self._folder = training.folder / KEYSTORES_FOLDER
        self.letters = Table.of("trainer.letters", _COLUMNS, texts)
        self._file = ChoiceField(FILE, get("trainer.discard.file"), [], compact=True)
        password = SecretField.of_file(PASSWORD, get("trainer.discard.password"), texts)
        throw = shell.buttons(self._discard, Button("discard", get("trainer.discard.do"), "submit"))
        self._gone = show()
        self._back = shell.buttons(lambda _: self._bring_back())
        self._typed = form_column("eh-stack", of=(self._file, password, throw))
        self.root: Any = column(
            "eh-stack",
            of=(
                show(paragraph(get("trainer.letters.text"))),
                self.letters,
                show(paragraph(link(get("trainer.letters.read"), "messages.ipynb"))),
                show(
                    heading(get("trainer.discard"), 3)
                    + paragraph(get("trainer.discard.text"))
                    + paragraph(get("trainer.discard.lesson"), "eh-note")
                ),
                self._typed,
                self._gone,
                self._back,
            ),
        )

    def show(self) -> None:
        """Show what there is now; the choice of a keystore stays, as long as that is there."""
        get = self._texts.get
        self.letters.show(message_rows(self._training.messages(), self._texts))
        names = [keystore.path.name for keystore in find_keystores(self._folder)]
        self._file.offer([Option(name, name) for name in names])
        if names and self._file.value not in names:
            self._file.value = names[0]
        set_visible(self._typed, bool(names))
        gone = self._training.discarded_keys().files()
        self._gone.value = ""
        self._back.offer([])
        if gone:
            lines = [mono(file.path.name) for file in gone]
            self._gone.value = str(panel("info", get("trainer.discard.gone"), *lines, level=3))
            self._back.offer([Button("bring_back", get("trainer.discard.back"), icon="again")])

    def _discard(self, action: ButtonPress) -> None:
        """Throw away the old keys of the chosen keystore, also where the password is empty: there are such
        keystores."""
        path = find_keystore(self._folder, action.typed(FILE)).path
        typed = action.secret(PASSWORD) or Secret("")
        opening(lambda password: self._training.discarded_keys().discard(path, password), typed)
        self._said(self._texts.get("trainer.discard.done"))

    def _bring_back(self) -> None:
        count = len(self._training.discarded_keys().bring_back())
        self._said(self._texts.get("trainer.discard.is_back", count=count))
