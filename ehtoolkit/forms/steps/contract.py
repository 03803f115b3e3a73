"""The contract as the platform wrote it, and the second PIN under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ehtoolkit.card import CardKey, PinEntry
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, StepType
from ehtoolkit.forms.engine.page import Page
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.steps.card_in_use import C_contra
from ehtoolkit.forms.steps.pin_panel import PinPanel
from ehtoolkit.forms.widgets import ContractFrame, Download, DownloadFile
from ehtoolkit.procedures.request import contract_text
from ehtoolkit.secret import Secret


class SignStep(StepType[C_contra]):
    """Read, then sign. The form's texts say what is signed: ``sign.title|lead|go|failed``. ``work`` gets the PIN, None
    where another asks for it."""

    def __init__(self, work: Callable[[C_contra, Secret | None], None]) -> None:
        super().__init__("sign")
        self._work = work

    def pages(self, context: FormContext[C_contra]) -> Callable[[Wizard], Page]:
        return lambda _: self._page(context)

    def _page(self, context: FormContext[C_contra]) -> Page:
        get, model, reading = context.texts.get, context.model, context.model.reading
        html = contract_text(model.require_contract(), context.texts.language)
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
        body = [show(heading(label)), ContractFrame(label, html), save, *pin.widgets]
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
