"""A tool that the program has not: the keystores of the folder are counted, and the count is signed with a name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.engine.tool import Tool, ToolPage
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import Button, ButtonBar, ButtonPress
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.toolkit import Toolkit, open_toolkit


class StocktakingPage(ToolPage[Toolkit]):
    """A field, a button, and what it counted."""

    def __init__(self, model: Toolkit, shell: PageShell) -> None:
        super().__init__(model, shell)
        get = self.texts.get
        self._name = TextField("name", get("stocktaking.name"))
        self._actions = ButtonBar([Button("count", get("stocktaking.go"), "primary")])
        self._actions.on_action(shell.guard(self._press))
        self._tasks = shell.tasks(lambda: self._actions)
        self._counted = show()

    def body(self) -> Sequence[Widget]:
        return [column("eh-form", of=(self._name, self._actions)), self._counted]

    def field_of(self, error: errors.EhToolkitError) -> str | None:
        return "name" if isinstance(error, errors.InputInvalid) else None

    def _press(self, action: ButtonPress) -> None:
        self.shell.clear_errors()
        name = str(action.values.get("name", "")).strip()
        if not name:
            raise errors.InputInvalid(reason="name")

        def done(count: int) -> None:
            sentence = self.texts.get("stocktaking.counted", count=count, name=name)
            self._counted.value = str(paragraph(sentence))
            self.shell.confirm(sentence)

        folder = self.model.context.keystores
        busy = self.texts.get("stocktaking.busy")
        self._tasks.start(Task(lambda _: len(find_keystores(folder)), done, busy))


def _open(context: PageContext, opened: ExitStack) -> Toolkit:
    toolkit = open_toolkit(context.settings)
    opened.callback(toolkit.close)
    return toolkit


STOCKTAKING: Final = Tool(
    "stocktaking",
    _open,
    StocktakingPage,
    MenuPlace("tools", 8, "stocktaking.menu", "people"),
    reaches_platform=False,
)
