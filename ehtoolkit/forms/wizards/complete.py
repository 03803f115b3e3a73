"""The Complete form: from a waiting keystore to a complete one, also after a renewal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.certificate_test_part import CertificateTestPart
from ehtoolkit.forms.due.holder_text import holder_line, number_words
from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.due.outlook import request_again
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext, MenuPlace, PageStep, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import (
    Event,
    SummaryRows,
    card,
    file_in_folder,
    mono,
    panel,
    paragraph,
    section,
    show,
    summary,
    timeline,
)
from ehtoolkit.forms.old_file import old_file_page
from ehtoolkit.forms.receipts.backup_copy import BackupCopy
from ehtoolkit.forms.receipts.receipt import Receipt, in_the_record
from ehtoolkit.forms.steps import KeystoreStep, OpenedKeystoreModel
from ehtoolkit.forms.steps.keystore import asked_for
from ehtoolkit.forms.steps.keystore_picker import Candidates, Picker
from ehtoolkit.forms.widgets import Button, Countdown
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.request_record import RequestRecord, read_request_record
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.result import ProcedureResult, Stage, State
from ehtoolkit.procedures.state.request_status import VALIDATION_EXPIRED
from ehtoolkit.secret import Secret

Refusal = errors.RequestRefused | errors.ValidationOverdue

FIRST_WAIT, LONGEST_WAIT = 15, 600
"""Seconds until the page looks again by itself: polite (ten or more), growing, bounded."""


def waiting_first(due: Sequence[Due]) -> Candidates:
    """Return all files, since one that has both keys may still have something to be completed; the newest that waits is
    proposed."""
    waiting = next((keystore for keystore in due if _waits(keystore)), None)
    return Candidates(tuple(due), waiting, "" if waiting is None else "complete.why.waits")


def renewed_first(due: Sequence[Due]) -> Candidates:
    """Return the files as `waiting_first` does, but proposed is the newest that waits beside an older one of its
    holder: the renewed one, told apart by its date."""
    for keystore in due:
        if _waits(keystore) and any(keystore.is_newer_than(other) for other in due):
            return Candidates(tuple(due), keystore, "complete_renewal.why.newest")
    return waiting_first(due)


def _waits(due: Due) -> bool:
    """Return whether a file still waits; one that was refused does so no more."""
    return due.state is State.WAITING and due.platform_state != State.REFUSED


class CompleteModel(OpenedKeystoreModel):
    """Choose the file, open it and go as far as the platform lets us."""

    def __init__(self, toolkit: Toolkit, chosen: Path | None = None, pick: Picker = waiting_first) -> None:
        super().__init__(toolkit, pick, chosen)
        self._looks = 0
        self.looked_at: datetime | None = None

    @property
    def outcome(self) -> ProcedureResult | None:
        return self.found("outcome", ProcedureResult)

    @property
    def waits(self) -> bool:
        """The platform has not delivered yet."""
        return self.outcome is not None and self.outcome.state in (State.WAITING, State.VALIDATING)

    @property
    def refusal(self) -> Refusal | None:
        """Why the platform will never deliver; None as long as it may."""
        found = self.wizard.result("refusal")
        return found if isinstance(found, errors.RequestRefused | errors.ValidationOverdue) else None

    @property
    def again(self) -> FormLink:
        """A new request, filled in with what was typed for this one."""
        return request_again(self.choosing.chosen(self.wizard.values))

    @property
    def note(self) -> RequestRecord | None:
        """What was noted when the certificate was requested."""
        return (
            None
            if self._file is None
            else read_request_record(self.procedure_context.notes, self._file.keystore.key_id)
        )

    def holder(self, texts: Translator) -> str | None:
        """Return name and number as the certificate has them, or the note of its request, else the number in the file's
        name; None if unknown."""
        name = self.certified_holder
        if name is not None:
            return holder_line(name, texts)
        if self.note is not None:
            return holder_line(DistinguishedName.parse(self.note.distinguished_name), texts)
        words = number_words(parse_name(self.path.name).identifier, None, texts)
        return ", ".join(words) or None

    @property
    def next_look(self) -> int:
        """Seconds to wait before looking again."""
        return int(min(FIRST_WAIT * 2 ** max(0, self._looks - 1), LONGEST_WAIT))

    def open(self, password: Secret) -> None:
        super().open(password)
        self._looks = 0

    def complete(self, progress: Callable[[Stage], None]) -> None:
        """Go on from wherever the file is, or find out that it was refused. What another window has done with it
        meanwhile counts."""
        self._looks += 1
        with self.reread() as file:
            try:
                outcome = complete(file, self.procedure_context, progress=progress)
            except (errors.RequestRefused, errors.ValidationOverdue) as refusal:
                self.wizard.keep("refusal", refusal)
                return
            self.looked_at = self.procedure_context.clock.now()
            self.wizard.keep("outcome", outcome)


Context = FormContext[CompleteModel]


def _work(context: Context) -> Page:
    """Return the page that completes the keystore; while the platform has not delivered, the one that waits; after a
    refusal, the one about that; for an old file, the one that leads to the new file. The texts are those of `COMPLETE`
    for both forms.
    """
    model, get = context.model, context.texts.get
    if model.old_file is not None:
        return old_file_page(context, model.path, _holder(context), model.old_file)
    if model.refusal is not None:
        return _refused(context, model.refusal)
    if model.waits:
        return _waiting(context)
    resume = show()

    def on_error(error: errors.EhToolkitError) -> None:
        """Offer to take up a request that was never sent, with the same key pair, in the Request form."""
        if isinstance(error, errors.NeverSent):
            lead = FormLink.to("request", "complete.never_sent.resume", Path(error.path).name, "resume")
            resume.value = str(paragraph(lead.button(context.texts)))

    return Page(
        title=get("complete.work.title"),
        lead=get("complete.work.lead"),
        body=[show(card(summary(_rows(context)))), resume],
        primary=get("complete.work.go"),
        icon="download",
        work=lambda sent: _complete(context, sent),
        after=lambda: _after(context),
        busy=get("procedure.complete.ask"),
        failed=get("complete.work.failed"),
        on_error=on_error,
    )


def _complete(context: Context, sent: SubmittedForm) -> None:
    context.model.complete(lambda step: sent.report(context.texts.get(f"procedure.complete.{step}")))


def _after(context: Context) -> None:
    model = context.model
    if model.waits or model.refusal is not None or model.old_file is not None:
        context.again()
    else:
        context.view.advance()


def _refused(context: Context, refusal: Refusal) -> Page:
    """Return the final page of a refusal: nothing is looked at again, and the one button makes a new request."""
    get, code = context.texts.get, refusal.code if isinstance(refusal, errors.RequestRefused) else ""
    late = isinstance(refusal, errors.ValidationOverdue) or code == VALIDATION_EXPIRED
    rows = _rows(context)
    if code:
        rows.append((get("complete.refused.row.code"), mono(code)))
    words = [get("complete.refused.late.request")]
    if not late:
        words = [get("complete.refused.now.why", code=code), get("complete.refused.now.request")]
    again = Button("request", get("complete.refused.do"), "primary", "card", context.model.again.address)
    return Page(
        title=get("complete.refused.late.title" if late else "complete.refused.title"),
        lead=get("complete.refused.lead"),
        body=[show(card(summary(rows))), show(panel("warn", get("complete.refused.now"), *words))],
        more=[(again, lambda _: None)],
        can_cancel=False,  # there is nothing to come back for
    )


def _waiting(context: Context) -> Page:
    get, texts, model, view = context.texts.get, context.texts, context.model, context.view
    busy = get("procedure.complete.ask")
    # The browser fills these in, every second.
    words = get("complete.wait.countdown", left="{left}")
    units = {
        unit: (
            get(f"complete.wait.{unit}.one", count="{count}"),
            get(f"complete.wait.{unit}.many", count="{count}"),
        )
        for unit in ("minutes", "seconds")
    }
    countdown = Countdown(words, get("complete.wait.title"), units)
    countdown.on_over(
        view.guard(
            lambda: view.run(lambda sent: _complete(context, sent), lambda: _after(context), busy=busy)
        )
    )

    def on_error(error: errors.EhToolkitError) -> None:
        """Go on looking by itself after a platform that could not be asked, as in a night without a network; stop after
        what another look would not change."""
        countdown.start(model.next_look if isinstance(error, errors.PlatformError) else 0)

    looked = get("complete.wait.looked", moment=model.looked_at)
    requested = model.note.requested_at if model.note is not None else None
    events = [
        Event(
            get("complete.wait.received"),
            [texts.moment(requested)] if requested is not None else [],
            state="done",
            done_word=get("wizard.done"),
        ),
        Event(get("complete.wait.validation"), [get("complete.wait.validation.when")], "clock", state="now"),
        Event(get("complete.wait.install"), [get("complete.wait.install.how")]),
        Event(get("complete.wait.etk"), [get("complete.wait.etk.how")]),
    ]
    return Page(
        title=get("complete.wait.title"),
        lead=get("complete.wait.lead"),
        body=[
            countdown,
            show(paragraph(looked, "eh-note")),
            show(section(get("complete.wait.where"), timeline(events))),
            show(card(summary(_rows(context)))),
        ],
        primary=get("complete.wait.go"),
        icon="again",
        work=lambda sent: _complete(context, sent),
        after=lambda: _after(context),
        busy=busy,
        failed=get("complete.work.failed"),
        on_error=on_error,
        arrive=lambda: countdown.start(model.next_look),
    )


def _done(context: Context) -> Page:
    get, texts, model, outcome = context.texts.get, context.texts, context.model, context.model.outcome
    if outcome is None:  # the view shows this page only after the work
        raise RuntimeError("nothing was completed")
    to_activate = outcome.state is State.TO_ACTIVATE
    rows: SummaryRows = [
        *_rows(context),
        (get("complete.row.until"), "" if outcome.not_after is None else texts.date(outcome.not_after)),
        (get("complete.row.etk"), get(f"complete.row.etk.{'waits' if to_activate else 'proven'}")),
    ]
    closing = Receipt(model.path, get("complete.receipt"), rows, texts, _holder(context), model.has_older)
    body = [
        *_outcome(context, outcome),
        *([] if to_activate else [closing.checklist()]),
        CertificateTestPart(model.file, model.toolkit, context.view, texts).widget,
    ]
    title = get("complete.done.title")
    if to_activate:
        title = get("complete.done.to_activate")
    elif outcome.already:
        title = get("complete.done.already")
    then = in_the_record(model.path)
    if to_activate:
        then = FormLink.to("activate", "complete_renewal.next.activate.link", model.path.name)
    copy, in_use = BackupCopy.of(context, model.file), not to_activate
    reminder = closing.reminder(model.file, model.procedure_context.clock.now()) if in_use else None
    return closing.page(title, body, copy, slip=in_use, load=in_use, then=then, reminder=reminder)


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────
def _rows(context: Context) -> SummaryRows:
    get, path = context.texts.get, context.model.path
    return [
        (get("complete.row.name"), _holder(context)),
        (get("complete.row.file"), file_in_folder(path, context.texts)),
    ]


def _outcome(context: Context, outcome: ProcedureResult) -> list[Widget]:
    """Return the verdict, and what was done and comes next; for a file that was complete before, that nothing was
    changed."""
    get, to_activate = context.texts.get, outcome.state is State.TO_ACTIVATE
    until = get("complete.done.until", date=outcome.not_after)
    if outcome.already and not to_activate:
        return [show(panel("info", get("complete.done.already.text"), until))]
    events = timeline(_events(context, to_activate=to_activate))
    return [
        show(panel("warn" if to_activate else "ok", until)),
        show(section(get("complete.done.next"), events)),
    ]


def _holder(context: Context) -> str:
    """Return name and number: from the certificate once it is there, from the note or the file's name before; the word
    for unknown where neither has them."""
    holder = context.model.holder(context.texts)
    return context.texts.get("complete.row.unknown") if holder is None else holder


def _events(context: Context, *, to_activate: bool) -> list[Event]:
    """Return what was done and what comes next. Only when it is active, a renewed keystore takes the place of the old
    one."""
    get = context.texts.get
    installed = Event(get("complete.next.installed"), [], state="done", done_word=get("wizard.done"))
    load = Event(get("complete.next.load"), [get("complete.next.load.how")], "people")
    if not to_activate:
        return [installed, load, Event(get("complete.next.safe"), [get("complete.next.safe.how")], "key")]
    activate = Event(
        get("complete_renewal.next.activate"), [get("complete_renewal.next.activate.how")], "key"
    )
    return [installed, activate, load]


COMPLETE: Final = WizardForm(
    "complete",
    lambda toolkit, stage: CompleteModel(toolkit, asked_for(stage), waiting_first),
    steps=[KeystoreStep(), PageStep("work", _work)],
    done=_done,
    menu=MenuPlace("request", 2, "download", "index.complete"),
)
COMPLETE_RENEWAL: Final = WizardForm(
    "complete-renewal",
    lambda toolkit, stage: CompleteModel(toolkit, asked_for(stage), renewed_first),
    steps=COMPLETE.steps,
    done=_done,
    menu=MenuPlace("renewal", 2, words="index.complete_renewal"),
)
"""The same for a keystore that was renewed, told apart from the old one beside it."""
