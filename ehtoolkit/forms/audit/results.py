"""The results of an audit: chips and filters, and in tabs the work list, the table, the time line and the exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from ipywidgets import Widget

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.forms.audit.filter_panel import FilterPanel
from ehtoolkit.forms.audit.filters import Filters, filter_rows, only
from ehtoolkit.forms.audit.html import empty, notes, panels
from ehtoolkit.forms.audit.model import Result
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.result_tabs import ExportsPanel, FindingsPanel, TablePanel, TimelinePanel
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import Markup, element, join, panel, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.choices import ChoiceButton, Tabs
from ehtoolkit.identity import Environment

PARTS: Final = ("work", "list", "timeline", "export")
"""The tabs; the first is shown first."""


class Results:
    """The results of an audit.

    Attributes:
        root: the widget.
        filters: what is left out.
    """

    def __init__(
        self,
        shell: PageShell,
        leads: NextSteps,
        environment: Environment,
        actions: Widget,
    ) -> None:
        """Make the widget.

        Args:
            environment: that is worked in.
            actions: the buttons for another audit, which stand beside the tabs.
        """
        self._shell = shell
        self._hide = leads.hide
        self._pages = leads.pages
        self._result: Result | None = None
        get = shell.texts.get
        self._panels, self._notes = show(), show()
        self._facts: Sequence[Markup] = ()
        self.filters = FilterPanel(shell, self._filter)
        self.tabs = Tabs(label=get("audit_page.parts"))
        self.tabs.on_choose(shell.guard(self._turn))
        self.findings = FindingsPanel(shell, leads, self._note)
        self.table = TablePanel(shell, leads, environment)
        self.timeline = TimelinePanel(shell, masks=leads.masks)
        self.exports = ExportsPanel(shell, self._left)
        self._chosen = PARTS[0]
        self._bodies = {
            "work": self.findings.root,
            "list": self.table.root,
            "timeline": self.timeline.root,
            "export": self.exports.root,
        }
        self._nothing = show(
            panel("info", get("audit_page.nothing_found"), get("audit_page.nothing_found.text"))
        )
        self._everything = shell.buttons(
            lambda _: self._show_everything(),
            Button("everything", get("audit_page.filter.clear"), icon="cross"),
        )
        self._bar = row("eh-audit-bar", of=(self.tabs, self.filters.actions, actions))
        self._body = column("eh-part", "eh-audit-body")
        self.root = column("eh-audit-results")

    def choose(self, filters: Filters, part: str) -> None:
        """Choose ``filters`` and a tab for the first audit."""
        self.filters.choose(filters)
        self._chosen = part if part in PARTS else PARTS[0]

    def show(self, result: Result) -> None:
        texts = self._shell.texts
        self._result = result
        above = join(panels(result, texts))
        if result.is_empty:
            self._panels.value = self._hide(str(empty(result, self._pages, texts) + above))
            self.root.children = (self._panels,)
            return
        self._panels.value = self._hide(str(above))
        self._facts = list(notes(result, self._pages, texts))
        self.filters.fill(result.table)
        self._draw(result, self.filters.filters)
        first = (self._panels,) if above else ()
        self.root.children = (*first, self.filters.root, self._bar, self._body)

    def _filter(self, filters: Filters) -> None:
        self._keep_address()
        if self._result is None:
            return
        rows, findings = self._draw(self._result, filters)
        count = len(self._result.table.rows)
        self._shell.say(
            self._shell.texts.get("audit_page.filtered", shown=rows, count=count, findings=findings)
        )

    def _keep_address(self) -> None:
        part = "" if self._chosen == PARTS[0] else self._chosen
        self._shell.address.keep({**asdict(self.filters.filters), "part": part})

    def _draw(self, result: Result, filters: Filters) -> tuple[int, int]:
        """Show what ``filters`` leave, and return how many rows and findings that are."""
        shown = filter_rows(result.table, filters)
        self.findings.show(shown.findings)
        self.table.show(shown.rows)
        self.timeline.show(result.line, shown.rows)
        rows = len(shown.rows)
        findings = sum(not found.audit_finding.acknowledged for found in shown.findings)
        self._arrange(is_empty=not rows and not findings, rows=rows)
        return rows, findings

    def _arrange(self, *, is_empty: bool, rows: int) -> None:
        """Show the tab that is chosen; where the filters leave nothing, that alone."""
        get = self._shell.texts.get
        numbers = {"work": len(self.findings.jobs), "list": rows}
        tabs = []
        for part in () if is_empty else PARTS:
            about = get(f"audit_page.about.{part}") if part in numbers else ""
            tabs.append(ChoiceButton(part, get(f"audit_page.part.{part}"), numbers.get(part, 0), about=about))
        self.tabs.show(tabs, self._chosen)
        line = self._note()
        body = (self._nothing, self._everything) if is_empty else (self._bodies[self._chosen],)
        body = (self._notes, *body) if line else body
        if self._body.children != body:
            self._body.children = body

    def _note(self) -> bool:
        """Show in one line how much of the work list is shown, and what is to be known. Return whether there is
        anything."""
        count = self.findings.count if self._chosen == PARTS[0] else ""
        line = join([element("span", count) if count else Markup(""), *self._facts])
        self._notes.value = self._hide(str(element("p", line, class_="eh-audit-notes"))) if line else ""
        return bool(line)

    def _turn(self, part: str) -> None:
        self._chosen = part
        self._keep_address()
        if self._result is not None:
            self._draw(self._result, self.filters.filters)

    def _show_everything(self) -> None:
        self.filters.clear()
        self._shell.show_title(focus=True)

    def _left(self) -> Audit | None:
        """Return what the filters leave of the audit, from which the exports are made; None before the first
        audit."""
        if self._result is None:
            return None
        return only(self._result.audit, filter_rows(self._result.table, self.filters.filters))
