"""The part of a page that copies keystores into a folder: on a drive, a recent one, or one that is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from ipywidgets import Widget

from ehtoolkit import errors
from ehtoolkit.forms.copies.drives import drives
from ehtoolkit.forms.copies.offered_folders import FolderButtons, OfferedFolder, offered_folders, typed_path
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.task import Progress, Task
from ehtoolkit.forms.html import Piece, heading, mono, panel, paragraph, show
from ehtoolkit.forms.layout import column, row
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.forms.widgets.files import DownloadFile
from ehtoolkit.keystore.storage.copies import CopiedFile, Destination, copy_keystore, note_copy
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.toolkit import Toolkit

FIELD: Final = "copy_folder"

_OF_THE_FOLDER: Final = (errors.FolderMissing, errors.FolderNotWritable, errors.FileExists)


class CopyPart:
    """``root``: the widget.

    Args:
        notes: the folder that knows the last copies, whose folders are offered.
        copy: copies everything into one folder, one file after the other, in a thread.
        say: called with a sentence when files were copied, for screen readers.

    Attributes:
        verdict: what was copied; inside ``root``.
    """

    def __init__(
        self,
        page: PageBase,
        notes: Path,
        copy: Callable[[Destination], Iterable[CopiedFile]],
        say: Callable[[str], None],
    ) -> None:
        get = page.texts.get
        self._page = page
        self._texts = page.texts
        self._copy = copy
        self._say = say
        self._copied: list[CopiedFile] = []
        self._destination: Destination | None = None
        self.verdict = show()
        field = TextField(FIELD, get("closing.copy.folder"), hint=get("closing.copy.folder.hint"))
        self._errors = page.field_errors(get("closing.copy.failed"), field)
        do_copy = Button("copy", get("closing.copy.do"), icon="file")
        bar = self._errors.buttons(self._copy_to_typed, do_copy)
        self._tasks = page.tasks(lambda: bar, say=page.say)
        self._folders = FolderButtons(
            page, "closing.copy.to", lambda: offered_folders(notes), self._copy_to_offered, self._errors.fail
        )
        self.root: Widget = column(
            "eh-stack",
            of=(
                self._errors.summary,
                row("eh-form", "eh-folder", of=(self._folders.root,)),
                row("eh-form", "eh-folder", of=(field, bar)),
                self.verdict,
            ),
        )

    def _copy_to_offered(self, folder: OfferedFolder, _: ButtonPress) -> None:
        self._start(folder.destination)

    def _copy_to_typed(self, press: ButtonPress) -> None:
        folder = typed_path(press.typed(FIELD))
        self._start(None if folder is None else Destination(folder), FIELD)

    def _start(self, destination: Destination | None, field: str | None = None) -> None:
        """Copy into a folder; None: no folder was typed. ``field``: where it was typed."""

        def work(_: Progress) -> None:
            if destination is None:
                raise errors.FolderMissing(folder="", reason="unnamed")
            for copied in self._copy(destination):
                self._copied.append(copied)  # what was copied before an error is shown, too

        def failed(error: BaseException) -> None:
            if self._copied:
                self._show_copied()
            self._errors.fail(error, field if isinstance(error, _OF_THE_FOLDER) else None)

        if self._tasks.busy:
            if destination != self._destination:  # else a second press of the same button
                self._page.confirm(self._texts.get("closing.copy.wait"))
            return
        self._destination = destination
        self.verdict.value = ""
        self._errors.clear()
        self._copied.clear()
        task = Task(work, lambda _: self._show_copied(), self._texts.get("closing.copy.busy"))
        self._tasks.start(task, failed)

    def _show_copied(self) -> None:
        get = self._texts.get
        lines: list[Piece] = []
        for copied in self._copied:
            lines.append(mono(str(copied.path)))
            if copied.already:
                lines.append(get("closing.copy.already"))
            if copied.kept is not None:
                lines.append(get("closing.copy.kept", file=copied.kept))
        self.verdict.value = str(panel("ok", get("closing.copy.done"), *lines, level=3))
        self._folders.look()
        self._say(get("closing.copy.done"))


def backup_copy(page: PageBase, toolkit: Toolkit, file: KeystoreFile) -> Widget:
    """Return the part of a last page that copies ``file``.

    On a shared server no folder is asked for, and the browser saves the copy.
    """
    get, context = page.texts.get, toolkit.context

    def copy(destination: Destination) -> tuple[CopiedFile, ...]:
        copied = copy_keystore(file.path, file.data, destination, connected=drives)
        note_copy(context.notes, file.keystore.key_id, copied, context.clock.now())
        return (copied,)

    if toolkit.settings.shared:
        place: Widget = page.download(
            get("file_import.copy"), lambda: DownloadFile.of_keystore(file.path), look="quiet"
        )
    else:
        place = CopyPart(page, context.notes, copy, page.say).root
    about = show(heading(get("closing.copy")) + paragraph(get("closing.copy.lead")))
    part: Widget = column("eh-stack", "eh-no-print", of=(about, place))
    return part
