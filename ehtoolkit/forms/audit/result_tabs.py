"""The tabs of an audit beside its findings: the table of keystores, the timeline, and the exports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.export.formats import FORMATS, OF_PAGES, ExportOptions
from ehtoolkit.auditing.timeline.drawing import drawing, legend
from ehtoolkit.auditing.timeline.timeline import TimeLine, TimelineRow
from ehtoolkit.forms.audit.filters import SORT_KEYS, sort_rows
from ehtoolkit.forms.audit.html import Job, job_id, job_list, table_row
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.audit.table_model import ShownFinding, ShownRow
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.finding_urgency import ShownUrgency
from ehtoolkit.forms.html import Markup, panel, paragraph, show
from ehtoolkit.forms.layout import column, form_column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import CheckField
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.forms.widgets.page_parts import Chart, Passage
from ehtoolkit.forms.widgets.tables import ActionRow, Column, Sorting, Table
from ehtoolkit.identity import Environment
from ehtoolkit.result_display import MASKED_DIGITS

PAGE: Final = 50
"""Rows at a time."""
_HEADINGS: Final = ("title", "state", "end", "days", "next")


class TablePanel:
    """``root``: the widget."""

    def __init__(self, shell: PageShell, leads: NextSteps, environment: Environment) -> None:
        self._shell = shell
        self._leads = leads
        self._environment = environment
        self._rows: Sequence[ShownRow] = ()
        self._sort, self._ascending, self._at = "days", True, 1
        get = shell.texts.get
        pager = {name: get(f"audit_page.pager.{name}") for name in ("previous", "next")}
        self.root = Table(
            get("audit_page.table"),
            self._headings(),
            nothing=get("audit_page.nothing_found"),
            pager={"pager": get("audit_page.pager"), **pager},
        )
        self.root.on_sort(shell.guard(self._sort_by))
        self.root.on_turn(shell.guard(self._turn))

    def show(self, rows: Sequence[ShownRow]) -> None:
        """Show ``rows`` from the first page on, in the order that was chosen."""
        self._rows, self._at = rows, 1
        self._draw()

    def _headings(self) -> list[Column]:
        get = self._shell.texts.get
        return [
            Column(
                get(f"audit_page.column.{name}"),
                name if name in SORT_KEYS else "",
                right=name == "days",
                place="state" if name == "state" else "",
            )
            for name in _HEADINGS
        ]

    def _sort_by(self, column: str) -> None:
        if column not in SORT_KEYS:
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

    def _shown(self, number: int, row: ShownRow) -> ActionRow:
        cells = table_row(row, self._leads, self._environment, self._shell.texts)
        return ActionRow(str(number), cells)

    def _draw(self) -> None:
        texts, count = self._shell.texts, len(self._rows)
        pages = max(1, -(-count // PAGE))
        self._at = min(max(self._at, 1), pages)
        begin = (self._at - 1) * PAGE
        shown = sort_rows(self._rows, self._sort, ascending=self._ascending)[begin : begin + PAGE]
        place = texts.get("audit_page.place", first=begin + 1, last=begin + len(shown), count=count)
        rows = [self._shown(number, row) for number, row in enumerate(shown)]
        sorting = Sorting(self._sort, self._ascending, self._at, pages, place if count else "")
        self.root.show(rows, sorting)


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
        self.chart = Chart(label=shell.texts.get("audit_page.timeline.region"))
        self._legend = show()
        self._note = show()
        self.root = column(
            "eh-part", of=(self._note, column("eh-card", "eh-chart", of=(self._legend, self.chart)))
        )

    def show(self, line: TimeLine, rows: Sequence[ShownRow]) -> None:
        """Draw the rows that the filters leave of ``line``, which is of the whole audit."""
        texts = self._shell.texts
        files, numbers = {row.merged.file for row in rows}, {row.number for row in rows} - {None}

        def is_shown(row: TimelineRow) -> bool:
            return row.provider in numbers or bool(files & {bar.file for bar in row.certificates})

        found = line.only(is_shown)
        drawn = replace(found, rows=found.rows[:AT_ONCE])
        if self._masks:
            drawn = drawn.masked()
        count, note = len(found.rows), ""
        if count > AT_ONCE:
            note = texts.get("audit_page.timeline.some", shown=len(drawn.rows), count=count)
        elif not count:
            note = texts.get("audit_page.nothing_found")
        self._note.value = str(paragraph(note, "eh-note")) if note else ""
        self.chart.show(drawing(drawn, texts, identifier="audit-line") if drawn.rows else Markup(""))
        self._legend.value = str(legend(drawn, texts)) if drawn.rows else ""


class ExportsPanel:
    """``root``: the widget. ``audit`` gives what the filters leave of the audit; None hands out nothing."""

    def __init__(self, shell: PageShell, audit: Callable[[], Audit | None]) -> None:
        self._shell = shell
        self._audit = audit
        get = shell.texts.get
        hint = get("audit_page.export.full.hint", digits=MASKED_DIGITS)
        self.full = CheckField("full", get("audit_page.export.full"), hint=hint)
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


AT_FIRST: Final = 12
"""Jobs that are shown before someone asks for more."""
MORE: Final = 24


class FindingsPanel:
    """The work list on the audit page.

    Attributes:
        root: the widget.
        jobs: all that the filters leave.
        count: the sentence that says how many of them are shown; empty without any.
    """

    def __init__(self, shell: PageShell, leads: NextSteps, recount: Callable[[], object]) -> None:
        """Make the panel. ``recount`` is called when more are shown."""
        self._shell = shell
        self._leads = leads
        self._recount = recount
        self.count = ""
        self.jobs: list[Job] = []
        self._findings = 0
        self._limit = AT_FIRST
        self._list = Passage()
        self.actions = shell.buttons(self._more)
        self.root = column("eh-part", of=(self._list, self.actions))

    def show(self, findings: Sequence[ShownFinding]) -> None:
        """Show the findings that the filters leave, without the acknowledged ones."""
        findings = [found for found in findings if not found.audit_finding.acknowledged]
        # Equally urgent jobs stay in the order of the audit.
        self.jobs = sorted(_jobs(findings), key=lambda job: list(ShownUrgency).index(job.urgency))
        self._findings = len(findings)
        self._limit = AT_FIRST
        self._draw()

    def _more(self, _: ButtonPress) -> None:
        before = self._limit
        self._limit += MORE
        self._draw(focus=job_id(before))
        self._recount()
        shown = min(self._limit, len(self.jobs))
        self._shell.say(self._shell.texts.get("audit_page.findings.shown", shown=shown, count=len(self.jobs)))

    def _draw(self, focus: str = "") -> None:
        get, count = self._shell.texts.get, len(self.jobs)
        shown = self.jobs[: self._limit]
        if not shown:
            self.count = ""
            self._list.show(panel("ok", get("audit_page.findings.none"), level=3))
            self.actions.offer([])
            return
        facts = {"shown": len(shown), "count": count, "findings": self._findings}
        self.count = get("audit_page.findings.count", **facts)
        self._list.show(self._leads.hide(str(job_list(shown, self._leads, self._shell.texts))), focus)
        rest = min(count - len(shown), MORE)
        more = Button("more", get("audit_page.findings.more", count=rest), icon="add")
        self.actions.offer([more] if rest else [])


def _jobs(findings: Sequence[ShownFinding]) -> Iterator[Job]:
    """Yield the findings by who or what they are about, in the order of the first of each."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for found in findings:
        if found.audit_finding.provider is not None:
            numbers[found.title].add(found.audit_finding.provider[0])
    jobs: dict[tuple[str, object], list[ShownFinding]] = defaultdict(list)
    for place, found in enumerate(findings):
        about = found.audit_finding
        title = "" if found.title == about.file else found.title
        if not title:  # a finding about a place is a job of its own
            jobs["", place].append(found)
        else:  # several people may have the same name
            jobs[title, about.provider if len(numbers[title]) > 1 else None].append(found)
    for (title, _), group in jobs.items():
        practice = next((found.practice for found in group if found.practice), None)
        yield Job(title, practice, [found.audit_finding for found in group])
