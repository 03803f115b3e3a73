"""The PIN: its part of a page, and the step that signs the contract with the second one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, PinEntry
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.forms.engine.background import SubmittedForm, Work
from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import (
    Markup,
    SummaryRows,
    details,
    element,
    heading,
    panel,
    paragraph,
    show,
    summary_card,
)
from ehtoolkit.forms.layout import column, set_visible
from ehtoolkit.forms.steps.opened_card import C_contra, CardInUse, PinWork
from ehtoolkit.forms.widgets.fields import SecretField
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.forms.widgets.page_parts import ContractFrame
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret

PIN: Final = "pin"
"""The name of the field."""

_PICTURES: Final[Mapping[PinEntry, Markup]] = {
    PinEntry.HERE: Markup(
        '<rect class="s" x="4" y="6" width="80" height="50" rx="5"/><path d="M34 66h20M44 56v10"/>'
        '<rect x="18" y="24" width="52" height="15" rx="3"/><circle class="f" cx="27" cy="31.5" r="2.6"/>'
        '<circle class="f" cx="36" cy="31.5" r="2.6"/><circle class="f" cx="45" cy="31.5" r="2.6"/>'
        '<path d="M53 27v9"/>'
    ),
    PinEntry.MIDDLEWARE: Markup(
        '<rect class="s" x="4" y="6" width="80" height="50" rx="5"/><path d="M34 66h20M44 56v10"/>'
        '<rect x="26" y="16" width="36" height="30" rx="3"/><path d="M26 24h36M33 34h22"/>'
    ),
    PinEntry.READER: Markup(
        '<rect class="s" x="20" y="4" width="48" height="56" rx="6"/>'
        '<rect x="28" y="11" width="32" height="10" rx="2"/>'
        '<path d="M32 30h.1M44 30h.1M56 30h.1M32 40h.1M44 40h.1M56 40h.1M32 50h.1M44 50h.1M56 50h.1"/>'
        '<path d="M32 60v8h24v-8"/>'
    ),
}


class PinPanel:
    """Asks for the PIN of ``key``, on this page or elsewhere. Before the last try the panel warns, wherever the PIN is
    typed.

    Attributes:
        stop: stops waiting for a PIN that is typed elsewhere; None where it is typed on this page.
        widgets: to show; the field is there only where the PIN is typed on this page.
    """

    def __init__(self, reading: CardInUse, key: CardKey, texts: Translator) -> None:
        entry = reading.pin_entry(key)
        self._texts = texts
        self._reading = reading
        self._field: SecretField | None = None
        self._warning: Any = show()
        self.stop = None if entry is PinEntry.HERE else reading.cancel
        widgets: list[Widget] = [show(_way(entry, texts)), self._warning]
        if entry is PinEntry.HERE:
            self._field = SecretField(PIN, texts.get("pin.label"), hint=texts.get("pin.hint"), pin=True)
            widgets.append(self._field)
        self._show_tries()
        box = column("eh-card", "eh-flush", of=widgets)
        help_ = details(
            texts.get("pin.forgotten"), texts.get("pin.forgotten.cure"), texts.get("pin.forgotten.later")
        )
        self.widgets: Sequence[Widget] = (box, show(help_))

    def sends(self, work: PinWork) -> Work:
        """Return the work of a page, which does ``work`` with the PIN that was sent with the form; with None where it
        is typed elsewhere. It raises `errors.PinNeeded` when the field was left empty."""
        watched = self._reading.watching_tries(work)

        def go(sent: SubmittedForm) -> None:
            pin = sent.secrets.get(PIN)
            if self._field is not None and (pin is None or pin == Secret("")):
                raise errors.PinNeeded
            watched(None if self._field is None else pin)

        return go

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        """Return the field that an error is about: that of the PIN for errors of the PIN, where it is there; else
        None."""
        return PIN if self._field is not None and isinstance(error, errors.PinError) else None

    def on_error(self, error: errors.EhToolkitError) -> None:
        """Show after an error of the PIN how many tries are left."""
        if isinstance(error, errors.PinError):
            self._show_tries()

    def _show_tries(self) -> None:
        left, get = self._reading.tries_left, self._texts.get
        if self._field is not None and left is not None:
            self._field.show_tries(left, self._texts.counted("pin.tries", left, left=left))
        self._warning.value = str(panel("warn", get("pin.last"), get("pin.last.text"))) if left == 1 else ""
        set_visible(self._warning, left == 1)


def _way(entry: PinEntry, texts: Translator) -> Markup:
    picture = Markup('<svg viewBox="0 0 88 72" aria-hidden="true" focusable="false">{}</svg>').format(
        _PICTURES[entry]
    )
    words = (
        paragraph(texts.get(f"pin.{entry}.where"), "eh-caption")
        + heading(texts.get(f"pin.{entry}.title"))
        + paragraph(texts.get(f"pin.{entry}.text"))
    )
    return element("div", picture + element("div", words), class_="eh-pinway")


def sign_step(
    work: Callable[[C_contra, Secret | None], None],
    rows: Callable[[FormContext[C_contra]], SummaryRows],
    warning: Callable[[FormContext[C_contra]], Markup] | None = None,
) -> FormStep[C_contra]:
    """Return the step that shows the contract and signs it. The form's texts say what is signed:
    ``sign.title|lead|go|failed``.

    Args:
        work: gets the PIN, None where another program asks for it.
        rows: what is about to be signed, above the contract.
        warning: a panel above the PIN, where the signature cannot be undone; then its button shows that, too.
    """

    def page(context: FormContext[C_contra]) -> Page:
        get, model = context.texts.get, context.model
        recap = summary_card(rows(context))
        if model.reading.tries_left == 0:  # blocked meanwhile: nothing that is typed would open it
            blocked = errors.PinBlocked()
            verdict = panel("danger", context.texts.error(blocked), context.texts.next_step(blocked))
            return Page(title=context.get("sign.title"), body=[show(verdict), recap])
        pin = PinPanel(model.reading, CardKey.SIGNATURE, context.texts)
        warnings = [] if warning is None else [show(warning(context))]
        made = context.page(
            "sign",
            [recap, *_contract(model.contract, context), *warnings, *pin.widgets],
            pin.sends(lambda typed: work(model, typed)),
            icon="pen",
            busy=get("steps.sign.busy"),
            field_of=pin.field_of,
            on_error=pin.on_error,
        )
        return replace(made, look="danger" if warnings else "primary", stop=pin.stop)

    return FormStep("sign", page)


def _contract(contract: Contract, page: PageBase) -> Sequence[Widget]:
    """Return the contract under its title, and a button that saves it."""
    texts = page.texts
    get, language = texts.get, contract.language_near(texts.language)
    html, label = contract.text_in(language), get("steps.sign.contract")
    if language != texts.language and texts.has(f"steps.sign.in.{language}"):
        label = get(f"steps.sign.in.{language}", contract=label)
    large, close = get("steps.sign.large"), get("steps.sign.large.close")
    frame = ContractFrame(label, html, language=language, large=large, close=close)
    save = page.download(
        get("steps.sign.save"), lambda: DownloadFile(get("steps.sign.file"), html.encode(), "text/html")
    )
    return show(heading(label)), frame, save
