"""The switches of the scenarios: for everybody or for one person, and those that contain given words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.trainer.tables import EVERYBODY, person_options, switches_of
from ehtoolkit.forms.widgets.buttons import Switches
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, TextField
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.person_state import PersonState

_WORDS_LENGTH: Final = 100


class ScenariosPanel:
    """``root``: the widget. ``changed`` is called after a scenario was switched, or was not."""

    def __init__(self, training: TrainingPlatform, shell: PageShell, changed: Callable[[], None]) -> None:
        self._training = training
        self._shell = shell
        self._changed = changed
        get = shell.texts.get
        self._person_field = ChoiceField("person", get("trainer.scenarios.whom"), [], compact=True)
        self._person_field.observe(shell.guard(lambda _: self._draw()), "value")
        self._words = TextField(
            "scenario_words",
            get("trainer.scenarios.filter"),
            kind="search",
            autocomplete="off",
            live=True,
            max_length=_WORDS_LENGTH,
        )
        self._words.observe(shell.guard(self._filter), "value")
        self._nothing = show()
        self._switches = Switches(
            label=get("trainer.scenarios"), on_word=get("trainer.on"), off_word=get("trainer.off")
        )
        self._switches.on_switch(shell.guard(self._switch))
        fields = row("eh-filters", of=(self._person_field, self._words))
        self.root = column("eh-stack", of=(fields, self._nothing, self._switches))

    def show(self, states: Sequence[PersonState]) -> None:
        """Show the switches as they stand now."""
        everybody = Option(EVERYBODY, self._shell.texts.get("trainer.scenarios.everybody"))
        self._person_field.offer([everybody, *person_options(states)])
        self._draw()

    def reset(self) -> None:
        """Choose everybody."""
        self._person_field.value = EVERYBODY

    def _draw(self) -> int:
        """Show the switches that the filter leaves, and return how many there are."""
        texts = self._shell.texts
        switches = switches_of(self._training, self._person_field.value, self._words.value, texts)
        self._switches.show(switches)
        nothing = paragraph(texts.get("trainer.scenarios.none"), "eh-note")
        self._nothing.value = "" if switches else str(nothing)
        return len(switches)

    def _filter(self, _: object) -> None:
        self._shell.say(self._shell.texts.get("trainer.scenarios.found", count=self._draw()))

    def _switch(self, name: str, on: bool) -> None:
        texts = self._shell.texts
        try:
            self._training.switch(name, on, self._person_field.value or None)
        finally:  # the switch in the browser has moved: show how it really stands
            self._changed()
        word = texts.get("trainer.on" if on else "trainer.off")
        self._shell.say(texts.labelled(texts.get(f"scenario.{name}.title"), word))
