"""The card: read it, show whose it is, and with the first PIN do what the form needs it for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, CardSpec, PinEntry
from ehtoolkit.forms.engine.background import Poller, SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, StepType
from ehtoolkit.forms.engine.page_context import on_a_server
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Phase, Step, Wizard
from ehtoolkit.forms.html import checks, panel, paragraph, section, show
from ehtoolkit.forms.layout import hideable, set_visible
from ehtoolkit.forms.start_obstacles import Obstacle
from ehtoolkit.forms.steps.card_display import CardWarnings, id_card
from ehtoolkit.forms.steps.opened_card import (
    STEP,
    C_contra,
    CardDetails,
    CardMonitor,
    PinWork,
    ReaderSnapshot,
    read_card_of,
)
from ehtoolkit.forms.steps.signing import PinPanel
from ehtoolkit.forms.steps.terms import lead_on
from ehtoolkit.forms.widgets import Button, ButtonPress, ChoiceField
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret


class CardStep(StepType[C_contra]):
    """Read the card, and do ``work`` with the first PIN. The form's texts say what for: ``card.lead|asking``.

    Args:
        before: what stands in the way of the card's holder, which no PIN would change.
        look: finds that out once the card was read; slow.
    """

    def __init__(
        self,
        work: Callable[[C_contra, Secret | None], None],
        before: Callable[[FormContext[C_contra]], Obstacle | None] = lambda _: None,
        look: Callable[[C_contra], None] = lambda _: None,
    ) -> None:
        super().__init__(STEP)
        self._work, self._before, self._look = work, before, look

    def step(self, model: C_contra) -> Step:
        return Step(STEP, {STEP: model.toolkit.default_card})

    def pages(self, context: FormContext[C_contra]) -> Callable[[Wizard], Page]:
        model = context.model
        pages = CardPages(context, lambda: self._before(context), lambda: self._look(model))
        return lambda wizard: pages.page(wizard, lambda pin: self._work(model, pin))


class CardPages:
    """The two faces of the step.

    While the step is shown, the readers are looked at: a card that is put in appears, one that is pulled says so.
    """

    def __init__(
        self,
        context: FormContext[C_contra],
        before: Callable[[], Obstacle | None],
        look: Callable[[], None],
    ) -> None:
        self._reading = context.model.reading
        self._before = before
        self._look_further = look
        self._context = context
        self._texts = context.texts
        self._view = context.view
        self._watch: Poller | None = None
        self._chooser: CardChooser | None = None
        self._seen: ReaderSnapshot | None = None

    def page(self, wizard: Wizard, work: PinWork) -> Page:
        """Return the page on which to insert the card, or, once it was read, to see whose it is and do ``work`` with
        the first PIN."""
        read = read_card_of(wizard)
        self._chooser = None
        return self._insert(wizard) if read is None else self._confirm(wizard, read, work)

    def _insert(self, wizard: Wizard) -> Page:
        get, options = self._texts.get, self._reading.training_cards
        watched = self._reading.readers.are_used
        body: list[Widget] = [show(on_a_server(self._texts, "card"))] if self._reading.is_elsewhere else []
        if watched:
            self._chooser = CardChooser(self._reading.readers, self._texts, STEP, str(wizard.values[STEP]))
            if self._seen is not None:
                self._chooser.show(self._seen)
            body += self._chooser.widgets
        if options:
            chosen = str(wizard.values[STEP])
            known = {option.value for option in options}
            body.append(
                ChoiceField(
                    STEP,
                    get("steps.card.training"),
                    options,
                    value=chosen if chosen in known else options[0].value,
                    hint=get("steps.card.training.hint"),
                    compact=True,
                )
            )
        return Page(
            title=get("steps.card.insert.title"),
            lead=get(f"steps.card.insert.lead{self._way(watched)}"),
            body=body,
            primary=get("steps.card.read"),
            icon="card",
            work=lambda _: self._read(wizard),
            after=self._context.again,
            busy=get("steps.card.busy"),
            failed=get("steps.card.failed"),
            field_of=lambda error: STEP if isinstance(error, errors.MultipleCards) else None,
            arrive=lambda: self._look_on(wizard),
        )

    def _read(self, wizard: Wizard) -> None:
        self._reading.read(wizard)
        self._look_further()

    def _way(self, watched: bool) -> str:
        if self._reading.is_elsewhere:
            return ".elsewhere"
        return ".watched" if watched else ""

    def _confirm(self, wizard: Wizard, read: CardDetails, work: Callable[[Secret | None], None]) -> Page:
        get = self._texts.get

        def another(_: ButtonPress) -> None:
            self._reading.forget(wizard)
            self._context.again()

        # With other software it is the same card that is read again.
        same = isinstance(read.problem, errors.SigningUnsupported)
        other = (Button("other", get(f"steps.card.{'again' if same else 'other'}")), another)
        shown = show(id_card(read.identity, self._texts))
        reader = show(paragraph(get("steps.card.reader", reader=read.reader), "eh-note"))
        problem = read.problem
        if problem is None and self._reading.tries_left == 0:
            problem = errors.PinBlocked()  # nothing that is typed would open it
        concerns = CardWarnings.of(problem, read.findings)
        verdict, note = concerns.verdict(self._texts), concerns.note(self._texts)
        notes = [] if note is None else [show(note)]
        if verdict is not None:
            return Page(
                title=get("steps.card.title"),
                body=[show(verdict), shown, *notes, reader],
                more=[other],
                arrive=lambda: self._look_on(wizard),
            )
        obstacle = self._before()
        if obstacle is not None and obstacle.final:
            return Page(
                title=get("steps.card.title"),
                body=[show(obstacle.panel(self._texts)), shown, *notes, reader],
                more=[*([] if obstacle.then is None else [lead_on(obstacle.then, self._texts)]), other],
                arrive=lambda: self._look_on(wizard),
            )
        fine = [get(f"steps.card.ok.{what}") for what in ("authentication", "signature")]
        found = checks([("ok", text) for text in (*fine, *concerns.proven(self._texts))])
        checked = show(section(get("steps.card.checked"), found))
        above = [] if obstacle is None else [show(obstacle.panel(self._texts))]
        page = self._identified() if wizard.is_confirmed(STEP) else self._identify(work)
        return replace(
            page,
            title=get("steps.card.title"),
            body=[*above, shown, *notes, checked, reader, *page.body],
            look="submit" if obstacle is not None and obstacle.then is not None else page.look,
            more=[other],
            arrive=lambda: self._look_on(wizard),
        )

    def _identified(self) -> Page:
        """Return what the page has for a holder who has identified himself with this card before."""
        get = self._texts.get
        said = show(paragraph(get("steps.card.identified")))
        return Page(title="", body=[said], primary=get("wizard.next"))

    def _identify(self, work: PinWork) -> Page:
        """Return what the page has about the first PIN, with which ``work`` is done."""
        entry = self._reading.pin_entry(CardKey.AUTHENTICATION)
        pin = PinPanel(entry, lambda: self._reading.tries_left, self._texts)
        work = self._reading.watching_tries(work)

        def go(sent: SubmittedForm) -> None:
            sent.on_stop(self._reading.cancel)
            work(pin.secret(sent.secrets))

        return Page(
            title="",
            lead=self._context.get("card.lead"),
            body=pin.widgets,
            primary=self._texts.get("steps.card.go"),
            work=go,
            busy=self._context.get("card.asking"),
            stoppable=entry is not PinEntry.HERE,
            failed=self._texts.get("steps.card.not_yet"),
            field_of=pin.field_of,
            on_error=pin.on_error,
        )

    # ── what changes by itself ───────────────────────────────────────────────────────────────────────────
    def _look_on(self, wizard: Wizard) -> None:
        """Look at the readers as long as this step is shown."""
        if not self._reading.readers.are_used:
            return
        if self._watch is None:
            self._watch = Poller(
                lambda: self._look(wizard),
                wanted=lambda: (
                    not self._view.left
                    and wizard.current.name == STEP
                    and wizard.phase in (Phase.OPEN, Phase.BUSY)
                ),
                paused=lambda: wizard.phase is Phase.BUSY,
                end=self._reading.readers.close,
            )
        self._watch.begin()

    def _look(self, wizard: Wizard) -> Callable[[], None]:
        seen = self._reading.readers.look()
        return self._view.guard(lambda: self._tell(wizard, seen))

    def _tell(self, wizard: Wizard, seen: ReaderSnapshot) -> None:
        if self._view.left or wizard.current.name != STEP or wizard.phase is not Phase.OPEN:
            return
        self._seen, read = seen, read_card_of(wizard)
        if read is None and self._chooser is not None:
            change = self._chooser.show(seen)
            if change:
                self._view.say(change)
        elif read is not None and seen.lacks(read.reader, read.identity):
            self._reading.forget(wizard)
            self._context.again()
            self._view.fail(errors.CardRemoved())


class CardChooser:
    """``widgets``: the cards, one under the other, and a line where there is none. The field is called ``name``."""

    def __init__(self, readers: CardMonitor, texts: Translator, name: str, chosen: str) -> None:
        self._readers = readers
        self._texts = texts
        self._chosen = chosen
        self._field = hideable(ChoiceField(name, texts.get("steps.card.choose"), [], value=chosen))
        set_visible(self._field, False)
        self._status: Any = hideable(show())
        set_visible(self._status, False)
        self._shown: Sequence[str] | None = None
        self.widgets: Sequence[Widget] = (self._status, self._field)

    def show(self, seen: ReaderSnapshot) -> str:
        """Show what is there now. Return the sentence for those who do not see that something changed, empty when
        nothing did."""
        options = self._readers.options(seen, self._texts)
        problem = "" if seen.problem is None else self._texts.error(seen.problem)
        shown = [problem, *(f"{option.label}\n{option.value}" for option in options)]
        if shown == self._shown:
            return ""
        self._shown = shown
        self._field.offer(options)
        self._propose([option.value for option in options])
        set_visible(self._field, bool(options))
        set_visible(self._status, seen.problem is not None)
        if seen.problem is None:
            self._status.value = ""
            return "; ".join(
                self._texts.get("steps.card.found", holder=option.label, reader=option.hint)
                for option in options
            )
        # That a card has to be put in, the page says already.
        more = () if isinstance(seen.problem, errors.CardAbsent) else (self._texts.next_step(seen.problem),)
        self._status.value = str(panel("info", problem, *more))
        return problem

    def _propose(self, values: Sequence[str]) -> None:
        """Propose the card that was chosen before, when it is back; else the only one. Never propose another one in its
        place."""
        if self._chosen in values:
            self._field.value = self._field.value or self._chosen
        elif len(values) == 1 and not (self._chosen and CardSpec.parse(self._chosen).reader):
            self._field.value = values[0]
