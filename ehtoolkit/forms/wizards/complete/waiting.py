"""The pages of the Complete form while the platform has not delivered, and after it has refused."""

from __future__ import annotations

from ehtoolkit import errors
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.html import Event, card, mono, panel, paragraph, section, show, summary, timeline
from ehtoolkit.forms.widgets import Button, Countdown
from ehtoolkit.forms.wizards.complete.model import Refusal
from ehtoolkit.forms.wizards.complete.work import Context, complete_file, go_on, rows
from ehtoolkit.procedures.state.requests import VALIDATION_EXPIRED


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
        body=[show(card(summary(shown))), show(panel("warn", get("complete.refused.now"), *words))],
        more=[(again, lambda _: None)],
        can_cancel=False,  # there is nothing to come back for
    )


def waiting_page(context: Context) -> Page:
    """Return the page that looks again by itself, ever less often."""
    get, texts, model, view = context.texts.get, context.texts, context.model, context.view
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
        view.guard(
            lambda: view.run(lambda sent: complete_file(context, sent), lambda: go_on(context), busy=busy)
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
            show(card(summary(rows(context)))),
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
