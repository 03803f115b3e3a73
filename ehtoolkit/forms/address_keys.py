"""Keys in the addresses of pages, for what must not stand there: names of keystores, which have a person's number, and
contact data.

Browsers keep addresses in their history, also on a computer that several people share. A key is made with a secret of
this computer, so that it says nothing anywhere else; it stays the same, for Back, a reload, a new tab and a bookmark.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.keyed_names import KeyedNames
from ehtoolkit.settings import load_settings
from ehtoolkit.system.files import make_private_folder, read_file, write_private

_FOLDER: Final = "addresses"
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_LONGEST: Final = 4_000
"""Bytes of contact data that are kept."""
_KEPT: Final = 30 * 24 * 3_600.0
"""Seconds after which contact data that no page has offered again are deleted."""


class _AddressNames(KeyedNames):
    _DIGITS = 32


def key_of_file(name: str) -> str:
    """Return the key of a file of the keystore folder, by its name."""
    return _names(_home()).of(name)


def file_of_key(key: str, paths: Iterable[Path]) -> Path | None:
    """Return the first of ``paths`` whose name has this key; None without one."""
    names = _names(_home())
    return next((path for path in paths if names.of(path.name) == key), None)


def keep_contact(contact: Mapping[str, str]) -> str:
    """Keep contact data for the page that a link leads to, and return their key; empty where they cannot be kept.

    The same data have the same key. What was not offered for 30 days is deleted.
    """
    text = json.dumps(dict(sorted(contact.items())))
    home = _home()
    key = _names(home).of(text)
    try:
        make_private_folder(folder := home / _FOLDER)
        _delete_old(folder)
        write_private(folder / f"{key}.json", text.encode())
    except OSError:
        return ""
    return key


def kept_contact(key: str) -> Mapping[str, str]:
    """Return the contact data that were kept under ``key``; empty where there are none."""
    if not _KEY.fullmatch(key):
        return {}
    try:
        data = json.loads(read_file(_home() / _FOLDER / f"{key}.json", _LONGEST))
    except (errors.EhToolkitError, ValueError, RecursionError):
        return {}
    found = data.items() if isinstance(data, dict) else ()
    return {str(field): value for field, value in found if isinstance(value, str)}


def _delete_old(folder: Path) -> None:
    limit = time.time() - _KEPT
    for path in folder.glob("*.json"):
        with suppress(OSError):
            if path.stat().st_mtime < limit:
                path.unlink()


def _home() -> Path:
    return _home_of(os.environ.get("EHTOOLKIT_HOME", ""))


@lru_cache(maxsize=1)
def _home_of(_: str) -> Path:
    """Return the folder of ehtoolkit, by the variable that names it: a page may have thousands of links."""
    return load_settings().home


@lru_cache(maxsize=1)
def _names(home: Path) -> KeyedNames:
    """Return the names by the secret in ``home``; where none can be kept there, by one of this process."""
    try:
        return _AddressNames.open(home / _FOLDER / "key", renew=True)
    except errors.EhToolkitError:
        return _AddressNames(secrets.token_bytes())
