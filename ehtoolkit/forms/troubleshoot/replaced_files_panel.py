"""Files that another one has replaced, put into the archive: which, why, where they are then and how to undo it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ipywidgets import Widget

from ehtoolkit.forms.html import Markup, Piece, card, mono, panel, paragraph, show, summary, with_hint
from ehtoolkit.forms.troubleshoot.examined_file import Archived, Plan
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SectionHead
from ehtoolkit.identity import DistinguishedName
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, KeepReason
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.folder import ARCHIVE


class ArchivePanel:
    """From the judgement to the result, instead of the file's findings."""

    def __init__(self, frame: FileFrame) -> None:
        self._frame = frame
        self._services = frame.services
        self._texts = frame.services.shell.texts
        self._agreed: Sequence[Path] = ()

    def begin(self) -> None:
        """Judge first which files can go, and show that: it takes the passwords that are known, and a moment."""
        examined, model = self._frame.examined, self._services.model
        busy = self._texts.get("troubleshoot.archive.judging")
        self._frame.run(busy, lambda: model.plan_archive(examined), self._show_plan)

    def _show_plan(self, plan: Plan) -> None:
        get = self._texts.get
        self._agreed = [decision.path for decision in plan.goes]
        body: list[Widget] = [SectionHead(get("troubleshoot.archive.title"), focus=True)]
        buttons = [Button("cancel", get("troubleshoot.cancel"), "quiet")]
        if plan.goes:
            body.append(show(paragraph(get("troubleshoot.archive.lead", folder=ARCHIVE))))
            lost = self._lost(plan.goes)
            body += [show(lost)] if lost else []
            body.append(show(self._rows(plan.goes)))
            buttons = [Button("go", get("troubleshoot.archive.go"), "primary", "file"), *buttons]
        else:
            buttons = [Button("cancel", get("troubleshoot.back"), "primary")]
            why = get(f"troubleshoot.archive.stays.{plan.stays or KeepReason.UNJUDGED}")
            body.append(show(self._early() or panel("info", get("troubleshoot.archive.none"), why, level=3)))
        self._frame.show_instead(body, ButtonBar(buttons), self._act)

    def _rows(self, goes: Sequence[ArchiveDecision]) -> Markup:
        get = self._texts.get
        rows: list[tuple[Piece, Piece]] = [
            (
                get("troubleshoot.archive.old"),
                with_hint(
                    mono(visible(decision.path.name)),
                    get("troubleshoot.archive.by", file=visible(self._successor(decision))),
                ),
            )
            for decision in goes
        ]
        return card(summary(rows))

    def _successor(self, archive_decision: ArchiveDecision) -> str:
        return "–" if archive_decision.successor is None else archive_decision.successor.name

    def _early(self) -> Markup:
        """Return a warning when the platform has said on this page that the holder's new file is not activated: both
        stay until it is. Empty when it has not."""
        owner = self._frame.examined.diagnosis.owner
        asked = [
            examined_file
            for examined_file in self._services.model.examined_files
            if examined_file.asked is not None
        ]
        waiting = [file for file in asked if file.asked and file.asked.standing.state is State.TO_ACTIVATE]
        if owner is None or not any(_is_of(file.diagnosis.owner, owner) for file in waiting):
            return Markup("")
        get = self._texts.get
        return panel(
            "warn", get("troubleshoot.archive.early"), get("troubleshoot.archive.early.text"), level=3
        )

    def _lost(self, goes: Sequence[ArchiveDecision]) -> Markup:
        """Return a warning about old keys that only the archive would have; empty where there are none."""
        get, count = self._texts.get, sum(len(decision.lost) for decision in goes)
        if not count:
            return Markup("")
        text = get("troubleshoot.archive.lost.text", button=get("troubleshoot.merge"))
        return panel("warn", get("troubleshoot.archive.lost", count=count), text, level=3)

    def _act(self, action: ButtonPress) -> None:
        if action.name in ("cancel", "back"):
            self._frame.show_file(focus=True)
        elif action.name == "go":
            examined, model, agreed = self._frame.examined, self._services.model, self._agreed
            busy = self._texts.get("troubleshoot.archive.busy")
            self._frame.run(busy, lambda: model.archive(examined, agreed), self._done)

    def _done(self, result: Archived) -> None:
        model = self._services.model
        for examined_file in result.examined_files:
            if model.find(examined_file.number) is not None:  # not taken off meanwhile
                self._frame.take(examined_file)
        get = self._texts.get
        done, failure = result.done, result.done.failure
        said = panel("ok", get("troubleshoot.archive.moved"), get("troubleshoot.archive.undo"), level=3)
        if failure is not None:
            lines = (self._texts.error(failure), self._texts.next_step(failure))
            said += panel("warn", get("troubleshoot.archive.partly"), *map(visible, lines), level=3)
        rows: list[tuple[Piece, Piece]] = [
            (get("troubleshoot.archive.old"), self._where(new)) for _, new in done.moved
        ]
        body = [
            SectionHead(get("troubleshoot.archive.done"), focus=True),
            show(said + card(summary(rows))),
        ]
        self._frame.show_instead(
            body, ButtonBar([Button("back", get("troubleshoot.back"), "primary")]), self._act
        )

    def _where(self, path: Path) -> Markup:
        folder = self._texts.get("troubleshoot.made.folder", folder=visible(str(path.parent)))
        return with_hint(mono(visible(path.name)), folder)


def _is_of(owner: DistinguishedName | None, other: DistinguishedName) -> bool:
    return owner is not None and owner.same_holder(other)
