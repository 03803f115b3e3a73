"""Drives that the system lists: folders of a test, under a path where Linux and macOS mount what people connect."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import psutil
import pytest

_MOUNTED: Final = "/Volumes" if sys.platform == "darwin" else "/mnt"
"""Where the system mounts drives."""


def mounted_at(folder: Path) -> Path:
    """The path by which the system names a folder that is a drive; it leads to the folder."""
    return folder if sys.platform == "win32" else Path(f"{_MOUNTED}/..{folder}")


def mount_drives(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """Let these folders be the drives of this computer."""
    partitions = [SimpleNamespace(mountpoint=str(mounted_at(folder)), opts="rw") for folder in folders]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: partitions)
