"""A form as its user sees it: one step at a time, stepper, errors, buttons. The state is the wizard's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ehtoolkit.forms.engine.background import Runner, SubmittedForm, Work, run_in_thread
from ehtoolkit.forms.engine.browser_history import BrowserHistory
from ehtoolkit.forms.engine.helpdesk import CARD, Helpdesk
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.page_errors import FieldErrors, describe_error, is_typed, title_of_error
from ehtoolkit.forms.engine.step_page import Page, Pages, home_link
from ehtoolkit.forms.engine.task import Progress, Task
from ehtoolkit.forms.engine.user_progress import DONE, HERE
from ehtoolkit.forms.engine.wizard import Blocker, Phase, Wizard
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.layout import column, fill, form_column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.page_parts import ErrorLine, StepHead
from ehtoolkit.i18n import Translator

_BY_ITSELF: Final = ButtonPress("next")
"""Work that begins without a press: no field is read."""


class WizardView(PageBase):
    """Shows ``wizard`` by the pages of its steps, then ``done``. ``root`` is the widget to display.

    Attributes:
        shown: the page that is shown now.
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
        done: Callable[[], Page],
        *,
        texts: Translator,
        home: Path,
        caption: str,
        names: Mapping[str, str],
        cancel: str,
        helpdesk: Helpdesk | None = None,
        runner: Runner = run_in_thread,
    ) -> None:
        super().__init__(texts, home, runner)
        self._wizard = wizard
        self._pages = pages
        self._done = done
        self._caption = caption
        self._cancel = cancel
        self._helpdesk = helpdesk
        self._serial = 0
        self.left = False
        self.shown = Page(title=caption)

        self._head = StepHead()
        self._history = BrowserHistory(wizard, pages, names, texts)
        self._errors = FieldErrors(lambda: self.shown.body, texts.get("wizard.failed"), texts, home)
        self._actions, self._way_back = self.buttons(self._act), self.buttons(self._act)
        self._tasks = self.tasks(lambda: self._actions, say=self.say)
        self._help = column("eh-help")
        self._body = column("eh-stack", "eh-body")
        self._history.stepper.on_go(self.guard(self._go))
        self._history.stepper.on_resume(self.guard(self._resume))
        widgets = (self._errors.summary, self._head, self._body, self._actions, self._help)
        columns = row("eh-wizard", of=(self._history.stepper, column("eh-stack", "eh-step", of=widgets)))
        way = row("eh-way", of=(home_link(texts), self._way_back))
        self.root = form_column("eh", of=(way, columns, self.announcer))
        on_close(self.root, self.close)
        self.refresh()

    def give_up(self) -> Sequence[Callable[[], None]]:
        self.left = True
        return super().give_up()

    def close(self) -> None:
        self.left = True
        super().close()

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _act(self, action: ButtonPress) -> None:
        if action.name == "stop":
            self._tasks.stop()
        if self._wizard.phase is Phase.BUSY:
            return  # the way back has buttons of its own
        self._wizard.edit(action.values)
        if action.name == "next":
            self.next(action)
        elif action.name == "back":
            with self._or_stay():
                if self._wizard.back():
                    self.refresh(focus=True)
        elif action.name in self.shown.acts:
            self.clear_errors()
            self.shown.acts[action.name](action)

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
            self.confirm(self.texts.get("wizard.no_way_back"))

    def _resume(self, step: str, values: Mapping[str, str | bool]) -> None:
        before = dict(self._wizard.values)
        with self._or_stay():
            if self._history.take_up(step, values):
                self.refresh(focus=True)
                self.confirm(self.texts.get("wizard.resumed"))
            elif self._wizard.values != before:
                self.refresh()
            else:  # drawn again, the page would lose a secret that is typed already
                self._history.show()

    def next(self, action: ButtonPress = _BY_ITSELF) -> None:
        """Do what the page's main button does, also where it was not pressed."""
        page, blockers = self.shown, self._wizard.blockers()
        if blockers:
            self._show_blockers(blockers)
        elif page.work is None:
            self.advance()
        else:
            self.run(page.work, page.after or self.advance, action, page.busy, page.stop)

    # ── slow work ────────────────────────────────────────────────────────────────────────────────────────
    def run(
        self,
        work: Work,
        then: Callable[[], None],
        action: ButtonPress = _BY_ITSELF,
        busy: str = "",
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Do ``work`` beside the page, then ``then``; what it raises is shown as an error of this step.

        Does nothing while other work of this step is going on, and on the last page. ``busy``: the sentence to show
        meanwhile; ``stop``: ends the work early.
        """
        if not self._wizard.begin():
            return
        self.clear_errors()

        def submit(progress: Progress) -> None:
            work(SubmittedForm(action.values, action.secrets, progress))

        def done(_: None) -> None:
            self._wizard.end()
            then()

        def fail(error: BaseException) -> None:
            self._wizard.end()
            self.fail(error)

        self._tasks.start(Task(submit, done, busy or self.texts.get("wizard.busy"), stop), fail)

    def take_in(self, step: str, edit: Callable[[], None], too_late: Callable[[], None]) -> None:
        """Let something that ended beside the form change it: at once, or after the work of the form that runs now.

        Args:
            edit: called if the form is still at ``step``, where that something was begun.
            too_late: called if the form has gone on, whose work must not change under it; it says what became of that
                something.
        """
        if self.left:
            return
        if self._tasks.busy:
            self._tasks.when_idle(self.guard(lambda: self.take_in(step, edit, too_late)))
        elif self._wizard.phase is Phase.OPEN and self._wizard.current.name == step:
            edit()
        else:
            too_late()

    def fail(self, error: BaseException) -> None:
        """Show ``error`` as one of this step."""
        problem, page = describe_error(error, self.texts, self.home), self.shown
        page.on_error(problem.error)
        self._actions.offer(self._buttons())  # it may have some more
        fill(self._help, ())
        self._show_tab(failed=True)
        title = title_of_error(problem.error, self.texts) or page.failed
        field = page.field_of(problem.error)
        self._errors.show_problem(problem, field, title=title)
        if self._helpdesk is not None and not is_typed(page.body, field):
            fill(self._help, [self._helpdesk.about(self, problem)])

    def _show_raised(self, error: Exception) -> None:
        if self.left:
            return
        if not self._tasks.busy:  # work that goes on ends by its own outcome
            self._wizard.end()
            self._actions.end()
        self.fail(error)

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

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def refresh(self, *, focus: bool = False) -> None:
        """Build the page of this step again: for what was found out meanwhile. ``focus``: it is another page."""
        wizard = self._wizard
        finished = wizard.phase is Phase.DONE
        HERE.show_step(DONE if finished else wizard.current.name, wizard.values.get(CARD))
        self.shown = page = self._done() if finished else self._pages[wizard.current.name]()
        self.clear_errors()
        fill(self._body, page.body)
        self._serial += 1
        self._actions.offer(self._buttons(), anew=True)
        back = page.can_go_back and wizard.previous is not None
        self._way_back.offer(
            [Button("back", self.texts.get("wizard.back"), "quiet", "back")] if back else [], anew=True
        )
        self._history.show()
        # Show the title last: once it is visible the user may press a button, which must have the new serial by then.
        self._show_tab()
        self._head.show(caption=self._caption, title=page.title, lead=page.lead, focus=focus)
        if page.arrive is not None:
            page.arrive()

    def _buttons(self) -> list[Button]:
        return self.shown.buttons(self.texts, "" if self._wizard.phase is Phase.DONE else self._cancel)

    def _show_blockers(self, blockers: Sequence[Blocker]) -> None:
        HERE.show_problem(blockers[0].key)
        fill(self._help, ())
        self._show_tab(failed=True)
        get = self.texts.get
        lines = [ErrorLine(get(blocker.key, **blocker.facts), blocker.field) for blocker in blockers]
        self._errors.show_lines(lines, title=self.shown.failed)

    def clear_errors(self) -> None:
        """Show no error of this step any more."""
        self._errors.clear()
        fill(self._help, ())

    def _show_tab(self, *, failed: bool = False) -> None:
        tab = f"{self.shown.title} – {self._caption} – ehtoolkit"
        self._head.tab = f"{self.texts.get('wizard.error')} {tab}" if failed else tab
