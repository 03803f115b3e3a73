"""The panel that checks a card, and the choice of the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.doctor import HealthReport, Section, examine
from ehtoolkit.forms.doctor.checks_html import listed
from ehtoolkit.forms.engine.helpdesk import CARD, doctor_page
from ehtoolkit.forms.engine.page_errors import button_bar, describe_error, guard
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.html import heading, link, panel, paragraph, show, svg
from ehtoolkit.forms.layout import column, form_column
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName, Identifier, Person
from ehtoolkit.settings import Settings
from ehtoolkit.toolkit import open_toolkit


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
        card = self.field.value
        return self._settings.model_copy(update={CARD: card}) if card else self._settings

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


class CardPanel:
    """The section that looks at the card.

    Attributes:
        root: the section to display. Nothing is looked at before the button is pressed.
    """

    def __init__(self, shell: PageShell, settings: Settings) -> None:
        self.shell = shell
        self._texts = texts = shell.texts
        get = texts.get
        self._owner: DistinguishedName | None = None
        look = Button("card", get("troubleshoot.card.look"), icon="card")
        self.actions = button_bar(self._look, self._fail, look)
        self._tasks = shell.tasks(lambda: self.actions, self._fail)
        self._lines, self._more = show(), show()
        self.choice = CardChoice(settings, texts)
        self.choice.on_choose(guard(self._choose, self._fail))
        self._choose()
        head = show(heading(get("troubleshoot.card")), paragraph(get("troubleshoot.card.lead"), "eh-note"))
        more = (self._more,) if "doctor" in shell.pages else ()
        widgets = (head, self.choice.root, self.actions, self._lines, *more)
        self.root = form_column("eh-stack", "eh-section", "eh-card-part", of=widgets)

    def follow(self, owner: DistinguishedName | None) -> None:
        """Choose the card of ``owner``, the holder of the file that is shown; once, so that the user's choice stays."""
        if owner is not None and owner != self._owner:
            self._owner = owner
            self.choice.choose_holder(owner.identifier)

    def _choose(self) -> None:
        """Forget what was seen of another card, and lead to the page about this one."""
        self._lines.value = ""
        text = svg("activity") + self._texts.get("troubleshoot.card.more")
        address = doctor_page(self.choice.field.value)
        self._more.value = str(link(text, address, class_="eh-button eh-quiet"))

    def _look(self, _: ButtonPress) -> None:
        card, settings = self.choice.field.value, self.choice.settings

        def done(seen: HealthReport) -> None:
            if card == self.choice.field.value:  # else another one was chosen meanwhile
                self._show(seen)

        busy = self._texts.get("troubleshoot.card.busy")
        self._tasks.start(Task(lambda _: examine(settings, only=Section.CARD), done, busy))

    def _show(self, seen: HealthReport) -> None:
        holder = seen.card_holder
        lines = listed(seen.lines, self._texts)
        if holder:
            lines = paragraph(self._texts.get("doctor.card.holder", name=holder), "eh-note") + lines
        self._lines.value = str(lines)
        self.shell.say(self._texts.get("doctor.looked.card", count=len(seen.lines)))

    def _fail(self, error: BaseException) -> None:
        problem = describe_error(error, self._texts, self.shell.home)
        self._lines.value = str(panel("danger", problem.sentence, *problem.notes(self._texts), level=3))
