"""The findings of an audit, the most urgent first, some at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.forms.audit.html import findings_of_audit
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import panel, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import Button, ButtonPress

AT_FIRST: Final = 12
"""Findings that are shown before someone asks for more."""
MORE: Final = 50


class FindingsPanel:
    """``root``: the widget. ``hide`` makes of a text what may be shown of it."""

    def __init__(self, shell: PageShell, leads: NextSteps, hide: Callable[[str], str]) -> None:
        self._shell = shell
        self._leads = leads
        self._hide = hide
        self._all: list[tuple[AuditFinding, str]] = []
        self._limit = AT_FIRST
        self._list = show()
        self.actions = shell.buttons(self._more)
        self.root = column("eh-part", of=(self._list, self.actions))

    def show(self, audit_findings: Sequence[AuditFinding], findings: pd.DataFrame) -> None:
        """Show the findings that the filters leave.

        Args:
            findings: of `AuditTable.findings`.
            audit_findings: all of the audit, before they were sentences.
        """
        titles = findings["title"].tolist()
        self._all = [
            (audit_findings[place], title) for place, title in zip(findings.index, titles, strict=True)
        ]
        self._limit = AT_FIRST
        self._draw()

    def _more(self, _: ButtonPress) -> None:
        self._limit += MORE
        self._draw()

    def _draw(self) -> None:
        texts, count = self._shell.texts, len(self._all)
        shown = self._all[: self._limit]
        if not shown:
            self._list.value = str(panel("ok", texts.get("audit_page.findings.none"), level=3))
            self.actions.offer([])
            return
        words = texts.get("audit_page.findings.count", shown=len(shown), count=count)
        listed = paragraph(words, "eh-note") + findings_of_audit(shown, self._leads, texts)
        self._list.value = self._hide(str(listed))
        rest = min(count - len(shown), MORE)
        more = Button("more", texts.get("audit_page.findings.more", count=rest), icon="add")
        self.actions.offer([more] if rest else [])
