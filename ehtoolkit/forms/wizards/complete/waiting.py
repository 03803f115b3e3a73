"""The pages of the Complete form while the platform has not delivered, and after it has refused."""

from __future__ import annotations

from collections.abc import Callable

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import (
    Event,
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
from ehtoolkit.forms.widgets.browser_timers import Countdown
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.wizards.complete.model import CompleteModel, Refusal
from ehtoolkit.procedures.finish import FinishStep
from ehtoolkit.procedures.state.requests import VALIDATION_EXPIRED

Context = FormContext[CompleteModel]


def no_step(step: FinishStep) -> None:
    """Do nothing: for a page that does not show the steps."""


def complete_file(
    context: Context, sent: SubmittedForm, show_step: Callable[[FinishStep], None] = no_step
) -> None:
    """Go on with the file as far as the platform allows. ``show_step`` is called with each step that begins."""

    def progress(step: FinishStep) -> None:
        sent.report(context.texts.get(f"finish.busy.{step}"))
        show_step(step)

    context.model.complete(progress)


def go_on(context: Context) -> None:
    """Show what follows the work: the last page, or another page of the same step."""
    model = context.model
    if model.waits or model.refusal is not None or model.old_file is not None:
        context.again()
    else:
        context.advance()


def rows(context: Context) -> SummaryRows:
    get, path = context.texts.get, context.model.path
    return [
        (get("complete.row.name"), holder_of(context)),
        (get("complete.row.file"), file_in_folder(path, context.texts)),
    ]


def holder_of(context: Context) -> str:
    """Return name and number: from the certificate once it is there, from the note or the file's name before; the word
    for unknown where neither has them."""
    holder = context.model.holder(context.texts)
    return context.texts.get("complete.row.unknown") if holder is None else holder


def refused_page(context: Context, refusal: Refusal) -> Page:
    """Return the final page of a refusal: nothing is looked at again, and the one button makes a new request."""
    get, code = context.texts.get, refusal.code if isinstance(refusal, errors.RequestRefused) else ""
    late = isinstance(refusal, errors.ValidationOverdue) or code == VALIDATION_EXPIRED
    shown = rows(context)
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


def waiting_page(context: Context) -> Page:
    """Return the page that looks again by itself, ever less often."""
    get, texts, model = context.texts.get, context.texts, context.model
    busy = get("finish.busy.install")
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
    countdown.on_over(
        context.guard(
            lambda: context.run(lambda sent: complete_file(context, sent), lambda: go_on(context), busy=busy)
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
            show(section(get("complete.wait.where"), timeline(events))),
            summary_card(rows(context)),
        ],
        primary=get("complete.wait.go"),
        icon="again",
        work=lambda sent: complete_file(context, sent),
        after=lambda: go_on(context),
        busy=busy,
        failed=get("complete.work.failed"),
        on_error=on_error,
        arrive=lambda: countdown.start(model.next_look),
    )
