"""Tasks: one at a time, with their progress, their errors and their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.task import Progress, Task, TaskRunner
from ehtoolkit.forms.widgets.buttons import ButtonBar
from tests.forms.player import Later


class Part:
    """A part of a page with one bar of buttons."""

    def __init__(self, runner: Any = run_inline) -> None:
        self.bar = ButtonBar()
        self.results: list[object] = []
        self.failures: list[BaseException] = []
        self.said: list[str] = []
        self.tasks = TaskRunner(runner, lambda: self.bar, self.failures.append, say=self.said.append)

    def start(self, work: Callable[[Progress], object], stop: Callable[[], None] | None = None) -> bool:
        return self.tasks.start(Task(work, self.results.append, "Working…", stop=stop))


def fail(_: Progress) -> None:
    raise errors.Cancelled


def test_a_result_is_handed_on() -> None:
    part = Part()
    assert part.start(lambda _: 42)
    assert (part.results, part.failures, part.bar.busy, part.tasks.busy) == ([42], [], "", False)


def test_progress_is_shown_and_announced_while_the_task_runs() -> None:
    part = Part()
    shown: list[tuple[str, float]] = []

    def work(progress: Progress) -> None:
        shown.append((part.bar.busy, part.bar.progress))
        progress("Half of it.", 0.5)
        shown.append((part.bar.busy, part.bar.progress))

    part.start(work)
    assert shown == [("Working…", -1.0), ("Half of it.", 0.5)]
    assert part.said == ["Working…", "Half of it."]
    assert part.bar.progress == -1.0


def test_a_late_report_changes_nothing() -> None:
    part = Part()
    reports: list[Progress] = []
    part.start(reports.append)
    reports[0]("Too late.")
    assert part.bar.busy == ""


def test_an_error_is_shown_by_the_part_or_by_the_function_of_the_task() -> None:
    part, shown = Part(), list[BaseException]()
    part.start(fail)
    part.tasks.start(Task(fail, part.results.append, "Working…"), shown.append)
    assert [type(error) for error in (*part.failures, *shown)] == [errors.Cancelled] * 2
    assert part.results == []


def test_an_error_after_the_work_is_shown_too() -> None:
    part = Part()

    def then(_: object) -> None:
        raise errors.Cancelled

    part.tasks.start(Task(lambda _: None, then, "Working…"))
    assert [type(error) for error in part.failures] == [errors.Cancelled]
    assert not part.tasks.busy


def test_one_task_at_a_time() -> None:
    runner = Later()
    part = Part(runner)
    assert part.start(lambda _: 1)
    assert not part.start(lambda _: 2)
    assert len(runner) == 1
    runner.do_one()
    assert part.start(lambda _: 3)
    runner.do_one()
    assert part.results == [1, 3]


def test_a_task_that_can_be_stopped_is_stopped() -> None:
    runner = Later()
    part, stopped = Part(runner), list[str]()
    part.tasks.stop()
    part.start(lambda _: None, lambda: stopped.append("once"))
    part.tasks.stop()
    assert stopped == ["once"]


@pytest.mark.parametrize("work", [lambda _: 42, fail])
def test_nothing_is_shown_once_the_page_is_closed(work: Callable[[Progress], object]) -> None:
    runner = Later()
    part, ends = Part(runner), list[str]()
    part.start(work, lambda: ends.append("stopped"))
    part.tasks.close()
    part.tasks.when_idle(lambda: ends.append("idle"))
    assert ends == ["stopped"]
    runner.do_one()
    assert ends == ["stopped", "idle"]
    assert (part.results, part.failures) == ([], [])
    assert not part.start(lambda _: 42)


def test_what_waits_for_the_end_is_called_once_and_at_once_when_nothing_runs() -> None:
    part, called = Part(), list[str]()
    part.tasks.when_idle(lambda: called.append("now"))
    part.start(lambda _: None)
    assert called == ["now"]
