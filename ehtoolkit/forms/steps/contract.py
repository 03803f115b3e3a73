"""The contract as the platform wrote it, and the second PIN under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, PinEntry
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, StepType
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.html import SummaryRows, card, heading, panel, show, summary
from ehtoolkit.forms.steps.card_in_use import C_contra
from ehtoolkit.forms.steps.pin_panel import PinPanel
from ehtoolkit.forms.widgets import ContractFrame, Download, DownloadFile
from ehtoolkit.secret import Secret


class SignStep(StepType[C_contra]):
    """Read, then sign. The form's texts say what is signed: ``sign.title|lead|go|failed``. ``work`` gets the PIN, None
    where another asks for it; ``rows``: what is about to be signed, above the contract."""

    def __init__(
        self,
        work: Callable[[C_contra, Secret | None], None],
        rows: Callable[[FormContext[C_contra]], SummaryRows],
    ) -> None:
        super().__init__("sign")
        self._work, self._rows = work, rows

    def pages(self, context: FormContext[C_contra]) -> Callable[[Wizard], Page]:
        return lambda _: self._page(context)

    def _page(self, context: FormContext[C_contra]) -> Page:
        get, model, reading = context.texts.get, context.model, context.model.reading
        html = model.require_contract().text_in(context.texts.language)
        label = get("steps.sign.contract")
        entry = reading.pin_entry(CardKey.SIGNATURE)
        pin = PinPanel(entry, lambda: reading.tries_left, context.texts)
        work = reading.watching_tries(lambda typed: self._work(model, typed))

        def go(sent: SubmittedForm) -> None:
            sent.on_stop(reading.cancel)
            work(pin.secret(sent.secrets))

        save = Download(
            get("steps.sign.save"), lambda: DownloadFile(get("steps.sign.file"), html.encode(), "text/html")
        )
        recap = show(card(summary(self._rows(context))))
        frame = ContractFrame(label, html, large=get("steps.sign.large"), close=get("steps.sign.large.close"))
        body = [recap, show(heading(label)), frame, save, *pin.widgets]
        if reading.tries_left == 0:  # blocked meanwhile: nothing that is typed would open it
            blocked = errors.PinBlocked()
            verdict = panel("danger", context.texts.error(blocked), context.texts.next_step(blocked))
            return Page(title=context.get("sign.title"), body=[show(verdict), recap])
        page = context.page(
            self.name,
            body,
            go,
            icon="pen",
            busy=get("steps.sign.busy"),
            field_of=pin.field_of,
            on_error=pin.on_error,
        )
        return replace(page, stoppable=entry is not PinEntry.HERE)
