"""The end of a request: all of it once more before it is asked for, then sent, also with a key of the other kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.forms.copies.copy_part import backup_copy
from ehtoolkit.forms.engine.form import FormContext, FormStep
from ehtoolkit.forms.engine.form_link import FormLink, links_past
from ehtoolkit.forms.engine.form_model import FormModel, StepResult
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import (
    ChangeLink,
    Event,
    Piece,
    SummaryRows,
    file_in_folder,
    key_identifier,
    panel,
    show,
    summary_card,
)
from ehtoolkit.forms.layout import set_visible
from ehtoolkit.forms.receipts.receipt import Receipt, what_comes_next
from ehtoolkit.forms.steps.opened_card import CardFormModel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.identity import Niss
from ehtoolkit.keystore.software_compatibility import software_without_elliptic_keys
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import read_request_record
from ehtoolkit.procedures.request import (
    CertificateRequest,
    PreparedRequest,
    archive_given_up,
    archive_unfit,
    submit,
)
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

INSIST = "insist"
"""The field of the box that is ticked to ask all the same."""


@dataclass(frozen=True, slots=True)
class SubmittedRequest:
    """A request that has gone.

    Attributes:
        at: when, by the note of the request.
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
        password: of the new keystore.
        sent: the request, which the last page is about.
    """

    password = StepResult[Secret]()
    sent = StepResult[SubmittedRequest]()

    def __init__(self, toolkit: Toolkit) -> None:
        super().__init__(toolkit)
        self.asks_password = True
        self._file: KeystoreFile | None = None
        self._refused: list[KeystoreFile] = []
        self._given_up: tuple[Path, ...] = ()
        self._was_tried = False

    @property
    @abstractmethod
    def signer(self) -> Niss:
        """Whose request it is."""

    def send(self) -> None:
        """Write the keystore, then send. A second try sends the same for the same file once the platform says that it
        does not know it, or where the first did not leave this computer."""
        if self._file is None:
            self._file = self._write()
        self.wizard.seal()
        again, self._was_tried = self._was_tried, True
        try:
            outcome = self._submit(self._file, retry=again)
        except (errors.PlatformUnreachable, errors.PlatformTimeout) as error:
            self._was_tried = again or error.sent is not False
            raise
        for refused in self._refused:
            if refused.path != self._file.path:
                archive_unfit(refused)
        archive_given_up(self._given_up)
        self.sent = SubmittedRequest(outcome, self._requested_at(outcome.key_id), self._file)
        self.close()

    def _requested_at(self, key_id: str) -> datetime:
        """Return the moment that the note of the request has, as the first page shows it."""
        note = read_request_record(self.procedure_context.notes, key_id)
        return self.procedure_context.clock.now() if note is None else note.requested_at

    @abstractmethod
    def _write(self) -> KeystoreFile:
        """Write the new keystore, with its key and without a certificate."""

    @abstractmethod
    def _submit(self, file: KeystoreFile, *, retry: bool) -> ProcedureResult:
        """Send the request for ``file``. ``retry``: it was tried before, and may have arrived."""

    @abstractmethod
    def take_other_key(self, kind: NewKeyKind) -> None:
        """Ask again for the same after a refusal, with a key of ``kind``."""

    def close(self) -> None:
        """Release the password of the new keystore: the form is done or left."""
        self.password = None
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
        self.password = password


class SignedRequestModel(CardFormModel, SendingModel):
    """What a form knows that sends a request which was signed with a card."""

    signed = StepResult[PreparedRequest]()

    @abstractmethod
    def request(self) -> CertificateRequest:
        """Return the applicant and the holder, with the contact data as typed; only after the steps before were
        confirmed."""

    @property
    def signer(self) -> Niss:
        return self.request().signer.niss

    def _submit(self, file: KeystoreFile, *, retry: bool) -> ProcedureResult:
        return submit(file, self.signed, self.procedure_context, retry=retry)

    def take_other_key(self, kind: NewKeyKind) -> None:
        """Ask again for the same after a refusal, with a key of ``kind``. The second PIN is asked again."""
        self.procedure_context = self.procedure_context.asking_for(kind)
        self._try_again("sign")


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
    body = [show(verdict), what_comes_next(context, "sent", sent.at, events)]
    closing = Receipt(sent.outcome.keystore, get("receipt"), rows, context, holder=holder)
    copy = backup_copy(context, context.model.toolkit, sent.file)
    return closing.page(get("done.title"), body, copy, slip=slip, then=then)


R_contra = TypeVar("R_contra", bound=SendingModel, contravariant=True)


def may_insist(error: errors.EhToolkitError) -> bool:
    """Return whether a second request makes sense. The platform refuses one for a certificate in force that cannot be
    replaced yet, so that is not offered."""
    if isinstance(error, errors.CertificateInForce):
        return error.reason == "renewable"
    return isinstance(
        error, errors.RequestWaiting | errors.NeverSent | errors.RequestUnclear | errors.StatusUnclear
    )


def check_step(
    rows: Callable[[FormContext[R_contra]], SummaryRows],
    work: Callable[[R_contra], None],
    *,
    changes: Mapping[str, str],
    notes: Callable[[FormContext[R_contra]], Iterable[Widget]] = lambda _: (),
    insist: Callable[[errors.EhToolkitError], bool] | None = None,
    leads_past: Callable[[errors.EhToolkitError], Iterable[FormLink]] | None = None,
) -> FormStep[R_contra]:
    """Return the step that shows once more all that was typed; ``work`` then looks whether it can be asked for. The
    form's texts have ``check.title|lead|go|failed``, and ``check.insist`` where the user may insist.

    Args:
        rows: the summary.
        changes: the steps where its lines were typed, by the keys of their names.
        notes: what else is to be known.
        insist: after which errors the user may ask all the same; None: after none.
        leads_past: the forms that go on with what is in the way.
    """

    def page(context: FormContext[R_contra]) -> Page:
        model, texts, wizard = context.model, context.texts, context.model.wizard
        word = texts.get("steps.change")
        links = {
            context.get(name): ChangeLink(step, word) for name, step in changes.items() if wizard.can_go(step)
        }
        body: list[Widget] = [
            summary_card(rows(context), links),
            *notes(context),
        ]
        kind = model.procedure_context.new_key_kind(model.signer)
        if kind is NewKeyKind.EC_P384:
            about = texts.get(
                "steps.new_key.text", kind=str(kind.kind), software=software_without_elliptic_keys()
            )
            body.append(show(panel("info", texts.get("steps.new_key.title"), about)))
        if insist is None:
            return context.page("check", body, lambda _: work(model))
        leads = show()
        body += [] if leads_past is None else [leads]
        box = context.tick(INSIST, context.get("check.insist"))
        set_visible(box, box.value)

        def on_error(error: errors.EhToolkitError) -> None:
            leads.value = "" if leads_past is None else str(links_past(leads_past(error), texts))
            if insist(error):
                set_visible(box, True)

        return context.page("check", [*body, box], lambda _: work(model), on_error=on_error)

    fields = {} if insist is None else {INSIST: False}
    return FormStep("check", page, fields=lambda _: fields)


def send_step(
    rows: Callable[[FormContext[R_contra]], SummaryRows],
    *,
    notes: Callable[[FormContext[R_contra]], Iterable[Widget]] = lambda _: (),
) -> FormStep[R_contra]:
    """Return the step that sends it. The form's texts have ``send.title|lead|go|busy|failed``. ``notes``: what is to be
    known before."""

    def page(context: FormContext[R_contra]) -> Page:
        model = context.model
        buttons: list[Button] = []
        acts: dict[str, Callable[[ButtonPress], None]] = {}

        def on_error(error: errors.EhToolkitError) -> None:
            """Offer the other kind of key after a refusal that may be for the kind of the key, and after no other
            error."""
            buttons.clear()
            if isinstance(error, errors.NewKeyRefused):
                kind = NewKeyKind(error.option)
                label = context.texts.get("steps.new_key.other", kind=str(kind.kind))
                buttons.append(Button("other_key", label, "", "again"))
                acts["other_key"] = lambda _: ask_with(kind)

        def ask_with(kind: NewKeyKind) -> None:
            model.take_other_key(kind)
            context.again()

        body = [summary_card(rows(context)), *notes(context)]
        return context.page(
            "send", body, lambda _: model.send(), icon="mail", on_error=on_error, more=buttons, acts=acts
        )

    return FormStep("send", page)
