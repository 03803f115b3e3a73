"""The time line of an audit: who is shown in the table, with certificates and INAMI periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from ehtoolkit.auditing.timeline.drawing import drawing, legend
from ehtoolkit.auditing.timeline.timeline import TimeLine, TimelineRow
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import Markup, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import Chart

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
