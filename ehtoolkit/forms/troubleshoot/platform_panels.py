"""Questions to the platform about one file, confirmed in production, and their answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.certificate_test_part import shown_test, verdict_of_test, what_is_sent
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.engine.page_errors import Problem, describe_error
from ehtoolkit.forms.engine.production_guard import FIELD, other_name, production_field
from ehtoolkit.forms.html import panel, paragraph, show
from ehtoolkit.forms.troubleshoot import platform_check, tables
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile, PlatformCheck
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.troubleshoot.platform_check import is_wanted_in_folder, leads
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SectionHead
from ehtoolkit.procedures.certificate_test import CertificateTest


class ConfirmedQuestion(ABC):
    """Instead of the file's findings; what the file says stays beside it.

    Attributes:
        go: the key of the button that asks.
    """

    go: str

    def __init__(self, frame: FileFrame) -> None:
        self._frame = frame
        self._services = frame.services
        self._texts = frame.services.shell.texts

    def begin(self) -> None:
        """Ask at once where that needs no confirmation, else have it confirmed first. What was only looked at so far
        never left this computer."""
        if self._services.model.may_ask:
            self._ask()
        else:
            self._show_question()

    @abstractmethod
    def _ask(self) -> None:
        """Ask the platform, and show what it says."""

    @abstractmethod
    def _sent(self) -> str:
        """Return the sentence that says what goes to the platform."""

    def _show_question(self) -> None:
        get = self._texts.get
        real = panel("warn", get("environment.real"), self._sent(), level=3)
        body = [
            SectionHead(get("environment.title"), focus=True),
            show(paragraph(get("environment.lead"))),
            show(real),
            production_field(self._texts),
        ]
        buttons = [
            Button("go", get(self.go), "primary"),
            Button("cancel", get("troubleshoot.cancel"), "quiet"),
        ]
        self._frame.show_instead(body, ButtonBar(buttons), self._act_on_question)

    def _act_on_question(self, action: ButtonPress) -> None:
        if action.name == "cancel":
            self._frame.show_file(focus=True)
        elif self._services.model.confirm(str(action.values.get(FIELD, ""))):
            self._ask()
        else:
            self._frame.refuse(other_name(self._texts), FIELD)


_ICONS: Final = {"troubleshoot": "search", "revoke": "cross"}


class PlatformCheckPanel(ConfirmedQuestion):
    """What platform and depot say of it."""

    go = "troubleshoot.platform"

    def _sent(self) -> str:
        return self._texts.get("troubleshoot.platform.goes")

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────
    def _ask(self) -> None:
        examined, model = self._frame.examined, self._services.model
        busy = self._texts.get("troubleshoot.platform.busy")
        self._frame.run(busy, lambda: model.ask(examined), self._answered)

    def _answered(self, examined: ExaminedFile) -> None:
        self._frame.take(examined)
        if examined.asked is not None:
            self._show(examined, examined.asked)

    def _show(self, examined: ExaminedFile, asked: PlatformCheck) -> None:
        get, texts = self._texts.get, self._texts
        at = get("troubleshoot.platform.at", moment=texts.moment(asked.at))
        body: list[Widget] = [
            SectionHead(get("troubleshoot.platform.title"), at, focus=True),
            show(platform_check.verdict(asked, texts)),
        ]
        if is_wanted_in_folder(examined, asked):
            folder = visible(str(self._services.model.folder))
            body.append(show(paragraph(get("troubleshoot.platform.upload", folder=folder), "eh-note")))
        actions = ButtonBar(self._buttons(examined, asked))
        compared = tables.comparison(asked, texts)
        after = [
            *([] if compared is None else [compared]),
            show(platform_check.findings(asked, texts)),
        ]
        offers = Helpdesk(self._services.model.toolkit, texts, self._services.shell.pages).about(
            self._problem(asked), _facts_of_check(asked)
        )
        self._frame.show_instead(body, actions, self._act, after=after, below=[offers])

    def _buttons(self, examined: ExaminedFile, asked: PlatformCheck) -> list[Button]:
        get = self._texts.get
        there = [lead for lead in leads(examined, asked) if lead.page in self._services.shell.pages]
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
        return [
            *links,
            Button("again", get("troubleshoot.platform.again"), "" if there else "primary", "again"),
            Button("print", get("troubleshoot.print"), icon="print", does="print"),
            Button("back", get("troubleshoot.back"), "quiet"),
        ]

    def _act(self, action: ButtonPress) -> None:
        if action.name == "back":
            self._frame.show_file(focus=True)
        elif action.name == "again":
            self._ask()

    def _problem(self, asked: PlatformCheck) -> Problem | None:
        error = asked.standing.unchecked
        return None if error is None else describe_error(error, self._texts, self._services.shell.home)


def _facts_of_check(asked: PlatformCheck) -> Mapping[str, object]:
    """Return what a report says of the answer: keys, in which there is no name and no number."""
    standing = asked.standing
    info = standing.info
    return {
        "state": str(standing.state),
        "checked": standing.checked,
        "findings": [finding.key for finding in standing.findings],
        "platform": None if info is None else {"certificate": info.status, "etk": info.etk_status},
        "file": str(asked.file.state),
    }


class CertificateTestPanel(ConfirmedQuestion):
    """What was proven, and what was not."""

    go = "certificate_test.do"

    def _sent(self) -> str:
        return what_is_sent(None, self._services.model.toolkit.context, self._texts)

    def _ask(self) -> None:
        examined, model = self._frame.examined, self._services.model
        busy = self._texts.get("certificate_test.busy")
        self._frame.run(busy, lambda: model.prove(examined), self._show)

    def _show(self, test: CertificateTest) -> None:
        get, texts, model = self._texts.get, self._texts, self._services.model
        at = get("certificate_test.at", moment=texts.moment(model.toolkit.context.clock.now()))
        body = [
            SectionHead(get("certificate_test.title"), at, focus=True),
            show(shown_test(test, texts), paragraph(self._sent(), "eh-note")),
        ]
        buttons = [
            Button("again", get("certificate_test.again"), "primary", "again"),
            Button("print", get("troubleshoot.print"), icon="print", does="print"),
            Button("back", get("troubleshoot.back"), "quiet"),
        ]
        offers = Helpdesk(model.toolkit, texts, self._services.shell.pages).about(None, _facts_of_test(test))
        self._frame.show_instead(body, ButtonBar(buttons), self._act, below=[offers])
        self._services.shell.say(verdict_of_test(test, texts))

    def _act(self, action: ButtonPress) -> None:
        if action.name == "back":
            self._frame.show_file(focus=True)
        elif action.name == "again":
            self._ask()


def _facts_of_test(test: CertificateTest) -> Mapping[str, object]:
    """Return what a report says of the test: keys, in which there is no name and no number."""
    return {
        "test": {str(line.thing): [str(line.colour), line.finding.key] for line in test.lines},
        "failures": [line.failure.key for line in test.lines if line.failure is not None],
        "remarks": [remark.key for remark in test.remarks],
    }
