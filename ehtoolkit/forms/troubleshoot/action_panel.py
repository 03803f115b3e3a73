"""Something done with a file: what has to be known for it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.html import paragraph, show
from ehtoolkit.forms.steps.new_password import new_password_fields
from ehtoolkit.forms.steps.opened_keystore import opening
from ehtoolkit.forms.troubleshoot.advice import FileAction
from ehtoolkit.forms.troubleshoot.examined_file import ActionResult, ExaminedFile
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame, FilePanel
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.troubleshoot.result_panel import ResultPanel
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import CheckField, ChoiceField, Option, SecretField
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.secret import Secret

_EMPTY: Final = Secret("")
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
        title = SectionHead(get(f"troubleshoot.{file_action}.title"), focus=True)
        about = show(paragraph(lead) + paragraph(get(f"troubleshoot.{fate}"), "eh-note"))
        buttons = [
            Button("go", get(f"troubleshoot.{file_action}.go"), "primary"),
            self.back("cancel", main=False),
        ]
        go: Callable[[ButtonPress], None] = self._remake
        fields: list[Widget] = []
        if file_action is FileAction.RENAME:
            go = self._rename
        elif file_action is FileAction.MERGE:
            go, fields = self._merge, self._merge_fields()
            if not fields:
                fields, buttons = [show(paragraph(get("troubleshoot.old.none")))], [self.back()]
        else:
            modern = CheckField("modern", get("troubleshoot.modern"), hint=get("troubleshoot.modern.hint"))
            both = new_password_fields(
                self.texts, {"new": "troubleshoot.new", "again": "troubleshoot.again"}, optional=True
            )
            fields = [*both, modern]
        self.frame.show_instead([title, about, *fields], buttons, {"go": go})

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
            f"{_HERE}{file.number}": visible(file.name)
            for file in files
            if file.number != self.frame.examined.number
        }
        paths = {file.path for file in files}
        names = (
            visible(keystore.path.name) for keystore in self.model.in_folder() if keystore.path not in paths
        )
        return found | {f"{_FOLDER}{name}": name for name in names}

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────────────
    def _remake(self, action: ButtonPress) -> None:
        first, second = (action.secrets.get(name, _EMPTY) for name in ("new", "again"))
        if first != second:
            self.frame.fail(errors.PasswordsDiffer(), "again")
            return
        examined, new = self.frame.examined, None if first == _EMPTY else first
        profile = EncryptionProfile.MODERN if action.values.get("modern") else EncryptionProfile.COMPATIBLE
        work = self.model.protect if self.file_action is FileAction.PROTECT else self.model.remake
        self._run(lambda: work(examined, new, profile), "new")

    def _rename(self, _: ButtonPress) -> None:
        examined, busy = self.frame.examined, self.texts.get("troubleshoot.rename.busy")
        self.frame.run(busy, lambda: self.model.rename(examined), self.frame.show_found)

    def _merge(self, action: ButtonPress) -> None:
        examined, old = self.frame.examined, self._chosen(str(action.values.get("old", "")))
        typed = action.secrets.get("old_password", _EMPTY)
        known = old.secret if typed == _EMPTY and old.secret is not None else typed

        def merged(password: Secret) -> ActionResult:
            return self.model.merge(examined, old, password)

        self._run(lambda: opening(merged, known), "old_password")

    def _chosen(self, choice: str) -> ExaminedFile:
        if choice.startswith(_FOLDER):
            shown = choice.removeprefix(_FOLDER)
            names = (keystore.path.name for keystore in self.model.in_folder())
            return self.model.take(next((name for name in names if visible(name) == shown), shown))
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
            if (
                found is not None and result.added is None
            ):  # other keys may change what the platform's answer means
                found = replace(found, asked=self.frame.examined.asked)
            return result, found

        busy = self.texts.get(f"troubleshoot.{self.file_action}.busy")
        self.frame.run(busy, look_again, self._done, field_of)

    def _done(self, found: tuple[ActionResult, ExaminedFile | None]) -> None:
        result, examined = found
        if examined is not None:
            self.frame.take(examined)
        ResultPanel(self.file_action, self.frame, result).show()
