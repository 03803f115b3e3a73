"""The page about this computer: looked at when it opens and whenever the user wants; and the question below."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from babel.numbers import format_decimal
from ipywidgets import Widget

from ehtoolkit.doctor.report import NAME
from ehtoolkit.forms.doctor.card_choice import CardChoice
from ehtoolkit.forms.doctor.checks_html import sections, verdict
from ehtoolkit.forms.doctor.model import DoctorModel, ReportedError
from ehtoolkit.forms.doctor.triage_form import TriageForm
from ehtoolkit.forms.engine.background import Runner, on_page, run_in_thread
from ehtoolkit.forms.engine.helpdesk import CARD
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import element, heading, paragraph, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.steps.keystore import asked_for
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, Download, DownloadFile
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret


def open_doctor() -> Widget:
    """Return the doctor's page of this kernel, to be displayed; ``?keystore=FILE`` chooses one of the folder's files,
    ``?card=training:NAME`` a training card."""
    stage = PageContext.of_this_kernel()
    model = DoctorModel(stage.settings, asked_for(stage))
    card = next(iter(stage.asked(CARD)), "")
    return stage.show(DoctorPage(model, stage.texts, stage.settings.home, card=card).root)


class DoctorPage:
    """``root``: the widget to display."""

    def __init__(
        self,
        model: DoctorModel,
        texts: Translator,
        home: Path,
        runner: Runner = run_in_thread,
        *,
        card: str = "",
    ) -> None:
        get = texts.get
        self._model = model
        self._texts = texts
        self._run = runner
        self._shell = shell = PageShell(texts, home, get("doctor.title"), "doctor.failed")
        self._again = ButtonBar([Button("again", get("doctor.again"), icon="again")])
        self._again.on_action(shell.guard(lambda _: self.look()))
        self._verdict, self._holder, self._lines = show(), show(), show()
        self._card = CardChoice(model.settings, texts, card)
        self._card.on_choose(shell.guard(self.look))
        self._looked_at = ""
        self._asking = TriageForm(model, texts, shell.guard(self._ask))
        self._asking.actions.on_action(shell.guard(self._press))
        self.root = self._build()
        shell.guard(self.look)()

    def _build(self) -> Widget:
        get, shell = self._texts.get, self._shell
        self._save = Download(get("doctor.save"), self._report, look="")
        java = element(
            "section",
            heading(get("doctor.java")) + paragraph(get("doctor.java.text")),
            class_="eh-section eh-prose",
        )
        note = show(paragraph(get("doctor.save.note"), "eh-note"))
        saving = column("eh-stack", "eh-section", of=(row("eh-row", of=(self._save,)), note))
        again = column("eh-form", "eh-no-print", of=(self._again,))
        parts = (
            *(shell.back, row("eh-row", "eh-row-between", of=(shell.head, again)), shell.errors),
            *(
                self._card.root,
                self._verdict,
                self._holder,
                self._lines,
                self._asking.root,
                show(java),
                saving,
                shell.announcer,
            ),
        )
        return column("eh", "eh-doctor", "eh-stack", of=parts)

    # ── this computer ────────────────────────────────────────────────────────────────────────────────────
    def look(self) -> None:
        """Look at everything anew; what was seen before stays until then."""
        if self._again.busy:
            return  # a second click
        self._shell.clear_errors()
        self._again.begin(self._texts.get("doctor.busy"))
        heard, settings = on_page(self._heard), self._card.settings
        self._looked_at = self._card.field.value

        def work() -> None:
            self._model.look(heard, settings)

        self._run(work, self._shell.guard(partial(self._done, self._again, self._show)))

    def _heard(self, done: int, total: int) -> None:
        self._again.progress = done / total
        self._again.begin(self._texts.get("doctor.progress", done=done, total=total))

    def _show(self) -> None:
        seen, texts = self._model.examination, self._texts
        if seen is None:
            return
        seconds = format_decimal(seen.seconds, locale=texts.language)
        caption = texts.get("doctor.looked", moment=texts.moment(seen.at), seconds=seconds)
        self._shell.show_title(caption=caption)
        self._verdict.value = str(verdict(seen, texts))
        holder = texts.get("doctor.card.holder", name=seen.card_holder) if seen.card_holder else ""
        self._holder.value = str(paragraph(holder, "eh-note")) if holder else ""
        self._lines.value = str(sections(seen, texts))
        self._asking.offer()
        self._shell.say(caption)
        if self._card.field.value != self._looked_at:
            self.look()  # another card was chosen meanwhile

    # ── the certificate ──────────────────────────────────────────────────────────────────────────────────
    def _press(self, action: ButtonPress) -> None:
        if not self._asking.actions.busy:  # else it is a second click
            self._asking.press(action)

    def _ask(self, complaint: ReportedError, password: Secret | None) -> None:
        self._shell.clear_errors()
        self._asking.clear()
        self._asking.actions.begin(self._texts.get("doctor.ask.busy"))
        self._run(
            lambda: self._inquire(complaint, password),
            self._shell.guard(partial(self._done, self._asking.actions, self._answered)),
        )

    def _inquire(self, complaint: ReportedError, password: Secret | None) -> None:
        self._model.ask(complaint, password)

    def _answered(self) -> None:
        answer = self._model.answer
        if answer is not None:
            self._asking.show(answer)
            found = answer.found
            causes = [one.cause(self._texts) for one in answer.advice]
            self._shell.say(found.sentence(self._texts) if found is not None else " ".join(causes))

    def _report(self) -> DownloadFile | None:
        content = self._model.report(self._texts)
        return None if content is None else DownloadFile(NAME, content, "application/json")

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────
    def _done(self, actions: ButtonBar, then: Callable[[], None], raised: BaseException | None) -> None:
        actions.end()
        if raised is not None:
            self._shell.fail(raised)
        else:
            then()
