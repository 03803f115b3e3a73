"""The copy of a file from before it was written over: asked about, then deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ehtoolkit.forms.html import Piece, mono, panel, paragraph, show
from ehtoolkit.forms.troubleshoot.file_frame import FileFrame
from ehtoolkit.forms.troubleshoot.report import visible
from ehtoolkit.forms.widgets import Button, ButtonBar, ButtonPress, SectionHead
from ehtoolkit.keystore.rewrite import delete_backup
from ehtoolkit.keystore.storage.backups import backups_of


class DeleteBackupDialog:
    """The question whether a backup is deleted.

    Args:
        path: the keystore.
        copy: what it was.
        other_password: the copy opens with another one.
        kept: goes back to where the copy is named.
    """

    def __init__(
        self, frame: FileFrame, path: Path, copy: Path, *, other_password: bool, kept: Callable[[], None]
    ) -> None:
        self._frame = frame
        self._texts = frame.desk.shell.texts
        self._path = path
        self._copy = copy
        self._which = "old" if other_password else "same"
        self._kept = kept

    def ask(self) -> None:
        """Ask whether the copy is to be deleted, so that this does not happen by accident; that the copy is the way
        back is said first."""
        get = self._texts.get
        first = panel(
            "warn",
            get(f"troubleshoot.copy.ask.{self._which}"),
            get("troubleshoot.copy.ask.text"),
            mono(visible(self._copy.name)),
            level=3,
        )
        body = [
            SectionHead(get("password.copy.ask"), focus=True),
            show(paragraph(get("troubleshoot.copy.ask.lead"))),
            show(first),
        ]
        buttons = [
            Button("yes", get("password.copy.yes"), "primary", "cross"),
            Button("no", get("password.copy.no")),
        ]
        self._frame.show_instead(body, ButtonBar(buttons), self._act)

    def _act(self, action: ButtonPress) -> None:
        if action.name == "back":
            self._frame.show_file(focus=True)
        elif action.name == "no":
            self._kept()
        elif action.name == "yes":
            busy = self._texts.get("troubleshoot.copy.busy")
            self._frame.run(busy, self._delete, self._deleted)

    def _delete(self) -> int:
        """Return how many other copies are left."""
        delete_backup(self._copy)
        return len(backups_of(self._path.resolve()))

    def _deleted(self, left: int) -> None:
        get = self._texts.get
        lines: list[Piece] = [mono(visible(self._copy.name))]
        if left:
            lines.append(get("troubleshoot.copy.left", count=left))
        body = [
            SectionHead(get("password.copy.gone"), focus=True),
            show(panel("ok", get("password.copy.gone"), *lines, level=3)),
        ]
        self._frame.show_instead(
            body, ButtonBar([Button("back", get("troubleshoot.back"), "primary")]), self._act
        )
