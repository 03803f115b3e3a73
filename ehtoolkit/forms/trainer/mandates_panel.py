"""The part of the trainer's page that says for which organisations a person may ask, and changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import form_column, row, set_visible
from ehtoolkit.forms.trainer.tables import mandate_row, person_options
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, TextField
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.training import PersonState, TrainingOrganisation, TrainingPlatform
from ehtoolkit.training.service.organisation_types import ORGANISATION_TYPES

ANOTHER: Final = ""
"""The choice of an organisation that is typed."""


class MandatesPanel:
    """The mandates on the Trainer page.

    Attributes:
        root: the widget to display.
        said: shows the page again and says what was done.
    """

    def __init__(self, training: TrainingPlatform, shell: PageShell, said: Callable[[str], None]) -> None:
        texts, get = shell.texts, shell.texts.get
        self._training = training
        self._texts = texts
        self._said = said
        self._states: Sequence[PersonState] = ()
        self.person = ChoiceField("mandate_person", get("trainer.mandates.whom"), [], compact=True)
        self.mandates = Table.of("trainer.mandates", ("organisation", "number", "actions"), texts)
        self.organisation = ChoiceField(
            "mandate_organisation", get("trainer.mandates.which"), [], compact=True
        )
        kinds = [Option(kind, f"{get(f'actors.type.{kind}')} ({kind})") for kind in ORGANISATION_TYPES]
        kind_field = ChoiceField(
            "mandate_type", get("trainer.mandates.type"), kinds, value=kinds[0].value, compact=True
        )
        self._number = TextField(
            "mandate_number", get("trainer.mandates.number"), inputmode="numeric", autocomplete="off"
        )
        self._called = TextField(
            "mandate_name", get("trainer.mandates.name"), autocomplete="off", capitals=True
        )
        self._typed = row("eh-half", of=(kind_field, self._number, self._called))
        self._actions = shell.buttons(self._add, Button("mandate", get("trainer.mandates.add")))
        self.mandates.on_press(shell.guard(self._withdraw))
        self.person.observe(shell.guard(lambda _: self._draw()), "value")
        self.organisation.observe(shell.guard(lambda _: self._unfold()), "value")
        self.root: Any = form_column(
            "eh-stack",
            of=(
                show(paragraph(get("trainer.mandates.lead"))),
                self.person,
                self.mandates,
                self.organisation,
                self._typed,
                self._actions,
            ),
        )

    def show(self, states: Sequence[PersonState]) -> None:
        """Show all persons as they are now; the choice of a person stays."""
        self._states = states
        if self.person.value not in {state.person.name for state in states}:
            self.person.value = states[0].person.name
        self.person.offer(person_options(states))
        self._draw()

    def _draw(self) -> None:
        """Show which mandates the chosen person has, and which organisations they could have."""
        mandates = self._chosen().mandates
        self.mandates.show([mandate_row(organisation, self._texts) for organisation in mandates])
        known = {
            organisation.identifier: organisation
            for state in self._states
            for organisation in state.person.organisations
        }
        known |= {mandate.identifier: mandate for state in self._states for mandate in state.mandates}
        free = [organisation for organisation in known.values() if organisation not in mandates]
        others = [
            Option(
                organisation.identifier.text, f"{self._name(organisation)} ({organisation.identifier.text})"
            )
            for organisation in free
        ]
        another = Option(ANOTHER, self._texts.get("trainer.mandates.another"))
        self.organisation.offer([*others, another])
        self._unfold()

    def _unfold(self) -> None:
        """Show the fields of a typed organisation only when none of the list is chosen."""
        set_visible(self._typed, self.organisation.value == ANOTHER)

    def _add(self, action: ButtonPress) -> None:
        person = self.person.value
        organisation = self._wanted({name: str(value) for name, value in action.values.items()})
        self._training.set_mandate(person, organisation, granted=True)
        self._number.value = self._called.value = ""
        self._said(self._texts.get("trainer.mandates.added", name=self._name(organisation)))

    def _wanted(self, values: dict[str, str]) -> TrainingOrganisation:
        """Return the organisation of the list, or the one that is typed.

        Raises `errors.IdentifierInvalid` and `errors.DistinguishedNameInvalid`.
        """
        chosen = values["mandate_organisation"]
        identifier = Identifier.parse(chosen or f"{values['mandate_type']}={values['mandate_number']}")
        known = self._training.organisation(identifier)
        if known is not None:
            return known
        name = " ".join(values["mandate_name"].split())
        organisation = TrainingOrganisation(identifier, name, name)
        DistinguishedName.for_organisation(organisation.organisation)
        return organisation

    def _withdraw(self, number: str, _: str) -> None:
        mandates = self._chosen().mandates
        organisation = next((mandate for mandate in mandates if mandate.identifier.text == number), None)
        if organisation is None:  # from a page that is behind
            self._said(self._texts.get("trainer.held.done.nothing"))
            return
        self._training.set_mandate(self.person.value, organisation, granted=False)
        self._said(self._texts.get("trainer.mandates.withdrawn", name=self._name(organisation)))

    def _chosen(self) -> PersonState:
        return next(state for state in self._states if state.person.name == self.person.value)

    def _name(self, organisation: TrainingOrganisation) -> str:
        return organisation.name_in(self._texts.language)
