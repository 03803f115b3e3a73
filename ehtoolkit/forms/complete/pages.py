"""The pages of the Complete form."""

from __future__ import annotations

from urllib.parse import quote

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.compose import compose
from ehtoolkit.forms.complete.model import CompleteModel
from ehtoolkit.forms.due import Due
from ehtoolkit.forms.markup import (
    Event,
    Markup,
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
from ehtoolkit.forms.page import Page
from ehtoolkit.forms.stage import Stage
from ehtoolkit.forms.view import WizardView
from ehtoolkit.forms.widgets import Button, ChoiceField, Countdown, Option, SecretField
from ehtoolkit.forms.wizard import Wizard
from ehtoolkit.forms.work import Submission
from ehtoolkit.procedures.outcome import State
from ehtoolkit.texts import Texts

NAMES = ("choose", "work")


def open_complete() -> Widget:
    """The form of this kernel, to be displayed; ``?keystore=FILE`` chooses one of the folder's files."""
    stage = Stage.of_this_kernel()
    model = CompleteModel(compose(stage.settings), stage.keystore_named("keystore"))
    pages = CompletePages(model, stage.texts)
    pages.view = WizardView(
        model.wizard,
        {"choose": pages.choose, "work": pages.work},
        lambda _: pages.done(),
        texts=stage.texts,
        home=stage.settings.home,
        caption=stage.texts.get("complete.caption"),
        names={step: stage.texts.get(f"complete.step.{step}") for step in NAMES},
        cancel=stage.texts.get("complete.cancel"),
    )
    return stage.show(pages.view.root)


class CompletePages:
    """One method per step; each gives the page as the model is now."""

    view: WizardView
    _resume: Widget

    def __init__(self, model: CompleteModel, texts: Texts) -> None:
        self.model = model
        self._texts = texts

    def choose(self, wizard: Wizard) -> Page:
        get, model = self._texts.get, self.model
        if not model.due:
            folder = str(model.parts.keystores)
            nothing = panel("info", get("complete.none.title"), get("complete.none.text", folder=folder))
            request = paragraph(link(get("complete.none.request"), "request.ipynb"))
            return Page(title=get("complete.choose.title"), body=[show(nothing), show(request)])
        options = [self._option(one) for one in model.due]
        return Page(
            title=get("complete.choose.title"),
            lead=get("complete.choose.lead"),
            body=[
                ChoiceField(
                    "keystore", get("complete.choose.label"), options, value=str(wizard.values["keystore"])
                ),
                SecretField(
                    "password",
                    get("complete.choose.password"),
                    hint=get("complete.choose.password.hint"),
                    autocomplete="current-password",
                    reveal=get("wizard.reveal"),
                ),
            ],
            primary=get("complete.choose.go"),
            icon="key",
            work=lambda sent: model.open(sent.secrets["password"]),
            busy=get("complete.choose.busy"),
            failed=get("complete.choose.failed"),
            field_of=lambda error: (
                "password" if isinstance(error, errors.KeystorePasswordWrong) else "keystore"
            ),
        )

    def work(self, _: Wizard) -> Page:
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
        rows = [
            (get("complete.row.name"), self._holder()),
            (get("complete.row.file"), self._path()),
            (
                get("complete.row.until"),
                "" if outcome.not_after is None else self._texts.date(outcome.not_after),
            ),
            (get("complete.row.etk"), get(f"complete.row.etk.{'waits' if to_activate else 'proven'}")),
        ]
        return Page(
            title=title,
            body=[
                show(panel("warn" if to_activate else "ok", until)),
                show(element("section", heading(get("complete.done.next")) + timeline(self._afterwards()))),
                show(card(summary(rows))),
            ],
            more=[
                (
                    Button("print", get("complete.done.print"), "primary", "print", does="print"),
                    lambda _: None,
                )
            ],
            can_go_back=False,
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
        if self.model.waits:
            self.view.refresh(focus=True)
        else:
            self.view.advance()

    # ── pieces ───────────────────────────────────────────────────────────────────────────────────────────
    def _on_error(self, error: errors.EhToolkitError) -> None:
        """A request that was never sent is taken up again with the same key pair, in the Request form."""
        if isinstance(error, errors.NeverSent):
            href = f"request.ipynb?resume={quote(self.model.path.name)}"
            words = link(self._texts.get("complete.never_sent.resume"), href, class_="eh-button")
            self._resume.value = str(paragraph(words))

    def _option(self, due: Due) -> Option:
        """Whose it is, where that is known, and what can be seen without the password."""
        name, state = due.found.path.name, self._texts.get(f"complete.choose.{due.kind}")
        return (
            Option(name, name, state) if due.holder is None else Option(name, due.holder, f"{name} · {state}")
        )

    def _file_rows(self) -> Markup:
        get = self._texts.get
        return summary([(get("complete.row.name"), self._holder()), (get("complete.row.file"), self._path())])

    def _path(self) -> Markup:
        path = self.model.path
        return with_hint(mono(path.name), self._texts.get("complete.row.folder", folder=str(path.parent)))

    def _holder(self) -> str:
        """Name and number: from the certificate once it is there, from the file's name before."""
        holder = self.model.holder
        return self._texts.get("complete.row.unknown") if holder is None else holder

    def _afterwards(self) -> list[Event]:
        get = self._texts.get
        return [
            Event(get("complete.next.installed"), [], state="done", done_word=get("wizard.done")),
            Event(get("complete.next.load"), [get("complete.next.load.how")], "people"),
            Event(get("complete.next.safe"), [get("complete.next.safe.how")], "key"),
        ]
