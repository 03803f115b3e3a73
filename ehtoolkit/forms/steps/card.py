"""The card: read it, show whose it is, and with the first PIN do what the form needs it for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, CardSpec
from ehtoolkit.forms.engine.background import Poller
from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.page_context import on_a_server
from ehtoolkit.forms.engine.page_errors import write_report
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Phase, Wizard
from ehtoolkit.forms.html import checks, panel, paragraph, section, show
from ehtoolkit.forms.layout import set_visible
from ehtoolkit.forms.start_obstacles import Obstacle
from ehtoolkit.forms.steps.card_display import CardWarnings, id_card
from ehtoolkit.forms.steps.opened_card import (
    STEP,
    C_contra,
    CardDetails,
    CardInUse,
    CardMonitor,
    ReaderSnapshot,
)
from ehtoolkit.forms.steps.signing import PinPanel
from ehtoolkit.forms.steps.terms import leads_on
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret


def card_step(
    work: Callable[[C_contra, Secret | None], None],
    before: Callable[[FormContext[C_contra]], Obstacle | None] = lambda _: None,
    look: Callable[[C_contra], None] = lambda _: None,
) -> FormStep[C_contra]:
    """Return the step that reads the card, and does ``work`` with the first PIN. The form's texts say what for:
    ``card.lead|asking``.

    Args:
        before: what stands in the way of the card's holder, which no PIN would change.
        look: finds that out once the card was read; slow.
    """

    def page(context: FormContext[C_contra]) -> Page:
        pages: CardPages = context.parts.get(STEP) or CardPages(context, work, before, look)
        context.parts[STEP] = pages
        return pages.page()

    return FormStep(STEP, page, fields=lambda model: {STEP: model.toolkit.default_card})


class CardPages:
    """The two faces of the step.

    While the step is shown, the readers are looked at: a card that is put in appears, one that is pulled says so.
    """

    def __init__(
        self,
        context: FormContext[Any],
        work: Callable[[Any, Secret | None], None],
        before: Callable[[FormContext[Any]], Obstacle | None],
        look: Callable[[Any], None],
    ) -> None:
        self._model = context.model
        self._reading: CardInUse = context.model.reading
        self._wizard: Wizard = context.model.wizard
        self._work = work
        self._before = before
        self._look_further = look
        self._context = context
        self._texts = context.texts
        self._watch: Poller | None = None
        self._chooser: CardChooser | None = None
        self._seen: ReaderSnapshot | None = None

    def page(self) -> Page:
        """Return the page on which to insert the card, or, once it was read, to see whose it is and do the work with
        the first PIN."""
        read, self._chooser = self._model.card, None
        page = self._insert() if read is None else self._confirm(read)
        return replace(page, arrive=self._look_on)

    def _insert(self) -> Page:
        get, toolkit, chosen = self._texts.get, self._model.toolkit, str(self._wizard.values[STEP])
        options = [Option(card, holder.full_name) for card, holder in toolkit.training_cards.items()]
        # On a shared server the user's own card is in a reader of another computer.
        watched, elsewhere = self._reading.readers.are_used, toolkit.settings.shared
        body: list[Widget] = [show(on_a_server(self._texts, "card"))] if elsewhere else []
        if watched:
            self._chooser = CardChooser(self._reading.readers, self._texts, STEP, chosen)
            if self._seen is not None:
                self._chooser.show(self._seen)
            body += self._chooser.widgets
        if options:
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
        way = ".elsewhere" if elsewhere else ".watched" if watched else ""
        return Page(
            title=get("steps.card.insert.title"),
            lead=get(f"steps.card.insert.lead{way}"),
            body=body,
            primary=get("steps.card.read"),
            icon="card",
            work=lambda _: self._read(),
            after=self._context.again,
            busy=get("steps.card.busy"),
            failed=get("steps.card.failed"),
            field_of=lambda error: STEP if isinstance(error, errors.MultipleCards) else None,
        )

    def _read(self) -> None:
        self._reading.read(self._wizard)
        self._look_further(self._model)

    def _confirm(self, read: CardDetails) -> Page:
        get, texts, problem = self._texts.get, self._texts, read.problem
        if problem is None and self._reading.tries_left == 0:
            problem = errors.PinBlocked()  # nothing that is typed would open it
        concerns = CardWarnings.of(problem, read.findings)
        note, verdict = concerns.note(texts), concerns.verdict(texts)
        reader = []  # a training card is in none
        if self._reading.readers.are_used:
            reader.append(show(paragraph(get("steps.card.reader", reader=read.reader), "eh-note")))
        shown = [show(id_card(read.identity, texts)), *([] if note is None else [show(note)])]
        # With other software it is the same card that is read again.
        same = isinstance(read.problem, errors.SigningUnsupported)
        other = Button("other", get(f"steps.card.{'again' if same else 'other'}"))
        acts = {"other": self._read_another}
        obstacle = self._before(self._context) if verdict is None else None
        above = [] if obstacle is None else [show(obstacle.panel(texts))]
        if verdict is not None or (obstacle is not None and obstacle.final):
            leads = [] if obstacle is None else leads_on(obstacle.then, texts)
            above = above if verdict is None else [show(verdict)]
            body = [*above, *shown, *reader]
            return Page(title=get("steps.card.title"), body=body, more=[*leads, other], acts=acts)
        fine = [get(f"steps.card.ok.{what}") for what in ("authentication", "signature")]
        found = checks([("ok", text) for text in (*fine, *concerns.proven(texts))])
        checked = show(section(get("steps.card.checked"), found))
        page = self._identified() if self._wizard.is_confirmed(STEP) else self._identify()
        return replace(
            page,
            title=get("steps.card.title"),
            body=[*above, *shown, checked, *reader, *page.body],
            look="submit" if obstacle is not None and obstacle.then is not None else page.look,
            more=[other],
            acts=acts,
        )

    def _read_another(self, _: ButtonPress) -> None:
        self._reading.forget(self._wizard)
        self._context.again()

    def _identified(self) -> Page:
        """Return what the page has for a holder who has identified himself with this card before."""
        get = self._texts.get
        said = show(paragraph(get("steps.card.identified")))
        return Page(title="", body=[said], primary=get("wizard.next"))

    def _identify(self) -> Page:
        """Return what the page has about the first PIN, with which the work is done."""
        pin = PinPanel(self._reading, CardKey.AUTHENTICATION, self._texts)
        return Page(
            title="",
            lead=self._context.get("card.lead"),
            body=pin.widgets,
            primary=self._texts.get("steps.card.go"),
            work=pin.sends(lambda typed: self._work(self._model, typed)),
            busy=self._context.get("card.asking"),
            stop=pin.stop,
            failed=self._texts.get("steps.card.not_yet"),
            field_of=pin.field_of,
            on_error=pin.on_error,
        )

    # ── what changes by itself ───────────────────────────────────────────────────────────────────────────
    def _look_on(self) -> None:
        """Look at the readers as long as this step is shown."""
        if not self._reading.readers.are_used:
            return
        if self._watch is None:
            self._watch = Poller(
                self._look,
                partial(write_report, home=self._context.home),
                wanted=lambda: self._is_shown(Phase.OPEN, Phase.BUSY),
                paused=lambda: self._wizard.phase is Phase.BUSY,
                end=self._reading.readers.close,
            )
        self._watch.begin()

    def _is_shown(self, *phases: Phase) -> bool:
        return not self._context.left and self._wizard.current.name == STEP and self._wizard.phase in phases

    def _look(self) -> Callable[[], None]:
        seen = self._reading.readers.look()
        return self._context.guard(lambda: self._tell(seen))

    def _tell(self, seen: ReaderSnapshot) -> None:
        if not self._is_shown(Phase.OPEN):
            return
        self._seen, read = seen, self._model.card
        if read is None and self._chooser is not None:
            change = self._chooser.show(seen)
            if change:
                self._context.say(change)
        elif read is not None and seen.lacks(read.reader, read.identity):
            self._reading.forget(self._wizard)
            self._context.again()
            self._context.fail(errors.CardRemoved())


class CardChooser:
    """``widgets``: the cards, one under the other, and a line where there is none. The field is called ``name``."""

    def __init__(self, readers: CardMonitor, texts: Translator, name: str, chosen: str) -> None:
        self._readers = readers
        self._texts = texts
        self._chosen = chosen
        self._field = ChoiceField(name, texts.get("steps.card.choose"), [], value=chosen)
        set_visible(self._field, False)
        self._status: Any = show()
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
