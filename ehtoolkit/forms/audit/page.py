"""The audit page: folders and passwords above, below what was found, the most urgent first."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.audit.masking import masked
from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.forms.audit.choosing_part import FOLDERS, ChoosingPart
from ehtoolkit.forms.audit.leads import Leads
from ehtoolkit.forms.audit.model import AuditModel, Result
from ehtoolkit.forms.audit.notes import folder_problems
from ehtoolkit.forms.audit.results import Results
from ehtoolkit.forms.box import column
from ehtoolkit.forms.leaving import when_closed
from ehtoolkit.forms.markup import link, show, svg
from ehtoolkit.forms.problem import explain, guarded
from ehtoolkit.forms.sample import sample_of, with_sample
from ehtoolkit.forms.server_note import on_a_server
from ehtoolkit.forms.stage import Stage, under_voila
from ehtoolkit.forms.view import HOME
from ehtoolkit.forms.widgets import Announcer, ErrorLine, ErrorSummary, StepHead
from ehtoolkit.forms.work import Runner, run_in_thread
from ehtoolkit.i18n import Translator
from ehtoolkit.training.sample import Sample

P = ParamSpec("P")

_PAUSE: Final = 0.1
"""Seconds between two words on how far it is; thousands of them a second would hold up the page."""


def open_page() -> Widget:
    """The page of this kernel, to be displayed; it looks at the keystore folder at once, without any password."""
    stage = Stage.of_this_kernel()
    settings = stage.settings
    training = open_training_platform(settings) if settings.environment == "training" else None
    clock: Clock = SystemClock() if training is None else training.clock
    only = training.issued(stage.notes) if training is not None and settings.shared else None
    page = AuditPage(AuditModel(settings, clock, only=only), stage, masks=not under_voila())
    page.begin(sample_of(settings, training))
    if training is not None:
        when_closed(page.root, training.close)
    return stage.show(page.root)


class AuditPage:
    """``root``: the widget to display. Nothing is looked at before `start`. ``masks``: no whole NISS is shown, nor is
    it in the state of a widget: a notebook is saved with that, and is sent on."""

    def __init__(
        self, model: AuditModel, stage: Stage, runner: Runner = run_in_thread, *, masks: bool = False
    ) -> None:
        self.model = model
        self.masks = masks
        self.texts: Translator = stage.texts
        self._home = stage.settings.home
        self._run = runner
        self._busy = False
        self._head = StepHead()
        self._errors = ErrorSummary()
        self._announcer = Announcer()
        self.choosing = ChoosingPart(model, self, self.start)
        self.results = Results(self, Leads(model.usual, stage.pages(), masks))
        get = self.texts.get
        self._head.tab = f"{get('audit_page.title')} – ehtoolkit"
        self._head.show(caption="", title=get("audit_page.title"), lead=get("audit_page.lead"), focus=False)
        back = show(link(svg("back") + get("page.home"), HOME, class_="eh-back"))
        notes = () if model.only is None else (show(on_a_server(self.texts, "files")),)
        self.root: Any = column(
            *("eh", "eh-audit", "eh-stack"),
            of=(
                *(back, self._head, self._errors, *notes),
                *(self.choosing.root, self.results.root, self._announcer),
            ),
        )

    def begin(self, sample: Sample | None) -> None:
        """`start`, with the invented practices where there are any; those that a demonstration wants are made
        before."""

        def then(made: bool, raised: BaseException | None) -> None:
            if sample is not None and sample.is_there:
                self.model.take_sample(sample)
            self.choosing.refresh()
            self.start()
            if raised is not None:
                self._fail(raised)

        self.guard(
            lambda: with_sample(
                sample, self.texts, wait=self.choosing.wait, then=self.guard(then), runner=self._run
            )
        )()

    def start(self) -> None:
        """Look at what was chosen, beside the page; what was seen before stays until the new is there."""
        if self._busy:
            return
        self._busy = True
        self._errors.clear()
        self.choosing.begin()
        found: list[Result] = []
        told = 0.0

        def progress(done: int, of: int) -> None:
            nonlocal told
            if done == of or time.monotonic() - told > _PAUSE:
                told = time.monotonic()
                self.choosing.progress(done, of)

        def outcome(raised: BaseException | None) -> None:
            self._end()
            if raised is None:
                self._show(found[0])
            else:
                self._fail(raised)

        self._run(lambda: found.append(self.model.look(progress, self.texts.language)), self.guard(outcome))

    def _end(self) -> None:
        self._busy = False
        self.choosing.end()

    def _show(self, result: Result) -> None:
        get = self.texts.get
        self.results.show(result)
        problems = folder_problems(result, self.texts)
        # Whoever sent them from a field that goes away reads on from the top of what was found.
        were_open = self.choosing.is_open
        self.choosing.show_fields(there=result.is_empty or bool(problems))
        self.choosing.blame_folders(problems)
        self._head.show(
            caption=self._caption(result),
            title=get("audit_page.title"),
            lead=get("audit_page.lead"),
            focus=were_open and not self.choosing.is_open,
        )
        self.say(
            get(
                "audit_page.done",
                keystores=len(result.audit.keystores),
                providers=len(result.audit.providers),
                findings=len(result.audit.findings),
            )
        )

    def _caption(self, result: Result) -> str:
        get, audit = self.texts.get, result.audit
        parts = [get("audit_page.count.keystores", count=len(audit.keystores))]
        if len(audit.providers):
            parts.append(get("audit_page.count.providers", count=len(audit.providers)))
        parts += [get("audit_page.count.folders", count=len(result.folders)), self.texts.moment(result.at)]
        return " · ".join(parts)

    # ── what the parts ask of the page ───────────────────────────────────────────────────────────────────
    def shown(self, text: str) -> str:
        """``text``, or HTML, as this page shows it."""
        return masked(text) if self.masks else text

    def say(self, sentence: str) -> None:
        if sentence:
            self._announcer.say(sentence)

    def clear_errors(self) -> None:
        self._errors.clear()

    def guard(self, listener: Callable[P, None]) -> Callable[P, None]:
        """``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""
        return guarded(listener, self._fail)

    def _fail(self, error: BaseException) -> None:
        problem = explain(error, self.texts, self._home)
        field = FOLDERS if isinstance(error, errors.FolderMissing) else None
        title = self.texts.get(
            "audit_page.stopped" if isinstance(error, errors.Cancelled) else "audit_page.failed"
        )
        self._errors.show(title, [ErrorLine(problem.sentence, field)], problem.notes(self.texts))
