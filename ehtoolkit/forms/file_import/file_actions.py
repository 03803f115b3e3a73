"""Quiet actions for a file of the keystore folder: open the folder, copy the path, download a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.forms.engine.page_errors import guard
from ehtoolkit.forms.layout import row
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, CopyButton, Download, DownloadFile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.system.files import read_file

_STARTING: Final = 2.0
"""Seconds in which a program that opens folders fails, if it does."""


class FileActions:
    """What can be done with a file beside the form.

    Attributes:
        root: the row of them; empty while no file is chosen.
        say: shows what was done.
        fail: an error.
    """

    def __init__(
        self,
        toolkit: Toolkit,
        texts: Translator,
        say: Callable[[str], None],
        fail: Callable[[BaseException], None],
        open_folder: Callable[[Path], None] | None = None,
    ) -> None:
        """Make the actions, with no file chosen yet. ``open_folder``: by default `show_folder`."""
        get = texts.get
        self._toolkit = toolkit
        self._texts = texts
        self._say = say
        self._fail = fail
        self._path: Path | None = None
        self._open = show_folder if open_folder is None else open_folder
        self._folder = ButtonBar([Button("show_folder", get("file_import.folder"), "quiet", "search")])
        self._folder.on_action(guard(self._show_folder, fail))
        self._copy = CopyButton(get("file_import.path"), "")
        self._copy.on_copied(lambda: say(get("file_import.path.done")))
        self._download = Download(get("file_import.copy"), self._hand_out)
        # On a server that is shared its folders and paths are of no use to the reader.
        near: Sequence[Any] = () if toolkit.settings.shared else (self._folder, self._copy)
        self._parts = (*near, self._download)
        self.root = row("eh-row", "eh-file-actions", "eh-no-print")

    def show(self, path: Path | None) -> None:
        """Offer the actions for ``path``; none without one."""
        self._path = path
        self._copy.text = "" if path is None else str(path)
        self.root.children = () if path is None else self._parts

    def _show_folder(self, action: ButtonPress) -> None:
        if self._path is not None:
            self._open(self._path.parent)
            self._say(self._texts.get("file_import.folder.done", folder=self._path.parent))

    def _hand_out(self) -> DownloadFile | None:
        try:
            if self._path is None:
                return None
            self._toolkit.require_openable(self._path)
            return DownloadFile(self._path.name, read_file(self._path, limits.SIZE), "application/x-pkcs12")
        except errors.EhToolkitError as error:
            self._fail(error)
            return None


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
