"""The end of a request: all of it once more before it is asked for, then sent, also with a key of the other kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.engine.form import FormContext, FormModel, StepType
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Step, Wizard
from ehtoolkit.forms.html import (
    ChangeLink,
    Event,
    Piece,
    SummaryRows,
    answers,
    card,
    file_in_folder,
    key_identifier,
    panel,
    paragraph,
    section,
    show,
    summary,
    timeline,
)
from ehtoolkit.forms.layout import hideable, set_visible
from ehtoolkit.forms.receipts.backup_copy import BackupCopy
from ehtoolkit.forms.receipts.receipt import Receipt, happened
from ehtoolkit.forms.widgets import Button, ButtonPress, CheckField
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Niss
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.sending import archive_unfit
from ehtoolkit.toolkit import Toolkit


def key_note(context: Context, signer: Niss, texts: Translator) -> Iterator[Widget]:
    """Yield a panel that says which programs do not know the kind of key that a request is about to be made with;
    nothing for RSA."""
    kind = context.new_key_kind(signer)
    if kind is NewKeyKind.EC_P384:
        facts = {"kind": str(kind.kind), "software": software_without_elliptic_keys()}
        yield show(panel("info", texts.get("steps.new_key.title"), texts.get("steps.new_key.text", **facts)))


class OtherKeyOffer:
    """A button to ask again with a key of the other kind; there after a refusal that may be for the kind of the key.

    Attributes:
        buttons: the page's further buttons (`Page.more`): this one, once it is offered.
    """

    def __init__(self, take: Callable[[NewKeyKind], None], view: WizardView, texts: Translator) -> None:
        """Make the offer, without a button yet. ``take``: has the model ask again, from an earlier step on, which
        ``view`` then shows."""
        self._take, self._view, self._texts = take, view, texts
        self.buttons: list[tuple[Button, Callable[[ButtonPress], None]]] = []

    def on_error(self, error: errors.EhToolkitError) -> None:
        """Offer the other kind of key after a refusal that may be for the kind of the key, and after no other error."""
        self.buttons.clear()
        if isinstance(error, errors.NewKeyRefused):
            kind = NewKeyKind(error.option)
            label = self._texts.get("steps.new_key.other", kind=str(kind.kind))
            self.buttons.append((Button("other_key", label, "", "again"), lambda _: self._ask_with(kind)))

    def _ask_with(self, kind: NewKeyKind) -> None:
        self._take(kind)
        self._view.refresh(focus=True)


INSIST = "insist"
"""The field of the box that is ticked to ask all the same."""


@dataclass(frozen=True, slots=True)
class SubmittedRequest:
    """A request that has gone.

    Attributes:
        at: when, by the clock of the environment.
        file: the keystore that waits for its certificate now, still open to be copied.
    """

    outcome: ProcedureResult
    at: datetime
    file: KeystoreFile


class SendingModel(FormModel, ABC):
    """What a form knows that sends a request for a new keystore.

    Attributes:
        asks_password: whether a step asks for the password of the new keystore; after a refusal the one that was chosen
            serves again.
    """

    def __init__(self, toolkit: Toolkit) -> None:
        super().__init__(toolkit)
        self.asks_password = True
        self._file: KeystoreFile | None = None
        self._refused: list[KeystoreFile] = []
        self._was_tried = False

    @property
    def sent(self) -> SubmittedRequest:
        """The request, which the last page is about."""
        return self.require("sent", SubmittedRequest)

    @property
    @abstractmethod
    def signer(self) -> Niss:
        """Whose request it is."""

    @abstractmethod
    def send(self) -> None:
        """Write the keystore, then send. A second try sends the same for the same file, unless the platform has it."""

    @abstractmethod
    def take_other_key(self, kind: NewKeyKind) -> None:
        """Ask again for the same after a refusal, with a key of ``kind``."""

    def close(self) -> None:
        """Release the password of the new keystore: the form is done or left."""
        self.wizard.keep("password", None)
        super().close()

    def _try_again(self, step: str) -> None:
        """Go back to ``step`` after a refusal, for another keystore under the same password."""
        if self._file is not None:
            self._refused.append(self._file)
            self._file = None
        self._was_tried = False
        password = self.wizard.result("password")
        self.asks_password = password is None
        self.wizard.release(step)
        self.wizard.keep("password", password)

    def _tries_again(self) -> bool:
        """Return whether the file was tried before, so that it may have arrived; from now on it was."""
        again, self._was_tried = self._was_tried, True
        return again

    def _accepted(self, file: KeystoreFile, outcome: ProcedureResult) -> None:
        """Keep what was sent, and put away the keystores that were refused before."""
        for refused in self._refused:
            if refused.path != file.path:
                archive_unfit(refused)
        self.wizard.keep("sent", SubmittedRequest(outcome, self.procedure_context.clock.now(), file))
        self.close()


def sent_rows(context: FormContext[Any]) -> SummaryRows:
    """Return when the request was sent, its file and its key. The form's texts have ``receipt.sent|file|key``."""
    get, sent = context.get, context.model.sent
    return [
        (get("receipt.sent"), context.texts.moment(sent.at)),
        (get("receipt.file"), file_in_folder(sent.outcome.keystore, context.texts)),
        (get("receipt.key"), key_identifier(sent.outcome.key_id)),
    ]


