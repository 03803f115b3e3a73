"""The pages of the Complete form."""

from __future__ import annotations

from urllib.parse import quote

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.bootstrap import open_toolkit
from ehtoolkit.forms.choosing import Picker
from ehtoolkit.forms.choosing_page import ChoosingPage, asked_for
from ehtoolkit.forms.closing import Closing
from ehtoolkit.forms.complete.model import CompleteModel, Refusal, renewed_first, waiting_first
from ehtoolkit.forms.environment import confirmed
from ehtoolkit.forms.lead import Lead
from ehtoolkit.forms.markup import (
    Event,
    Markup,
    Piece,
    card,
    element,
    heading,
    link,
    mono,
    panel,
    paragraph,
    show,
    summary,
    timeline,
    with_hint,
)
from ehtoolkit.forms.opening import open_wizard
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.safekeeping import Safekeeping
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import Button, Countdown
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.forms.work import Submission
from ehtoolkit.i18n import Translator
from ehtoolkit.procedures.outcome import State
from ehtoolkit.procedures.waiting import VALIDATION_EXPIRED


@confirmed
def open_complete() -> Widget:
    """The form of this kernel, to be displayed; ``?keystore=FILE`` chooses one of the folder's files."""
    return _open("complete", waiting_first)


@confirmed
def open_complete_renewal() -> Widget:
    """The same form for a keystore that was renewed, told apart from the old one beside it."""
    return _open("complete_renewal", renewed_first)


def _open(form: str, pick: Picker) -> Widget:
    stage = Stage.of_this_kernel()
    toolkit = open_toolkit(stage.settings)
    pages = CompletePages(CompleteModel(toolkit, asked_for(stage), pick), stage.texts, form)
    steps = {"choose": pages.choose, "work": pages.work}
    pages.view = open_wizard(stage, toolkit, form, pages.model.wizard, steps, pages.done)
    return stage.show(pages.view.root)


