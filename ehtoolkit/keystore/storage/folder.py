"""The keystore folder: what is in it, and the name of the next file.

Other programs read the same folder: one takes the last file of a holder in sorting order, one every file with
his number. So a new file is always later than what is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.storage.filenames import ENDINGS, belgian_time, keystore_name
from ehtoolkit.keystore.storage.holder_file import HolderFile
from ehtoolkit.system.files import unreadable


def find_keystores(folder: Path) -> tuple[HolderFile, ...]:
    """Return the files in ``folder`` that are called like keystores, newest first; none when there is no such folder.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    try:
        paths = [path for path in folder.iterdir() if _is_named_like_keystore(path) and _may_be_file(path)]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise unreadable(folder, error) from error
    return tuple(sorted(map(HolderFile.at_path, paths), key=lambda file: file.order, reverse=True))


def keystore_path(
    folder: Path,
    identifier: Identifier,
    application_id: str | None,
    moment: datetime,
    environment: Environment,
) -> Path:
    """Return where a new keystore goes: named by ``moment`` (aware), or by one second after the newest file of the
    same number when that is not earlier, so that the new one sorts last."""
    local = belgian_time(moment).replace(microsecond=0)
    times = [found.name.moment for found in find_keystores(folder) if found.identifier == identifier]
    latest = max((time for time in times if time is not None), default=None)
    if latest is not None and latest >= local:
        local = latest + timedelta(seconds=1)
    return folder / keystore_name(identifier, application_id, local, environment)


def _is_named_like_keystore(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and not path.name.startswith(".")


def _may_be_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (
        OSError
    ):  # a link to a folder without access: the diagnosis reports it, and the other files are found
        return True
