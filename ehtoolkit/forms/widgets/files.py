"""Files that come in, lie on a page, and go out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Protocol, get_args

from traitlets import Bool, Int, List, Unicode

from ehtoolkit import errors
from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import EsmWidget, esm

LONGEST_NAME: Final = 120
"""Characters of a name that is kept; keystores have some 40."""

Reason = Literal["size", "many", "folder", "unreadable", "nothing", "unknown"]
"""Why something was not taken: too large, one too many, a folder, not to be read, no file at all, or none of the
keystores that may come here."""

_REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
_UNKNOWN: Final[Reason] = "unreadable"
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


class FileFilter(Protocol):
    """The keystores that alone may come here."""

    def key_ids(self) -> Collection[str]:
        """Return the identifiers of the private keys that they may hold, as they are now. May raise our errors."""
        ...

    def includes(self, content: bytes) -> bool:
        """Return whether this is one of them. May raise our errors."""
        ...


class DropZone(EsmWidget):
    """A place to drop files on, with the browser's own file input in it.

    Args:
        max_size: bytes of one file, judged in the browser before anything is sent, and again here.
        max_files: how many at once. Each file is one message, so that no message is large.

    ``only``: a file leaves the browser only if it shows its private keys' identifiers and all of them are known here;
    the browser asks for those that are, and judges by itself. What arrives is judged again.
    """

    _esm = esm("pkcs12", "drop")
    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    choose: str = Unicode().tag(sync=True)
    errors: list[str] = List(Unicode()).tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(icon("danger")).tag(sync=True)
    file_icon: str = Unicode(icon("file")).tag(sync=True)
    choose_icon: str = Unicode(icon("upload")).tag(sync=True)
    max_size: int = Int(0).tag(sync=True)
    max_files: int = Int(0).tag(sync=True)
    guarded: bool = Bool(False).tag(sync=True)

    def __init__(
        self,
        name: str,
        label: str,
        *,
        choose: str,
        hint: str,
        max_size: int,
        max_files: int,
        error_word: str = "",
        only: FileFilter | None = None,
    ) -> None:
        """Make a place to drop files on.

        Args:
            label: what to do here.
            choose: of the button that opens the browser's dialog.
        """
        self._listener: Listener | None = None
        self._only = only
        self._arrived: list[UploadedFile] = []
        self._not_taken: list[RejectedFile] = []
        super().__init__(
            name=name,
            label=label,
            choose=choose,
            hint=hint,
            max_size=max_size,
            max_files=max_files,
            error_word=error_word,
            guarded=only is not None,
        )
        self.on_msg(self._receive)

    def on_files(self, listener: Listener) -> None:
        """Call ``listener(files, not_taken)`` once for all that was dropped or chosen together; afterwards nothing of
        it is kept here."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: list[Any]) -> None:
        if content.get("action") == "file":
            self._take(plain_name(str(content.get("name", ""))), buffers)
            buffers.clear()  # the kernel keeps a message until the next one comes
        elif content.get("action") == "known":
            self.send({"known": sorted(self._key_ids())})
        elif content.get("action") == "end":
            refused = [_refusal(one) for one in content.get("refused", [])]
            files, not_taken = self._arrived, [*self._not_taken, *refused]
            self._arrived, self._not_taken = [], []
            if self._listener is not None:
                self._listener(files, not_taken)

    def _take(self, name: str, buffers: Sequence[Any]) -> None:
        content = bytes(buffers[0]) if len(buffers) == 1 and len(buffers[0]) <= self.max_size else None
        if content is None:
            self._not_taken.append(RejectedFile("size" if buffers else "unreadable", name))
        elif not self._may_come(content):
            self._not_taken.append(RejectedFile("unknown", name))
        elif len(self._arrived) >= self.max_files:
            self._not_taken.append(RejectedFile("many", name))
        else:
            self._arrived.append(UploadedFile(name, content))

    def _key_ids(self) -> Collection[str]:
        try:
            return () if self._only is None else self._only.key_ids()
        except errors.EhToolkitError:  # what cannot be proven does not come
            return ()

    def _may_come(self, content: bytes) -> bool:
        try:
            return self._only is None or self._only.includes(content)
        except errors.EhToolkitError:
            return False


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
    reason, name = plain.get("reason"), str(plain.get("name", ""))
    known = next((one for one in _REASONS if one == reason), _UNKNOWN)
    return RejectedFile(known, plain_name(name) if name else "")


_FILE_ICONS: Final = {"ok": "ok", "info": "info", "warn": "warn", "danger": "danger", "off": "key"}


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A line.

    Attributes:
        severity: ok, info, warn, danger or off.
        verdict: in a word or two.
        note: what the file is beside it.
    """

    key: str
    name: str
    note: str
    severity: str
    verdict: str


class FileList(EsmWidget):
    """Buttons, one a file; invisible while there is none. ``chosen``: the key of the one that is shown."""

    _esm = esm("files")
    label: str = Unicode().tag(sync=True)
    files: list[dict[str, Any]] = List().tag(sync=True)
    chosen: str = Unicode().tag(sync=True)

    def __init__(self, label: str) -> None:
        self._listener: Callable[[str], None] | None = None
        super().__init__(label=label)
        self.on_msg(self._receive)

    def show(self, files: Sequence[ListedFile], chosen: str) -> None:
        self.chosen = chosen
        self.files = [{**asdict(one), "icon": icon(_FILE_ICONS[one.severity])} for one in files]

    def on_choose(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(key)`` when the user wants to see a file."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "choose":
            self._listener(str(content.get("key", "")))


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """The file, as the browser gets it."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


class Download(EsmWidget):
    """``make`` is called when the button is pressed, and not before; None hands out nothing."""

    _esm = esm("download")
    label: str = Unicode().tag(sync=True)
    icon: str = Unicode().tag(sync=True)
    look: str = Unicode().tag(sync=True)

    def __init__(
        self, label: str, make: Callable[[], DownloadFile | None], *, look: str = "quiet small"
    ) -> None:
        self._make = make
        super().__init__(label=label, icon=icon("download"), look=look)
        self.on_msg(self._receive)

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("action") == "want":
            file = self._make()
            if file is None:
                return
            self.send({"action": "file", "name": file.name, "mime": file.mime}, buffers=[file.content])


class CopyButton(EsmWidget):
    """Puts ``text``, which is no secret, into the clipboard of the reader's computer."""

    _esm = esm("copy")
    label: str = Unicode().tag(sync=True)
    icon: str = Unicode(icon("file")).tag(sync=True)
    text: str = Unicode().tag(sync=True)

    def __init__(self, label: str, text: str) -> None:
        self._listener: Callable[[], None] | None = None
        super().__init__(label=label, text=text)
        self.on_msg(self._receive)

    def on_copied(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the text is in the clipboard."""
        self._listener = listener

    def _receive(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if self._listener is not None and content.get("action") == "copied":
            self._listener()
