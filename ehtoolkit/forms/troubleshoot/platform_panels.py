"""Questions to the platform about one file, confirmed in production, and their answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.certificate_test_part import shown_test, verdict_of_test, what_is_sent
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.engine.page_errors import Problem, describe_error
from ehtoolkit.forms.engine.production_guard import FIELD, other_name, production_field
from ehtoolkit.forms.html import panel, paragraph, show
from ehtoolkit.forms.troubleshoot import platform_check, report
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.file_panel import FilePanel, Offer
from ehtoolkit.forms.troubleshoot.platform_check import is_wanted_in_folder, leads
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.procedures.certificate_test import CertificateTest
from ehtoolkit.procedures.state.platform_status import PlatformStatus
from ehtoolkit.system.text_safety import printable

_ICONS: Final = {"troubleshoot": "search", "revoke": "cross"}


class ConfirmedQuestion(FilePanel, ABC):
    """A question, confirmed first in production: what was only looked at so far never left this computer.

    Attributes:
        go: the key of the button that asks.
        words: how the key of the button that asks again begins.
    """

    go: str
    words: str

    def begin(self) -> None:
        """Ask at once where that needs no confirmation, else have it confirmed first."""
        if self.model.may_ask:
            self._ask()
            return
        get = self.texts.get
        body = [
            show(paragraph(get("environment.lead"))),
            show(panel("warn", get("environment.real"), self._sent(), level=3)),
            production_field(self.texts),
        ]
        go = Button("go", get(self.go), "primary")
        offers = [(go, self._confirm), self.back("cancel", "quiet")]
        self.frame.show_instead(get("environment.title"), body, offers)

    def _confirm(self, action: ButtonPress) -> None:
        if self.model.confirm(action.typed(FIELD)):
            self._ask()
        else:
            self.frame.refuse(other_name(self.texts), FIELD)

    @abstractmethod
    def _ask(self) -> None:
        """Ask the platform, and show what it says."""

    @abstractmethod
    def _sent(self) -> str:
        """Return the sentence that says what goes to the platform."""

    def _show_answer(
        self,
        moment: datetime,
        body: Sequence[Widget],
        facts: Mapping[str, object],
        *,
        links: Sequence[Button] = (),
        after: Sequence[Widget] = (),
        problem: Problem | None = None,
    ) -> None:
        """Show the answer of that ``moment``, with ``links`` to what comes next, and a report of its ``facts`` for a
        helpdesk."""
        get, shell = self.texts.get, self.shell
        again = Button("again", get(f"{self.words}.again"), "" if links else "primary", "again")
        print_it = Button("print", get("troubleshoot.print"), icon="print", does="print")
        ways_on: list[Offer] = [*((link, None) for link in links), (again, lambda _: self._ask())]
        offers = [*ways_on, (print_it, None), self.back(look="quiet")]
        helpdesk = Helpdesk(self.model.toolkit, self.texts, shell.pages).about(shell, problem, facts)
        title, at = get(f"{self.words}.title"), get(f"{self.words}.at", moment=self.texts.moment(moment))
        self.frame.show_instead(title, body, offers, note=at, after=after, below=[helpdesk])


class PlatformCheckPanel(ConfirmedQuestion):
    """What platform and depot say of it."""

    go = words = "troubleshoot.platform"

    def _sent(self) -> str:
        return self.texts.get("troubleshoot.platform.goes")

    def _ask(self) -> None:
        examined, busy = self.frame.examined, self.texts.get("troubleshoot.platform.busy")
        self.frame.run(busy, lambda: self.model.ask(examined), self._answered)

    def _answered(self, examined: ExaminedFile) -> None:
        self.frame.take(examined)
        if examined.platform_status is not None:
            self._show(examined, examined.platform_status)

    def _show(self, examined: ExaminedFile, platform_status: PlatformStatus) -> None:
        get, texts, error = self.texts.get, self.texts, platform_status.unchecked
        body: list[Widget] = [show(platform_check.verdict(platform_status, texts))]
        if is_wanted_in_folder(examined, platform_status):
            folder = printable(str(self.model.folder))
            body.append(show(paragraph(get("troubleshoot.platform.upload", folder=folder), "eh-note")))
        there = [lead for lead in leads(examined, platform_status) if lead.page in self.shell.pages]
        links = [
            Button(
                f"lead{place}",
                get(step.words),
                "" if place else "primary",
                _ICONS.get(step.page, "next"),
                href=step.address,
            )
            for place, step in enumerate(there)
        ]
        after = [
            *report.comparison(platform_status, texts),
            show(platform_check.findings(platform_status, texts)),
        ]
        problem = None if error is None else describe_error(error, texts, self.shell.home)
        now, facts = platform_status.situation.now, _facts_of_check(platform_status)
        self._show_answer(now, body, facts, links=links, after=after, problem=problem)


def _facts_of_check(platform_status: PlatformStatus) -> Mapping[str, object]:
    """Return what a report says of the answer: keys, in which there is no name and no number."""
    info = platform_status.info
    return {
        "state": str(platform_status.state),
        "checked": platform_status.checked,
        "findings": [finding.key for finding in platform_status.findings],
        "platform": None if info is None else {"certificate": info.status, "etk": info.etk_status},
        "file": str(platform_status.situation.file_state),
    }


class CertificateTestPanel(ConfirmedQuestion):
    """What was proven, and what was not."""

    go, words = "certificate_test.do", "certificate_test"

    def _sent(self) -> str:
        return what_is_sent(None, self.model.toolkit.context, self.texts)

    def _ask(self) -> None:
        examined, busy = self.frame.examined, self.texts.get("certificate_test.busy")
        self.frame.run(busy, lambda: self.model.prove(examined), self._show)

    def _show(self, test: CertificateTest) -> None:
        now = self.model.toolkit.context.clock.now()
        body = [show(shown_test(test, self.texts), paragraph(self._sent(), "eh-note"))]
        self._show_answer(now, body, _facts_of_test(test))
        self.shell.say(verdict_of_test(test, self.texts))


def _facts_of_test(test: CertificateTest) -> Mapping[str, object]:
    """Return what a report says of the test: keys, in which there is no name and no number."""
    return {
        "test": {str(line.thing): [str(line.colour), line.finding.key] for line in test.lines},
        "failures": [line.failure.key for line in test.lines if line.failure is not None],
        "remarks": [remark.key for remark in test.remarks],
    }
