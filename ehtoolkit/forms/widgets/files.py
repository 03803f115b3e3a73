"""Files that come in and go out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from traitlets import Bool, Int, List, Unicode

from ehtoolkit.forms.html import svg
from ehtoolkit.forms.widgets.base import MessageWidget, esm
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec import limits
from ehtoolkit.system.files import read_file

LONGEST_NAME: Final = 120
"""Characters of a name that is kept; keystores have some 40."""

Reason = Literal["size", "many", "folder", "unreadable", "nothing"]
"""Why something was not taken: too large, one too many, a folder, not to be read, no file at all."""

_REASONS: Final[dict[str, Reason]] = {reason: reason for reason in get_args(Reason)}
_SEPARATORS: Final = re.compile(r"[\\/]")
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
"""What Windows takes in no name."""
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_NAMELESS: Final = "file"


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that arrived. ``name``: as `plain_name` leaves it."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that was refused. ``name``: as `plain_name` leaves it, empty where there is none."""

    reason: Reason
    name: str = ""


Listener = Callable[[Sequence[UploadedFile], Sequence[RejectedFile]], None]


class DropZone(MessageWidget):
    """A place to drop files on, with the browser's own file input in it.

    Attributes:
        label: what to do here.
        choose: of the button that opens the browser's dialog.
        max_size: bytes of one file, judged in the browser before anything is sent, and again here.
        max_files: how many at once. Each file is one message, so that no message is large.
        closed: on a shared server: nothing can be dropped or chosen, and only ``errors`` are shown.
        folded: the zone is hidden, and files may be dropped anywhere on the page.
    """

    _esm = esm("drop")
    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    choose: str = Unicode().tag(sync=True)
    errors: list[str] = List(Unicode()).tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(svg("danger")).tag(sync=True)
    file_icon: str = Unicode(svg("file")).tag(sync=True)
    choose_icon: str = Unicode(svg("upload")).tag(sync=True)
    max_size: int = Int(0).tag(sync=True)
    max_files: int = Int(0).tag(sync=True)
    closed: bool = Bool(False).tag(sync=True)
    folded: bool = Bool(False).tag(sync=True)

    def __init__(self, name: str, label: str, *, closed: bool = False, **state: Any) -> None:
        self._closed = closed  # the page could change the trait
        self._arrived: list[UploadedFile] = []
        self._rejected: list[RejectedFile] = []
        super().__init__(name=name, label=label, closed=closed, **state)

    @classmethod
    def of(cls, name: str, key: str, texts: Translator, **state: Any) -> DropZone:
        """Return the zone whose label, button and hint are the texts ``key``, ``<key>.choose`` and ``<key>.hint``."""
        words: dict[str, Any] = {word: texts.get(f"{key}.{word}") for word in ("choose", "hint")}
        return cls(name, texts.get(key), error_word=texts.get("wizard.error"), **words, **state)

    def on_files(self, listener: Listener) -> None:
        """Call ``listener(files, rejected)`` once for all that was dropped or chosen together; afterwards nothing of it
        is kept here."""

        def end(refused: list[dict[str, Any]]) -> None:
            files, rejected = self._arrived, [*self._rejected, *map(_refusal, refused)]
            self._arrived, self._rejected = [], []
            listener(files, rejected)

        if not self._closed:
            self._listen("file", self._take, name=str, buffers=list)
            self._listen("end", end, refused=list)

    def _take(self, path: str, buffers: Sequence[Any]) -> None:
        name = plain_name(path)
        content = bytes(buffers[0]) if len(buffers) == 1 and len(buffers[0]) <= self.max_size else None
        if content is None:
            self._rejected.append(RejectedFile("size" if buffers else "unreadable", name))
        elif len(self._arrived) >= self.max_files:
            self._rejected.append(RejectedFile("many", name))
        else:
            self._arrived.append(UploadedFile(name, content))


def plain_name(name: str) -> str:
    """Return the last part of a path of any system, fit to be shown and to be the name of a file everywhere: without
    characters that are not seen or turn the direction of writing, at most `LONGEST_NAME` long."""
    last = _SEPARATORS.split(name)[-1]
    seen = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    kept = _cut(seen.translate(_FORBIDDEN).strip(". "))
    return _cut(f"_{kept}") if _DEVICES.match(kept) else kept or _NAMELESS


def _cut(name: str) -> str:
    """Return a name at most `LONGEST_NAME` long, with its ending."""
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) < 10 else ""
    return name[: LONGEST_NAME - len(ending)].rstrip(". ") + ending


def _refusal(plain: dict[str, Any]) -> RejectedFile:
    reason, name = _REASONS.get(str(plain.get("reason")), "unreadable"), str(plain.get("name", ""))
    return RejectedFile(reason, plain_name(name) if name else "")


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """The file, as the browser gets it."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"

    @classmethod
    def of_keystore(cls, path: Path) -> DownloadFile:
        """Return the file of a keystore. Raises what `read_file` raises."""
        return cls(path.name, read_file(path, limits.SIZE), "application/x-pkcs12")


class Download(MessageWidget):
    """``make`` is called when the button is pressed, and not before; None hands out nothing."""

    _esm = esm("download")
    label: str = Unicode().tag(sync=True)
    icon: str = Unicode().tag(sync=True)
    look: str = Unicode().tag(sync=True)

    def __init__(
        self, label: str, make: Callable[[], DownloadFile | None], *, look: str = "quiet small"
    ) -> None:
        super().__init__(label=label, icon=svg("download"), look=look)
        self._make = make
        self._listen("want", self._hand_out)

    def _hand_out(self) -> None:
        file = self._make()
        if file is not None:
            self.send({"action": "file", "name": file.name, "mime": file.mime}, buffers=[file.content])


class CopyButton(MessageWidget):
    """Puts ``text``, which is no secret, into the clipboard of the reader's computer."""

    _esm = esm("copy")
    label: str = Unicode().tag(sync=True)
    icon: str = Unicode(svg("file")).tag(sync=True)
    text: str = Unicode().tag(sync=True)

    def on_copied(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the text is in the clipboard."""
        self._listen("copied", listener)
