"""The question to the platform about one file, and the answer beside what the file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ipywidgets import Widget

from ehtoolkit.forms.engine.error_boundary import Problem, describe_error
from ehtoolkit.forms.engine.helpdesk import Helpdesk
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.forms.troubleshoot.leads import is_wanted_in_folder, leads
from ehtoolkit.forms.troubleshoot.platform import html
from ehtoolkit.forms.troubleshoot.platform.confirmation import ConfirmedQuestion
from ehtoolkit.forms.troubleshoot.platform_check import PlatformCheck
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SectionHead

_ICONS: Final = {"troubleshoot": "search", "revoke": "cross"}


class PlatformCheckPanel(ConfirmedQuestion):
    """What platform and depot say of it."""

    go = "troubleshoot.platform"

    def _sent(self) -> str:
        return self._texts.get("troubleshoot.platform.goes")

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────
    def _ask(self) -> None:
        specimen, model = self._frame.specimen, self._desk.model
        busy = self._texts.get("troubleshoot.platform.busy")
        self._frame.run(busy, lambda: model.ask(specimen), self._answered)

    def _answered(self, specimen: ExaminedFile) -> None:
        self._frame.take(specimen)
        if specimen.asked is not None:
            self._show(specimen, specimen.asked)

    def _show(self, specimen: ExaminedFile, asked: PlatformCheck) -> None:
        get, texts = self._texts.get, self._texts
        at = get("troubleshoot.platform.at", moment=texts.moment(asked.at))
        body: list[Widget] = [
            SectionHead(get("troubleshoot.platform.title"), at, focus=True),
            show(html.verdict(asked, texts)),
        ]
        if is_wanted_in_folder(specimen, asked):
            folder = visible(str(self._desk.model.folder))
            body.append(show(paragraph(get("troubleshoot.platform.upload", folder=folder), "eh-note")))
        actions = ButtonBar(self._buttons(specimen, asked))
        after = show(html.comparison(asked, texts) + html.findings(asked, texts))
        offers = Helpdesk(self._desk.model.toolkit, texts, self._desk.shell.pages).about(
            self._problem(asked), _told(asked)
        )
        self._frame.show_instead(body, actions, self._act, after=[after], below=[offers])

    def _buttons(self, specimen: ExaminedFile, asked: PlatformCheck) -> list[Button]:
        get = self._texts.get
        there = [one for one in leads(specimen, asked) if one.page in self._desk.shell.pages]
        links = [
            Button(
                f"lead{place}",
                get(one.words),
                "" if place else "primary",
                _ICONS.get(one.page, "next"),
                href=one.address,
            )
            for place, one in enumerate(there)
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
        return None if error is None else describe_error(error, self._texts, self._desk.shell.home)


def _told(asked: PlatformCheck) -> Mapping[str, object]:
    """Return what a report says of the answer: keys, in which there is no name and no number."""
    standing = asked.standing
    info = standing.info
    return {
        "state": str(standing.state),
        "checked": standing.checked,
        "findings": [one.key for one in standing.findings],
        "platform": None if info is None else {"certificate": info.status, "etk": info.etk_status},
        "file": str(asked.file.state),
    }
