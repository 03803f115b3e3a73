"""A form that the program has not: who takes care of a keystore from now on, on a sheet of paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_model import StepResult
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Blocker, Values
from ehtoolkit.forms.html import card, mono, panel, show, summary
from ehtoolkit.forms.receipts.receipt import way_on
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.opened_keystore import KeystoreFormModel
from ehtoolkit.forms.steps.terms import terms_step
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret


class HandoverModel(KeystoreFormModel):
    """Opens the keystore, so that nobody is given one whose password is lost."""

    file = StepResult[KeystoreFile]()
    number = StepResult[str]()

    def open(self, password: Secret) -> None:
        self.file = self.toolkit.open_keystore(self.path, password)

    def note(self) -> None:
        self.number = self.file.keystore.key_id


Context = FormContext[HandoverModel]


def _blocks(_: HandoverModel, values: Values) -> Iterable[Blocker]:
    if not values["colleague"].strip():
        yield Blocker("handover.block.colleague", "colleague")


def _colleague(context: Context) -> Page:
    value = str(context.model.wizard.values["colleague"])
    field = TextField("colleague", context.get("colleague.label"), value=value)
    return context.page("colleague", [field], lambda _: context.model.note())


def _done(context: Context) -> Page:
    model = context.model
    rows = [
        (context.get("row.file"), mono(model.path.name)),
        (context.get("row.colleague"), str(model.wizard.values["colleague"])),
    ]
    return Page(
        title=context.get("done.title"),
        body=[show(panel("ok", context.get("done.text"))), show(card(summary(rows)))],
        more=way_on(context.texts, None),
        can_go_back=False,
    )


HANDOVER: Final = WizardForm(
    "handover",
    lambda toolkit, stage: HandoverModel(toolkit, asked=stage.keystore_named()),
    steps=[
        terms_step("keystore", conditions="handover.terms.conditions"),
        keystore_step(),
        FormStep("colleague", _colleague, fields=lambda _: {"colleague": ""}, check=_blocks),
    ],
    done=_done,
    menu=MenuPlace("password", 2, "handover.menu", "people"),
    reaches_platform=False,
)
