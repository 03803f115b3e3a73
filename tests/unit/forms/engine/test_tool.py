"""Tool pages: their texts by convention, their errors, and what is closed with them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import Runner, run_inline
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import UNSAVED, PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.engine.tool import Tool, ToolPage
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from tests.forms.player import Later, Player

get = Translator("en").get


class FolderPage(ToolPage[list[str]]):
    """A field, and a button that looks for the folder."""

    def __init__(self, model: list[str], shell: PageShell) -> None:
        super().__init__(model, shell)
        self.field = TextField("folder", "Folder")
        self.buttons = shell.buttons(self._press, Button("look", "Look"), Button("raise", "Raise"))
        self.tasks = shell.tasks(lambda: self.buttons)

    def body(self) -> Sequence[Widget]:
        return (self.field, self.buttons)

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        return "folder" if isinstance(error, errors.FolderMissing) else None

    def _press(self, action: ButtonPress) -> None:
        self.shell.clear_errors()
        if action.name == "raise":
            raise errors.Cancelled
        self.tasks.start(Task(lambda _: self._look(), self.model.append, "Looking…"))

    def _look(self) -> str:
        raise errors.FolderMissing(folder="/nowhere")


TOOL = Tool("folder", lambda *_: [], FolderPage, MenuPlace("tools", 9, "index.audit"), catalogue="audit_page")


def opened(home: Path, runner: Runner = run_inline) -> FolderPage:
    return TOOL.build([], PageContext(load_settings(home=home), Translator("en")), runner)


def test_texts_come_by_convention(tmp_path: Path) -> None:
    page = Player(opened(tmp_path).root)
    assert page.title == get("audit_page.title")
    assert get("page.home") in page.html


def test_an_error_is_shown_above_and_at_its_field_until_the_next_attempt(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    page = Player(folder.root)
    page.press("look")
    sentence = Translator("en").error(errors.FolderMissing(folder="/nowhere"))
    assert page.problem == [(sentence, "folder")]
    assert (page.error_title, folder.field.error) == (get("audit_page.failed"), sentence)
    assert folder.field.error_word == get("wizard.error")
    folder.shell.clear_errors()
    assert (page.problem, folder.field.error) == ([], "")


def test_a_stopped_task_has_a_title_of_its_own(tmp_path: Path) -> None:
    page = Player(opened(tmp_path).root)
    page.press("raise")
    assert page.error_title == get("audit_page.stopped")


def test_what_was_opened_is_closed_with_the_page_when_no_task_runs_any_more(tmp_path: Path) -> None:
    runner, closed = Later(), list[str]()
    page = opened(tmp_path, runner)
    page.shell.when_closed(lambda: closed.append("first opened"))
    page.shell.when_closed(lambda: closed.append("opened last"))
    Player(page.root).press("look")
    page.root.close()
    assert closed == []
    runner.do_one()
    assert closed == ["opened last", "first opened"]
    assert not page.tasks.start(Task(lambda _: "", page.model.append, "Looking…"))


def test_the_browser_asks_before_something_unsaved_is_left(tmp_path: Path) -> None:
    page = opened(tmp_path)
    for unsaved in (True, False):
        page.shell.set_unsaved(unsaved)
        assert (UNSAVED in page.shell.root._dom_classes) is unsaved


def test_a_page_that_cannot_be_put_together_closes_what_it_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path))
    closed: list[str] = []

    class Broken(FolderPage):
        def body(self) -> Sequence[Widget]:
            raise errors.RegistryNewer(place="/r.db", version="9")

    def model(_: PageContext, stack: ExitStack) -> list[str]:
        stack.callback(lambda: closed.append("closed"))
        return []

    broken = Tool(
        "folder",
        model,
        Broken,
        MenuPlace("tools", 9, "index.audit"),
        catalogue="audit_page",
        reaches_platform=False,
    )
    with pytest.raises(errors.RegistryNewer):
        broken.open()
    assert closed == ["closed"]
