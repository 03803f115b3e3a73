"""The audit page: folders and passwords above, below what was found, the most urgent first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.audit.choosing_panel import FOLDERS, ChoosingPanel
from ehtoolkit.forms.audit.filters import FILTER_NAMES, Filters
from ehtoolkit.forms.audit.html import folder_problems
from ehtoolkit.forms.audit.model import AuditModel, Result
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.results import Results
from ehtoolkit.forms.demo_data import with_sample
from ehtoolkit.forms.engine.page_context import on_a_server
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Progress, Task
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import show

_PAUSE: Final = 0.1
"""Seconds between two words on how far it is; thousands of them a second would hold up the page."""
_TENTHS: Final = 10


class AuditPage(ToolPage[AuditModel]):
    """The audit page. Nothing is looked at before `start`."""

    def __init__(self, model: AuditModel, shell: PageShell) -> None:
        super().__init__(model, shell)
        leads = NextSteps(model.settings.keystores, shell.pages, model.masks)
        self.choosing = ChoosingPanel(model, shell, self.start, leads.hide)
        self._tasks = shell.tasks(lambda: self.choosing.shown, say=self._say_progress)
        self.results = Results(shell, leads, model.environment, self.choosing.bar)
        self._tenth = 0
        asked = shell.context.asked
        self.results.choose(Filters(**{name: asked(name) for name in FILTER_NAMES}), asked("part"))

    def body(self) -> Sequence[Widget]:
        notes = () if self.model.only is None else (show(on_a_server(self.texts, "files")),)
        return (*notes, self.choosing.root, self.results.root, self.shell.address)

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        return FOLDERS if isinstance(error, errors.FolderMissing) else None

    def begin(self) -> None:
        """Call `start`, with the invented practices where there are any; those that a demonstration wants are made
        before."""

        def then(made: bool) -> None:
            self.model.take_sample()
            self.choosing.refresh()
            self.start()

        with_sample(self.model.sample, self.shell, wait=self.choosing.wait, then=then)

    def start(self) -> None:
        """Look at what was chosen, beside the page; what was seen before stays until the new is there."""
        if self._tasks.busy:
            return
        self.model.begin()  # here, not where it works: a stop that is pressed before that counts
        self.shell.clear_errors()
        self._tenth = 0
        self._tasks.start(
            Task(self._look, self._show, self.texts.get("audit_page.busy"), stop=self.model.stop)
        )

    def _look(self, progress: Progress) -> Result:
        reported_at = 0.0

        def looked_at(done: int, of: int) -> None:
            nonlocal reported_at
            if done == of or time.monotonic() - reported_at > _PAUSE:
                reported_at = time.monotonic()
                progress(self.texts.get("audit_page.progress", done=done, of=of), done / of if of else -1.0)

        return self.model.look(looked_at, self.texts.language)

    def _say_progress(self, sentence: str) -> None:
        """Say how far the audit is, after each tenth of the files."""
        tenth = int(self.choosing.shown.progress * _TENTHS)
        if tenth > self._tenth:
            self._tenth = tenth
            self.shell.say(sentence)

    def _show(self, result: Result) -> None:
        self.results.show(result)
        problems = folder_problems(result, self.texts)
        # The title takes the focus where the field that had it is hidden now.
        were_open = self.choosing.is_open
        self.choosing.show_fields(there=result.is_empty or bool(problems))
        self.shell.mark(FOLDERS, " ".join(problems))
        self.shell.show_title(
            caption=self._caption(result),
            lead=self.texts.get("audit_page.lead") if result.is_empty else "",
            focus=were_open and not self.choosing.is_open,
        )
        count = len(result.audit.counted_findings)
        self.shell.say(self.texts.get("audit_page.done", **result.audit.counts, findings=count))

    def _caption(self, result: Result) -> str:
        get, rows = self.texts.get, result.audit.rows
        phrases = [get("audit_page.count.keystores", count=len(rows.keystores))]
        if rows.providers:
            phrases.append(get("audit_page.count.providers", count=len(rows.providers)))
        phrases += [get("audit_page.count.folders", count=len(result.folders)), self.texts.moment(result.at)]
        return " · ".join(phrases)
