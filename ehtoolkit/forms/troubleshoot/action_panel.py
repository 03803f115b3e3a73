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
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile, Merged, Rewritten
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.troubleshoot.result_panel import ResultPanel
from ehtoolkit.forms.widgets import (
    Button,
    ButtonBar,
    ButtonPress,
    CheckField,
    ChoiceField,
    Option,
    SecretField,
    SectionHead,
)
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.rewrite import NewKeystore
from ehtoolkit.secret import Secret

_EMPTY: Final = Secret("")
_HERE, _FOLDER = "here:", "folder:"
"""What the value of a choice begins with: a file of the page, a file of the keystore folder."""


Outcome = tuple[NewKeystore | Merged | Rewritten, ExaminedFile | None]
"""What was made, and the file as it is now when it was written over."""


class ActionPanel:
    """One file_action, from its form to its result, instead of the file's findings."""

    def __init__(self, file_action: FileAction, frame: FileFrame) -> None:
        self.file_action = file_action
        self._frame = frame
        self._services = frame.services
        self._texts = frame.services.shell.texts
        self._secret = _EMPTY

    # ── what has to be known ─────────────────────────────────────────────────────────────────────────────
    def show_form(self) -> None:
        get, file_action = self._texts.get, self.file_action
        examined = self._frame.examined
        in_place = examined.path is not None and file_action in (FileAction.PROTECT, FileAction.MERGE)
        fate = "rename.fate" if file_action is FileAction.RENAME else "in_place" if in_place else "new_file"
        lead = get(f"troubleshoot.{file_action}.lead", name=examined.diagnosis.proper_name)
        body: list[Widget] = [
            SectionHead(get(f"troubleshoot.{file_action}.title"), focus=True),
            show(paragraph(lead) + paragraph(get(f"troubleshoot.{fate}"), "eh-note")),
        ]
        buttons = [
            Button("go", get(f"troubleshoot.{file_action}.go"), "primary"),
            Button("cancel", get("troubleshoot.cancel"), "quiet"),
        ]
        if file_action is FileAction.MERGE:
            fields = self._merge_fields()
            if not fields:
                fields = [show(paragraph(get("troubleshoot.old.none")))]
                buttons = [Button("cancel", get("troubleshoot.back"), "primary")]
        else:
            fields = [] if file_action is FileAction.RENAME else self._remake_fields()
        self._frame.show_instead([*body, *fields], ButtonBar(buttons), self._act_on_form)

    def _remake_fields(self) -> list[Widget]:
        get = self._texts.get
        return [
            *new_password_fields(
                self._texts, {"new": "troubleshoot.new", "again": "troubleshoot.again"}, optional=True
            ),
            CheckField("modern", get("troubleshoot.modern"), hint=get("troubleshoot.modern.hint")),
        ]

    def _merge_fields(self) -> list[Widget]:
        """Return the fields for the other file and its password; none where there is no other file."""
        get = self._texts.get
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
                self._texts,
                hint=get("troubleshoot.old.password.hint"),
            ),
        ]

    def _older(self) -> Mapping[str, str]:
        """Return the names of other files, each by the value of its option: those of this page, then those of the
        folder that are not on it."""
        me, model = self._frame.examined, self._services.model
        others = [
            examined_file for examined_file in model.examined_files if examined_file.number != me.number
        ]
        found = {f"{_HERE}{other.number}": visible(other.name) for other in others}
        paths = {examined_file.path for examined_file in model.examined_files}
        names = (visible(keystore.path.name) for keystore in model.in_folder() if keystore.path not in paths)
        return found | {f"{_FOLDER}{name}": name for name in names}

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────────────
    def _act_on_form(self, action: ButtonPress) -> None:
        if action.name == "cancel":
            self._frame.show_file(focus=True)
        elif action.name == "go" and self.file_action is FileAction.MERGE:
            self._merge(str(action.values.get("old", "")), action.secrets.get("old_password", _EMPTY))
        elif action.name == "go" and self.file_action is FileAction.RENAME:
            self._rename()
        elif action.name == "go":
            self._remake(action)

    def _remake(self, action: ButtonPress) -> None:
        first, second = (action.secrets.get(name, _EMPTY) for name in ("new", "again"))
        if first != second:
            self._frame.fail(errors.PasswordsDiffer(), "again")
            return
        examined, model = self._frame.examined, self._services.model
        new = None if first == _EMPTY else first
        profile = EncryptionProfile.MODERN if action.values.get("modern") else EncryptionProfile.COMPATIBLE
        self._secret = new if new is not None else examined.secret or _EMPTY
        work = model.protect if self.file_action is FileAction.PROTECT else model.remake
        self._run(lambda: self._looked_again(work(examined, new, profile)), "new")

    def _rename(self) -> None:
        examined, model = self._frame.examined, self._services.model

        def renamed(found: ExaminedFile) -> None:
            self._frame.take(found)
            self._frame.show_file(focus=True)

        busy = self._texts.get("troubleshoot.rename.busy")
        self._frame.run(busy, lambda: model.rename(examined), renamed)

    def _merge(self, choice: str, typed: Secret) -> None:
        examined, model = self._frame.examined, self._services.model
        self._secret = examined.secret or _EMPTY
        old = self._chosen(choice)
        known = old.secret if typed == _EMPTY and old.secret is not None else typed

        def merged(password: Secret) -> Outcome:
            return self._looked_again(model.merge(examined, old, password))

        self._run(lambda: opening(merged, known), "old_password")

    def _chosen(self, choice: str) -> ExaminedFile:
        model = self._services.model
        if choice.startswith(_FOLDER):
            shown = choice.removeprefix(_FOLDER)
            names = (keystore.path.name for keystore in model.in_folder())
            return model.take(next((name for name in names if visible(name) == shown), shown))
        number = choice.removeprefix(_HERE)
        found = model.find(int(number)) if number.isdecimal() else None
        if found is None:
            raise errors.KeystoreNotFound(path=choice)
        return found

    def _looked_again(self, result: NewKeystore | Merged | Rewritten) -> Outcome:
        """Return the result, and the file as it is now when it was written over, else None."""
        if not isinstance(result, Rewritten):
            return result, None
        found = self._services.model.look_at(result.path, result.secret)
        if result.added is None:  # other keys may change what the platform's answer means
            found = replace(found, asked=self._frame.examined.asked)
        return result, found

    def _run(self, work: Callable[[], Outcome], field: str) -> None:
        """Do ``work`` beside the page, and show its outcome. ``field``: the one that a password is about which does not
        fit."""

        def field_of(error: errors.EhToolkitError) -> str | None:
            if isinstance(error, errors.PasswordNotAllowed | errors.KeystorePasswordWrong):
                return field
            return "old" if isinstance(error, errors.HoldersDiffer) else None

        self._frame.run(self._texts.get(f"troubleshoot.{self.file_action}.busy"), work, self._done, field_of)

    def _done(self, found: Outcome) -> None:
        result, examined = found
        if examined is not None:
            self._frame.take(examined)
        ResultPanel(self.file_action, self._frame, self._secret).show(result)
