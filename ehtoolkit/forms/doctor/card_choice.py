"""The choice of the card that is checked: in training, one of the invented people's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.engine.helpdesk import CARD
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import ChoiceField, Option
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier, Person
from ehtoolkit.settings import Settings


class CardChoice:
    """Attributes:
    root: the field to display; empty outside training, and where the card is in a reader.
    field: the field in it.
    """

    def __init__(self, settings: Settings, texts: Translator, asked: str = "") -> None:
        """Offer the cards. ``asked``: the card that the page's address names; an unknown one is ignored."""
        self._settings = settings
        self._asked = asked
        self.field = ChoiceField(CARD, texts.get("doctor.card.choice"), [], compact=True)
        self.root = column()
        self.offer()

    @property
    def settings(self) -> Settings:
        """The settings with the card that is chosen."""
        return (
            self._settings.model_copy(update={CARD: self.field.value}) if self.field.value else self._settings
        )

    def offer(self) -> None:
        """Offer the cards that there are now; the chosen one stays chosen."""
        cards = self._cards = _training_cards(self._settings)
        wanted = (self.field.value, self._asked, self._settings.card or "", *cards)
        chosen = next((card for card in wanted if card in cards), "")
        self.field.offer([Option(card, holder.full_name) for card, holder in cards.items()])
        self.field.value = chosen
        fields: tuple[Widget, ...] = (self.field,) if cards else ()
        self.root.children = fields

    def choose_holder(self, holder: Identifier) -> None:
        """Choose the card of ``holder``, who may have none."""
        own = (card for card, person in self._cards.items() if person.identifier == holder)
        self.field.value = next(own, self.field.value)

    def on_choose(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when another card is chosen."""
        self.field.observe(lambda _: listener(), "value")


def _training_cards(settings: Settings) -> Mapping[str, Person]:
    if settings.environment != "training":
        return {}
    try:
        with closing(open_toolkit(settings)) as toolkit:
            return toolkit.training_cards
    except errors.EhToolkitError:
        return {}  # the check says what is wrong
