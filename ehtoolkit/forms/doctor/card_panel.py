"""The card, its reader and its software seen from below, as a part of another page: the doctor's lines about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ehtoolkit.doctor import HealthReport, Section, examine
from ehtoolkit.forms.doctor.checks_html import listed
from ehtoolkit.forms.engine.background import Runner
from ehtoolkit.forms.engine.error_boundary import describe_error, guard
from ehtoolkit.forms.html import heading, link, panel, paragraph, show, svg
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import Settings


class CardPanel:
    """The section that looks at the card.

    Attributes:
        root: the section to display. Nothing is looked at before the button is pressed.
        whole: the page about this computer is there, and led to.
        say: to those who do not see that the page changed.
    """

    def __init__(
        self,
        settings: Settings,
        texts: Translator,
        home: Path,
        runner: Runner,
        *,
        whole: bool,
        say: Callable[[str], None],
    ) -> None:
        get = texts.get
        self._settings = settings
        self._texts = texts
        self._home = home
        self._run = runner
        self._say = say
        self._seen: HealthReport | None = None
        self.actions = ButtonBar([Button("card", get("troubleshoot.card.look"), icon="card")])
        self.actions.on_action(guard(self._look, self._fail))
        self._lines = show()
        more = link(
            svg("activity") + get("troubleshoot.card.more"), "doctor.ipynb", class_="eh-button eh-quiet"
        )
        head = show(heading(get("troubleshoot.card")), paragraph(get("troubleshoot.card.lead"), "eh-note"))
        parts = (head, self.actions, self._lines, *((show(more),) if whole else ()))
        self.root = column("eh-stack", "eh-section", "eh-form", "eh-card-part", of=parts)

    def _look(self, _: ButtonPress) -> None:
        if self.actions.busy:
            return  # a second click
        self.actions.begin(self._texts.get("troubleshoot.card.busy"))
        self._run(self._examine, guard(self._done, self._fail))

    def _examine(self) -> None:
        self._seen = examine(self._settings, only=Section.CARD)

    def _done(self, raised: BaseException | None) -> None:
        self.actions.end()
        if raised is not None:
            self._fail(raised)
        elif self._seen is not None:
            self._lines.value = str(listed(self._seen.lines, self._texts))
            self._say(self._texts.get("doctor.looked.card", count=len(self._seen.lines)))

    def _fail(self, error: BaseException) -> None:
        self.actions.end()
        problem = describe_error(error, self._texts, self._home)
        self._lines.value = str(panel("danger", problem.sentence, *problem.notes(self._texts), level=3))
