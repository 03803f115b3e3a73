"""The card: read it, show whose it is, and with the first PIN do what the form needs it for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card import Card, CardIdentity, CardKey, PinEntry, check_certificates
from ehtoolkit.compose import Toolkit
from ehtoolkit.finding import Finding
from ehtoolkit.forms.idcard import idcard
from ehtoolkit.forms.markup import checks, element, heading, paragraph, show
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.pin_entry import PinPanel
from ehtoolkit.forms.steps.card_concerns import Concerns
from ehtoolkit.forms.widgets import Action, Button, ChoiceField, Option
from ehtoolkit.forms.wizard import Step, Wizard
from ehtoolkit.procedures.card_check import check_card
from ehtoolkit.secret import Secret
from ehtoolkit.texts import Texts

STEP: Final = "card"
"""The name of the step, of its field, and of its result."""

_UNFIT: Final = (errors.CardCertificateMissing, errors.CardCertificateExpired, errors.SigningUnsupported)


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
        self.identity: CardIdentity | None = None
        """Of the card that was read last."""

    @property
    def step(self) -> Step:
        return Step(STEP, {STEP: self._toolkit.default_card})

    @property
    def card(self) -> Card:
        """The open card. Raises `errors.CardAbsent` when none was read."""
        if self._card is None:
            raise errors.CardAbsent
        return self._card

    @property
    def training_cards(self) -> list[Option]:
        """The cards to choose from; none outside training, where one is in the reader."""
        training = self._toolkit.training
        if training is None:
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
        found = check_card(card, self._toolkit.parts)
        wizard.keep(STEP, ReadCard(card.reader, identity, problem, card.pin_tries_left(), found))

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
        """Who is about to ask for the PIN."""
        return PinEntry.HERE if self._card is None else self._card.pin_entry(key)

    def tries_left(self) -> int | None:
        """How many PINs may still be wrong, as the card says now; None where it does not tell."""
        return None if self._card is None else self._card.pin_tries_left()


def read_card_of(wizard: Wizard) -> ReadCard | None:
    """The card that was read, until another is asked for."""
    found = wizard.result(STEP)
    return found if isinstance(found, ReadCard) else None


class CardPages:
    """The two faces of the step. ``form``: the form's catalogue; ``refresh``: shows this step anew."""

    def __init__(self, reading: CardReading, texts: Texts, form: str, refresh: Callable[[], None]) -> None:
        self._reading = reading
        self._texts = texts
        self._form = form
        self._refresh = refresh

    def page(self, wizard: Wizard, work: Callable[[Secret | None], None]) -> Page:
        """Insert the card, or, once it was read, see whose it is and do ``work`` with the first PIN."""
        read = read_card_of(wizard)
        return self._insert(wizard) if read is None else self._confirm(wizard, read, work)

    def _insert(self, wizard: Wizard) -> Page:
        get, options = self._texts.get, self._reading.training_cards
        body: list[Widget] = []
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
            lead=get("steps.card.insert.lead"),
            body=body,
            primary=get("steps.card.read"),
            icon="card",
            work=lambda _: self._reading.read(wizard),
            after=self._refresh,
            busy=get("steps.card.busy"),
            failed=get("steps.card.failed"),
        )

    def _confirm(self, wizard: Wizard, read: ReadCard, work: Callable[[Secret | None], None]) -> Page:
        get = self._texts.get

        def another(_: Action) -> None:
            self._reading.forget(wizard)
            self._refresh()

        other = (Button("other", get("steps.card.other")), another)
        shown = show(idcard(read.identity, self._texts))
        reader = show(paragraph(get("steps.card.reader", reader=read.reader), "eh-note"))
        concerns = Concerns.of(read.problem, read.findings)
        verdict, note = concerns.verdict(self._texts), concerns.note(self._texts)
        notes = [] if note is None else [show(note)]
        if verdict is not None:
            body = [show(verdict), shown, *notes, reader]
            return Page(title=get("steps.card.title"), body=body, more=[other])
        fine = [get(f"steps.card.ok.{what}") for what in ("authentication", "signature")]
        found = checks([("ok", text) for text in (*fine, *concerns.proven(self._texts))])
        pin = PinPanel(self._reading.pin_entry(CardKey.AUTHENTICATION), read.tries_left, self._texts)
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
            work=lambda sent: work(pin.secret(sent.secrets)),
            busy=get(f"{self._form}.card.asking"),
            failed=get("steps.card.not_yet"),
            field_of=pin.field_of,
            on_error=pin.on_error,
            more=[other],
        )
