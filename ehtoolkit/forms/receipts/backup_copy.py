"""A copy of a keystore in a place that the user chooses: a stick, a network folder; proven by opening it.

From a server that is shared, the browser takes it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.background import SubmittedForm
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.part_errors import PartErrors
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.html import heading, mono, panel, paragraph, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.typed_path import typed_path
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, Download, DownloadFile, TextField
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.system.files import read_file

FIELD: Final = "copy_folder"

_OF_THE_FOLDER: Final = (errors.FolderMissing, errors.FolderNotWritable, errors.FileExists)


class BackupCopy:
    """The part of a last page of ``view`` that copies ``file``; its `widget` goes into the page's body.

    ``shared``: the disk is that of a server. No folder of it is asked for, and the browser saves the copy.
    """

    def __init__(self, file: KeystoreFile, view: WizardView, texts: Translator, *, shared: bool) -> None:
        self._file = file
        self._view = view
        self._texts = texts
        self._verdict = show()
        self._copied: Path | None = None
        get = texts.get
        about = show(heading(get("closing.copy")) + paragraph(get("closing.copy.lead")))
        if shared:
            place: Widget = Download(get("file_import.copy"), self._hand_out, look="quiet")
        else:
            field = TextField(FIELD, get("closing.copy.folder"), hint=get("closing.copy.folder.hint"))
            self._errors = PartErrors(field, get("closing.copy.failed"), texts, view.home)
            button = ButtonBar([Button("copy", get("closing.copy.do"), icon="file")])
            button.on_action(view.guard(self._start))
            place = column(
                "eh-stack", of=(self._errors.summary, row("eh-form", "eh-folder", of=(field, button)))
            )
        self.widget: Widget = column("eh-stack", "eh-no-print", of=(about, place, self._verdict))

    @classmethod
    def of(cls, context: FormContext[Any], file: KeystoreFile) -> BackupCopy:
        """Return the part for a last page of this form."""
        shared = context.model.toolkit.settings.shared
        return cls(file, context.view, context.texts, shared=shared)

    def copy(self, values: Mapping[str, str | bool]) -> Path:
        """Copy into the folder that was typed, and return where the copy is.

        Raises `errors.FolderMissing`, and what writing a keystore raises.
        """
        folder = typed_path(str(values.get(FIELD, "")))
        if folder is None:
            raise errors.FolderMissing(folder="", reason="unnamed")
        self._copied = self._file.copy_to(folder)
        return self._copied

    def _hand_out(self) -> DownloadFile | None:
        path = self._file.path
        try:
            return DownloadFile(path.name, read_file(path, limits.SIZE), "application/x-pkcs12")
        except errors.EhToolkitError as error:
            self._view.fail(error)
            return None

    def _start(self, action: ButtonPress) -> None:
        if self._view.busy:
            self._view.confirm(self._texts.get("closing.copy.wait"))
            return
        self._verdict.value = ""
        self._errors.clear()
        busy = self._texts.get("closing.copy.busy")
        self._view.run(self._work, self._say, action, busy, failed=self._fail)

    def _fail(self, error: BaseException) -> None:
        self._errors.fail(error, of_field=isinstance(error, _OF_THE_FOLDER))

    def _work(self, sent: SubmittedForm) -> None:
        self.copy(sent.values)

    def _say(self) -> None:
        done = self._texts.get("closing.copy.done")
        self._verdict.value = str(panel("ok", done, mono(str(self._copied)), level=3))
        self._view.say(done)
