"""The part of the first page on which the user says that a newer keystore is loaded in the software everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ehtoolkit.forms.due.list_html import name_of
from ehtoolkit.forms.due.next_steps import Item
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.keystore.storage.loaded import note_loaded
from ehtoolkit.procedures.context import Context


class LoadedPart:
    """``root``: the widget, empty where nothing was replaced, or all of it was said. ``look`` is called when something
    was said: the page looks at the keystore folder again."""

    def __init__(self, context: Context, shell: PageShell, look: Callable[[], None]) -> None:
        self._context = context
        self._texts = shell.texts
        self._shell = shell
        self._look = look
        self._asked: Sequence[tuple[str, str]] = ()
        self._buttons = shell.buttons(self._said)
        self.root = column("eh-unlock-part")

    def offer(self, items: Sequence[Item]) -> None:
        """Ask about those of ``items`` that were replaced. One whose key does not show cannot be remembered."""
        asked, buttons = list[tuple[str, str]](), list[Button]()
        for keystore in items:
            key, successor = keystore.due.file.key_id, keystore.successor
            if keystore.reminds and key is not None and successor is not None:
                words = self._texts.get("index.loaded.do", holder=name_of(keystore.due, self._texts))
                buttons.append(Button(f"loaded-{len(asked)}", words, "", "done"))
                asked.append((key, successor))
        self._asked = asked
        self._buttons.offer(buttons)
        self.root.children = (self._buttons,) if buttons else ()

    def _said(self, press: ButtonPress) -> None:
        number = int(press.name.rpartition("-")[2])
        if number >= len(self._asked):
            return  # a press that was on its way when the list changed
        note_loaded(self._context.notes, *self._asked[number], self._context.clock.now())
        self._look()
        self._shell.say(self._texts.get("index.loaded.said"))