def sent_page(
    context: FormContext[Any],
    verdict: Piece,
    events: Sequence[Event],
    rows: SummaryRows,
    holder: str,
    then: FormLink,
    *,
    slip: bool = True,
) -> Page:
    """Return the last page of a form that has sent a request. The form's texts have ``receipt``,
    ``done.title|next`` and ``next.sent``.

    Args:
        events: what comes next, after the request was sent.
        rows: of the receipt.
        then: the next step, which cannot be done today.
        slip: with the slip for the safe.
    """
    get, sent = context.get, context.model.sent
    body = [
        show(verdict),
        show(section(get("done.next"), timeline([happened(context, "sent", sent.at), *events]))),
    ]
    closing = Receipt(sent.outcome.keystore, get("receipt"), rows, context.texts, holder=holder)
    copy = BackupCopy.of(context, sent.file)
    return closing.page(get("done.title"), body, copy, slip=slip, then=then, later=True)


R_contra = TypeVar("R_contra", bound=SendingModel, contravariant=True)


class CheckStep(StepType[R_contra]):
    """All that was typed, once more; ``work`` then looks whether it can be asked for. The form's texts have
    ``check.title|lead|go|failed``, and ``check.insist`` where the user may insist.

    Args:
        rows: the summary.
        changes: the steps where its lines were typed, by the keys of their names.
        notes: what else is to be known.
        may_insist: after which errors the box is there by which the user asks all the same.
        leads_past: the forms that go on with what is in the way.
    """

    def __init__(
        self,
        rows: Callable[[FormContext[R_contra]], SummaryRows],
        work: Callable[[R_contra], None],
        *,
        changes: Mapping[str, str] | None = None,
        notes: Callable[[FormContext[R_contra]], Iterable[Widget]] = lambda _: (),
        may_insist: Callable[[errors.EhToolkitError], bool] | None = None,
        leads_past: Callable[[errors.EhToolkitError], Iterable[FormLink]] | None = None,
    ) -> None:
        super().__init__("check")
        self._rows, self._work, self._notes, self.changes = rows, work, notes, changes or {}
        self._may_insist, self._leads_past = may_insist, leads_past

    def step(self, model: R_contra) -> Step:
        return Step(self.name, {} if self._may_insist is None else {INSIST: False})

    def pages(self, context: FormContext[R_contra]) -> Callable[[Wizard], Page]:
        return lambda wizard: self._page(context, wizard)

    def _page(self, context: FormContext[R_contra], wizard: Wizard) -> Page:
        model, texts, may_insist = context.model, context.texts, self._may_insist
        word = texts.get("steps.change")
        changes = {
            context.get(name): ChangeLink(step, word)
            for name, step in self.changes.items()
            if wizard.can_go(step)
        }
        body: list[Widget] = [show(card(answers(self._rows(context), changes))), *self._notes(context)]
        body += key_note(model.procedure_context, model.signer, texts)
        if may_insist is None:
            return context.page(self.name, body, lambda _: self._work(model))
        leads, ticked = show(), bool(wizard.values[INSIST])
        body += [] if self._leads_past is None else [leads]
        insist = hideable(CheckField(INSIST, context.get("check.insist"), value=ticked))
        set_visible(insist, ticked)

        def on_error(error: errors.EhToolkitError) -> None:
            if self._leads_past is not None:
                buttons = [lead.button(texts) for lead in self._leads_past(error)]
                leads.value = str(paragraph(*buttons)) if buttons else ""
            if may_insist(error):
                set_visible(insist, True)

        return context.page(self.name, [*body, insist], lambda _: self._work(model), on_error=on_error)


class SendStep(StepType[R_contra]):
    """Send it. The form's texts have ``send.title|lead|go|busy|failed``. ``notes``: what is to be known before."""

    def __init__(
        self,
        rows: Callable[[FormContext[R_contra]], SummaryRows],
        *,
        notes: Callable[[FormContext[R_contra]], Iterable[Widget]] = lambda _: (),
    ) -> None:
        super().__init__("send")
        self._rows, self._notes = rows, notes

    def pages(self, context: FormContext[R_contra]) -> Callable[[Wizard], Page]:
        return lambda _: self._page(context)

    def _page(self, context: FormContext[R_contra]) -> Page:
        model = context.model
        other_key = OtherKeyOffer(model.take_other_key, context.view, context.texts)
        return context.page(
            self.name,
            [show(card(summary(self._rows(context)))), *self._notes(context)],
            lambda _: model.send(),
            icon="mail",
            on_error=other_key.on_error,
            more=other_key.buttons,
        )
