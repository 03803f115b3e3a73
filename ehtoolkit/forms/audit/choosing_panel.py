"""Choose folders and passwords of an audit; show its progress, and stop it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.audit.html import advice
from ehtoolkit.forms.audit.model import AuditModel
from ehtoolkit.forms.copies.offered_folders import FolderButtons, OfferedFolder, offered_folders
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import bullets, mono, paragraph, show
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.fields import SecretField, TextField
from ehtoolkit.forms.widgets.files import DropZone, RejectedFile, UploadedFile
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.keystore.passwords import PasswordPatterns
from ehtoolkit.system.text_safety import printable

FOLDERS: Final = "folders"
PATTERN: Final = "pattern"
PASSWORD: Final = "password"  # noqa: S105  # the name of a field
LARGEST: Final = 1_000_000
"""Bytes of a table of passwords."""


class ChoosingPanel:
    """The folders and passwords of an audit.

    Attributes:
        root: the fields, and the buttons under them.
        bar: the buttons that stand beside a result while the fields are closed.
        is_open: whether the fields are shown.
    """

    def __init__(
        self, model: AuditModel, shell: PageShell, start: Callable[[], None], hide: Callable[[str], str]
    ) -> None:
        """Make the panel.

        Args:
            start: called when somebody wants an audit, with what was chosen already in the model.
            hide: makes of a text what may be shown of it.
        """
        self._model = model
        self._shell = shell
        self._start = start
        self._hide = hide
        self.is_open = False
        get = shell.texts.get
        self.folders = TextField(
            FOLDERS,
            get("audit_page.folders"),
            value="\n".join(map(str, model.folders)),
            hint=get("audit_page.folders.hint"),
            autocomplete="off",
            rows=3,
        )
        self.pattern = TextField(
            PATTERN, get("audit_page.pattern"), hint=get("audit_page.pattern.hint"), autocomplete="off"
        )
        self.password = SecretField(
            PASSWORD,
            get("audit_page.password"),
            hint=get("audit_page.password.hint"),
            reveal=get("audit_page.password.reveal"),
            kept=True,
            capslock=get("wizard.capslock"),
        )
        self.table = DropZone.of(
            "passwords", "audit_page.csv.drop", shell.texts, max_size=LARGEST, max_files=1
        )
        self.table.on_files(shell.guard(self._arrived))
        self._known, self._advice = show(), show()
        self.actions = shell.buttons(self._act)
        self.bar = shell.buttons(self._act)
        # The folders of a server are not the user's.
        offers = () if model.settings.shared else (self._folder_buttons(),)
        left = column("eh-part", of=(self.folders, *offers, self.table))
        right = column("eh-part", of=(self.password, self.pattern, self._known))
        self._title = SectionHead(get("audit_page.choose"))
        fields = row("eh-half", of=(left, right))
        self._fields: Widget = column("eh-card", of=(self._title, self._advice, fields))
        self.root: Any = form_column("eh-part", "eh-no-print")
        self.show_fields(there=False)

    def _folder_buttons(self) -> Widget:
        shell, settings = self._shell, self._model.settings
        return FolderButtons(
            shell,
            "audit_page.folders.add",
            lambda: offered_folders(settings.notes, settings.keystores),
            self._add_folder,
            shell.fail,
        ).root

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def show_fields(self, *, there: bool) -> None:
        """Open or close the fields; what was typed stays, but for the password."""
        self.is_open = there
        self._tell_known()
        result = self._model.result
        self._advice.value = "" if result is None else self._hide(str(advice(result, self._shell.texts)))
        self._shell.set_unsaved(self._model.has_given_passwords)
        stop = Button("stop", self._shell.texts.get("audit_page.stop"), "stop", always=True)
        buttons = [*(self._starting() if there else self._again()), stop]
        is_beside = not there and result is not None and not result.is_empty  # in the row of the tabs
        self.actions.offer(buttons)
        self.bar.offer(buttons if is_beside else [])
        self.root.children = [*([self._fields] if there else []), *([] if is_beside else [self.actions])]

    def _starting(self) -> list[Button]:
        get = self._shell.texts.get
        buttons = [Button("start", get("audit_page.start"), "primary", "search")]
        if self._model.result is not None:
            buttons.append(Button("close", get("audit_page.close")))
        if self._model.passwords.lines:
            buttons.append(Button("forget", get("audit_page.forget"), "quiet"))
        return buttons

    def _again(self) -> list[Button]:
        get = self._shell.texts.get
        return [
            Button("choose", get("audit_page.choose"), icon="key"),
            Button("start", get("audit_page.again"), "primary", "again"),
        ]

    @property
    def shown(self) -> ButtonBar:
        """The buttons that are shown: under the fields, or beside the tabs."""
        return self.bar if self.bar.buttons else self.actions

    def refresh(self) -> None:
        """Show which folders and patterns the model has."""
        self.folders.value = "\n".join(map(str, self._model.folders))
        self.show_fields(there=False)

    def wait(self, sign: Widget) -> None:
        """Show ``sign`` alone, until there is something to look at."""
        self.root.children = (sign,)

    def _tell_known(self) -> None:
        names = bullets(mono(self._hide(pattern)) for pattern, _ in self._model.passwords.lines)
        about = paragraph(self._shell.texts.get("audit_page.known"), "eh-note")
        self._known.value = str(about + names) if self._model.passwords.lines else ""

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _act(self, action: ButtonPress) -> None:
        if action.name == "stop":
            self._model.stop()
        elif action.name == "choose":
            self.show_fields(there=True)
            self._title.take_focus()
        elif action.name == "close":
            self._shell.clear_errors()
            self.show_fields(there=False)
            self._shell.show_title(focus=True)
        elif action.name == "forget":
            self._model.forget()
            self.show_fields(there=True)
            self._shell.confirm(self._shell.texts.get("audit_page.forgotten"))
        elif action.name == "start":
            self._take(action)
            self._start()

    def _add_folder(self, folder: OfferedFolder, press: ButtonPress) -> None:
        lines = press.typed(FOLDERS, self.folders.value).splitlines()
        self.folders.value = "\n".join(dict.fromkeys((*filter(str.strip, lines), str(folder.path))))
        self._shell.confirm(self._shell.texts.get("audit_page.folders.added", folder=printable(folder.name)))

    def _take(self, action: ButtonPress) -> None:
        """Hand what the fields hold to the model; while they are not shown, it keeps what it has. Raises
        `errors.FolderMissing`."""
        self._shell.clear_errors()
        if not self.is_open:
            return
        self._model.choose(action.typed(FOLDERS, self.folders.value))
        if (password := action.secret(PASSWORD)) is not None:
            self._model.remember(action.typed(PATTERN), password)

    def _arrived(self, files: Sequence[UploadedFile], not_taken: Sequence[RejectedFile]) -> None:
        get = self._shell.texts.get
        self.table.errors = [get(f"audit_page.csv.not.{rejected.reason}") for rejected in not_taken]
        for file in files:
            try:
                table = PasswordPatterns.decode(file.content, file.name)
            except errors.PasswordTableInvalid as error:
                texts = self._shell.texts
                self.table.errors = [f"{texts.error(error)} {texts.next_step(error)}"]
                return
            self._model.remember_table(table)
            self.show_fields(there=True)
            self._shell.confirm(get("audit_page.csv.taken", count=len(table.lines)))
