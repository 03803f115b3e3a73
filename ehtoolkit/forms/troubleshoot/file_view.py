"""One file in full: verdict, password, what can be done, findings; and what becomes of doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.error_boundary import guard
from ehtoolkit.forms.engine.form_link import address_of
from ehtoolkit.forms.engine.view import close
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.troubleshoot import report
from ehtoolkit.forms.troubleshoot.action_panel import ActionPanel
from ehtoolkit.forms.troubleshoot.advice import (
    FileAction,
    advised,
    file_actions,
    is_to_complete,
    next_step,
    takes_password,
)
from ehtoolkit.forms.troubleshoot.archive_panel import ArchivePanel
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.troubleshoot.inventory import PublicPart
from ehtoolkit.forms.troubleshoot.page_services import PageServices, no_field
from ehtoolkit.forms.troubleshoot.platform import html
from ehtoolkit.forms.troubleshoot.platform.check_panel import PlatformCheckPanel
from ehtoolkit.forms.troubleshoot.platform.test_panel import CertificateTestPanel
from ehtoolkit.forms.troubleshoot.platform_query import can_be_asked, issuer_can_be_asked
from ehtoolkit.forms.troubleshoot.results import WrongPassword
from ehtoolkit.forms.widgets import (
    Button,
    ButtonBar,
    ButtonPress,
    Download,
    DownloadFile,
    ErrorLine,
    SecretField,
)
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret

PASSWORD: Final = "password"  # noqa: S105  # the name of a field

_ICONS: Final[Mapping[FileAction, str]] = {
    FileAction.RESCUE: "key",
    FileAction.CONVERT: "file",
    FileAction.PROTECT: "key",
    FileAction.RENAME: "pen",
    FileAction.MERGE: "add",
    FileAction.ARCHIVE: "file",
}
_LINKS: Final = {"complete": "download", "password": "key"}


class FileView(FileFrame):
    """The verdict, what can be done and the findings; panels of what is done take their place meanwhile."""

    def __init__(self, specimen: ExaminedFile, desk: PageServices) -> None:
        super().__init__(specimen, desk)
        self.show_file()

    def focus(self) -> None:
        """Give the title the keyboard's focus, so that reading goes on there."""
        self._head.take_focus()

    def look_again(self, specimen: ExaminedFile) -> None:
        """Show the file as another look has found it."""
        self.specimen = specimen
        self.show_file()

    def close(self) -> None:
        close(self.root)

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────
    def show_file(self, *, focus: bool = False) -> None:
        get, specimen, texts = self._texts.get, self.specimen, self._texts
        self._show_around()
        body: list[Widget] = [show(report.verdict_panel(specimen, texts))]
        if specimen.asked is not None and specimen.asked.contradicts:
            body.insert(0, show(html.verdict(specimen.asked, texts)))
        if takes_password(specimen):
            body.append(
                SecretField(
                    PASSWORD,
                    get("troubleshoot.password"),
                    hint=get("troubleshoot.password.hint"),
                    autocomplete="current-password",
                    reveal=get("wizard.reveal"),
                    capslock=get("wizard.capslock"),
                )
            )
        self._actions = ButtonBar(self._buttons())
        self._actions.on_action(guard(self._act, self.fail))
        body += [self._actions, show(report.findings(specimen, texts))]
        self._put(body, self._inside())
        if focus:
            self.focus()

    @property
    def leads_on(self) -> bool:
        """Whether something is to be done with the file: one of its buttons is the primary one."""
        return any(one.look == "primary" for one in self._buttons())

    def _inside(self) -> list[Widget]:
        """Return what is shown under the findings, as wide as the page: what is in the file."""
        inventory, below = self.specimen.inventory, []
        if inventory is not None:
            below.append(show(report.contents(inventory, self._texts)))
            if inventory.parts:
                stem = Path(report.visible(self.specimen.name)).stem
                below.append(public_parts(inventory.parts, stem, self._texts))
        return [*below, show(report.technical(self.specimen, self._texts))]

    def _buttons(self) -> list[Button]:
        get, buttons = self._texts.get, []
        closed = takes_password(self.specimen)
        best = None if closed else advised(self.specimen)  # one main button at a time
        if closed:
            buttons.append(Button("open", get("troubleshoot.open"), "primary", "key"))
        for deed in sorted(file_actions(self.specimen), key=lambda one: one is not best):
            words = get(f"troubleshoot.{deed}")
            buttons.append(Button(str(deed), words, "primary" if deed is best else "", _ICONS[deed]))
        if can_be_asked(self.specimen):
            prove = Button("prove", get("certificate_test.do"), "" if closed or best else "primary", "shield")
            buttons.insert(len(buttons) if closed or best else 0, prove)
            buttons.append(Button("ask", get("troubleshoot.platform"), icon="activity"))
        if issuer_can_be_asked(self.specimen):
            buttons.append(Button("revocation", get("troubleshoot.revocation"), icon="search"))
        buttons += [
            Button(
                page,
                get(f"troubleshoot.{page}.link"),
                icon=_LINKS[page],
                href=address_of(page, self.specimen.name),
            )
            for page in _LINKS
            if self._leads_to(page)
        ]
        return [
            *buttons,
            Button("print", get("troubleshoot.print"), icon="print", does="print"),
            Button("close", get("troubleshoot.close"), "quiet"),
        ]

    def _leads_to(self, page: str) -> bool:
        """Return whether another form goes on with this file: it is in the folder, and the form is there."""
        if self.specimen.path is None or page not in self.desk.pages:
            return False
        if page == "complete":
            return is_to_complete(self.specimen)
        return self.specimen.diagnosis.outline is not None

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _act(self, action: ButtonPress) -> None:
        if self._actions.busy:
            return  # a second click
        if action.name == "open":
            self._open(action.secrets.get(PASSWORD, Secret("")))
        elif action.name == "close":
            self.desk.close(self.specimen)
        elif action.name == "ask" and can_be_asked(self.specimen):
            PlatformCheckPanel(self).begin()
        elif action.name == "prove" and can_be_asked(self.specimen):
            CertificateTestPanel(self).begin()
        elif action.name == "revocation" and issuer_can_be_asked(self.specimen):
            self._ask_revocation()
        elif action.name == FileAction.ARCHIVE and FileAction.ARCHIVE in file_actions(self.specimen):
            ArchivePanel(self).begin()
        elif action.name in file_actions(self.specimen):
            ActionPanel(FileAction(action.name), self).show_form()

    def _open(self, secret: Secret) -> None:
        specimen = self.specimen

        def opened(found: ExaminedFile | WrongPassword) -> None:
            if isinstance(found, WrongPassword):
                self._say_closed(found)
                return
            self.take(found)
            self.show_file(focus=True)

        self.run(
            self._texts.get("troubleshoot.opening"),
            lambda: self.desk.model.open(specimen, secret),
            opened,
            no_field,
        )

    def _ask_revocation(self) -> None:
        specimen = self.specimen

        def answered(found: ExaminedFile) -> None:
            self.take(found)
            self.show_file(focus=True)

        busy = self._texts.get("troubleshoot.revocation.busy")
        self.run(busy, lambda: self.desk.model.ask_revocation(specimen), answered, no_field)

    def _say_closed(self, closed: WrongPassword) -> None:
        texts = self._texts
        if any(one.key == "password_hint_empty" for one in closed.findings):
            nothing = errors.KeystorePasswordWrong(reason="empty")
            sentence = texts.error(nothing)
            self.mark({PASSWORD: sentence})
            lines = [ErrorLine(sentence, PASSWORD)]
            self._errors.show(texts.get("troubleshoot.open.failed"), lines, [texts.next_step(nothing)])
            return
        sentences = [one.message(texts) for one in closed.findings]
        notes = [f"{one.message(texts)} {next_step(one, texts)}" for one in closed.findings[1:]]
        self.mark({PASSWORD: sentences[0]})
        self._errors.show(
            texts.get("troubleshoot.open.failed"),
            [ErrorLine(sentences[0], PASSWORD)],
            [next_step(closed.findings[0], texts), *notes],
        )


def public_parts(parts: Sequence[PublicPart], stem: str, texts: Translator) -> Widget:
    """Return a row of downloads for each part, under a title. ``stem``: what their files are called, before what is in
    them."""
    get, rows = texts.get, []
    for name in dict.fromkeys(part.part for part in parts):
        buttons = [
            Download(get(f"troubleshoot.export.{name}.{part.form}"), partial(_handout, part, stem))
            for part in parts
            if part.part == name
        ]
        rows.append(row("eh-row", of=buttons))
    title = show(heading(get("troubleshoot.export"), 3))
    return column("eh-parts", "eh-no-print", of=(title, *rows))


def _handout(part: PublicPart, stem: str) -> DownloadFile:
    word = "" if part.part == "certificate" else f" {part.part}"
    return DownloadFile(f"{stem}{word}{part.ending}", part.data)
