"""Monitor the readers: the cards to choose from, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.card.modules import CardSpec
from ehtoolkit.card.port import CardIdentity
from ehtoolkit.card.readers import CardLister, FoundCard
from ehtoolkit.forms.widgets import Option
from ehtoolkit.i18n import Translator

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
