"""Files that another one has replaced, put into the archive: which, why, where they are then and how to undo it."""

from __future__ import annotations

from collections.abc import Sequence

from ehtoolkit.forms.html import (
    Markup,
    SummaryRows,
    card,
    file_in_folder,
    mono,
    panel,
    paragraph,
    show,
    summary,
    with_hint,
)
from ehtoolkit.forms.troubleshoot.examined_file import Archived, Plan
from ehtoolkit.forms.troubleshoot.file_frame import FilePanel
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.widgets.buttons import Button
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, KeepReason
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE


class ArchivePanel(FilePanel):
    """From the judgement to the result."""

    def begin(self) -> None:
        """Judge first which files can go, and show that: it takes the passwords that are known, and a moment."""
        examined, busy = self.frame.examined, self.texts.get("troubleshoot.archive.judging")
        self.frame.run(busy, lambda: self.model.plan_archive(examined), self._show_plan)

    def _show_plan(self, plan: Plan) -> None:
        get = self.texts.get
        title = SectionHead(get("troubleshoot.archive.title"), focus=True)
        if not plan.goes:
            why = get(f"troubleshoot.archive.stays.{plan.stays or KeepReason.UNJUDGED}")
            said = self._early() or panel("info", get("troubleshoot.archive.none"), why, level=3)
            self.frame.show_instead([title, show(said)], [self.back()])
            return
        lead = show(paragraph(get("troubleshoot.archive.lead", folder=ARCHIVE)))
        lost = self._lost(plan.goes)
        go = Button("go", get("troubleshoot.archive.go"), "primary", "file")
        self.frame.show_instead(
            [title, lead, *([show(lost)] if lost else []), show(self._rows(plan.goes))],
            [go, self.back("cancel", main=False)],
            {"go": lambda _: self._archive(plan.goes)},
        )

    def _rows(self, goes: Sequence[ArchiveDecision]) -> Markup:
        get = self.texts.get
        rows: SummaryRows = []
        for decision in goes:
            successor = "–" if decision.successor is None else decision.successor.name
            by = get("troubleshoot.archive.by", file=visible(successor))
            rows.append((get("troubleshoot.archive.old"), with_hint(mono(visible(decision.path.name)), by)))
        return card(summary(rows))

    def _early(self) -> Markup:
        """Return a warning when the platform has said on this page that the holder's new file is not activated: both
        stay until it is. Empty when it has not."""
        holder = self.frame.examined.diagnosis.owner
        waiting = [
            file.diagnosis.owner
            for file in self.model.examined_files
            if file.asked is not None and file.asked.standing.state is State.TO_ACTIVATE
        ]
        if holder is None or not any(owner is not None and owner.same_holder(holder) for owner in waiting):
            return Markup("")
        get = self.texts.get
        return panel(
            "warn", get("troubleshoot.archive.early"), get("troubleshoot.archive.early.text"), level=3
        )

    def _lost(self, goes: Sequence[ArchiveDecision]) -> Markup:
        """Return a warning about old keys that only the archive would have; empty where there are none."""
        get, count = self.texts.get, sum(len(decision.lost) for decision in goes)
        if not count:
            return Markup("")
        text = get("troubleshoot.archive.lost.text", button=get("troubleshoot.merge"))
        return panel("warn", get("troubleshoot.archive.lost", count=count), text, level=3)

    def _archive(self, goes: Sequence[ArchiveDecision]) -> None:
        examined, agreed = self.frame.examined, [decision.path for decision in goes]
        busy = self.texts.get("troubleshoot.archive.busy")
        self.frame.run(busy, lambda: self.model.archive(examined, agreed), self._done)

    def _done(self, result: Archived) -> None:
        for file in result.examined_files:
            if self.model.find(file.number) is not None:  # not taken off meanwhile
                self.frame.take(file)
        get, failure = self.texts.get, result.done.failure
        said = panel("ok", get("troubleshoot.archive.moved"), get("troubleshoot.archive.undo"), level=3)
        if failure is not None:
            lines = (self.texts.error(failure), self.texts.next_step(failure))
            said += panel("warn", get("troubleshoot.archive.partly"), *map(visible, lines), level=3)
        old = get("troubleshoot.archive.old")
        rows = summary((old, file_in_folder(new, self.texts)) for _, new in result.done.moved)
        title = SectionHead(get("troubleshoot.archive.done"), focus=True)
        self.frame.show_instead([title, show(said + card(rows))], [self.back()])
