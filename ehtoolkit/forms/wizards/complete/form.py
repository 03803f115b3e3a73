"""The Complete form: from a waiting keystore to one that is tested and in force, also after a renewal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.certificate_test_part import CertificateTestPart
from ehtoolkit.forms.due.next_steps import resume_link
from ehtoolkit.forms.engine.background import SubmittedForm, on_page
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_link import FormLink, links_past
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import (
    Event,
    Markup,
    SummaryRows,
    file_in_folder,
    mono,
    panel,
    paragraph,
    section,
    show,
    summary_card,
    timeline,
)
from ehtoolkit.forms.steps.keystore import keystore_step
from ehtoolkit.forms.steps.opened_keystore import in_use_page, old_file_page, receipt_of
from ehtoolkit.forms.widgets.browser_timers import Countdown
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.wizards.complete.model import CompleteModel, Refusal, renewed_first, waiting_first
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.certificate_test import Colour, asked_host
from ehtoolkit.procedures.finish import FinishResult, FinishStep, StepStatus
from ehtoolkit.procedures.state.requests import VALIDATION_EXPIRED

_WORK: Final = (FinishStep.INSTALL, FinishStep.ETK, FinishStep.ACTIVATE, FinishStep.TEST)
"""The steps that the button does."""

Context = FormContext[CompleteModel]


def _work(context: Context) -> Page:
    """Return the page that finishes the keystore; while the platform has not delivered, the one that waits; after a
    refusal, the one about that; for an old file, the one that leads to the new file. The texts are those of `COMPLETE`
    for both forms.
    """
    model, get = context.model, context.texts.get
    if model.old_file is not None:
        return old_file_page(context, _holder(context), model.old_file)
    if model.refusal is not None:
        return _refused(context, model.refusal)
    if model.waits:
        return _waiting(context)
    resume, steps = show(), show(_steps(None, context.texts))

    def on_error(error: errors.EhToolkitError) -> None:
        """Offer to take up a request that was never sent, with the same key pair, in the Request form; and the list of
        the card where it is unknown whether it was."""
        if isinstance(error, errors.NeverSent):
            lead = resume_link(Path(error.path), "complete.never_sent.resume")
            resume.value = str(links_past([lead], context.texts))
        elif isinstance(error, errors.RequestUnclear) and error.reason != "foreign":
            lead = FormLink.to("revoke", "index.revoke", Path(error.path).name)
            resume.value = str(links_past([lead], context.texts))

    def show_step(step: FinishStep) -> None:
        steps.value = str(_steps(step, context.texts))

    show_at_work = on_page(show_step)

    def work(sent: SubmittedForm) -> None:
        _complete_file(context, sent, show_at_work)

    hosts = asked_host(model.procedure_context)
    return Page(
        title=get("complete.work.title"),
        lead=get("complete.work.lead"),
        body=[
            summary_card(_rows(context)),
            steps,
            show(paragraph(get("complete.work.sends", hosts=hosts), "eh-note")),
            resume,
        ],
        primary=get("complete.work.go"),
        icon="download",
        work=work,
        after=lambda: _go_on(context),
        busy=get("finish.busy.install"),
        failed=get("complete.work.failed"),
        on_error=on_error,
    )


def _steps(at: FinishStep | None, texts: Translator) -> Markup:
    """Return the steps of the work; those before ``at`` are done, and that one is at work, or has failed."""
    place = -1 if at is None else _WORK.index(at)
    events = [
        Event(
            texts.get(f"finish.step.{step}"),
            [texts.get("finish.step.activate.how")] if step is FinishStep.ACTIVATE else [],
            state="done" if number < place else "now" if number == place else "later",
        )
        for number, step in enumerate(_WORK)
    ]
    return timeline(events, texts)


# ── while the platform has not delivered, and after it has refused ───────────────────────────────────────
def _refused(context: Context, refusal: Refusal) -> Page:
    """Return the final page of a refusal: nothing is looked at again, and the one button makes a new request."""
    get, code = context.texts.get, refusal.code if isinstance(refusal, errors.RequestRefused) else ""
    late = isinstance(refusal, errors.ValidationOverdue) or code == VALIDATION_EXPIRED
    shown = _rows(context)
    if code:
        shown.append((get("complete.refused.row.code"), mono(code)))
    words = [get("complete.refused.late.request")]
    if not late:
        words = [get("complete.refused.now.why", code=code), get("complete.refused.now.request")]
    again = Button("request", get("complete.refused.do"), "primary", "card", context.model.again.address)
    return Page(
        title=get("complete.refused.late.title" if late else "complete.refused.title"),
        lead=get("complete.refused.lead"),
        body=[summary_card(shown), show(panel("warn", get("complete.refused.now"), *words))],
        more=[again],
        can_cancel=False,  # there is nothing to come back for
    )


def _waiting(context: Context) -> Page:
    """Return the page that looks again by itself, ever less often."""
    get, texts, model = context.texts.get, context.texts, context.model
    # The browser fills these in, every second.
    words = get("complete.wait.countdown", left="{left}")
    units = {
        unit: (
            get(f"complete.wait.{unit}.one", count="{count}"),
            get(f"complete.wait.{unit}.many", count="{count}"),
        )
        for unit in ("minutes", "seconds")
    }
    countdown = Countdown(words, units)

    def look_again() -> None:
        if countdown in context.shown.body:  # else the user has gone to another page meanwhile
            context.next()

    countdown.on_over(context.guard(look_again))

    def on_error(error: errors.EhToolkitError) -> None:
        """Go on looking by itself after a platform that could not be asked, as in a night without a network, and while
        another page is working for the same holder; stop after what another look would not change."""
        passes = isinstance(error, errors.PlatformError | errors.RequestRunning)
        countdown.start(model.next_look if passes else 0)

    looked = get("complete.wait.looked", moment=model.looked_at)
    requested = [] if model.note is None else [model.note.requested_at]
    events = [
        Event(get("complete.wait.received"), [texts.moment(at) for at in requested], state="done"),
        Event(get("complete.wait.validation"), [get("complete.wait.validation.when")], "clock", state="now"),
        Event(get("finish.step.install"), [get("complete.wait.install.how")]),
        Event(get("finish.step.etk"), [get("complete.wait.etk.how")]),
        Event(get("finish.step.test"), [get("complete.wait.etk.how")]),
    ]
    return Page(
        title=get("complete.wait.title"),
        lead=get("complete.wait.lead"),
        body=[
            countdown,
            show(paragraph(looked, "eh-note")),
            show(section(get("complete.wait.where"), timeline(events, texts))),
            summary_card(_rows(context)),
        ],
        primary=get("complete.wait.go"),
        icon="again",
        work=lambda sent: _complete_file(context, sent),
        after=lambda: _go_on(context),
        busy=get("finish.busy.install"),
        failed=get("complete.work.failed"),
        on_error=on_error,
        arrive=lambda: countdown.start(model.next_look),
    )


# ── at the end ───────────────────────────────────────────────────────────────────────────────────────────
def _done(context: Context) -> Page:
    get, texts, finished = context.texts.get, context.texts, context.model.finished
    if finished is None or finished.test is None:  # the view shows this page only after the work
        raise RuntimeError("nothing was completed")
    outcome = finished.outcome
    shown: SummaryRows = [
        *_rows(context),
        (get("complete.row.until"), "" if outcome.not_after is None else texts.date(outcome.not_after)),
        (get("complete.row.etk"), get("complete.row.etk.proven")),
    ]
    closing = receipt_of(context, get("complete.receipt"), shown, _holder(context))
    test = CertificateTestPart(context, finished.test)
    faulty = finished.test.colour is Colour.RED
    title = "faulty" if faulty else "already" if outcome.already else "title"
    body = [*_outcome(context, finished), test.widget, closing.checklist()]
    return in_use_page(context, closing, get(f"complete.done.{title}"), body, slip=True)


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────
def _complete_file(
    context: Context, sent: SubmittedForm, show_step: Callable[[FinishStep], None] = lambda _: None
) -> None:
    """Go on with the file as far as the platform allows. ``show_step`` is called with each step that begins."""

    def progress(step: FinishStep) -> None:
        sent.report(context.texts.get(f"finish.busy.{step}"))
        show_step(step)

    context.model.complete(progress)


def _go_on(context: Context) -> None:
    """Show what follows the work: the last page, or another page of the same step."""
    model = context.model
    if model.waits or model.refusal is not None or model.old_file is not None:
        context.again()
    else:
        context.advance()


def _rows(context: Context) -> SummaryRows:
    get, path = context.texts.get, context.model.path
    return [
        (get("complete.row.name"), _holder(context)),
        (get("complete.row.file"), file_in_folder(path, context.texts)),
    ]


def _holder(context: Context) -> str:
    """Return name and number: from the certificate once it is there, from the note or the file's name before; the word
    for unknown where neither has them."""
    holder = context.model.holder(context.texts)
    return context.texts.get("complete.row.unknown") if holder is None else holder


def _outcome(context: Context, finished: FinishResult) -> Sequence[Widget]:
    """Return the verdict, and what was done and comes next; for a file that was complete before, that nothing was
    changed."""
    get = context.texts.get
    until = get("complete.done.until", date=finished.outcome.not_after)
    if finished.outcome.already:
        return [show(panel("info", get("complete.done.already.text"), until))]
    events = timeline(_events(context, finished), context.texts)
    return [show(panel("ok", until)), show(section(get("complete.done.next"), events))]


def _events(context: Context, finished: FinishResult) -> list[Event]:
    """Return what was done and what comes next: archiving only where there is an old file."""
    get = context.texts.get
    done = [
        Event(get(f"finish.step.{step}"), state="done")
        for step, status in finished.steps.items()
        if status in (StepStatus.DONE, StepStatus.ALREADY) and step is not FinishStep.ARCHIVE
    ]
    load = Event(get("complete.next.load"), [get("complete.next.load.how")], "people")
    safe = Event(get("complete.next.safe"), [get("complete.next.safe.how")], "key")
    old = Event(get("finish.step.archive"), [get("complete.next.archive.how")], "file")
    return [*done, load, safe, *([old] if finished.may_archive else [])]


COMPLETE: Final = WizardForm(
    "complete",
    lambda toolkit, stage: CompleteModel(toolkit, stage.keystore_named(), waiting_first),
    steps=[keystore_step(), FormStep("work", _work)],
    done=_done,
    menu=MenuPlace("request", 2, "index.complete", "download"),
)
COMPLETE_RENEWAL: Final = WizardForm(
    "complete-renewal",
    lambda toolkit, stage: CompleteModel(toolkit, stage.keystore_named(), renewed_first),
    steps=COMPLETE.steps,
    done=_done,
    menu=MenuPlace("renewal", 2, "index.complete_renewal"),
)
"""The same for a keystore that was renewed, told apart from the old one beside it."""
