"""The audit page: folders and passwords above, below what was found, the most urgent first."""

from __future__ import annotations

import time
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.auditing.masking import masked
from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.forms.audit.choosing_panel import FOLDERS, ChoosingPanel
from ehtoolkit.forms.audit.filters import FILTER_NAMES, Filters
from ehtoolkit.forms.audit.model import AuditModel, Result
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.results import Results
from ehtoolkit.forms.audit.warnings import folder_problems
from ehtoolkit.forms.demo_data import sample_of, with_sample
from ehtoolkit.forms.engine.background import Runner, on_page, run_in_thread
from ehtoolkit.forms.engine.page_context import PageContext, on_a_server, under_voila
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import show
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column
from ehtoolkit.system.text_safety import printable
from ehtoolkit.training.sample import Sample

_PAUSE: Final = 0.1
"""Seconds between two words on how far it is; thousands of them a second would hold up the page."""


def open_page() -> Widget:
    """Return the audit page of this kernel, to be displayed; it looks at the keystore folder at once, without any
    password but those of the invented practices. The query of its address has the filters."""
    stage = PageContext.of_this_kernel()
    settings = stage.settings
    training = open_training_platform(settings) if settings.environment == "training" else None
    clock: Clock = SystemClock() if training is None else training.clock
    only = training.issued(stage.notes) if training is not None and settings.shared else None
    page = AuditPage(AuditModel(settings, clock, only=only), stage, masks=not under_voila())
    page.begin(sample_of(settings, training))
    if training is not None:
        on_close(page.root, training.close)
    return stage.show(page.root)


class AuditPage:
    """The audit page.

    Attributes:
        root: the widget to display. Nothing is looked at before `start`.
        masks: no whole NISS is shown, nor is it in the state of a widget: a notebook is saved with that, and is sent
            on.
    """

    def __init__(
        self, model: AuditModel, stage: PageContext, runner: Runner = run_in_thread, *, masks: bool = False
    ) -> None:
        self.model = model
        self._texts = stage.texts
        self._run = runner
        self._busy = False
        get = self._texts.get
        self._shell = shell = PageShell(
            self._texts,
            stage.settings.home,
            get("audit_page.title"),
            _failed,
            lead=get("audit_page.lead"),
            field_of=lambda error: FOLDERS if isinstance(error, errors.FolderMissing) else None,
        )
        self._hide = hide = masked if masks else str
        self.choosing = ChoosingPanel(model, shell, self.start, hide)
        self.results = Results(shell, NextSteps(model.usual, stage.pages(), masks), hide)
        wanted = {name: next(iter(stage.asked(name)), "") for name in FILTER_NAMES}
        self.results.filters.choose(Filters(**wanted))
        notes = () if model.only is None else (show(on_a_server(self._texts, "files")),)
        self.root: Any = column(
            *("eh", "eh-audit", "eh-stack"),
            of=(
                *(shell.back, shell.head, shell.errors, *notes),
                *(self.choosing.root, self.results.root, shell.announcer, shell.address),
            ),
        )

        on_close(self.root, model.stop)

    def begin(self, sample: Sample | None) -> None:
        """Call `start`, with the invented practices where there are any; those that a demonstration wants are made
        before."""

        def then(made: bool, raised: BaseException | None) -> None:
            if sample is not None and sample.is_there:
                self.model.take_sample(sample)
            self.choosing.refresh()
            self.start()
            if raised is not None:
                self._shell.fail(raised)

        self._shell.guard(
            lambda: with_sample(
                sample, self._texts, wait=self.choosing.wait, then=self._shell.guard(then), runner=self._run
            )
        )()

    def start(self) -> None:
        """Look at what was chosen, beside the page; what was seen before stays until the new is there."""
        if self._busy:
            return
        self._busy = True
        self.model.begin()  # here, not where it works: a stop that is pressed before that counts
        self._shell.clear_errors()
        self.choosing.begin()
        found: list[Result] = []
        told = 0.0
        tell = on_page(lambda done, of: self.choosing.progress(done, of))

        def progress(done: int, of: int) -> None:
            nonlocal told
            if done == of or time.monotonic() - told > _PAUSE:
                told = time.monotonic()
                tell(done, of)

        def outcome(raised: BaseException | None) -> None:
            self._end()
            if raised is None:
                self._show(found[0])
            else:
                self._shell.fail(raised)

        self._run(
            lambda: found.append(self.model.look(progress, self._texts.language)), self._shell.guard(outcome)
        )

    def _end(self) -> None:
        self._busy = False
        self.choosing.end()

    def _show(self, result: Result) -> None:
        get = self._texts.get
        self.results.show(result)
        problems = folder_problems(result, self._texts)
        # The title takes the focus where the field that had it is hidden now.
        were_open = self.choosing.is_open
        self.choosing.show_fields(there=result.is_empty or bool(problems))
        self.choosing.blame_folders(problems)
        self._shell.show_title(
            caption=self._caption(result),
            lead=get("audit_page.lead"),
            focus=were_open and not self.choosing.is_open,
        )
        self._shell.say(
            get(
                "audit_page.done",
                keystores=len(result.audit.keystores),
                providers=len(result.audit.providers),
                findings=len(result.audit.findings),
            )
        )

    def _caption(self, result: Result) -> str:
        get, audit = self._texts.get, result.audit
        parts = [get("audit_page.count.keystores", count=len(audit.keystores))]
        if len(audit.providers):
            parts.append(get("audit_page.count.providers", count=len(audit.providers)))
        parts += [get("audit_page.count.folders", count=len(result.folders)), self._texts.moment(result.at)]
        if audit.registry is not None:
            parts.append(get("audit_page.registry", registry=self._hide(printable(audit.registry))))
        return " · ".join(parts)


def _failed(error: BaseException) -> str:
    return "audit_page.stopped" if isinstance(error, errors.Cancelled) else "audit_page.failed"
