"""The tabs of an audit beside its findings: the table of keystores, the timeline, and the exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import pandas as pd

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.export.formats import FORMATS, OF_PAGES, ExportOptions
from ehtoolkit.auditing.timeline.drawing import drawing, legend
from ehtoolkit.auditing.timeline.timeline import TimeLine, TimelineRow
from ehtoolkit.forms.audit.filters import COLUMNS, sort_rows
from ehtoolkit.forms.audit.html import table_row
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import Markup, paragraph, show
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.widgets.fields import CheckField
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.forms.widgets.page_parts import Chart
from ehtoolkit.forms.widgets.tables import ActionRow, Cell, Column, Sorting, Table
from ehtoolkit.identity import Environment

PAGE: Final = 50
"""Rows at a time."""
_HEADINGS: Final = ("title", "state", "end", "days", "next")


class TablePanel:
    """``root``: the widget."""

    def __init__(self, shell: PageShell, leads: NextSteps, environment: Environment) -> None:
        self._shell = shell
        self._leads = leads
        self._environment = environment
        self._rows: pd.DataFrame | None = None
        self._sort, self._ascending, self._at = "days", True, 1
        get = shell.texts.get
        self._audit_findings: Sequence[AuditFinding] = ()
        pager = {name: get(f"audit_page.pager.{name}") for name in ("previous", "next")}
        self.root = Table(
            get("audit_page.table"),
            self._headings(),
            nothing=get("audit_page.nothing_found"),
            pager={"pager": get("audit_page.pager"), **pager},
        )
        self.root.on_sort(shell.guard(self._sort_by))
        self.root.on_turn(shell.guard(self._turn))

    def show(self, rows: pd.DataFrame, audit_findings: Sequence[AuditFinding]) -> None:
        """Show ``rows``, of `AuditTable.rows`, from the first page on, in the order that was chosen.

        Args:
            audit_findings: the findings of the audit, which the rows name by their places.
        """
        self._rows, self._audit_findings, self._at = rows, audit_findings, 1
        self._draw()

    def _headings(self) -> list[Column]:
        get = self._shell.texts.get
        return [
            Column(
                get(f"audit_page.column.{name}"),
                name if name in COLUMNS else "",
                right=name == "days",
                place="state" if name == "state" else "",
            )
            for name in _HEADINGS
        ]

    def _sort_by(self, column: str) -> None:
        if column not in COLUMNS:
            return
        self._ascending = not self._ascending if column == self._sort else True
        self._sort, self._at = column, 1
        self._draw()
        order = "ascending" if self._ascending else "descending"
        get = self._shell.texts.get
        self._shell.say(get(f"page.sorted.{order}", column=get(f"audit_page.column.{column}")))

    def _turn(self, page: int) -> None:
        self._at = page
        self._draw()
        self._shell.say(self.root.place)

    def _shown(self, number: int, record: Mapping[str, Any]) -> ActionRow:
        place = record["finding"]
        worst = None if pd.isna(place) else self._audit_findings[int(place)]
        cells = table_row(record, worst, self._leads, self._environment, self._shell.texts)
        return ActionRow(str(number), [_hidden(cell, self._leads.hide) for cell in cells])

    def _draw(self) -> None:
        if self._rows is None:
            return
        texts, count = self._shell.texts, len(self._rows)
        pages = max(1, -(-count // PAGE))
        self._at = min(max(self._at, 1), pages)
        begin = (self._at - 1) * PAGE
        shown = sort_rows(self._rows, self._sort, ascending=self._ascending).iloc[begin : begin + PAGE]
        place = texts.get("audit_page.place", first=begin + 1, last=begin + len(shown), count=count)
        rows = [self._shown(number, record) for number, record in enumerate(shown.to_dict("records"))]
        sorting = Sorting(self._sort, self._ascending, self._at, pages, place if count else "")
        self.root.show(rows, sorting)


def _hidden(cell: Cell, hide: Callable[[str], str]) -> Cell:
    link = None if cell.link is None else replace(cell.link, label=hide(cell.link.label))
    return replace(cell, text=hide(cell.text), note=hide(cell.note), link=link)


AT_ONCE: Final = 40
"""Rows that are drawn; of more, the filters find the right ones."""


class TimelinePanel:
    """The time line on the audit page.

    Attributes:
        root: the widget.
        masks: no whole NISS is drawn.
    """

    def __init__(self, shell: PageShell, *, masks: bool) -> None:
        self._shell = shell
        self._masks = masks
        self.chart = Chart(shell.texts.get("audit_page.timeline.region"))
        self._legend = show()
        self._note = show()
        self.root = column(
            "eh-part", of=(self._note, column("eh-card", "eh-chart", of=(self._legend, self.chart)))
        )

    def show(self, line: TimeLine, rows: pd.DataFrame) -> None:
        """Draw the rows that the filters leave.

        Args:
            line: of the whole audit.
            rows: of `AuditTable.rows`, those that the filters leave.
        """
        texts = self._shell.texts
        files, numbers = set(rows["file"].dropna()), set(rows["provider"].dropna())

        def is_shown(row: TimelineRow) -> bool:
            return row.provider in numbers or bool(files & {bar.file for bar in row.certificates})

        found = line.only(is_shown)
        drawn = replace(found, rows=found.rows[:AT_ONCE])
        if self._masks:
            drawn = drawn.masked()
        count = len(found.rows)
        note = (
            texts.get("audit_page.timeline.some", shown=len(drawn.rows), count=count)
            if count > AT_ONCE
            else ""
        )
        self._note.value = str(paragraph(note, "eh-note")) if note else ""
        if not drawn.rows:
            self._note.value = str(paragraph(texts.get("audit_page.nothing_found"), "eh-note"))
        self.chart.show(drawing(drawn, texts, identifier="audit-line") if drawn.rows else Markup(""))
        self._legend.value = str(legend(drawn, texts)) if drawn.rows else ""


class ExportsPanel:
    """``root``: the widget. ``audit`` gives what the filters leave of the audit; None hands out nothing."""

    def __init__(self, shell: PageShell, audit: Callable[[], Audit | None]) -> None:
        self._shell = shell
        self._audit = audit
        get = shell.texts.get
        self.full = CheckField("full", get("audit_page.export.full"), hint=get("audit_page.export.full.hint"))
        self.downloads = {
            name: shell.download(get(f"audit_page.export.{name}"), partial(self._make, name), look="")
            for name in OF_PAGES
        }
        note = show(paragraph(get("audit_page.export.note"), "eh-note"))
        self.root = form_column(
            "eh-part", of=(note, self.full, row("eh-row", of=list(self.downloads.values())))
        )

    def _make(self, name: str) -> DownloadFile | None:
        audit, form = self._audit(), FORMATS[name]
        if audit is None:
            return None
        content = form.file(audit, self._shell.texts, ExportOptions(full=self.full.value))
        return DownloadFile(f"audit-{audit.today:%Y-%m-%d}.{form.ending or name}", content, form.media_type)
