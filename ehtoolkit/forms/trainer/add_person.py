"""The trainer's panel that invents another person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import mono, panel, paragraph, show
from ehtoolkit.forms.layout import column, fill, form_column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, TextField
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.training import NewPerson, Profession, TrainingPerson, TrainingPlatform
from ehtoolkit.training.state.people_store import read_birth_date

FIELDS: Final = {"name": "new_surname", "birth_date": "new_born"}
"""The field that an `errors.InputInvalid` is about, by its reason."""


class NewPersonForm:
    """Closed, a button; open, the fields; afterwards who was added.

    Attributes:
        said: called with the sentence about who was added.
        root: the widget to display.
    """

    def __init__(self, training: TrainingPlatform, shell: PageShell, said: Callable[[str], None]) -> None:
        self._training = training
        self._texts = shell.texts
        self._said = said
        self._body = column("eh-stack")
        self._actions = shell.buttons(self._act)
        self.root: Any = form_column("eh-stack", of=(self._body, self._actions))
        self.close()

    def close(self, *shown: Widget) -> None:
        """Show the button alone, under what is ``shown``."""
        fill(self._body, shown)
        self._actions.offer([Button("newcomer", self._texts.get("trainer.newcomer"), icon="people")])

    def _act(self, action: ButtonPress) -> None:
        if action.name == "newcomer":
            self._open()
        elif action.name == "newcomer_no":
            self.close()
        else:
            self._add(action)

    def _open(self) -> None:
        get = self._texts.get
        born, hint = get("trainer.newcomer.born"), get("trainer.newcomer.born.hint")
        fields = (
            self._name("first_names"),
            self._name("surname"),
            TextField("new_born", born, hint=hint, autocomplete="off"),
            self._choice("gender", ("F", "M")),
            self._choice("profession", Profession),
            self._choice("language", ("fr", "nl", "de")),
            self._choice("chip", ("rsa", "ec")),
        )
        head = SectionHead(get("trainer.newcomer.title"), get("trainer.newcomer.lead"), focus=True)
        fill(self._body, (head, row("eh-half", of=fields)))
        self._actions.offer(
            [
                Button("newcomer_add", get("trainer.newcomer.add")),
                Button("newcomer_no", get("trainer.newcomer.no"), "quiet"),
            ]
        )

    def _name(self, what: str) -> TextField:
        label = self._texts.get(f"trainer.newcomer.{what}")
        return TextField(f"new_{what}", label, autocomplete="off", capitals=True)

    def _choice(self, what: str, values: Any) -> ChoiceField:
        """Return a field to choose one of ``values``; the first of them is chosen until the user chooses another."""
        stem = "training.profession" if what == "profession" else f"trainer.newcomer.{what}"
        options = [Option(str(value), self._texts.get(f"{stem}.{value.lower()}")) for value in values]
        label = self._texts.get(f"trainer.newcomer.{what}")
        return ChoiceField(f"new_{what}", label, options, value=options[0].value, compact=True)

    def _add(self, action: ButtonPress) -> None:
        values = {name: str(value) for name, value in action.values.items()}
        language = values["new_language"]
        added = self._training.add_person(
            NewPerson(
                values["new_first_names"],
                values["new_surname"],
                born=read_birth_date(values["new_born"]),
                gender="F" if values["new_gender"] == "F" else "M",
                language="nl" if language == "nl" else "de" if language == "de" else "fr",
                profession=Profession(values["new_profession"]),
                card_is_ec=values["new_chip"] == "ec",
            )
        )
        self._said(self._texts.get("trainer.newcomer.added", name=added.person.full_name))
        self.close(*self._added(added))

    def _added(self, added: TrainingPerson) -> tuple[Widget, ...]:
        get, person = self._texts.get, added.person
        number = paragraph(get("trainer.newcomer.number", niss=person.niss.formatted))
        card = paragraph(get("trainer.newcomer.card")) + mono(f"training:{added.name}")
        young = () if added.card_has_signature else (paragraph(get("trainer.newcomer.young")),)
        return (
            SectionHead(get("trainer.newcomer.added", name=person.full_name), focus=True),
            show(panel("ok", number, card, *young)),
        )
