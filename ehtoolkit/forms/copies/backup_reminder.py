"""The reminder of the first page: keystores without a current safety copy, and the part that copies them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.copies.copy_part import CopyPart
from ehtoolkit.forms.copies.drives import drives
from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.due.list_html import name_of
from ehtoolkit.forms.due.next_steps import Item
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import panel, paragraph, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.state import OVER, FileState
from ehtoolkit.keystore.storage.copies import (
    CopiedFile,
    Destination,
    NotedCopy,
    copy_keystore,
    note_copy,
    read_copies,
)
from ehtoolkit.keystore.storage.records import sha256_of_file
from ehtoolkit.system.files import read_file
from ehtoolkit.system.text_safety import printable
from ehtoolkit.toolkit import Toolkit

_UNNEEDED: Final = OVER | {FileState.UNREADABLE, FileState.ELSEWHERE, FileState.REPLACED}
"""States of keystores that are not in use here, and will not be."""


@dataclass(frozen=True, slots=True)
class MissingCopy:
    """A keystore without a copy of what it holds now. ``last``: its last copy, from before the file changed; None if
    it was never copied."""

    due: Due
    key_id: str
    last: NotedCopy | None


def missing_copies(items: Iterable[Item], notes: Path) -> Iterator[MissingCopy]:
    """Yield those of ``items`` that are in use and have no current copy. A file whose key cannot be seen is left out:
    no copy of it can be remembered."""
    for keystore in items:
        file = keystore.due.file
        if keystore.state in _UNNEEDED or file.key_id is None:
            continue
        record = read_copies(notes, file.key_id)
        if record is None or not record.copies:
            yield MissingCopy(keystore.due, file.key_id, None)
            continue
        try:
            content = sha256_of_file(file.path)
        except errors.EhToolkitError:  # its own line says what is wrong
            continue
        if not record.has(content):
            yield MissingCopy(keystore.due, file.key_id, record.copies[0])


MOST_LINES: Final = 5
"""Keystores that are named; the title counts all of them."""


class BackupReminder:
    """``root``: the widget, empty while nothing is to be copied. It never shows anything on a shared server, whose
    disk is not the user's. ``look`` is called when files were copied: the page looks at the keystore folder again."""

    def __init__(self, toolkit: Toolkit, shell: PageShell, look: Callable[[], None]) -> None:
        self._toolkit = toolkit
        self._context = toolkit.context
        self._shell = shell
        self._texts = texts = shell.texts
        self._look = look
        self._missing: Sequence[MissingCopy] = ()
        self._part: CopyPart | None = None
        self._is_quiet = self._context.environment is Environment.TRAINING
        self._head = SectionHead(texts.get("closing.copy"))
        self._about = show()
        open_button = Button(
            "copy_files", texts.get("index.backup.do"), "quiet" if self._is_quiet else "", "file"
        )
        self._open = shell.buttons(self._show_part, open_button)
        self._card = column("eh-card", "eh-stack")
        self.root = column("eh-stack", "eh-backup")

    def offer(self, items: Sequence[Item]) -> None:
        """Remind of those of ``items`` without a current copy."""
        if self._toolkit.settings.shared:
            return
        self._missing = tuple(missing_copies(items, self._context.notes))
        self._about.value = self._reminder() if self._missing else ""
        self._show()

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────
    def _show(self) -> None:
        if self._part is None:
            self.root.children = (self._about, self._open) if self._missing else ()
            return
        part = (self._about, self._part.root) if self._missing else (self._part.verdict,)
        self._card.children = (self._head, *part)
        self.root.children = (self._card,)

    def _reminder(self) -> str:
        get = self._texts.get
        title = self._texts.counted("index.backup", len(self._missing))
        if self._is_quiet:
            return str(paragraph(title, "eh-note"))
        lines = [self._line(missing) for missing in self._missing[:MOST_LINES]]
        return str(panel("warn", title, *lines, get("closing.copy.lead"), get("index.backup.known"), level=3))

    def _line(self, missing: MissingCopy) -> str:
        holder = name_of(missing.due, self._texts)
        if missing.last is None:
            return self._texts.get("index.backup.never", holder=holder)
        day, folder = self._texts.date(missing.last.at), printable(missing.last.folder)
        return self._texts.get("index.backup.older", holder=holder, day=day, folder=folder)

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────
    def _show_part(self, _: ButtonPress) -> None:
        self._part = CopyPart(self._shell, self._context.notes, self._copy, self._say)
        self._show()
        self._head.take_focus()

    def _copy(self, destination: Destination) -> Iterator[CopiedFile]:
        for missing in self._missing:
            path = missing.due.file.path
            copied = copy_keystore(path, read_file(path, limits.SIZE), destination, connected=drives)
            note_copy(self._context.notes, missing.key_id, copied, self._context.clock.now())
            yield copied

    def _say(self, sentence: str) -> None:
        self._look()
        self._shell.say(sentence)
        if not self._missing:  # the button that was pressed is gone
            self._head.take_focus()
