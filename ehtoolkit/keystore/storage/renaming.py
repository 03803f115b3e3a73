"""Gives a keystore that was renamed or copied the name that other programs read."""

from __future__ import annotations

from pathlib import Path

from ehtoolkit.keystore.storage import fs
from ehtoolkit.keystore.storage.lock import folder_lock
from ehtoolkit.keystore.storage.moving import move


def rename_keystore(path: Path, name: str) -> Path:
    """Call a keystore ``name``, in the folder where it is, and return where it is then.

    `ehtoolkit.keystore.diagnosis.Diagnosis.proper_name` tells the name. The file itself is not changed, and none is
    written over. Raises as `ehtoolkit.keystore.archive_keystore` does; then it is called what it was.
    """
    fs.require_file(path)
    target = path.with_name(name)
    if target != path:
        with folder_lock(path.parent):
            move(path, target)
    return target
