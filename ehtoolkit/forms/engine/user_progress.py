"""Where the user of this kernel is: page, step, and what was shown last as an error, by keys alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_CARD = "training:"


@dataclass(slots=True)
class UserProgress:
    """What a trainee's page reports about its user, besides the typed name.

    Attributes:
        page: the name of its notebook.
        step: of a form; `DONE` on its last page, and empty on pages without steps.
        problem: the key of the sentence that was shown last as an error; empty after the next step.
        card: the short name of the training card that was chosen last.
        changed: called after each change.
    """

    page: str = ""
    step: str = ""
    problem: str = ""
    card: str = ""
    changed: Callable[[], None] = lambda: None

    def open_page(self, page: str) -> None:
        self.page, self.step, self.problem = page, "", ""
        self.changed()

    def show_step(self, step: str, card: object) -> None:
        """Note the step that is shown. ``card``: what the form's field for the card holds, if it has one."""
        if step != self.step:
            self.step, self.problem = step, ""
        name = str(card or "")
        if name.startswith(_CARD):
            self.card = name.removeprefix(_CARD)
        self.changed()

    def show_problem(self, key: str) -> None:
        """Note the sentence of this key as an error; its facts may be personal and are left out."""
        self.problem = key
        self.changed()


DONE = "done"
HERE = UserProgress()
"""Of this kernel, which has one page."""