class CompletePages:
    """One method per step; each gives the page as the model is now. ``form``: the catalogue that says which keystore
    is to be chosen."""

    view: WizardView
    _resume: Widget

    def __init__(self, model: CompleteModel, texts: Translator, form: str = "complete") -> None:
        self.model = model
        self._texts = texts
        self._form = form

    def choose(self, wizard: Wizard) -> Page:
        model = self.model
        page = ChoosingPage(model.choosing, self._texts, self._form, lambda: self.view.refresh(focus=True))
        return page.page(wizard, model.open)

    def work(self, _: Wizard) -> Page:
        if self.model.refusal is not None:
            return self._refused(self.model.refusal)
        if self.model.waits:
            return self._waiting()
        get = self._texts.get
        self._resume = show()
        return Page(
            title=get("complete.work.title"),
            lead=get("complete.work.lead"),
            body=[show(card(self._file_rows())), self._resume],
            primary=get("complete.work.go"),
            icon="download",
            work=self._complete,
            after=self._after,
            busy=get("procedure.complete.ask"),
            failed=get("complete.work.failed"),
            on_error=self._on_error,
        )

    def done(self) -> Page:
        get, outcome = self._texts.get, self.model.outcome
        if outcome is None:  # the view shows this page only after the work
            raise RuntimeError("nothing was completed")
        to_activate = outcome.state is State.TO_ACTIVATE
        title = get("complete.done.to_activate" if to_activate else "complete.done.title")
        until = get("complete.done.until", date=outcome.not_after)
        rows: list[tuple[Piece, Piece]] = [
            (get("complete.row.name"), self._holder()),
            (get("complete.row.file"), self._path()),
            (
                get("complete.row.until"),
                "" if outcome.not_after is None else self._texts.date(outcome.not_after),
            ),
            (get("complete.row.etk"), get(f"complete.row.etk.{'waits' if to_activate else 'proven'}")),
        ]
        closing = Closing(self.model.path, get("complete.receipt"), rows, self._texts, holder=self._holder())
        events = self._activation() if to_activate else self._afterwards()
        body = [
            show(panel("warn" if to_activate else "ok", until)),
            show(element("section", heading(get("complete.done.next")) + timeline(events))),
            *([] if to_activate else [closing.checklist()]),
        ]
        copy = Safekeeping(self.model.file, self.view, self._texts)
        return closing.page(title, body, copy, slip=not to_activate, load=not to_activate)

    def _refused(self, refusal: Refusal) -> Page:
        """Final: nothing is looked at again, and the one button makes a new request."""
        get, code = self._texts.get, str(refusal.facts.get("code", ""))
        late = isinstance(refusal, errors.ValidationOverdue) or code == VALIDATION_EXPIRED
        rows = self._rows()
        if code:
            rows.append((get("complete.refused.row.code"), mono(code)))
        words = [get("complete.refused.late.request")]
        if not late:
            words = [get("complete.refused.now.why", code=code), get("complete.refused.now.request")]
        again = Button("request", get("complete.refused.do"), "primary", "card", self.model.again.address)
        return Page(
            title=get("complete.refused.late.title" if late else "complete.refused.title"),
            lead=get("complete.refused.lead"),
            body=[show(card(summary(rows))), show(panel("warn", get("complete.refused.now"), *words))],
            more=[(again, lambda _: None)],
            can_cancel=False,  # there is nothing to come back for
        )

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────
    def _waiting(self) -> Page:
        get, model = self._texts.get, self.model
        # The browser fills these in, every second.
        words = get("complete.wait.countdown", minutes="{minutes}", seconds="{seconds}")
        countdown = Countdown(words, get("complete.wait.title"))
        countdown.on_over(self.view.guard(self._look_again))
        looked = get("complete.wait.looked", moment=model.looked_at)
        requested = model.note.requested_at if model.note is not None else None
        events = [
            Event(
                get("complete.wait.received"),
                [self._texts.moment(requested)] if requested is not None else [],
                state="done",
                done_word=get("wizard.done"),
            ),
            Event(
                get("complete.wait.validation"), [get("complete.wait.validation.when")], "clock", state="now"
            ),
            Event(get("complete.wait.install"), [get("complete.wait.install.how")]),
            Event(get("complete.wait.etk"), [get("complete.wait.etk.how")]),
        ]
        return Page(
            title=get("complete.wait.title"),
            lead=get("complete.wait.lead"),
            body=[
                countdown,
                show(paragraph(looked, "eh-note")),
                show(element("section", heading(get("complete.wait.where")) + timeline(events))),
                show(card(self._file_rows())),
            ],
            primary=get("complete.wait.go"),
            icon="again",
            work=self._complete,
            after=self._after,
            busy=get("procedure.complete.ask"),
            failed=get("complete.work.failed"),
            arrive=lambda: countdown.start(model.next_look),
        )

    def _look_again(self) -> None:
        self.view.run(self._complete, self._after, busy=self._texts.get("procedure.complete.ask"))

    def _complete(self, sent: Submission) -> None:
        self.model.complete(lambda step: sent.report(self._texts.get(f"procedure.complete.{step}")))

    def _after(self) -> None:
        if self.model.waits or self.model.refusal is not None:
            self.view.refresh(focus=True)
        else:
            self.view.advance()

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _on_error(self, error: errors.EhToolkitError) -> None:
        """A request that was never sent is taken up again with the same key pair, in the Request form."""
        if isinstance(error, errors.NeverSent):
            lead = Lead.to("request", "complete.never_sent.resume", self.model.path.name, "resume")
            self._resume.value = str(paragraph(lead.button(self._texts)))

    def _file_rows(self) -> Markup:
        return summary(self._rows())

    def _rows(self) -> list[tuple[Piece, Piece]]:
        get = self._texts.get
        return [(get("complete.row.name"), self._holder()), (get("complete.row.file"), self._path())]

    def _path(self) -> Markup:
        path = self.model.path
        return with_hint(mono(path.name), self._texts.get("complete.row.folder", folder=str(path.parent)))

    def _holder(self) -> str:
        """Name and number: from the certificate once it is there, from the file's name before."""
        holder = self.model.holder
        return self._texts.get("complete.row.unknown") if holder is None else holder

    def _activation(self) -> list[Event]:
        """Only then the renewed keystore takes the place of the old one."""
        get, file = self._texts.get, quote(self.model.path.name)
        activate = link(get("complete_renewal.next.activate.link"), f"activate.ipynb?keystore={file}")
        return [
            Event(get("complete.next.installed"), [], state="done", done_word=get("wizard.done")),
            Event(
                get("complete_renewal.next.activate"),
                [get("complete_renewal.next.activate.how"), activate],
                "key",
            ),
            Event(get("complete.next.load"), [get("complete.next.load.how")], "people"),
        ]

    def _afterwards(self) -> list[Event]:
        get = self._texts.get
        return [
            Event(get("complete.next.installed"), [], state="done", done_word=get("wizard.done")),
            Event(get("complete.next.load"), [get("complete.next.load.how")], "people"),
            Event(get("complete.next.safe"), [get("complete.next.safe.how")], "key"),
        ]
