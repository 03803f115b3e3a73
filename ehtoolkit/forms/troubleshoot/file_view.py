"""One file in full: verdict, password, what can be done, findings; and what becomes of doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.finding import Finding
from ehtoolkit.forms.engine.form_link import address_of
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.troubleshoot import platform_check, report
from ehtoolkit.forms.troubleshoot.action_panel import ActionPanel, ArchivePanel
from ehtoolkit.forms.troubleshoot.advice import (
    FileAction,
    advised,
    file_actions,
    is_to_complete,
    next_step,
    takes_password,
)
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.file_panel import FileFrame, Offer
from ehtoolkit.forms.troubleshoot.keystore_contents import PublicPart
from ehtoolkit.forms.troubleshoot.platform_check import can_be_asked, issuer_can_be_asked
from ehtoolkit.forms.troubleshoot.platform_panels import CertificateTestPanel, PlatformCheckPanel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import SecretField
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable

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

    def look_again(self, examined: ExaminedFile) -> None:
        """Show the file as another look has found it."""
        self.examined = examined
        self.show_file()

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────
    def show_file(self, *, focus: bool = False) -> None:
        get, examined, texts = self.texts.get, self.examined, self.texts
        self._show_around()
        body: list[Widget] = [show(report.verdict_panel(examined, texts))]
        if examined.platform_status is not None and examined.contradicted:
            body.insert(0, show(platform_check.verdict(examined.platform_status, texts)))
        if takes_password(examined):
            hint = get("troubleshoot.password.hint")
            body.append(SecretField.of_file(PASSWORD, get("troubleshoot.password"), texts, hint=hint))
        actions = self._offer(self._offers(), get("troubleshoot.more"))
        self._put([*body, actions, show(report.findings(examined, texts))], self._inside())
        if focus:
            self.focus()

    @property
    def leads_on(self) -> bool:
        """Whether something is to be done with the file: one of its buttons is the primary one."""
        return any(button.look == "primary" for button, _ in self._offers())

    def _inside(self) -> list[Widget]:
        """Return what is shown under the findings, as wide as the page: what is in the file."""
        inventory, below = self.examined.inventory, list[Widget]()
        if inventory is not None:
            below += report.content_tables(inventory, self.texts)
            if inventory.public_files:
                stem = Path(printable(self.examined.name)).stem
                below.append(public_parts(inventory.public_files, stem, self.shell))
        return [*below, show(report.technical(self.examined, self.texts))]

    def _offers(self) -> list[Offer]:
        get, offers = self.texts.get, list[Offer]()
        closed = takes_password(self.examined)
        best = None if closed else advised(self.examined)  # one main button at a time
        if closed:
            offers.append((Button("open", get("troubleshoot.open"), "primary", "key"), self._open))
        for action in sorted(file_actions(self.examined), key=lambda action: action is not best):
            words, icon = get(f"troubleshoot.{action}"), _ICONS[action]
            button = Button(str(action), words, "primary" if action is best else "", icon)
            offers.append((button, partial(self._begin, action)))
        if can_be_asked(self.examined):
            prove = Button("prove", get("certificate_test.do"), "" if closed or best else "primary", "shield")
            place = len(offers) if closed or best else 0
            offers.insert(place, (prove, lambda _: CertificateTestPanel(self).begin()))
            ask = Button("ask", get("troubleshoot.platform"), icon="activity")
            offers.append((ask, lambda _: PlatformCheckPanel(self).begin()))
        if issuer_can_be_asked(self.examined):
            revocation = Button("revocation", get("troubleshoot.revocation"), icon="search")
            offers.append((revocation, self._ask_revocation))
        for page, icon in _LINKS.items():
            if self._leads_to(page):
                words, address = get(f"troubleshoot.{page}.link"), address_of(page, self.examined.name)
                offers.append((Button(page, words, icon=icon, href=address), None))
        print_it = Button("print", get("troubleshoot.print"), icon="print", does="print")
        first, *others = [*offers, (print_it, None)]
        if len(others) > 1:  # one button alone takes no more room than the word it would be folded behind
            others = [(replace(button, folded=button.name != "complete"), act) for button, act in others]
        close = Button("close", get("troubleshoot.close"), "quiet")
        return [first, *others, (close, lambda _: self._close(self.examined))]

    def _leads_to(self, page: str) -> bool:
        """Return whether another form goes on with this file: it is in the folder, of the page's environment, and the
        form is there."""
        here = self.examined.path is not None and self.examined.elsewhere is None
        if not here or page not in self.shell.pages:
            return False
        if page == "complete":
            return is_to_complete(self.examined)
        return self.examined.diagnosis.outline is not None

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _begin(self, action: FileAction, _: ButtonPress) -> None:
        if action is FileAction.ARCHIVE:
            ArchivePanel(self).begin()
        else:
            ActionPanel(action, self).show_form()

    def _open(self, press: ButtonPress) -> None:
        examined, secret = self.examined, press.secret(PASSWORD) or Secret("")

        def opened(found: ExaminedFile | Sequence[Finding]) -> None:
            if isinstance(found, ExaminedFile):
                self.show_found(found)
            else:
                self._say_closed(found)

        busy = self.texts.get("troubleshoot.opening")
        self.run(busy, lambda: self.model.open(examined, secret), opened)

    def _ask_revocation(self, _: ButtonPress) -> None:
        examined, busy = self.examined, self.texts.get("troubleshoot.revocation.busy")
        self.run(busy, lambda: self.model.ask_revocation(examined), self.show_found)

    def _say_closed(self, reasons: Sequence[Finding]) -> None:
        texts = self.texts
        if any(finding.key == "password_hint_empty" for finding in reasons):
            nothing = errors.KeystorePasswordWrong(reason="empty")
            sentence, notes = texts.error(nothing), [texts.next_step(nothing)]
        else:
            first, *others = reasons
            sentence, notes = first.message(texts), [next_step(first, texts)]
            notes += [f"{other.message(texts)} {next_step(other, texts)}" for other in others]
        self.refuse(sentence, PASSWORD, notes, title=texts.get("troubleshoot.open.failed"))


def public_parts(parts: Sequence[PublicPart], stem: str, page: PageBase) -> Widget:
    """Return a row of downloads for each part, under a title. ``stem``: what their files are called, before what is in
    them."""
    get, rows = page.texts.get, []
    for name in dict.fromkeys(part.part for part in parts):
        buttons = [
            page.download(get(f"troubleshoot.export.{name}.{part.form}"), partial(_handout, part, stem))
            for part in parts
            if part.part == name
        ]
        rows.append(row("eh-row", of=buttons))
    title = show(heading(get("troubleshoot.export"), 3))
    return column("eh-parts", "eh-no-print", of=(title, *rows))


def _handout(part: PublicPart, stem: str) -> DownloadFile:
    word = "" if part.part == "certificate" else f" {part.part}"
    return DownloadFile(f"{stem}{word}{part.ending}", part.data)
