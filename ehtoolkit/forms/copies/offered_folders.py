"""Folders that a page offers as buttons beside a field for a path (drives, recent folders), and what is typed there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ehtoolkit.forms.copies.drives import PATIENCE, drives_for_copies, name_of_drive
from ehtoolkit.forms.engine.page_base import PageBase
from ehtoolkit.forms.engine.page_errors import button_bar
from ehtoolkit.forms.widgets.buttons import Button, ButtonPress
from ehtoolkit.keystore.storage.copies import Destination, recent_folders
from ehtoolkit.system.io_timeout import TimeoutGuard
from ehtoolkit.system.text_safety import printable

_AROUND: Final = ' \t\r\n"'
"""What may stand around a path that was copied."""


def typed_path(line: str) -> Path | None:
    """Return the path in a line as people copy it: in quotation marks, with the sign of the home, as ``file:`` address;
    None where there is none."""
    text = line.strip(_AROUND)
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1].strip(_AROUND)
    if not text:
        return None
    path = Path(_path_of_address(text) if text.lower().startswith("file:") else text)
    try:
        return path.expanduser()
    except RuntimeError:  # no user of this computer has that name
        return path


def _path_of_address(text: str) -> str:
    """Return the path of a ``file:`` address, with the server of a network share; ``text`` where it is malformed."""
    try:
        address = urlsplit(text)
        is_here = address.netloc.lower() in ("", "localhost")
        return url2pathname(address.path if is_here else f"//{address.netloc}{address.path}")
    except (OSError, ValueError):
        return text


COPY_FOLDER: Final = "ehealth-backup"
"""The folder for copies on a drive."""

_PREFIX: Final = "folder_"


@dataclass(frozen=True, slots=True)
class OfferedFolder:
    """A folder to choose. ``name``: as people know it; of a drive its label, else the path."""

    kind: Literal["drive", "recent", "keystores"]
    path: Path
    name: str

    @property
    def destination(self) -> Destination:
        """Where copies go: on a drive, into a folder of their own."""
        if self.kind == "drive":
            return Destination(self.path / COPY_FOLDER, self.path)
        return Destination(self.path)


def offered_folders(notes: Path, keystores: Path | None = None) -> tuple[OfferedFolder, ...]:
    """Return the drives that take a copy, then ``keystores``, then the folders of the last copies that are there and
    not the drives' own. Never raises."""
    found = [OfferedFolder("drive", path, name_of_drive(path)) for path in drives_for_copies()]
    taken = {os.path.realpath(folder.destination.folder) for folder in found}
    if keystores is not None:
        found.append(OfferedFolder("keystores", keystores, str(keystores)))
    with TimeoutGuard(PATIENCE) as patience:
        found += [
            OfferedFolder("recent", folder, str(folder))
            for folder in recent_folders(notes)
            if patience.attempt(folder, partial(_is_new, folder, taken))
        ]
    return tuple(found)


def _is_new(folder: Path, taken: Iterable[str]) -> bool:
    return folder.is_dir() and os.path.realpath(folder) not in taken


class FolderButtons:
    """``root``: a button for each folder, and one that looks for drives again.

    Args:
        find: returns the folders; called at once, and again when the user asks for it.
        words: the catalogue keys of the buttons, before ``.<kind>``.
        choose: called with the folder of the button that was pressed.
        fail: shows what a button raises, beside the buttons.
    """

    def __init__(
        self,
        page: PageBase,
        words: str,
        find: Callable[[], Sequence[OfferedFolder]],
        choose: Callable[[OfferedFolder, ButtonPress], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._page = page
        self._words = words
        self._find = find
        self._choose = choose
        self._folders: Sequence[OfferedFolder] = ()
        self.root = button_bar(self._act, fail)
        self.look()

    def look(self) -> None:
        """Offer the folders that are there now."""
        self._folders = self._find()
        again = Button("look_again", self._page.texts.get("closing.copy.again"), "quiet", "again")
        self.root.offer([*(self._button(*each) for each in enumerate(self._folders)), again])

    def _button(self, number: int, folder: OfferedFolder) -> Button:
        label = self._page.texts.get(f"{self._words}.{folder.kind}", name=printable(folder.name))
        return Button(f"{_PREFIX}{number}", label, icon="file")

    def _act(self, press: ButtonPress) -> None:
        if press.name == "look_again":
            self.look()
            count = sum(folder.kind == "drive" for folder in self._folders)
            found = self._page.texts.counted("closing.copy.found", count)
            self._page.confirm(found if count else self._page.texts.get("closing.copy.found.nothing"))
            return
        number = press.name.removeprefix(_PREFIX)
        if number.isdecimal() and int(number) < len(self._folders):
            self._choose(self._folders[int(number)], press)
