"""The work list of an audit: who has something to be done, the most urgent first, some at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import pandas as pd

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.forms.audit.html import Job, job_id, job_list
from ehtoolkit.forms.audit.next_steps import NextSteps
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.finding_urgency import Urgency
from ehtoolkit.forms.html import panel
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.page_parts import Passage

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

    def show(self, audit_findings: Sequence[AuditFinding], findings: pd.DataFrame) -> None:
        """Show the findings that the filters leave.

        Args:
            findings: of `AuditTable.findings`.
            audit_findings: all of the audit, before they were sentences.
        """
        jobs = list(_jobs(audit_findings, findings))
        self.jobs = sorted(
            jobs, key=lambda job: list(Urgency).index(job.urgency)
        )  # as they come among equals
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
        self.count = (
            get("audit_page.findings.count", shown=len(shown), count=count, findings=self._findings)
            if shown
            else ""
        )
        if not shown:
            self._list.show(panel("ok", get("audit_page.findings.none"), level=3))
            self.actions.offer([])
            return
        self._list.show(self._leads.hide(str(job_list(shown, self._leads, self._shell.texts))), focus)
        rest = min(count - len(shown), MORE)
        more = Button("more", get("audit_page.findings.more", count=rest), icon="add")
        self.actions.offer([more] if rest else [])


def _jobs(audit_findings: Sequence[AuditFinding], findings: pd.DataFrame) -> Iterator[Job]:
    """Yield the findings by who or what they are about, in the order of the first of each."""
    groups: dict[tuple[str, object], list[int]] = {}
    titles, practices = findings["title"].tolist(), findings["practice"].tolist()
    places = findings.index.tolist()
    numbers: dict[str, set[int]] = {}
    for row, place in enumerate(places):
        if (provider := audit_findings[place].provider) is not None:
            numbers.setdefault(titles[row], set()).add(provider[0])
    for row, place in enumerate(places):
        about = audit_findings[place]
        title = "" if titles[row] == about.file else titles[row]
        if not title:  # a finding about a place is a job of its own
            key: tuple[str, object] = ("", place)
        elif len(numbers.get(title, ())) > 1:  # two people are called alike
            key = (title, about.provider)
        else:
            key = (title, None)
        groups.setdefault(key, []).append(row)
    for (title, _), rows in groups.items():
        practice = next((practices[row] for row in rows if not pd.isna(practices[row])), None)
        yield Job(title, practice, [audit_findings[places[row]] for row in rows])
