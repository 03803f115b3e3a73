"""The card of a form: in its reader, opened, read, and still that of the same person when it signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeVar

from ehtoolkit import errors
from ehtoolkit.card.pin import FULL_TRIES, pin_refused
from ehtoolkit.card.port import (
    Card,
    CardIdentity,
    CardKey,
    CardSpec,
    PinEntry,
    check_certificates,
    check_holder,
)
from ehtoolkit.card.readers import CardLister, FoundCard
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.finding import Finding
from ehtoolkit.forms.engine.form_model import FormModel, OptionalResult, StepResult
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.widgets.fields import Option
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Person
from ehtoolkit.procedures.card_check import check_card
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

_OUT: Final = (
    errors.CardAbsent,
    errors.NotAnEid,
    errors.ReaderUnknown,
    errors.SmartCardServiceMissing,
)


@dataclass(frozen=True, slots=True)
class ReaderSnapshot:
    """One look. ``problem``: why there are no cards."""

    cards: Sequence[FoundCard] = ()
    problem: errors.EhToolkitError | None = None

    def lacks(self, reader: str, identity: CardIdentity) -> bool:
        """Return whether the card that was read is not in its reader any more; a look that failed tells nothing."""
        if self.problem is not None:
            return isinstance(self.problem, _OUT)
        there = [card for card in self.cards if card.reader == reader]
        return not any(card.holder is None or card.holder.niss == identity.niss for card in there)


class CardMonitor:
    """The readers of this computer. Looking is slow and raises nothing."""

    def __init__(self, toolkit: Toolkit) -> None:
        self._toolkit = toolkit
        self._lister: CardLister | None = None
        self._lock = Lock()

    @property
    def are_used(self) -> bool:
        """Not in training with its own cards: those are not in a reader. Raises `errors.SettingInvalid`."""
        return self._toolkit.uses_readers

    def look(self) -> ReaderSnapshot:
        with self._lock:
            try:
                self._lister = self._lister or self._toolkit.readers()
                return ReaderSnapshot(self._lister.cards())
            except errors.EhToolkitError as problem:
                return ReaderSnapshot(problem=problem)

    def close(self) -> None:
        with self._lock:
            lister, self._lister = self._lister, None
            if lister is not None:
                lister.close()

    def options(self, seen: ReaderSnapshot, texts: Translator) -> list[Option]:
        """Return whose card it is, and in which reader; what the form gets is what `Toolkit.open_card` takes."""
        choice = CardSpec.parse(self._toolkit.default_card)
        return [
            Option(
                choice.in_reader(card.reader).text,
                texts.get("steps.card.unread") if card.holder is None else card.holder.person.full_name,
                card.reader,
            )
            for card in seen.cards
        ]


STEP: Final = "card"
"""The name of the step, of its field, and of its result."""

_UNFIT: Final = (errors.CardCertificateMissing, errors.CardCertificateExpired, errors.SigningUnsupported)


PinWork = Callable[[Secret | None], None]
"""What is done with a PIN, or with None where another asks for it."""


@dataclass(frozen=True, slots=True)
class CardDetails:
    """What a form shows of a card, and what is wrong with it."""

    reader: str
    identity: CardIdentity
    problem: errors.CardError | None
    findings: tuple[Finding, ...] = ()
    """What a look at the card has shown: `ehtoolkit.procedures.card_check`."""


class CardInUse:
    """The card of one form. Methods that talk to it are slow and raise `errors.CardError`."""

    def __init__(self, toolkit: Toolkit) -> None:
        self._toolkit = toolkit
        self._card: Card | None = None
        self._entries: Mapping[CardKey, PinEntry] = {}
        self._refused = 0
        self._refused_by: CardIdentity | None = None
        self.readers = CardMonitor(toolkit)
        self.tries_left: int | None = None
        """How many PINs may still be wrong, as the card said last; where it does not tell, as far as we saw."""
        self.identity: CardIdentity | None = None
        """Of the card that was read last."""

    @property
    def card(self) -> Card:
        """The open card, still that of the person who was read; slow. Raises `errors.CardAbsent` when none was read,
        and `errors.DifferentCardHolder` when it was exchanged."""
        if self._card is None or self.identity is None:
            raise errors.CardAbsent
        check_holder(self._card, self.identity.person)
        return self._card

    def read(self, wizard: Wizard) -> None:
        """Read the card that is chosen; one that cannot sign is shown all the same, with its problem."""
        self.close()
        card = self._card = self._toolkit.open_card(wizard.values[STEP] or None)
        identity = self.identity = card.identity()
        problem: errors.CardError | None = None
        try:
            check_certificates(card, self._toolkit.context.clock.now())
        except _UNFIT as error:
            problem = error
        self._entries = {key: card.pin_entry(key) for key in CardKey}
        # What was wrong on a card that was only pulled and put back still counts.
        if self._refused_by != identity:
            self._refused, self._refused_by = 0, identity
        tries = card.pin_tries_left()
        self.tries_left = 1 if tries is None and self._is_last_try else tries
        found = check_card(card, self._toolkit.context)
        wizard.keep(STEP, CardDetails(card.reader, identity, problem, found))

    def forget(self, wizard: Wizard) -> None:
        """Forget the card that was read, since another one is about to be read: close it, and open its step again."""
        self.close()
        self.identity = None
        wizard.reopen(STEP)

    def close(self) -> None:
        if self._card is not None:
            self._card.close()
            self._card = None

    def pin_entry(self, key: CardKey) -> PinEntry:
        """Return who is about to ask for the PIN: by the reader and its software, so that no card has to be asked while
        a page is made."""
        return self._entries.get(key, PinEntry.HERE)

    def cancel(self) -> None:
        """Stop waiting for a PIN that is typed in another window or on the reader; from any thread."""
        if self._card is not None:
            self._card.cancel()

    def watching_tries(self, work: PinWork) -> PinWork:
        """Return ``work``, after which `tries_left` says how many tries are left. What ``work`` raises is raised still;
        where the card does not tell how many are left, and by our count it is only one, the error says that."""

        def watched(pin: Secret | None) -> None:
            try:
                work(pin)
            except errors.PinBlocked:
                self.tries_left = 0
                raise
            except errors.PinWrong as wrong:
                self._refused += 1
                self.tries_left = wrong.tries_left
                if self.tries_left is None and self._is_last_try:
                    # The card does not tell, but that many we have seen.
                    self.tries_left = 1
                    raise pin_refused(1) from wrong
                raise
            self._refused = 0
            if self._card is not None:
                # The work is done; the next step will see what is the matter.
                with suppress(errors.CardError):
                    self.tries_left = self._card.pin_tries_left()

        return watched

    @property
    def _is_last_try(self) -> bool:
        """Whether by our count the next wrong PIN is the last; of a card that does not tell."""
        return self._refused >= FULL_TRIES - 1


class CardFormModel(FormModel):
    """What a form with a card knows: the card, and the contract that is signed with it.

    Attributes:
        card: the card that was read, until another one is asked for.
        contract: kept by the step before signing.
    """

    card = OptionalResult[CardDetails]()
    contract = StepResult[Contract]()

    def __init__(self, toolkit: Toolkit) -> None:
        super().__init__(toolkit)
        self.reading = CardInUse(toolkit)
        self._lock = ExitStack()
        self._locked_for: object = None

    def require_person(self) -> Person:
        """Return whose card was read. Raises `errors.CardAbsent` before that."""
        if self.card is None:
            raise errors.CardAbsent
        return self.card.identity.person

    def hold_lock(self, of: object, lock: AbstractContextManager[None]) -> None:
        """Enter ``lock``, which is that of ``of``, until the form is closed, and release another one. Raises what
        entering it raises; then the form has no card."""
        if self._locked_for == of:
            return
        self._release_lock()
        self._lock.enter_context(lock)
        self._locked_for = of

    def close(self) -> None:
        """Release card and lock: the form is done or left."""
        self._release_lock()
        self.reading.close()
        super().close()

    def _release_lock(self) -> None:
        self._lock.close()
        self._locked_for = None


C_contra = TypeVar("C_contra", bound=CardFormModel, contravariant=True)
