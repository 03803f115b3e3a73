"""The page about this computer: looked at when it opens and whenever the user wants; and the question below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from babel.numbers import format_decimal
from ipywidgets import Widget

from ehtoolkit.doctor import HealthReport, KnownError, Triage
from ehtoolkit.doctor.known_errors import LONGEST, SYMPTOMS
from ehtoolkit.doctor.report import NAME
from ehtoolkit.forms.doctor.card_panel import CardChoice
from ehtoolkit.forms.doctor.checks_html import advised, listed, sections, triaged, verdict
from ehtoolkit.forms.doctor.model import DoctorModel, ReportedError
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Progress, Task
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import element, heading, panel, paragraph, show
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField, Option, SecretField, TextField
from ehtoolkit.forms.widgets.files import DownloadFile

SAYS: Final = "says"
SYMPTOM: Final = "symptom"
KEYSTORE: Final = "keystore"
PASSWORD: Final = "password"  # noqa: S105  # the name of a field


class TriageForm:
    """The section that takes a complaint, and answers it. ``root``: the section to display."""

    def __init__(self, model: DoctorModel, shell: PageShell) -> None:
        texts, get = shell.texts, shell.texts.get
        self._model = model
        self._shell = shell
        self._texts = texts
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
        self.actions = shell.buttons(self._press, Button("go", get("doctor.ask.go"), "primary", "search"))
        self._tasks = shell.tasks(lambda: self.actions)
        self._answer = show()
        head = show(heading(get("doctor.ask")), paragraph(get("doctor.ask.lead")))
        password = SecretField(PASSWORD, get("doctor.ask.password"), autocomplete="current-password")
        fields = (self.says, self._symptom, self.keystore, password)
        widgets = (head, *fields, self.actions, self._answer)
        self.root = form_column("eh-stack", "eh-section", "eh-no-print", of=widgets)
        self.offer()

    def offer(self) -> None:
        """Offer the keystores that are there now; the chosen one stays chosen, at first the one that the page's address
        names."""
        chosen, names = self.keystore.value or self._model.asked_for, self._model.keystores()
        none = Option("", self._texts.get("doctor.ask.keystore.none"))
        self.keystore.offer([none, *(Option(name, name) for name in names)])
        self.keystore.value = chosen if chosen in names else ""

    def _press(self, action: ButtonPress) -> None:
        """Ask about what the fields held when the button was pressed, if they held anything."""
        complaint = ReportedError(*map(action.typed, (SAYS, SYMPTOM, KEYSTORE)))
        self._shell.mark(SAYS, self._texts.get("doctor.ask.empty") if complaint.is_empty else "")
        if complaint.is_empty:
            return
        self._shell.clear_errors()
        self._answer.value = ""
        password, busy = action.secret(PASSWORD), self._texts.get("doctor.ask.busy")
        self._tasks.start(Task(lambda _: self._model.ask(complaint, password), self._show, busy))

    def _show(self, answer: tuple[Sequence[KnownError], Triage | None]) -> None:
        (advice, found), texts = answer, self._texts
        sections = advised(advice, texts, with_call=found is None)
        if found is not None:
            sections = triaged(found, texts) + sections + listed(found.lines, texts)
        if not sections:
            sections = panel(
                "info", texts.get("doctor.ask.nothing"), texts.get("doctor.ask.nothing.next"), level=3
            )
        self._answer.value = str(element("div", sections, class_="eh-stack"))
        causes = [known_error.cause(texts) for known_error in advice]
        self._shell.say(found.sentence(texts) if found is not None else " ".join(causes))


class DoctorPage(ToolPage[DoctorModel]):
    """The page about this computer."""

    def __init__(self, model: DoctorModel, shell: PageShell) -> None:
        super().__init__(model, shell)
        get = self.texts.get
        self._again = shell.buttons(lambda _: self.look(), Button("again", get("doctor.again"), icon="again"))
        self._looking = shell.tasks(lambda: self._again)
        self._outdated = False
        self._verdict, self._holder, self._lines = show(), show(), show()
        self._card = CardChoice(model.settings, self.texts, model.card)
        self._card.on_choose(shell.guard(self.look))
        self._triage = TriageForm(model, shell)
        self.beside_title = (form_column("eh-no-print", of=(self._again,)),)

    def body(self) -> Sequence[Widget]:
        get = self.texts.get
        java = element(
            "section",
            heading(get("doctor.java")) + paragraph(get("doctor.java.text")),
            class_="eh-section eh-prose",
        )
        save = self.shell.download(get("doctor.save"), self._report, look="")
        note = show(paragraph(get("doctor.save.note"), "eh-note"))
        saving = column("eh-stack", "eh-section", of=(row("eh-row", of=(save,)), note))
        lines = (self._card.root, self._verdict, self._holder, self._lines)
        return (*lines, self._triage.root, show(java), saving)

    def begin(self) -> None:
        self.look()

    def refresh(self) -> None:
        self._outdated = self._looking.busy  # what is being looked at may be of the day before
        self.look()

    # ── this computer ────────────────────────────────────────────────────────────────────────────────────
    def look(self) -> None:
        """Look at everything again; what was seen before stays until then."""
        if self._looking.busy:
            return
        self._outdated = False
        self.shell.clear_errors()
        settings, card = self._card.settings, self._card.field.value

        def look(progress: Progress) -> HealthReport:
            def show(done: int, total: int) -> None:
                progress(self.texts.get("doctor.progress", done=done, total=total), done / total)

            return self.model.look(show, settings)

        def done(seen: HealthReport) -> None:
            self._show(seen)
            if self._outdated or self._card.field.value != card:
                self.look()  # the clock was moved, or another card was chosen meanwhile

        self._looking.start(Task(look, done, self.texts.get("doctor.busy")))

    def _show(self, seen: HealthReport) -> None:
        texts = self.texts
        seconds = format_decimal(seen.seconds, locale=texts.language)
        caption = texts.get("doctor.looked", moment=texts.moment(seen.at), seconds=seconds)
        self.shell.show_title(caption=caption)
        self._verdict.value = str(verdict(seen, texts))
        holder = texts.get("doctor.card.holder", name=seen.card_holder) if seen.card_holder else ""
        self._holder.value = str(paragraph(holder, "eh-note")) if holder else ""
        self._lines.value = str(sections(seen, texts))
        self._triage.offer()
        self.shell.say(caption)

    def _report(self) -> DownloadFile | None:
        content = self.model.report(self.texts)
        return None if content is None else DownloadFile(NAME, content, "application/json")
