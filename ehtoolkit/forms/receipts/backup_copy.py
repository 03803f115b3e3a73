"""A copy of a keystore in a place that the user chooses: a stick, a network folder; proven by opening it.

From a server that is shared, the browser takes it there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.copies.copy_part import CopyPart, Done, Failed
from ehtoolkit.forms.copies.drives import drives
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.html import heading, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets import ButtonPress, Download, DownloadFile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.storage.copies import CopiedFile, Destination, note_copy
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.system.files import read_file
from ehtoolkit.toolkit import Toolkit


class BackupCopy:
    """The part of a last page of ``view`` that copies ``file``; its `widget` goes into the page's body.

    On a shared server (``toolkit``) no folder is asked for, and the browser saves the copy.
    """

    def __init__(self, file: KeystoreFile, view: WizardView, texts: Translator, toolkit: Toolkit) -> None:
        self._file = file
        self._view = view
        self._texts = texts
        self._context = toolkit.context
        get = texts.get
        about = show(heading(get("closing.copy")) + paragraph(get("closing.copy.lead")))
        if toolkit.settings.shared:
            place: Widget = Download(get("file_import.copy"), self._hand_out, look="quiet")
        else:
            place = CopyPart(
                texts,
                view.home,
                self._context.notes,
                self._copy,
                self._is_busy,
                self._run,
                done="closing.copy.done",
                say=view.say,
                confirm=view.confirm,
                guard=view.guard,
            ).root
        self.widget: Widget = column("eh-stack", "eh-no-print", of=(about, place))

    @classmethod
    def of(cls, context: FormContext[Any], file: KeystoreFile) -> BackupCopy:
        """Return the part for a last page of this form."""
        return cls(file, context.view, context.texts, context.model.toolkit)

    def _copy(self, destination: Destination) -> tuple[CopiedFile, ...]:
        copied = self._file.copy_to(destination, drives)
        note_copy(self._context.notes, self._file.keystore.key_id, copied, self._context.clock.now())
        return (copied,)

    def _is_busy(self) -> bool:
        if self._view.busy:
            self._view.confirm(self._texts.get("closing.copy.wait"))
        return self._view.busy

    def _run(self, press: ButtonPress, work: Callable[[], None], done: Done, failed: Failed) -> None:
        busy = self._texts.get("closing.copy.busy")
        self._view.run(lambda _: work(), done, press, busy, failed=failed)

    def _hand_out(self) -> DownloadFile | None:
        path = self._file.path
        try:
            return DownloadFile(path.name, read_file(path, limits.SIZE), "application/x-pkcs12")
        except errors.EhToolkitError as error:
            self._view.fail(error)
            return None
