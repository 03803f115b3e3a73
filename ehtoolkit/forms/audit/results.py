"""The results of an audit: tiles, filters, findings, table, timeline, exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.forms.audit.exports_panel import ExportsPanel
from ehtoolkit.forms.audit.filter_panel import FilterPanel
from ehtoolkit.forms.audit.filters import Filters, counts, filter_rows, only
from ehtoolkit.forms.audit.findings_panel import FindingsPanel
from ehtoolkit.forms.audit.html import tiles
from ehtoolkit.forms.audit.model import Result
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.table_panel import TablePanel
from ehtoolkit.forms.audit.timeline_panel import TimelinePanel
from ehtoolkit.forms.audit.warnings import empty, notes
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import heading, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import Tiles


class Results:
    """``root``: the widget. ``hide`` makes of a text what may be shown of it."""

    def __init__(self, shell: PageShell, leads: NextSteps, hide: Callable[[str], str]) -> None:
        self._shell = shell
        self._hide = hide
        self._pages = leads.pages
        self._result: Result | None = None
        get = shell.texts.get
        self._notes = show()
        self.tiles = Tiles(get("audit_page.tiles"))
        self.filters = FilterPanel(shell, self._filter)
        self.tiles.on_choose(shell.guard(self.filters.choose_state))
        self.findings = FindingsPanel(shell, leads, hide)
        self.table = TablePanel(shell, leads, hide)
        self.timeline = TimelinePanel(shell, masks=leads.masks)
        self.exports = ExportsPanel(shell, self._left)
        self._sections = (
            _section(get("audit_page.overview"), self.tiles, self.filters.root),
            _section(get("audit_page.findings"), self.findings.root),
            _section(get("audit_page.table"), self.table.root),
            _section(get("audit_page.timeline"), self.timeline.root),
            _section(get("audit_page.export"), self.exports.root),
        )
        self.root = column("eh-audit-results")

    def show(self, result: Result) -> None:
        texts = self._shell.texts
        self._result = result
        advice = notes(result, self._pages, texts)
        if result.is_empty:
            self._notes.value = self._hide(str(empty(result, self._pages, texts) + advice))
            self.root.children = (self._notes,)
            return
        self._notes.value = self._hide(str(advice))
        self.tiles.show(tiles(counts(result.board.rows), texts))
        self.filters.fill(result.board)
        self._draw(result, self.filters.filters)
        self.root.children = ((self._notes,) if advice else ()) + self._sections

    def _filter(self, filters: Filters) -> None:
        if self._result is None:
            return
        rows, findings = self._draw(self._result, filters)
        count = len(self._result.board.rows)
        self._shell.say(
            self._shell.texts.get("audit_page.filtered", shown=rows, count=count, findings=findings)
        )

    def _draw(self, result: Result, filters: Filters) -> tuple[int, int]:
        """Show what ``filters`` leave, and return how many rows and findings that are."""
        shown = filter_rows(result.board, filters)
        self.tiles.chosen = filters.state
        self.findings.show(result.audit.audit_findings, shown.findings)
        self.table.show(shown.rows)
        self.timeline.show(result.line, shown.rows)
        return len(shown.rows), len(shown.findings)

    def _left(self) -> Audit | None:
        """Return what the filters leave of the audit, from which the exports are made; None before the first
        audit."""
        if self._result is None:
            return None
        return only(self._result.audit, filter_rows(self._result.board, self.filters.filters))


def _section(title: str, *widgets: Widget) -> Any:
    return column("eh-part", "eh-section", of=(show(heading(title)), *widgets))
