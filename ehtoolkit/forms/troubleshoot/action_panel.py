"""Something done with a file: what has to be known for it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ipywidgets import Widget

from ehtoolkit import errors
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
from ehtoolkit.forms.steps.new_password import new_password_fields
from ehtoolkit.forms.steps.opened_keystore import opening
from ehtoolkit.forms.troubleshoot.advice import FileAction
from ehtoolkit.forms.troubleshoot.examined_file import ActionResult, Archived, ExaminedFile, Plan
from ehtoolkit.forms.troubleshoot.file_panel import FileFrame, FilePanel
from ehtoolkit.forms.troubleshoot.result_panel import ResultPanel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, Option, SecretField
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.diagnosis.archival import ArchiveDecision, KeepReason
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.holder_keystores import ARCHIVE
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable

_HERE, _FOLDER = "here:", "folder:"
"""What the value of a choice begins with: a file of the page, a file of the keystore folder."""


class ActionPanel(FilePanel):
    """One action, from its form to its result."""

    def __init__(self, file_action: FileAction, frame: FileFrame) -> None:
        super().__init__(frame)
        self.file_action = file_action

    # ── what has to be known ─────────────────────────────────────────────────────────────────────────────
    def show_form(self) -> None:
        get, file_action, examined = self.texts.get, self.file_action, self.frame.examined
        in_place = examined.path is not None and file_action in (FileAction.PROTECT, FileAction.MERGE)
        fate = "rename.fate" if file_action is FileAction.RENAME else "in_place" if in_place else "new_file"
        lead = get(f"troubleshoot.{file_action}.lead", name=examined.diagnosis.proper_name)
        title = get(f"troubleshoot.{file_action}.title")
        about = show(paragraph(lead) + paragraph(get(f"troubleshoot.{fate}"), "eh-note"))
        go: Callable[[ButtonPress], None] = self._remake
        fields: list[Widget] = []
        if file_action is FileAction.RENAME:
            go = self._rename
        elif file_action is FileAction.MERGE:
            go, fields = self._merge, self._merge_fields()
            if not fields:
                none = show(paragraph(get("troubleshoot.old.none")))
                self.frame.show_instead(title, [about, none], [self.back()])
                return
        else:
            modern = CheckField("modern", get("troubleshoot.modern"), hint=get("troubleshoot.modern.hint"))
            both = new_password_fields(
                self.texts, {"new": "troubleshoot.new", "again": "troubleshoot.again"}, optional=True
            )
            fields = [*both, modern]
        button = Button("go", get(f"troubleshoot.{file_action}.go"), "primary")
        self.frame.show_instead(title, [about, *fields], [(button, go), self.back("cancel", "quiet")])

    def _merge_fields(self) -> list[Widget]:
        """Return the fields for the other file and its password; none where there is no other file."""
        get = self.texts.get
        options = [Option(value, name) for value, name in self._older().items()]
        if not options:
            return []
        return [
            ChoiceField(
                "old",
                get("troubleshoot.old"),
                options,
                value=options[0].value,
                hint=get("troubleshoot.old.hint"),
                compact=True,
            ),
            SecretField.of_file(
                "old_password",
                get("troubleshoot.old.password"),
                self.texts,
                hint=get("troubleshoot.old.password.hint"),
            ),
        ]

    def _older(self) -> Mapping[str, str]:
        """Return the names of other files, each by the value of its option: those of this page, then those of the
        folder that are not on it."""
        files = self.model.examined_files
        found = {
            f"{_HERE}{file.number}": printable(file.name)
            for file in files
            if file.number != self.frame.examined.number
        }
        paths = {file.path for file in files}
        names = (
            printable(keystore.path.name) for keystore in self.model.in_folder() if keystore.path not in paths
        )
        return found | {f"{_FOLDER}{name}": name for name in names}

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────────────
    def _remake(self, action: ButtonPress) -> None:
        new = action.secret("new")
        if new != action.secret("again"):
            self.frame.fail(errors.PasswordsDiffer(), "again")
            return
        examined = self.frame.examined
        profile = EncryptionProfile.MODERN if action.values.get("modern") else EncryptionProfile.COMPATIBLE
        work = self.model.protect if self.file_action is FileAction.PROTECT else self.model.remake
        self._run(lambda: work(examined, new, profile), "new")

    def _rename(self, _: ButtonPress) -> None:
        examined, busy = self.frame.examined, self.texts.get("troubleshoot.rename.busy")
        self.frame.run(busy, lambda: self.model.rename(examined), self.frame.show_found)

    def _merge(self, action: ButtonPress) -> None:
        examined, old = self.frame.examined, self._chosen(action.typed("old"))
        known = action.secret("old_password") or old.secret or Secret("")

        def merged(password: Secret) -> ActionResult:
            return self.model.merge(examined, old, password)

        self._run(lambda: opening(merged, known), "old_password")

    def _chosen(self, choice: str) -> ExaminedFile:
        if choice.startswith(_FOLDER):
            shown = choice.removeprefix(_FOLDER)
            names = (keystore.path.name for keystore in self.model.in_folder())
            return self.model.take(next((name for name in names if printable(name) == shown), shown))
        number = choice.removeprefix(_HERE)
        found = self.model.find(int(number)) if number.isdecimal() else None
        if found is None:
            raise errors.KeystoreNotFound(path=choice)
        return found

    def _run(self, work: Callable[[], ActionResult], field: str) -> None:
        """Do ``work`` beside the page, and show its outcome. ``field``: the one that a password is about which does not
        fit."""

        def field_of(error: errors.EhToolkitError) -> str | None:
            if isinstance(error, errors.PasswordNotAllowed | errors.KeystorePasswordWrong):
                return field
            return "old" if isinstance(error, errors.HoldersDiffer) else None

        def look_again() -> tuple[ActionResult, ExaminedFile | None]:
            """Return the result, and the file as it is now when it was written over, else None."""
            result = work()
            found = None if result.path is None else self.model.look_at(result.path, result.secret)
            # Other keys may change what the platform's answer means.
            if found is not None and result.added is None:
                found = replace(found, platform_status=self.frame.examined.platform_status)
            return result, found

        busy = self.texts.get(f"troubleshoot.{self.file_action}.busy")
        self.frame.run(busy, look_again, self._done, field_of)

    def _done(self, found: tuple[ActionResult, ExaminedFile | None]) -> None:
        result, examined = found
        if examined is not None:
            self.frame.take(examined)
        ResultPanel(self.file_action, self.frame, result).show()


class ArchivePanel(FilePanel):
    """From the judgement to the result."""

    def begin(self) -> None:
        """Judge first which files can go, and show that: it takes the passwords that are known, and a moment."""
        examined, busy = self.frame.examined, self.texts.get("troubleshoot.archive.judging")
        self.frame.run(busy, lambda: self.model.plan_archive(examined), self._show_plan)

    def _show_plan(self, plan: Plan) -> None:
        get = self.texts.get
        title = get("troubleshoot.archive.title")
        if not plan.goes:
            why = get(f"troubleshoot.archive.stays.{plan.stays or KeepReason.UNJUDGED}")
            said = self._early() or panel("info", get("troubleshoot.archive.none"), why, level=3)
            self.frame.show_instead(title, [show(said)], [self.back()])
            return
        lead = show(paragraph(get("troubleshoot.archive.lead", folder=ARCHIVE)))
        lost = self._lost(plan.goes)
        go = Button("go", get("troubleshoot.archive.go"), "primary", "file")
        self.frame.show_instead(
            title,
            [lead, *([show(lost)] if lost else []), show(self._rows(plan.goes))],
            [(go, lambda _: self._archive(plan.goes)), self.back("cancel", "quiet")],
        )

    def _rows(self, goes: Sequence[ArchiveDecision]) -> Markup:
        get = self.texts.get
        rows: SummaryRows = []
        for decision in goes:
            successor = "–" if decision.successor is None else decision.successor.name
            by = get("troubleshoot.archive.by", file=printable(successor))
            rows.append((get("troubleshoot.archive.old"), with_hint(mono(printable(decision.path.name)), by)))
        return card(summary(rows))

    def _early(self) -> Markup:
        """Return a warning when the platform has said on this page that the holder's new file is not activated: both
        stay until it is. Empty when it has not."""
        holder = self.frame.examined.diagnosis.owner
        waiting = [
            file.diagnosis.owner
            for file in self.model.examined_files
            if file.platform_status is not None and file.platform_status.state is State.TO_ACTIVATE
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
            said += panel("warn", get("troubleshoot.archive.partly"), *map(printable, lines), level=3)
        old = get("troubleshoot.archive.old")
        rows = summary((old, file_in_folder(new, self.texts)) for _, new in result.done.moved)
        self.frame.show_instead(get("troubleshoot.archive.done"), [show(said + card(rows))], [self.back()])
