"""The providers' page: the list, or the record that is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Final, ParamSpec

from ipywidgets import Widget

from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.forms.box import column
from ehtoolkit.forms.leaving import when_closed
from ehtoolkit.forms.markup import link, show, svg
from ehtoolkit.forms.problem import explain, guarded
from ehtoolkit.forms.providers.listing import Listing
from ehtoolkit.forms.providers.model import Place, ProvidersModel
from ehtoolkit.forms.providers.record import RecordView
from ehtoolkit.forms.sample import sample_of, with_sample
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.view import HOME
from ehtoolkit.forms.widgets import Announcer, ErrorLine, ErrorSummary, StepHead
from ehtoolkit.forms.work import Runner, run_in_thread
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.providers import open_registry
from ehtoolkit.providers.provider import type_table
from ehtoolkit.training.sample import Sample

P = ParamSpec("P")

NEW: Final = "new"


def open_page() -> Widget:
    """The page of this kernel, to be displayed; ``?provider=NUMBER`` opens that record, ``&part=NAME`` one of
    `ehtoolkit.forms.providers.record.PARTS` in it."""
    stage = Stage.of_this_kernel()
    settings = stage.settings
    training = open_training_platform(settings) if settings.environment == "training" else None
    clock: Clock = SystemClock() if training is None else training.clock
    opened = ExitStack()
    if training is not None:
        opened.callback(training.close)

    def make() -> ProvidersModel:
        registry = open_registry(settings, clock)
        opened.callback(registry.close)
        only = training.issued(stage.notes) if training is not None and settings.shared else None
        place = Place(settings.keystores, Environment(settings.environment), only, stage.notes)
        return ProvidersModel(registry, clock, type_table(settings.provider_types), place)

    page = ProvidersPage(make, stage, sample_of(settings, training))
    page.show_asked(stage.asked("provider"), stage.asked("part"))
    when_closed(page.root, opened.close)
    return stage.show(page.root)


class ProvidersPage:
    """``root``: the widget to display. ``make`` opens the registry; when it fails the page says so. ``sample``: what
    may have to be made before."""

    def __init__(
        self,
        make: Callable[[], ProvidersModel],
        stage: Stage,
        sample: Sample | None = None,
        runner: Runner = run_in_thread,
    ) -> None:
        self._stage = stage
        self._make = make
        self.texts: Translator = stage.texts
        self.home = stage.settings.home
        self._head = StepHead()
        self._head.tab = f"{self.texts.get('providers.title')} – ehtoolkit"
        self._errors = ErrorSummary()
        self._announcer = Announcer()
        self._body = column("eh-record")
        home = show(link(svg("back") + self.texts.get("page.home"), HOME, class_="eh-back"))
        self.root: Any = column(
            "eh", "eh-providers", "eh-stack", of=(home, self._head, self._errors, self._body, self._announcer)
        )
        self._head.show(caption="", title=self.texts.get("providers.title"), lead="", focus=False)
        self._model: ProvidersModel | None = None
        self._asked: Callable[[], None] | None = None
        then = self.guard(self._start)
        self.guard(lambda: with_sample(sample, self.texts, wait=self._wait, then=then, runner=runner))()

    def _wait(self, sign: Widget) -> None:
        self._body.children = (sign,)
        self.say(self.texts.get("providers.sample.making"))

    def _start(self, made: bool, raised: BaseException | None) -> None:
        self._model = self._make()
        self._listing = Listing(self._model, self)
        self._record = RecordView(self._model, self)
        self.show_list(self.texts.get("providers.sample.made") if made else "", focus=False)
        if raised is not None:
            self._fail(raised)
        if self._asked is not None:
            self._asked()

    # ── what the two parts ask of the page ───────────────────────────────────────────────────────────────
    def show_list(self, said: str = "", *, focus: bool = True) -> None:
        self._errors.clear()
        self._listing.refresh()
        get = self.texts.get
        self._head.show(caption="", title=get("providers.title"), lead=get("providers.lead"), focus=focus)
        self._body.children = (self._listing.root,)
        self.say(said)

    def show_record(self, provider_id: int | None, part: str = "identity") -> None:
        """``provider_id``: None for a new record."""
        self._errors.clear()
        if self._model is None:
            return
        if provider_id is None:
            self._model.begin()
        else:
            self._model.open(provider_id)
        self._record.start(part)
        self._body.children = (self._record.root,)

    def show_asked(self, numbers: Sequence[str], parts: Sequence[str]) -> None:
        """The record that the page's address names, as soon as there is a list; one that is gone leaves the list, and
        is told."""
        wanted = next((one for one in numbers if one.isascii() and one.isdigit() and len(one) < 10), None)
        if wanted is None:
            return
        self._asked = self.guard(lambda: self.show_record(int(wanted), next(iter(parts), "identity")))
        if self._model is not None:
            self._asked()

    def name_record(self, title: str, caption: str, *, focus: bool) -> None:
        self._head.show(caption=caption, title=title, lead="", focus=focus)

    def say(self, sentence: str) -> None:
        if sentence:
            self._announcer.say(sentence)

    def blame(self, title: str, lines: list[ErrorLine]) -> None:
        """What stands in the way, with the focus on it."""
        self._errors.show(title, lines, [])

    def clear_errors(self) -> None:
        self._errors.clear()

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────
    def guard(self, listener: Callable[P, None]) -> Callable[P, None]:
        """``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""
        return guarded(listener, self._fail)

    def _fail(self, error: BaseException) -> None:
        problem = explain(error, self.texts, self._stage.settings.home)
        lines = [ErrorLine(problem.sentence)]
        self._errors.show(self.texts.get("providers.failed"), lines, problem.notes(self.texts))
