"""A form as its user sees it: one step at a time, stepper, errors, buttons. The state is the wizard's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, ParamSpec

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.activity import DONE, HERE
from ehtoolkit.forms.engine.background import Runner, SubmittedForm, Work, run_in_thread
from ehtoolkit.forms.engine.browser_history import BrowserHistory
from ehtoolkit.forms.engine.helpdesk import CARD, Helpdesk
from ehtoolkit.forms.engine.page_errors import Problem, describe_error, fields, guard, mark_fields
from ehtoolkit.forms.engine.step_page import Page, Pages
from ehtoolkit.forms.engine.task import Progress, Task, TaskRunner
from ehtoolkit.forms.engine.wizard import Blocker, Phase, Wizard
from ehtoolkit.forms.html import link, show, svg
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import close, column, form_column, row
from ehtoolkit.forms.widgets import (
    Announcer,
    Button,
    ButtonBar,
    ButtonPress,
    ErrorLine,
    ErrorSummary,
    StepHead,
)
from ehtoolkit.i18n import Translator

HOME: Final = "index.ipynb"

P = ParamSpec("P")


class WizardView:
    """Shows ``wizard`` by the pages of its steps, then ``done``. ``root`` is the widget to display.

    Attributes:
        caption: the form's title.
        names: the steps' short titles.
        cancel: the label of the way out.
        home: the folder for reports about unexpected errors.
        helpdesk: what is offered with an error.
        left: the form has given way to another one; nothing is shown any more.
    """

    def __init__(
        self,
        wizard: Wizard,
        pages: Pages,
        done: Callable[[Wizard], Page],
        *,
        texts: Translator,
        home: Path,
        caption: str,
        names: Mapping[str, str],
        cancel: str,
        helpdesk: Helpdesk | None = None,
        runner: Runner = run_in_thread,
        begin: bool = True,
    ) -> None:
        self._wizard = wizard
        self._pages = pages
        self._done = done
        self._texts = texts
        self._home = home
        self._caption = caption
        self._cancel = cancel
        self._helpdesk = helpdesk
        self._run = runner
        self._serial = 0
        self._closers: list[Callable[[], None]] = []
        self.left = False
        self._page = Page(title=caption)

        self._head = StepHead()
        self._history = BrowserHistory(wizard, pages, names, texts)
        self._errors = ErrorSummary()
        self._actions, self._way_back = ButtonBar(), ButtonBar()
        self._announcer = Announcer()
        self._tasks = TaskRunner(
            runner, lambda: self._actions, lambda error, _: self.fail(error), say=self.say
        )
        self._help = column("eh-help")
        self._body = column("eh-stack", "eh-body")
        self._history.on_go(self.guard(self._go), self.guard(self._resume))
        for bar in (self._actions, self._way_back):
            bar.on_action(self.guard(self._act))
        widgets = (self._errors, self._head, self._body, self._actions, self._help)
        columns = row("eh-wizard", of=(self._history.stepper, column("eh-stack", "eh-step", of=widgets)))
        home_link = show(link(svg("back") + texts.get("page.home"), HOME, class_="eh-back"))
        way = row("eh-way", of=(home_link, self._way_back))
        self.root = form_column("eh", of=(way, columns, self._announcer))
        on_close(self.root, self._leave)
        if begin:
            self.begin()

    def begin(self) -> None:
        """Show the first step: at once, unless its page asks for what there is only now."""
        self._show_step(focus=False)

    def when_left(self, close: Callable[[], None]) -> None:
        """Call ``close`` when the form has given way to another one and none of its work goes on any more."""
        self._closers.append(close)

    @property
    def is_at_work(self) -> bool:
        """Whether work is going on: then no other view may show the same."""
        return self._tasks.busy

    def give_up(self) -> Sequence[Callable[[], None]]:
        """Show nothing any more, since another view shows the same. Return what is to be called when that one is
        left."""
        self.left = True
        closers, self._closers = self._closers, []
        return closers

    @property
    def home(self) -> Path:
        """The folder for reports about unexpected errors."""
        return self._home

    @property
    def runner(self) -> Runner:
        """What does slow work beside the page, for parts of it that have errors of their own."""
        return self._run

    @property
    def page(self) -> Page:
        """The page that is shown now."""
        return self._page

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _act(self, action: ButtonPress) -> None:
        if action.name == "stop":
            self._tasks.stop()
        if action.serial != self._serial or self._wizard.phase is Phase.BUSY:
            return  # a second click, or one on a page that is gone
        self._wizard.edit(action.values)
        if action.name == "next":
            self._next(action)
        elif action.name == "back":
            with self._or_stay():
                if self._wizard.back():
                    self._show_step()
        else:
            for button, listener in self._page.more:
                if button.name == action.name:
                    self._clear_errors()
                    listener(action)

    def _go(self, step: str, values: Mapping[str, str | bool]) -> None:
        if self._wizard.phase is not Phase.OPEN:
            return
        self._wizard.edit(values)
        with self._or_stay():
            if self._history.follow(step):
                self._show_step()
                return
        self._history.show()
        if step != self._wizard.current.name:
            self._announcer.say(self._texts.get("wizard.no_way_back"), seen=True)

    def _resume(self, step: str, values: Mapping[str, str | bool]) -> None:
        before = dict(self._wizard.values)
        with self._or_stay():
            if self._history.take_up(step, values):
                self._show_step()
                self._announcer.say(self._texts.get("wizard.resumed"), seen=True)
            elif self._wizard.values != before:
                self._show_step(focus=False)
            else:  # drawn again, the page would lose a secret that is typed already
                self._history.show()

    def _next(self, action: ButtonPress) -> None:
        blockers = self._wizard.blockers()
        if blockers:
            self._show_blockers(blockers)
        elif self._page.work is None:
            self.advance()
        else:
            self.run(self._page.work, self._page.after or self.advance, action, self._page.busy)

    # ── slow work ────────────────────────────────────────────────────────────────────────────────────────
    def run(
        self,
        work: Work,
        then: Callable[[], None],
        action: ButtonPress | None = None,
        busy: str = "",
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Do ``work`` beside the page, then ``then``; what it raises is shown as an error of this step.

        Does nothing while other work is going on (`busy`). ``busy``: the sentence to show meanwhile; ``failed``: shows
        what it raises elsewhere, for a part of the page with errors of its own.
        """
        if not self._wizard.begin():
            return
        self._clear_errors()
        self._mark({})
        action = action or ButtonPress("arrive")
        submission = SubmittedForm(action.values, action.secrets)

        def submit(progress: Progress) -> None:
            submission.report = progress
            work(submission)

        def done(_: None) -> None:
            self._wizard.end()
            then()

        def fail(error: BaseException, _: object) -> None:
            self._wizard.end()
            (failed or self.fail)(error)

        busy = busy or self._texts.get("wizard.busy")
        self._tasks.start(Task(submit, done, busy, stop=submission.stop), fail)

    @property
    def busy(self) -> bool:
        """Whether work of `run` is going on."""
        return self._tasks.busy

    def fail(self, error: BaseException) -> None:
        """Show ``error`` as one of this step."""
        self._show_problem(describe_error(error, self._texts, self._home))

    def guard(self, listener: Callable[P, None]) -> Callable[P, None]:
        """Return ``listener`` inside the error boundary: what it raises is shown, and nothing leaves it."""

        def failed(error: Exception) -> None:
            if self.left:
                return
            if not self._tasks.busy:  # work that goes on ends by its own outcome
                self._wizard.end()
                self._actions.end()
            self.fail(error)

        return guard(listener, failed)

    def say(self, sentence: str) -> None:
        """Say ``sentence`` to those who do not see that the page changed."""
        self._announcer.say(sentence)

    def confirm(self, sentence: str) -> None:
        """Say what was done, to everybody."""
        self._announcer.say(sentence, seen=True)

    def advance(self) -> None:
        """Go on to the next step, if nothing blocks and its page can be made."""
        with self._or_stay():
            if self._wizard.confirm():
                self._show_step()
            else:
                self._show_blockers(self._wizard.blockers())

    @contextmanager
    def _or_stay(self) -> Iterator[None]:
        """Go to another step inside; to one whose page cannot be made the wizard does not go: what the page that is
        shown asks for would otherwise be taken for an answer to that one."""
        before, shown = self._wizard.bookmark, self._serial
        try:
            yield
        except Exception:
            if self._serial == shown:
                self._wizard.return_to(before)
            raise

    # ── another form takes its place ─────────────────────────────────────────────────────────────────────
    def _leave(self) -> None:
        """Stop waiting, such as for a PIN elsewhere, and release everything once no work goes on: what was sent is
        waited for, since the file has to say it."""
        self.left = True
        self._tasks.close()
        self._tasks.when_idle(self._let_go)

    def _let_go(self) -> None:
        closers, self._closers = self._closers[::-1], []
        for release in closers:
            release()

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def refresh(self, *, focus: bool = False) -> None:
        """Build the page of this step again: for what was found out meanwhile. ``focus``: it is another page."""
        self._show_step(focus=focus)

    def _show_step(self, *, focus: bool = True) -> None:
        wizard = self._wizard
        finished = wizard.phase is Phase.DONE
        HERE.show_step(DONE if finished else wizard.current.name, wizard.values.get(CARD))
        self._page = page = self._done(wizard) if finished else self._pages[wizard.current.name](wizard)
        self._clear_errors()
        old, self._body.children = self._body.children, tuple(page.body)
        for widget in old:
            if widget not in page.body:
                close(widget)
        for field in fields(page.body):
            field.error_word = self._texts.get("wizard.error")
        self._serial += 1
        self._actions.offer(self._buttons(), self._serial)
        back = page.can_go_back and wizard.previous is not None
        self._way_back.offer(
            [Button("back", self._texts.get("wizard.back"), "quiet", "back")] if back else [], self._serial
        )
        self._history.show()
        # Show the title last: once it is visible the user may press a button, which must have the new serial by then.
        self._head.tab = self._tab()
        self._head.show(caption=self._caption, title=page.title, lead=page.lead, focus=focus)
        if page.arrive is not None:
            page.arrive()

    def _buttons(self) -> list[Button]:
        page, get = self._page, self._texts.get
        buttons = []
        if page.primary:
            buttons.append(Button("next", page.primary, page.look, page.icon))
        more = [button for button, _ in page.more]
        if not page.primary and more and not any(button.look == "primary" for button in more):
            more[0] = replace(more[0], look="primary")  # of a page that leads nowhere else
        buttons += more
        if page.stoppable:
            buttons.append(Button("stop", get("wizard.stop"), "stop", always=True))
        if page.can_cancel and self._wizard.phase is not Phase.DONE:
            quiet = page.primary or more
            buttons.append(Button("cancel", self._cancel, "quiet" if quiet else "primary", href=HOME))
        return buttons

    def _show_blockers(self, blockers: Sequence[Blocker]) -> None:
        lines = [
            ErrorLine(self._texts.get(blocker.key, **blocker.facts), blocker.field) for blocker in blockers
        ]
        HERE.problem = blockers[0].key
        self._mark({line.field: line.text for line in lines if line.field is not None})
        self._show_errors(lines, [])

    def _show_problem(self, problem: Problem) -> None:
        HERE.fail(problem.error, self._texts)
        field = self._page.field_of(problem.error)
        self._mark({} if field is None else {field: problem.sentence})
        self._page.on_error(problem.error)
        self._actions.offer(self._buttons())  # it may have some more
        line = ErrorLine(problem.sentence, field)
        self._show_errors([line], problem.notes(self._texts), self._title_of(problem.error))
        if self._helpdesk is not None:
            self._offer_help(self._helpdesk.about(problem))

    def _title_of(self, error: BaseException | None) -> str:
        """Return what is certain whatever the page says of its work when that fails: a refusal, and that another window
        was there before. Empty for other errors."""
        if isinstance(error, errors.PlatformRefused):
            return self._texts.get("wizard.refused")
        if isinstance(error, errors.FileBusy) and error.reason in ("changed", "password"):
            return self._texts.get("wizard.changed")
        return ""

    def _clear_errors(self) -> None:
        self._errors.clear()
        self._offer_help()

    def _offer_help(self, *offers: Widget) -> None:
        old, self._help.children = self._help.children, offers
        for widget in old:
            close(widget)

    def _show_errors(self, lines: Sequence[ErrorLine], notes: Sequence[str], title: str = "") -> None:
        self._offer_help()
        self._head.tab = f"{self._texts.get('wizard.error')} {self._tab()}"
        self._errors.show(title or self._page.failed or self._texts.get("wizard.failed"), lines, notes)

    def _mark(self, sentences: Mapping[str, str]) -> None:
        mark_fields(self._page.body, sentences, self._texts)

    def _tab(self) -> str:
        return f"{self._page.title} – {self._caption} – ehtoolkit"
