"""The PIN: its part of a page, and the step that signs the contract with the second one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Literal

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, PinEntry
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, StepType
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.wizard import Wizard
from ehtoolkit.forms.html import (
    Markup,
    SummaryRows,
    card,
    details,
    element,
    heading,
    panel,
    paragraph,
    show,
    summary,
)
from ehtoolkit.forms.layout import column, hideable, set_visible
from ehtoolkit.forms.steps.opened_card import C_contra
from ehtoolkit.forms.widgets import ContractFrame, Download, DownloadFile, SecretField
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret

PIN: Final = "pin"
"""The name of the field."""

_PICTURES: Final[Mapping[PinEntry, str]] = MappingProxyType(
    {
        PinEntry.HERE: (
            '<rect class="s" x="4" y="6" width="80" height="50" rx="5"/><path d="M34 66h20M44 56v10"/>'
            '<rect x="18" y="24" width="52" height="15" rx="3"/><circle class="f" cx="27" cy="31.5" r="2.6"/>'
            '<circle class="f" cx="36" cy="31.5" r="2.6"/><circle class="f" cx="45" cy="31.5" r="2.6"/>'
            '<path d="M53 27v9"/>'
        ),
        PinEntry.MIDDLEWARE: (
            '<rect class="s" x="4" y="6" width="80" height="50" rx="5"/><path d="M34 66h20M44 56v10"/>'
            '<rect x="26" y="16" width="36" height="30" rx="3"/><path d="M26 24h36M33 34h22"/>'
        ),
        PinEntry.READER: (
            '<rect class="s" x="20" y="4" width="48" height="56" rx="6"/>'
            '<rect x="28" y="11" width="32" height="10" rx="2"/>'
            '<path d="M32 30h.1M44 30h.1M56 30h.1M32 40h.1M44 40h.1M56 40h.1M32 50h.1M44 50h.1M56 50h.1"/>'
            '<path d="M32 60v8h24v-8"/>'
        ),
    }
)


class PinPanel:
    """``widgets`` to show; the field is there only where the PIN is typed on this page. Before the last try the panel
    warns, wherever the PIN is typed.

    ``tries_left``: how many PINs may still be wrong, as far as is known now; None if unknown.
    """

    def __init__(self, entry: PinEntry, tries_left: Callable[[], int | None], texts: Translator) -> None:
        self._texts = texts
        self._tries_left = tries_left
        self._field: SecretField | None = None
        self._warning: Any = hideable(show())
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

    def secret(self, secrets: Mapping[str, Secret]) -> Secret | None:
        """Return the PIN that was sent with the form; None where the PIN is typed elsewhere than on this page.

        Raises `errors.PinNeeded` when the field was left empty.
        """
        if self._field is None:
            return None
        pin = secrets.get(PIN)
        if pin is None or pin == Secret(""):
            raise errors.PinNeeded
        return pin

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        """Return the field that an error is about: that of the PIN for errors of the PIN, where it is there; else
        None."""
        return PIN if self._field is not None and isinstance(error, errors.PinError) else None

    def on_error(self, error: errors.EhToolkitError) -> None:
        """Show after an error of the PIN how many tries are left."""
        if isinstance(error, errors.PinError):
            self._show_tries()

    def _show_tries(self) -> None:
        left, get = self._tries_left(), self._texts.get
        if self._field is not None and left is not None:
            self._field.show_tries(left, self._texts.counted("pin.tries", left, left=left))
        self._warning.value = str(panel("warn", get("pin.last"), get("pin.last.text"))) if left == 1 else ""
        set_visible(self._warning, left == 1)


def _way(entry: PinEntry, texts: Translator) -> Markup:
    picture = Markup('<svg viewBox="0 0 88 72" aria-hidden="true" focusable="false">{}</svg>').format(
        Markup(_PICTURES[entry])
    )
    words = (
        paragraph(texts.get(f"pin.{entry}.where"), "eh-caption")
        + heading(texts.get(f"pin.{entry}.title"))
        + paragraph(texts.get(f"pin.{entry}.text"))
    )
    return element("div", picture + element("div", words), class_="eh-pinway")


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
        contract = model.contract
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
