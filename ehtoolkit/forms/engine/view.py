"""A form as its user sees it: one step at a time, stepper, errors, buttons. The state is the wizard's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec

from ehtoolkit.forms.engine.background import Runner, SubmittedForm, Work, run_in_thread
from ehtoolkit.forms.engine.browser_history import BrowserHistory
from ehtoolkit.forms.engine.helpdesk import CARD, Helpdesk
from ehtoolkit.forms.engine.page_errors import FieldErrors, describe_error, guard, is_typed, title_of_error
from ehtoolkit.forms.engine.step_page import Page, Pages, home_link
from ehtoolkit.forms.engine.task import PageEnd, Progress, Task, TaskRunner
from ehtoolkit.forms.engine.user_progress import DONE, HERE
from ehtoolkit.forms.engine.wizard import Blocker, Phase, Wizard
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column, fill, form_column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.forms.widgets.page_parts import ErrorLine, StepHead
from ehtoolkit.i18n import Translator

P = ParamSpec("P")


class WizardView:
    """Shows ``wizard`` by the pages of its steps, then ``done``. ``root`` is the widget to display.

    Attributes:
        home: the folder for reports about unexpected errors.
        runner: does slow work, for parts of the page that have errors of their own.
        page: what is shown now.
        left: the form has given way to another one; nothing is shown any more.

    Args:
        caption: the form's title; ``names``: the short ones of its steps.
        cancel: the label of the way out.
        helpdesk: what is offered with an error.
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
        self.home = home
        self._caption = caption
        self._cancel = cancel
        self._helpdesk = helpdesk
        self.runner = runner
        self._serial = 0
        self.left = False
        self.page = Page(title=caption)

        self._head = StepHead()
        self._history = BrowserHistory(wizard, pages, names, texts)
        self._errors = FieldErrors(lambda: self.page.body, texts.get("wizard.failed"), texts, home)
        self._actions, self._way_back = ButtonBar(), ButtonBar()
        self._announcer = Announcer()
        self._tasks = TaskRunner(
            runner, lambda: self._actions, lambda error, _: self.fail(error), say=self.say
        )
        self._end = PageEnd(self._tasks)
        self._help = column("eh-help")
        self._body = column("eh-stack", "eh-body")
        self._history.on_go(self.guard(self._go), self.guard(self._resume))
        for bar in (self._actions, self._way_back):
            bar.on_action(self.guard(self._act))
        widgets = (self._errors.summary, self._head, self._body, self._actions, self._help)
        columns = row("eh-wizard", of=(self._history.stepper, column("eh-stack", "eh-step", of=widgets)))
        way = row("eh-way", of=(home_link(texts), self._way_back))
        self.root = form_column("eh", of=(way, columns, self._announcer))
        on_close(self.root, self._leave)
        if begin:
            self.refresh()

    def when_left(self, close: Callable[[], None]) -> None:
        """Call ``close`` when the form has given way to another one and none of its work goes on any more."""
        self._end.call(close)

    def give_up(self) -> Sequence[Callable[[], None]]:
        """Show nothing any more, since another view shows the same. Return what is to be called when that one is
        left."""
        self.left = True
        return self._end.give_up()

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
                    self.refresh(focus=True)
        else:
            for button, listener in self.page.more:
                if button.name == action.name:
                    self._clear_errors()
                    listener(action)

    def _go(self, step: str, values: Mapping[str, str | bool]) -> None:
        if self._wizard.phase is not Phase.OPEN:
            return
        self._wizard.edit(values)
        with self._or_stay():
            if self._history.follow(step):
                self.refresh(focus=True)
                return
        self._history.show()
        if step != self._wizard.current.name:
            self._announcer.say(self._texts.get("wizard.no_way_back"), seen=True)

    def _resume(self, step: str, values: Mapping[str, str | bool]) -> None:
        before = dict(self._wizard.values)
        with self._or_stay():
            if self._history.take_up(step, values):
                self.refresh(focus=True)
                self._announcer.say(self._texts.get("wizard.resumed"), seen=True)
            elif self._wizard.values != before:
                self.refresh()
            else:  # drawn again, the page would lose a secret that is typed already
                self._history.show()

    def _next(self, action: ButtonPress) -> None:
        blockers = self._wizard.blockers()
        if blockers:
            self._show_blockers(blockers)
        elif self.page.work is None:
            self.advance()
        else:
            self.run(self.page.work, self.page.after or self.advance, action, self.page.busy)

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
        self._tasks.start(Task(submit, done, busy, stop=lambda: submission.stop()), fail)

    @property
    def busy(self) -> bool:
        """Whether work of `run` is going on; then no other view may show the same."""
        return self._tasks.busy

    def fail(self, error: BaseException) -> None:
        """Show ``error`` as one of this step."""
        problem, page = describe_error(error, self._texts, self.home), self.page
        page.on_error(problem.error)
        self._actions.offer(self._buttons())  # it may have some more
        fill(self._help, ())
        self._show_tab(failed=True)
        title = title_of_error(problem.error, self._texts) or page.failed
        field = page.field_of(problem.error)
        self._errors.show_problem(problem, field, title=title)
        if self._helpdesk is not None and not is_typed(page.body, field):
            fill(self._help, [self._helpdesk.about(problem)])

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
                self.refresh(focus=True)
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
        self._end.close()

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def refresh(self, *, focus: bool = False) -> None:
        """Build the page of this step again: for what was found out meanwhile. ``focus``: it is another page."""
        wizard = self._wizard
        finished = wizard.phase is Phase.DONE
        HERE.show_step(DONE if finished else wizard.current.name, wizard.values.get(CARD))
        self.page = page = self._done(wizard) if finished else self._pages[wizard.current.name](wizard)
        self._clear_errors()
        fill(self._body, page.body)
        self._errors.label_fields()
        self._serial += 1
        self._actions.offer(self._buttons(), self._serial)
        back = page.can_go_back and wizard.previous is not None
        self._way_back.offer(
            [Button("back", self._texts.get("wizard.back"), "quiet", "back")] if back else [], self._serial
        )
        self._history.show()
        # Show the title last: once it is visible the user may press a button, which must have the new serial by then.
        self._show_tab()
        self._head.show(caption=self._caption, title=page.title, lead=page.lead, focus=focus)
        if page.arrive is not None:
            page.arrive()

    def _buttons(self) -> list[Button]:
        return self.page.buttons(self._texts, "" if self._wizard.phase is Phase.DONE else self._cancel)

    def _show_blockers(self, blockers: Sequence[Blocker]) -> None:
        HERE.show_problem(blockers[0].key)
        fill(self._help, ())
        self._show_tab(failed=True)
        get = self._texts.get
        lines = [ErrorLine(get(blocker.key, **blocker.facts), blocker.field) for blocker in blockers]
        self._errors.show_lines(lines, title=self.page.failed)

    def _clear_errors(self) -> None:
        self._errors.clear()
        fill(self._help, ())

    def _show_tab(self, *, failed: bool = False) -> None:
        tab = f"{self.page.title} – {self._caption} – ehtoolkit"
        self._head.tab = f"{self._texts.get('wizard.error')} {tab}" if failed else tab
