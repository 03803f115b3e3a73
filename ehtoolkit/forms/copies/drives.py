"""The drives of this computer that people connect: USB sticks, external disks, network folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import psutil

from ehtoolkit.system.io_timeout import TimeoutGuard

PATIENCE: Final = 2.0
"""Seconds in which a place has to say that it is there: a drive that is gone would hold up the page for ever."""

_MOUNTED: Final = ("/media/", "/run/media/", "/mnt/", "/Volumes/")
"""Where drives appear that someone put in or connected, on Linux and macOS."""
_NOT_WRITABLE: Final = frozenset({"ro", "cdrom"})
"""Mount options of drives that take no copy."""


class Partition(Protocol):
    """A mounted file system, as psutil lists it."""

    @property
    def mountpoint(self) -> str: ...
    @property
    def opts(self) -> str: ...


def drives() -> tuple[Path, ...]:
    """Return the drives that were put in, and those of the network, as far as the system names them."""
    return connected_drives(_partitions(), sys.platform)


def drives_for_copies() -> tuple[Path, ...]:
    """Return the drives that a copy can be written to. Never raises; a drive that does not answer in `PATIENCE` seconds
    is left out."""
    system = os.environ.get("SYSTEMDRIVE", "C:")
    with TimeoutGuard(PATIENCE) as patience:
        found = patience.attempt(Path(), lambda: writable_drives(_partitions(), sys.platform, system)) or ()
        return tuple(path for path in found if patience.attempt(path, partial(_is_writable, path)))


def connected_drives(partitions: Iterable[Partition], platform: str) -> tuple[Path, ...]:
    """Return the drives of people among ``partitions``, each once: on Windows all, elsewhere those that are mounted
    where such drives are. ``platform``: as `sys.platform` names it."""
    found = (Path(partition.mountpoint) for partition in partitions if _is_drive(partition, platform))
    return tuple(dict.fromkeys(found))


def writable_drives(partitions: Iterable[Partition], platform: str, system: str) -> tuple[Path, ...]:
    """Return the drives among ``partitions`` that are not mounted read-only. On Windows, ``system`` is left out: the
    drive of the system."""
    writable = (
        partition
        for partition in partitions
        if _NOT_WRITABLE.isdisjoint(partition.opts.split(","))
        and (platform != "win32" or partition.mountpoint.rstrip("\\").upper() != system.upper())
    )
    return connected_drives(writable, platform)


def name_of_drive(path: Path) -> str:
    """Return how people know the drive: its label, or its letter."""
    return path.name or str(path)


def _partitions() -> Sequence[Partition]:
    try:
        return tuple(psutil.disk_partitions(all=True))
    except (OSError, RuntimeError):
        return []


def _is_drive(partition: Partition, platform: str) -> bool:
    return platform == "win32" or partition.mountpoint.startswith(_MOUNTED)


def _is_writable(path: Path) -> bool:
    return path.is_dir() and os.access(path, os.W_OK)
