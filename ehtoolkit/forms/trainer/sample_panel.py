"""The part of the trainer's page about the invented providers: that they are there, and how to have them again."""

from __future__ import annotations

from typing import Any

from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.task import Task
from ehtoolkit.forms.html import mono, panel, paragraph, show, summary
from ehtoolkit.forms.layout import form_column
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.training.sample import Sample


class SamplePanel:
    """``root``: the widget to display."""

    def __init__(self, sample: Sample, shell: PageShell) -> None:
        self._sample = sample
        self._shell = shell
        self._texts = texts = shell.texts
        self._state = show()
        self._question = show()
        self.actions = shell.buttons(self._act)
        self._tasks = shell.tasks(lambda: self.actions, self._failed)
        lead = show(paragraph(texts.get("trainer.sample.text")))
        self.root: Any = form_column("eh-stack", of=(lead, self._state, self._question, self.actions))

    def show(self) -> None:
        """Show what there is now; a question that was open is gone."""
        get, made_at = self._texts.get, self._sample.made_at
        self._question.value = self._state.value = ""
        if made_at is None:
            self.actions.offer([Button("sample_make", get("trainer.sample.make"), icon="people")])
            return
        rows = (
            (get("trainer.sample.made"), self._texts.moment(made_at)),
            (get("trainer.sample.folder"), mono(str(self._sample.folder))),
            (get("trainer.sample.password"), mono(self._sample.password)),
        )
        note = paragraph(get("trainer.sample.password.note"), "eh-note")
        self._state.value = str(summary(rows) + note)
        self.actions.offer([Button("sample_anew", get("trainer.sample.anew"), icon="again")])

    def _act(self, action: ButtonPress) -> None:
        if action.name == "sample_anew":
            self._ask()
        elif action.name == "sample_no":
            self.show()
        else:
            busy = self._texts.get("trainer.sample.busy")
            self._tasks.start(Task(lambda _: self._sample.make(), self._made, busy))

    def _ask(self) -> None:
        get = self._texts.get
        title = get("trainer.sample.sure")
        self._question.value = str(panel("warn", title, get("trainer.sample.sure.text"), level=3))
        self.actions.offer(
            [
                Button("sample_no", get("trainer.sample.no")),
                Button("sample_yes", get("trainer.sample.yes")),
            ]
        )
        self._shell.say(title)

    def _made(self, _: object) -> None:
        self.show()
        self._shell.confirm(self._texts.get("trainer.sample.done"))

    def _failed(self, error: BaseException) -> None:
        self.show()
        self._shell.fail(error)
