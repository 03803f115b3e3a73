"""The Troubleshoot page: files come in above, each has a line with its verdict, one is shown in full below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from ipywidgets import Widget

from ehtoolkit.finding import Severity
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.doctor.card_panel import CardPanel
from ehtoolkit.forms.engine.page_context import on_a_server
from ehtoolkit.forms.engine.page_errors import guard
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import show
from ehtoolkit.forms.layout import close, column
from ehtoolkit.forms.troubleshoot.advice import verdict_of
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.file_intake import FileIntake
from ehtoolkit.forms.troubleshoot.file_view import FileView
from ehtoolkit.forms.troubleshoot.model import TroubleshootModel
from ehtoolkit.forms.troubleshoot.report import about, platform_word
from ehtoolkit.forms.widgets.choices import FileList, ListedFile
from ehtoolkit.system.text_safety import printable

_WORST_FIRST: Final = ("danger", "warn", "info", "off", "ok")
"""How lines of the list look, in their order."""


class TroubleshootPage(ToolPage[TroubleshootModel]):
    """The Troubleshoot page. Errors about files that come in are shown where files are dropped.

    ``detail``: the file that is shown in full.
    """

    has_summary = False

    def __init__(self, model: TroubleshootModel, shell: PageShell) -> None:
        super().__init__(model, shell)
        self.intake = FileIntake(model, shell, self._show_new)
        self._details: dict[int, FileView] = {}
        self.detail: FileView | None = None
        get = self.texts.get
        self.list = FileList(label=get("troubleshoot.list"))
        self.list.on_choose(guard(self._choose, self.intake.fail))
        self._host = column("eh-file")
        self._card = CardPanel(shell, model.toolkit.settings)
        for widget in (self.list, self._card.root):
            widget.add_class("eh-no-print")

    def body(self) -> Sequence[Widget]:
        notes = () if self.model.only is None else (show(on_a_server(self.texts, "files")),)
        return (*notes, self.intake.root, self.list, self._host, self._card.root)

    def begin(self) -> None:
        self.intake.is_open = self.model.chosen is None
        self._changed()
        if self.model.chosen is not None:
            self.intake.examine([partial(self.model.look_at, self.model.chosen)])

    # ── files come in ────────────────────────────────────────────────────────────────────────────────────
    def _show_new(self, examined_files: Sequence[ExaminedFile]) -> None:
        for examined in examined_files:
            self.model.keep(examined)
            if examined.number in self._details:
                self._details[examined.number].look_again(examined)
        if examined_files:
            had_focus = self.intake.is_open
            self.intake.is_open = bool(self.intake.zone.errors)
            self._show(self._worst_first(examined_files)[0], focus=had_focus)
            self._say_what_came(examined_files)
        else:
            self.intake.is_open = True
        self._changed()

    def _say_what_came(self, examined_files: Sequence[ExaminedFile]) -> None:
        get = self.texts.get
        if len(examined_files) == 1:
            verdict = get(f"troubleshoot.verdict.{verdict_of(examined_files[0]).name}")
            self.shell.say(
                get("troubleshoot.looked.one", name=printable(examined_files[0].name), verdict=verdict)
            )
        else:
            self.shell.say(get("troubleshoot.looked.many", count=len(examined_files)))

    # ── one is shown ─────────────────────────────────────────────────────────────────────────────────────
    def _choose(self, key: str) -> None:
        examined = self.model.find(int(key))
        if examined is not None:
            self._show(examined, focus=True)
            self._changed()

    def _show(self, examined: ExaminedFile, *, focus: bool) -> None:
        detail = self._details.get(examined.number)
        if detail is None:
            detail = self._details[examined.number] = FileView(
                examined, self.model, self.shell, changed=self._changed, close=self._close
            )
        elif detail.examined is not examined:  # what was done with another file changed this one
            detail.look_again(examined)
        self.detail, self._host.children = detail, (detail.root,)
        if focus:
            detail.focus()

    def _close(self, examined: ExaminedFile) -> None:
        self.model.forget(examined.number)
        close(self._details.pop(examined.number).root)
        self.detail, self._host.children = None, ()
        rest = self.model.examined_files
        if rest:
            self._show(self._worst_first(rest)[0], focus=True)
        else:
            self.intake.is_open = True
        self.shell.say(self.texts.get("troubleshoot.closed", name=printable(examined.name)))
        self._changed()

    def _changed(self) -> None:
        """Show what is there now: in the list, and in the folder."""
        detail, files = self.detail, self._worst_first(self.model.examined_files)
        if detail is not None:
            self._card.follow(detail.examined.diagnosis.owner)
        listed = list(map(self._line, files)) if len(files) > 1 else []  # a single file needs no list
        self.list.show(listed, "" if detail is None else str(detail.examined.number))
        # While nothing is to be done with a file, the next thing is to take one: the folder's, or one from elsewhere.
        self.intake.show(has_file=detail is not None, leads_on=detail is not None and detail.leads_on)

    def _worst_first(self, examined_files: Sequence[ExaminedFile]) -> list[ExaminedFile]:
        return sorted(examined_files, key=lambda examined: _WORST_FIRST.index(self._line(examined).severity))

    def _line(self, examined: ExaminedFile) -> ListedFile:
        verdict = verdict_of(examined)
        word = self.texts.get(f"troubleshoot.verdict.{verdict.name}")
        look = "off" if verdict.name == "closed" else LOOKS[verdict.severity]
        platform_status = examined.platform_status
        if platform_status is not None and examined.contradicted and verdict.severity is not Severity.ERROR:
            state = platform_word(platform_status, self.texts)
            word, look = self.texts.get("troubleshoot.platform.says", state=state), "danger"
        return ListedFile(
            str(examined.number), printable(examined.name), about(examined, self.texts), look, word
        )
