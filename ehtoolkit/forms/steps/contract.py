"""The contract as the platform wrote it, and the second PIN under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, PinEntry
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, StepType
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.html import Markup, SummaryRows, card, heading, panel, show, summary
from ehtoolkit.forms.steps.opened_card import C_contra
from ehtoolkit.forms.steps.pin_panel import PinPanel
from ehtoolkit.forms.widgets import ContractFrame, Download, DownloadFile
from ehtoolkit.secret import Secret


class SignStep(StepType[C_contra]):
    """Read, then sign. The form's texts say what is signed: ``sign.title|lead|go|failed``.

    Args:
        work: gets the PIN, None where another program asks for it.
        rows: what is about to be signed, above the contract.
        warning: a panel above the PIN, where the signature cannot be undone; then its button shows that, too.
    """

    def __init__(
        self,
        work: Callable[[C_contra, Secret | None], None],
        rows: Callable[[FormContext[C_contra]], SummaryRows],
        warning: Callable[[FormContext[C_contra]], Markup] | None = None,
    ) -> None:
        super().__init__("sign")
        self._work, self._rows, self._warning = work, rows, warning

    def pages(self, context: FormContext[C_contra]) -> Callable[[Wizard], Page]:
        return lambda _: self._page(context)

    def _page(self, context: FormContext[C_contra]) -> Page:
        get, model, reading = context.texts.get, context.model, context.model.reading
        contract = model.require_contract()
        language = contract.language_near(context.texts.language)
        html, label = contract.text_in(language), get("steps.sign.contract")
        if language != context.texts.language and context.texts.has(f"steps.sign.in.{language}"):
            label = get(f"steps.sign.in.{language}", contract=label)
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
        large, close = get("steps.sign.large"), get("steps.sign.large.close")
        frame = ContractFrame(label, html, language=language, large=large, close=close)
        warning = [] if self._warning is None else [show(self._warning(context))]
        body = [recap, show(heading(label)), frame, save, *warning, *pin.widgets]
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
        look: Literal["primary", "danger"] = "danger" if warning else "primary"
        return replace(page, look=look, stoppable=entry is not PinEntry.HERE)
