"""The page about this computer: looked at when it opens and whenever the user wants; and the question below."""

from __future__ import annotations

from collections.abc import Sequence

from babel.numbers import format_decimal
from ipywidgets import Widget

from ehtoolkit.doctor import HealthReport
from ehtoolkit.doctor.report import NAME
from ehtoolkit.forms.doctor.card_choice import CardChoice
from ehtoolkit.forms.doctor.checks_html import sections, verdict
from ehtoolkit.forms.doctor.model import DoctorModel, ReportedError, TriageAnswer
from ehtoolkit.forms.doctor.triage_form import TriageForm
from ehtoolkit.forms.engine.form_boundary import form_column
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Progress, Task
from ehtoolkit.forms.engine.tool import ToolPage
from ehtoolkit.forms.html import element, heading, paragraph, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets import Button, ButtonPress, Download, DownloadFile
from ehtoolkit.secret import Secret


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
        self._triage = TriageForm(model, shell, shell.guard(self._ask))
        self._triage.actions.on_action(shell.guard(self._press))
        self._asking = shell.tasks(lambda: self._triage.actions)
        self.beside_title = (form_column("eh-no-print", of=(self._again,)),)

    def body(self) -> Sequence[Widget]:
        get = self.texts.get
        java = element(
            "section",
            heading(get("doctor.java")) + paragraph(get("doctor.java.text")),
            class_="eh-section eh-prose",
        )
        save = Download(get("doctor.save"), self._report, look="")
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
            return  # a second click
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

    # ── the certificate ──────────────────────────────────────────────────────────────────────────────────
    def _press(self, action: ButtonPress) -> None:
        if not self._asking.busy:  # else it is a second click
            self._triage.press(action)

    def _ask(self, complaint: ReportedError, password: Secret | None) -> None:
        self.shell.clear_errors()
        self._triage.clear()
        busy = self.texts.get("doctor.ask.busy")
        self._asking.start(Task(lambda _: self.model.ask(complaint, password), self._answered, busy))

    def _answered(self, answer: TriageAnswer) -> None:
        self._triage.show(answer)
        found = answer.found
        causes = [known_error.cause(self.texts) for known_error in answer.advice]
        self.shell.say(found.sentence(self.texts) if found is not None else " ".join(causes))

    def _report(self) -> DownloadFile | None:
        content = self.model.report(self.texts)
        return None if content is None else DownloadFile(NAME, content, "application/json")
