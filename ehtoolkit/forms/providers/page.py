"""The providers' page: the list, or the record that is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_training_platform
from ehtoolkit.clock import Clock, SystemClock
from ehtoolkit.forms.demo_data import sample_of, with_sample
from ehtoolkit.forms.engine.background import Runner, run_in_thread
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.providers.listing import Listing
from ehtoolkit.forms.providers.model import Place, ProvidersModel
from ehtoolkit.forms.providers.record import RecordView
from ehtoolkit.identity import Environment
from ehtoolkit.providers import open_registry
from ehtoolkit.providers.provider import type_table
from ehtoolkit.training.sample import Sample

NEW: Final = "new"
SEARCH_LENGTH: Final = 100


def open_page() -> Widget:
    """Return the providers' page of this kernel, to be displayed.

    The query of its address: ``provider=NUMBER`` opens that record and ``provider=new`` a new one, ``part=NAME`` one of
    `ehtoolkit.forms.providers.record.PARTS` in it; ``keystore=FILE`` opens the record of the keystore's holder;
    ``words=WORDS`` searches the list.
    """
    stage = PageContext.of_this_kernel()
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
    if numbers := stage.asked("provider"):
        page.show_asked(numbers, stage.asked("part"))
    else:
        page.show_holder(stage.asked("keystore"))
    on_close(page.root, opened.close)
    return stage.show(page.root)


class ProvidersPage:
    """The providers page.

    Attributes:
        root: the widget to display.
        make: opens the registry; when it fails the page says so.
        sample: what may have to be made before.
    """

    def __init__(
        self,
        make: Callable[[], ProvidersModel],
        stage: PageContext,
        sample: Sample | None = None,
        runner: Runner = run_in_thread,
    ) -> None:
        self._make = make
        self._texts = texts = stage.texts
        self._shell = shell = PageShell(
            texts,
            stage.settings.home,
            texts.get("providers.title"),
            "providers.failed",
            field_of=self._field_of,
        )
        self._body = column("eh-record")
        parts = (shell.back, shell.head, shell.errors, self._body, shell.announcer, shell.address)
        self.root: Any = column("eh", "eh-providers", "eh-stack", of=parts)
        self._model: ProvidersModel | None = None
        self._asked: Callable[[], None] | None = None
        self._words = next(iter(stage.asked("words")), "")[:SEARCH_LENGTH]
        then = self._shell.guard(self._start)
        self._shell.guard(
            lambda: with_sample(sample, self._texts, wait=self._wait, then=then, runner=runner)
        )()

    def _wait(self, sign: Widget) -> None:
        self._body.children = (sign,)
        self._shell.say(self._texts.get("providers.sample.making"))

    def _start(self, made: bool, raised: BaseException | None) -> None:
        self._model = self._make()
        self._model.words = self._words
        self._listing = Listing(self._model, self._shell, self.show_record)
        self._record = RecordView(self._model, self._shell, self.show_list)
        self.show_list(self._texts.get("providers.sample.made") if made else "", focus=False)
        if raised is not None:
            self._shell.fail(raised)
        if self._asked is not None:
            self._asked()

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def show_list(self, said: str = "", *, focus: bool = True) -> None:
        self._shell.clear_errors()
        if self._record.root in self._body.children:
            self._shell.address.go(self._listing.query)
        self._listing.refresh()
        self._shell.show_title(lead=self._texts.get("providers.lead"), focus=focus)
        self._body.children = (self._listing.root,)
        self._shell.confirm(said)

    def show_record(self, provider_id: int | None, part: str = "identity") -> None:
        """Show a record, beginning with ``part``. ``provider_id``: None for a new record."""
        self._shell.clear_errors()
        if self._model is None:
            return
        if provider_id is None:
            self._model.begin()
        else:
            self._model.open(provider_id)
        self._record.start(part)
        query = {**self._listing.query, "provider": NEW if provider_id is None else str(provider_id)}
        self._shell.address.go(query if part == "identity" else {**query, "part": part})
        self._body.children = (self._record.root,)

    def show_asked(self, numbers: Sequence[str], parts: Sequence[str]) -> None:
        """Show the record that the page's address names, as soon as there is a list; for one that is gone, leave the
        list and show the error."""
        if NEW in numbers:
            self._asked = self._shell.guard(lambda: self.show_record(None))
            return
        wanted = next((one for one in numbers if one.isascii() and one.isdigit() and len(one) < 10), None)
        if wanted is None:
            return
        self._asked = self._shell.guard(lambda: self.show_record(int(wanted), next(iter(parts), "identity")))
        if self._model is not None:
            self._asked()

    def show_holder(self, names: Sequence[str]) -> None:
        """Show the record of the holder of the keystore that the page's address names, where its keystore is assigned;
        a new one, filled in, where there is none. The list where the holder's record cannot be found out."""
        if not names:
            return
        self._asked = self._shell.guard(lambda: self._open_for(names[0]))
        if self._model is not None:
            self._asked()

    def _field_of(self, error: errors.EhToolkitError) -> str | None:
        """Return the field that an error is about, which is marked; None where it is about none."""
        if self._model is None or self._model.draft is None:
            return None
        return self._record.certificate.mark(error)

    def _open_for(self, name: str) -> None:
        model = self._model
        draft = None if model is None else model.open_for(name)
        if draft is None:
            self._shell.say(self._texts.get("providers.holder.unknown", file=name))
            return
        self._record.start("identity" if draft.record.id is None else "certificate", filled_from=name)
        self._body.children = (self._record.root,)
