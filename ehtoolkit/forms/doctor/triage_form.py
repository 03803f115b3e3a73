"""The question "is it the certificate?": what another program says, and perhaps the keystore with its password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ehtoolkit.doctor.known_errors import LONGEST, SYMPTOMS
from ehtoolkit.forms.doctor.checks_html import advised, listed, triaged
from ehtoolkit.forms.doctor.model import DoctorModel, ReportedError, TriageAnswer
from ehtoolkit.forms.engine.form_boundary import form_column
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import element, heading, panel, paragraph, show
from ehtoolkit.forms.widgets import (
    Button,
    ButtonBar,
    ButtonPress,
    ChoiceField,
    Option,
    SecretField,
    TextField,
)
from ehtoolkit.secret import Secret

SAYS: Final = "says"
SYMPTOM: Final = "symptom"
KEYSTORE: Final = "keystore"
PASSWORD: Final = "password"  # noqa: S105  # the name of a field


class TriageForm:
    """The section that takes a complaint.

    Attributes:
        root: the section to display.
        go: called with the complaint and the password that came with it.
    """

    def __init__(
        self, model: DoctorModel, shell: PageShell, go: Callable[[ReportedError, Secret | None], None]
    ) -> None:
        texts, get = shell.texts, shell.texts.get
        self._model = model
        self._shell = shell
        self._texts = texts
        self._go = go
        self.says = TextField(
            SAYS, get("doctor.ask.says"), hint=get("doctor.ask.says.hint"), max_length=LONGEST, rows=2
        )
        symptoms = [Option(symptom.key, symptom.symptom(texts)) for symptom in SYMPTOMS]
        self._symptom = ChoiceField(
            SYMPTOM,
            get("doctor.ask.symptom"),
            [Option("", get("doctor.ask.symptom.none")), *symptoms],
            compact=True,
        )
        self.keystore = ChoiceField(KEYSTORE, get("doctor.ask.keystore"), [], compact=True)
        self._password = SecretField(PASSWORD, get("doctor.ask.password"), autocomplete="current-password")
        self.actions = ButtonBar([Button("go", get("doctor.ask.go"), "primary", "search")])
        self._answer = show()
        self.root = self._build()
        self.offer()

    def _build(self) -> Any:
        head = show(heading(self._texts.get("doctor.ask")), paragraph(self._texts.get("doctor.ask.lead")))
        fields = (self.says, self._symptom, self.keystore, self._password)
        return form_column(
            "eh-stack",
            "eh-section",
            "eh-no-print",
            of=(head, *fields, self.actions, self._answer),
        )

    def offer(self) -> None:
        """Offer the keystores that are there now; the chosen one stays chosen, at first the one that the page's address
        names."""
        chosen, names = self.keystore.value or self._model.asked_for, self._model.keystores()
        none = Option("", self._texts.get("doctor.ask.keystore.none"))
        self.keystore.offer([none, *(Option(name, name) for name in names)])
        self.keystore.value = chosen if chosen in names else ""

    def press(self, action: ButtonPress) -> None:
        """Hand on what the fields held when the button was pressed, if they held anything."""
        values = {name: str(action.values.get(name, "")) for name in (SAYS, SYMPTOM, KEYSTORE)}
        complaint = ReportedError(values[SAYS], values[SYMPTOM], values[KEYSTORE])
        self._shell.mark(SAYS, self._texts.get("doctor.ask.empty") if complaint.is_empty else "")
        if not complaint.is_empty:
            password = action.secrets.get(PASSWORD)
            self._go(complaint, password if password is not None and password != Secret("") else None)

    def show(self, answer: TriageAnswer) -> None:
        """Show what was found."""
        found, texts = answer.found, self._texts
        sections = advised(answer.advice, texts)
        if found is not None:
            sections = triaged(found, texts) + sections + listed(found.lines, texts)
        if not sections:
            get = self._texts.get
            sections = panel("info", get("doctor.ask.nothing"), get("doctor.ask.nothing.next"), level=3)
        self._answer.value = str(element("div", sections, class_="eh-stack"))

    def clear(self) -> None:
        self._answer.value = ""
