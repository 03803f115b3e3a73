"""Slow work as a value, and the runner of such values: one at a time for each part of a page."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner, on_page
from ehtoolkit.forms.widgets.buttons import ButtonBar

T = TypeVar("T")

FieldOf = Callable[[errors.EhToolkitError], str | None]
"""Returns the name of the field that an error is about; None where it is about no field."""


def no_field(error: errors.EhToolkitError) -> str | None:
    """Return None: for work whose errors concern no field."""
    return None


class Progress(Protocol):
    """Reports from the work's thread what is being done. ``share``: of the work that is done; -1 if unknown."""

    def __call__(self, sentence: str, share: float = -1.0, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """Work that runs beside the page, and what the page does about it.

    Attributes:
        work: runs in a thread of its own, and may report its progress.
        then: gets the result, in the page's own turn.
        busy: the sentence that is shown while the work runs.
        stop: makes the work end early; it is called in the page's own turn.
    """

    work: Callable[[Progress], T]
    then: Callable[[T], None]
    busy: str
    stop: Callable[[], None] | None = None


Fail = Callable[[BaseException], None]
"""Shows what a task has raised."""


@dataclass(eq=False)
class TaskRunner:
    """Runs the tasks of one part of a page, one at a time.

    Attributes:
        buttons: returns the buttons that show the progress of the next task.
        fail: shows what a task has raised, and what its ``then`` raises.
        say: gets each sentence about the progress, for screen readers.
        closed: the page is gone: a task that still runs is finished, and its result is not shown.
    """

    runner: Runner
    buttons: Callable[[], ButtonBar]
    fail: Fail
    _: KW_ONLY
    say: Callable[[str], None] | None = None
    closed: bool = field(default=False, init=False)
    _task: Task[Any] | None = field(default=None, init=False)
    _idle: list[Callable[[], None]] = field(default_factory=list, init=False)

    @property
    def busy(self) -> bool:
        """Whether a task runs."""
        return self._task is not None

    def start(self, task: Task[T], fail: Fail | None = None) -> bool:
        """Start ``task``, unless another one runs. Return whether it was started.

        ``fail``: shows what this task raises, instead of the function of this runner.
        """
        if self.busy or self.closed:
            return False
        self._task = task
        buttons, result, failed = self.buttons(), Future[T](), fail or self.fail

        def show(sentence: str, share: float = -1.0, /) -> None:
            if self._task is task and not self.closed:
                buttons.progress = share
                buttons.begin(sentence)
                if self.say is not None:
                    self.say(sentence)

        def over(raised: BaseException | None) -> None:
            self._task = None
            if not self.closed:
                buttons.end()
                try:
                    if raised is not None:
                        failed(raised)
                    else:
                        task.then(result.result(timeout=0))
                except Exception as error:  # noqa: BLE001  # the boundary: every error becomes a sentence
                    failed(error)
            self._call_idle()

        show(task.busy)
        progress = on_page(show)
        self.runner(lambda: result.set_result(task.work(progress)), over)
        return True

    def stop(self) -> None:
        """Make the task that runs end early, if it can."""
        if self._task is not None and self._task.stop is not None:
            self._task.stop()

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call ``call`` once, as soon as no task runs."""
        self._idle.append(call)
        self._call_idle()

    def close(self) -> None:
        """Stop the task that runs, and show nothing any more."""
        self.closed = True
        self.stop()

    def _call_idle(self) -> None:
        while self._idle and not self.busy:
            self._idle.pop(0)()
