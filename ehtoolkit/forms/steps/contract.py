"""The contract as the platform wrote it, and the second PIN under it."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit.card import CardKey, PinEntry
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.forms.markup import heading, show
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.pin_entry import PinPanel
from ehtoolkit.forms.steps.card_reading import CardReading
from ehtoolkit.forms.widgets import ContractFrame, Download, Handout
from ehtoolkit.forms.work import Submission
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.request import contract_text
from ehtoolkit.secret import Secret


def sign_page(
    contract: Contract,
    reading: CardReading,
    texts: Translator,
    form: str,
    work: Callable[[Secret | None], None],
) -> Page:
    """Read, then sign. ``form``: the form's catalogue, which says what is signed
    (``sign.title|lead|go|failed``); ``work``: gets the PIN, None where another asks for it."""
    get = texts.get
    html = contract_text(contract, texts.language)
    label = get("steps.sign.contract")
    entry = reading.pin_entry(CardKey.SIGNATURE)
    pin = PinPanel(entry, lambda: reading.tries_left, texts)
    work = reading.watching_tries(work)

    def go(sent: Submission) -> None:
        sent.on_stop(reading.cancel)
        work(pin.secret(sent.secrets))

    save = Download(
        get("steps.sign.save"), lambda: Handout(get("steps.sign.file"), html.encode(), "text/html")
    )
    return Page(
        title=get(f"{form}.sign.title"),
        lead=get(f"{form}.sign.lead"),
        body=[show(heading(label)), ContractFrame(label, html), save, *pin.widgets],
        primary=get(f"{form}.sign.go"),
        icon="pen",
        work=go,
        busy=get("steps.sign.busy"),
        stoppable=entry is not PinEntry.HERE,
        failed=get(f"{form}.sign.failed"),
        field_of=pin.field_of,
        on_error=pin.on_error,
    )
