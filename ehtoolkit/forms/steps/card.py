"""The card: read it, show whose it is, and with the first PIN do what the form needs it for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card import Card, CardIdentity, CardKey, PinEntry, check_certificates, check_holder
from ehtoolkit.card.pin import FULL_TRIES, pin_refused
from ehtoolkit.compose import Toolkit
from ehtoolkit.finding import Finding
from ehtoolkit.forms.idcard import idcard
from ehtoolkit.forms.markup import checks, element, heading, paragraph, show
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.pin_entry import PinPanel
from ehtoolkit.forms.steps.card_concerns import Concerns
from ehtoolkit.forms.steps.insert import CardChooser
from ehtoolkit.forms.steps.readers import Readers, Seen
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.watch import Watch
from ehtoolkit.forms.widgets import Action, Button, ChoiceField, Option
from ehtoolkit.forms.wizard import Phase, Step, Wizard
from ehtoolkit.forms.work import Submission
from ehtoolkit.procedures.card_check import check_card
from ehtoolkit.secret import Secret
from ehtoolkit.texts import Texts

STEP: Final = "card"
"""The name of the step, of its field, and of its result."""

_UNFIT: Final = (errors.CardCertificateMissing, errors.CardCertificateExpired, errors.SigningUnsupported)


PinWork = Callable[[Secret | None], None]
"""What is done with a PIN, or with None where another asks for it."""


@dataclass(frozen=True, slots=True)
class ReadCard:
    """What a form shows of a card, and what is wrong with it."""

    reader: str
    identity: CardIdentity
    problem: errors.CardError | None
    tries_left: int | None
    findings: tuple[Finding, ...] = ()
    """What a look at the card has shown: `ehtoolkit.procedures.card_check`."""


class CardReading:
    """The card of one form. Methods that talk to it are slow and raise `errors.CardError`."""

    def __init__(self, toolkit: Toolkit) -> None:
        self._toolkit = toolkit
        self._card: Card | None = None
        self._entries: Mapping[CardKey, PinEntry] = {}
        self._refused = 0
        self.readers = Readers(toolkit)
        self.tries_left: int | None = None
        """How many PINs may still be wrong, as the card said last; where it does not tell, as far as we saw."""
        self.identity: CardIdentity | None = None
        """Of the card that was read last."""

    @property
    def step(self) -> Step:
        return Step(STEP, {STEP: self._toolkit.default_card})

    @property
    def card(self) -> Card:
        """The open card, still that of the person who was read; slow. Raises `errors.CardAbsent` when none was read,
        and `errors.CardOfAnother` when it was exchanged."""
        if self._card is None or self.identity is None:
            raise errors.CardAbsent
        check_holder(self._card, self.identity.person)
        return self._card

    @property
    def training_cards(self) -> list[Option]:
        """The cards to choose from; none outside training, where one is in the reader."""
        training = self._toolkit.training
        if training is None or self.readers.are_used:
            return []
        names = ((one.name, one.person) for one in training.people())
        return [Option(f"training:{name}", f"{one.first_names} {one.name}") for name, one in names]

    def read(self, wizard: Wizard) -> None:
        """Read the card that is chosen; one that cannot sign is shown all the same, with its problem."""
        self.close()
        card = self._card = self._toolkit.open_card(wizard.values[STEP] or None)
        identity = self.identity = card.identity()
        problem: errors.CardError | None = None
        try:
            check_certificates(card, self._toolkit.parts.clock.now())
        except _UNFIT as error:
            problem = error
        self._entries = {key: card.pin_entry(key) for key in CardKey}
        self._refused, self.tries_left = 0, card.pin_tries_left()
        found = check_card(card, self._toolkit.parts)
        wizard.keep(STEP, ReadCard(card.reader, identity, problem, self.tries_left, found))

    def forget(self, wizard: Wizard) -> None:
        """Another card is about to be read."""
        self.close()
        self.identity = None
        wizard.reopen(STEP)

    def close(self) -> None:
        if self._card is not None:
            self._card.close()
            self._card = None

    def pin_entry(self, key: CardKey) -> PinEntry:
        """Who is about to ask for the PIN: by the reader and its software, so that no card has to be asked while a
        page is made."""
        return self._entries.get(key, PinEntry.HERE)

    def cancel(self) -> None:
        """Stop waiting for whoever types a PIN in another window or on the reader; from any thread."""
        if self._card is not None:
            self._card.cancel()

    def watching_tries(self, work: PinWork) -> PinWork:
        """``work``, after which it is known how many tries are left."""

        def watched(pin: Secret | None) -> None:
            try:
                work(pin)
            except errors.PinBlocked:
                self.tries_left = 0
                raise
            except errors.PinWrong as wrong:
                self._refused += 1
                told = wrong.facts.get("tries_left")
                self.tries_left = told if isinstance(told, int) else None
                if self.tries_left is None and self._refused >= FULL_TRIES - 1:
                    # The card does not tell, but that many we have seen.
                    self.tries_left = 1
                    raise pin_refused(1) from wrong
                raise
            self._refused = 0
            if self._card is not None:
                with suppress(
                    errors.CardError
                ):  # the work is done; the next step will see what is the matter
                    self.tries_left = self._card.pin_tries_left()

        return watched


def read_card_of(wizard: Wizard) -> ReadCard | None:
    """The card that was read, until another is asked for."""
    found = wizard.result(STEP)
    return found if isinstance(found, ReadCard) else None


class CardPages:
    """The two faces of the step. ``form``: the form's catalogue; ``view``: gives the form's view.

    While the step is shown, the readers are looked at: a card that is put in appears, one that is pulled says so.
    """

    def __init__(self, reading: CardReading, texts: Texts, form: str, view: Callable[[], WizardView]) -> None:
        self._reading = reading
        self._texts = texts
        self._form = form
        self._view = view
        self._watch: Watch | None = None
        self._chooser: CardChooser | None = None
        self._seen: Seen | None = None

    def page(self, wizard: Wizard, work: PinWork) -> Page:
        """Insert the card, or, once it was read, see whose it is and do ``work`` with the first PIN."""
        read = read_card_of(wizard)
        self._chooser = None
        return self._insert(wizard) if read is None else self._confirm(wizard, read, work)

    def _refresh(self) -> None:
        self._view().refresh(focus=True)

    def _insert(self, wizard: Wizard) -> Page:
        get, options = self._texts.get, self._reading.training_cards
        watched = self._reading.readers.are_used
        body: list[Widget] = []
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
            lead=get("steps.card.insert.lead.watched" if watched else "steps.card.insert.lead"),
            body=body,
            primary=get("steps.card.read"),
            icon="card",
            work=lambda _: self._reading.read(wizard),
            after=self._refresh,
            busy=get("steps.card.busy"),
            failed=get("steps.card.failed"),
            field_of=lambda error: STEP if isinstance(error, errors.CardsSeveral) else None,
            arrive=lambda: self._look_on(wizard),
        )

    def _confirm(self, wizard: Wizard, read: ReadCard, work: Callable[[Secret | None], None]) -> Page:
        get = self._texts.get

        def another(_: Action) -> None:
            self._reading.forget(wizard)
            self._refresh()

        # With other software it is the same card that is read again.
        same = isinstance(read.problem, errors.SigningUnsupported)
        other = (Button("other", get(f"steps.card.{'again' if same else 'other'}")), another)
        shown = show(idcard(read.identity, self._texts))
        reader = show(paragraph(get("steps.card.reader", reader=read.reader), "eh-note"))
        concerns = Concerns.of(read.problem, read.findings)
        verdict, note = concerns.verdict(self._texts), concerns.note(self._texts)
        notes = [] if note is None else [show(note)]
        if verdict is not None:
            return Page(
                title=get("steps.card.title"),
                body=[show(verdict), shown, *notes, reader],
                more=[other],
                arrive=lambda: self._look_on(wizard),
            )
        fine = [get(f"steps.card.ok.{what}") for what in ("authentication", "signature")]
        found = checks([("ok", text) for text in (*fine, *concerns.proven(self._texts))])
        entry = self._reading.pin_entry(CardKey.AUTHENTICATION)
        pin = PinPanel(entry, lambda: self._reading.tries_left, self._texts)
        work = self._reading.watching_tries(work)

        def go(sent: Submission) -> None:
            sent.on_stop(self._reading.cancel)
            work(pin.secret(sent.secrets))

        return Page(
            title=get("steps.card.title"),
            lead=get(f"{self._form}.card.lead"),
            body=[
                shown,
                *notes,
                show(element("section", heading(get("steps.card.checked")) + found)),
                reader,
                *pin.widgets,
            ],
            primary=get("steps.card.go"),
            work=go,
            busy=get(f"{self._form}.card.asking"),
            stoppable=entry is not PinEntry.HERE,
            failed=get("steps.card.not_yet"),
            field_of=pin.field_of,
            on_error=pin.on_error,
            more=[other],
            arrive=lambda: self._look_on(wizard),
        )

    # ── what changes by itself ───────────────────────────────────────────────────────────────────────────
    def _look_on(self, wizard: Wizard) -> None:
        """Look at the readers as long as this step is shown."""
        if not self._reading.readers.are_used:
            return
        if self._watch is None:
            self._watch = Watch(
                lambda: self._look(wizard),
                wanted=lambda: wizard.current.name == STEP and wizard.phase in (Phase.OPEN, Phase.BUSY),
                paused=lambda: wizard.phase is Phase.BUSY,
                end=self._reading.readers.close,
            )
        self._watch.begin()

    def _look(self, wizard: Wizard) -> Callable[[], None]:
        seen = self._reading.readers.look()
        return self._view().guard(lambda: self._tell(wizard, seen))

    def _tell(self, wizard: Wizard, seen: Seen) -> None:
        if wizard.current.name != STEP or wizard.phase is not Phase.OPEN:
            return
        self._seen, read = seen, read_card_of(wizard)
        if read is None and self._chooser is not None:
            change = self._chooser.show(seen)
            if change:
                self._view().say(change)
        elif read is not None and seen.lacks(read.reader, read.identity):
            self._reading.forget(wizard)
            self._refresh()
            self._view().fail(errors.CardRemoved())
