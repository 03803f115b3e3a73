"""The keystore folders of everybody who uses this computer: a file is often in the profile of another user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KEYSTORE_FOLDER: Final = Path("ehealth") / "keystore"
"""In a home folder; the official program's, on every system."""

_HOMES: Final = ("home", "Users")
"""Where home folders are: on Linux, and on macOS and Windows."""
_ACCOUNTS: Final = Path("etc") / "passwd"
_FIELDS: Final = 7
_LARGEST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class ProfileFolder:
    """A keystore folder.

    Attributes:
        user: the name of the account, or of the home folder.
        readable: whether its files can be listed; in a home that may not be entered it is unknown whether the folder
            exists.
    """

    user: str
    path: Path
    readable: bool


def keystore_folders(root: Path | None = None) -> tuple[ProfileFolder, ...]:
    """Return the keystore folders of all user profiles, that of this user first, then by name; each once, also where
    links lead to it twice.

    ``root``: where the file system begins; None: that of this user's home. Never raises: a home that is not
    there has no folder, one that may not be looked into has an unreadable one.
    """
    own = _own_home()
    found: dict[str, ProfileFolder] = {}
    for user, home in _homes(root, own):
        folder = home / KEYSTORE_FOLDER
        readable = _is_readable(folder)
        if readable or (readable is False and home.parent.name in _HOMES):
            found.setdefault(os.path.realpath(folder), ProfileFolder(user, folder, readable))
    first = None if own is None else os.path.realpath(own / KEYSTORE_FOLDER)
    ordered = sorted(found.items(), key=lambda item: (item[0] != first, item[1].user.lower()))
    return tuple(folder for _, folder in ordered)


def home_folders(root: Path | None = None) -> tuple[tuple[str, Path], ...]:
    """Return the home folders of the other people who use this computer, by name, as far as they can be listed.

    ``root``: as `keystore_folders` has it. Never raises.
    """
    own = _own_home()
    found: dict[str, tuple[str, Path]] = {}
    for user, home in _homes(root, own):
        if home.parent.name in _HOMES and _is_readable(home):
            found.setdefault(os.path.realpath(home), (user, home))
    if own is not None:
        found.pop(os.path.realpath(own), None)
    return tuple(sorted(found.values(), key=lambda each: each[0].lower()))


def _own_home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # an account without a home
        return None


def _homes(root: Path | None, own: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield the homes of this user, of the accounts on Unix, and of those that only a directory service knows, each
    with its name."""
    root = Path((own or Path.cwd()).anchor) if root is None else root
    if own is not None and own.is_relative_to(root):
        yield own.name, own
    yield from _accounts(root)
    for place in _HOMES:
        with suppress(OSError):
            for home in sorted((root / place).iterdir()):
                yield home.name, home


def _accounts(root: Path) -> Iterator[tuple[str, Path]]:
    try:
        with (root / _ACCOUNTS).open("rb") as file:
            lines = os.fsdecode(file.read(_LARGEST)).splitlines()
    except OSError:
        return
    for line in lines:
        fields = line.split(":")
        if len(fields) == _FIELDS and fields[5].startswith("/"):
            yield fields[0], root / fields[5].lstrip("/")


def _is_readable(folder: Path) -> bool | None:
    """Return whether the files of a folder can be listed and looked at; None when there is no such folder."""
    try:
        with os.scandir(folder):
            return os.access(folder, os.X_OK)  # else its files can be named and not looked at
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name that no system takes
        return None
    except OSError:
        return False
