"""The part of a form's page that takes a keystore from elsewhere, and the quiet actions for the one that is chosen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.engine.form import FormContext
from ehtoolkit.forms.engine.form_link import OFFERED
from ehtoolkit.forms.engine.form_model import FormModel
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.page_context import PageContext, on_a_server
from ehtoolkit.forms.file_import.model import FileImport
from ehtoolkit.forms.file_import.panel import FileImportPanel
from ehtoolkit.forms.html import details, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.steps.keystore_picker import FIELD, KeystorePicker
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import ChoiceField
from ehtoolkit.forms.widgets.files import CopyButton, DownloadFile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.moving import ImportedKeystore
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

_STARTING: Final = 2.0
"""Seconds in which a program that opens folders fails, if it does."""


class FileActions:
    """What can be done with a file beside the form.

    Attributes:
        root: the row of them; empty while no file is chosen.
    """

    def __init__(self, toolkit: Toolkit, page: PageBase) -> None:
        """Make the actions, with no file chosen yet."""
        get = page.texts.get
        self._toolkit = toolkit
        self._page = page
        self._path: Path | None = None
        self._copy = CopyButton(label=get("file_import.path"))
        self._copy.on_copied(lambda: page.confirm(get("file_import.path.done")))
        self._actions: list[Widget] = [page.download(get("file_import.copy"), self._hand_out)]
        if not toolkit.settings.shared:  # else its folders and paths are of no use to the reader
            folder = Button("show_folder", get("file_import.folder"), "quiet", "search")
            self._actions = [page.buttons(self._show_folder, folder), self._copy, *self._actions]
        self.root = row("eh-row", "eh-file-actions", "eh-no-print")

    def show(self, path: Path | None) -> None:
        """Offer the actions for ``path``; none without one."""
        self._path = path
        self._copy.text = "" if path is None else str(path)
        self.root.children = () if path is None else self._actions

    def _show_folder(self, action: ButtonPress) -> None:
        if self._path is not None:
            show_folder(self._path.parent)
            self._page.confirm(self._page.texts.get("file_import.folder.done", folder=self._path.parent))

    def _hand_out(self) -> DownloadFile | None:
        if self._path is None:
            return None
        self._toolkit.require_openable(self._path)
        return DownloadFile.of_keystore(self._path)


def show_folder(folder: Path) -> None:
    """Open a folder in the file manager of this computer, and do not wait until it is closed.

    Raises `errors.FolderMissing`, and `errors.FileManagerMissing` where there is no file manager to be started, where
    the program that starts it fails, or the folder may not be looked at.
    """
    path = str(folder.absolute())
    try:
        if not folder.is_dir():
            raise errors.FolderMissing(folder=str(folder))
        if sys.platform == "win32":
            os.startfile(path)  # noqa: S606  # a folder, which Windows shows
            return
        opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
        if opener is None:
            raise errors.FileManagerMissing(folder=path)
        started = subprocess.Popen(  # noqa: S603  # no shell; an absolute path is no option
            [opener, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise errors.FileManagerMissing(folder=path) from error
    with suppress(subprocess.TimeoutExpired):  # the file manager runs
        if started.wait(_STARTING):
            raise errors.FileManagerMissing(folder=path)


def no_files_here(texts: Translator, *, opened: bool = False) -> Widget:
    """Return why a shared server takes no file, and how a keystore gets there; closed unless ``opened``."""
    if opened:
        return show(on_a_server(texts, "files"))
    return show(details(texts.get("page.shared.files"), texts.get("page.shared.files.text")))


class KeystoreImport:
    """The part of a step that takes a keystore from elsewhere.

    Attributes:
        model: copies the files.
        context: of the form, whose model has a keystore chosen (``choosing``).
    """

    def __init__(self, context: FormContext[Any]) -> None:
        model: FormModel = context.model
        self._context = context
        self._step = model.wizard.current.name
        self._choosing: KeystorePicker = context.model.choosing
        self.model = FileImport(model.toolkit, self._choosing.taken)

    def panel(self, *, opened: bool = False) -> Widget:
        """Return where a file may come from; a button first, unless ``opened``. On a shared server, return how a
        keystore gets there."""
        context = self._context
        if not self.model.sees_disk:
            return no_files_here(context.texts, opened=opened)
        made = FileImportPanel(
            self.model,
            context,
            self.model.take,
            self._taken,
            lead=context.texts.get("file_import.lead", folder=str(self.model.folder)),
        )
        offered = PageContext(context.model.toolkit.settings, context.texts).offered_file(OFFERED)
        if offered is not None and not self._choosing.taken:
            made.propose(offered)
        elif opened:
            made.open(focus=False)
        return made.root

    def beside(self, field: ChoiceField) -> Widget:
        """Return the quiet actions for the file that ``field`` has, and the panel."""
        actions = FileActions(self._context.model.toolkit, self._context)

        def chosen(_: object) -> None:
            try:
                path = self._choosing.path({FIELD: field.value})
            except errors.KeystoreNotFound:
                path = None
            actions.show(path)

        field.observe(chosen, "value")
        chosen(None)
        widget: Widget = column("eh-beside-choice", of=(actions.root, self.panel()))
        return widget

    def name_properly(self, path: Path, password: Secret) -> None:
        """Give a file its proper name as `FileImport.name_properly` does; the form goes on with the file under its new
        name."""
        self._choosing.renamed(path, self.model.name_properly(path, password))

    def _taken(self, taken: ImportedKeystore) -> None:
        context, name = self._context, taken.path.name

        def choose() -> None:
            self._choosing.ask_for(taken.path)
            context.model.wizard.edit({FIELD: name})
            context.again()
            say("already" if taken.already else "done")

        def say(what: str) -> None:
            context.confirm(context.texts.get(f"file_import.{what}", file=name))

        context.take_in(self._step, choose, lambda: say("late"))
