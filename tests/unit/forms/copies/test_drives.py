"""Which mounted file systems are drives of people, and which of them take a copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from ehtoolkit.forms.copies.drives import connected_drives, drives, drives_for_copies, writable_drives


@dataclass(frozen=True)
class Mounted:
    """A file system as psutil lists it."""

    mountpoint: str
    opts: str = "rw"


LINUX = [
    Mounted("/"),
    Mounted("/proc"),
    Mounted("/media/elise/STICK", "rw,nosuid"),
    Mounted("/run/media/elise/DISK"),
    Mounted("/mnt/praxis"),
    Mounted("/media/cdrom", "ro,nosuid"),
    Mounted("/mnt/praxis"),
]
MACOS = [
    Mounted("/", "ro"),
    Mounted("/System/Volumes/Data"),
    Mounted("/Volumes/STICK"),
    Mounted("/Volumes/DVD", "ro"),
]
WINDOWS = [
    Mounted("C:\\", "rw,fixed"),
    Mounted("D:\\", "cdrom"),
    Mounted("E:\\", "rw,removable"),
    Mounted("F:\\", "ro,removable"),
    Mounted("P:\\", "rw,remote"),
]


@pytest.mark.parametrize(
    ("platform", "partitions", "found", "writable"),
    [
        (
            "linux",
            LINUX,
            ["/media/elise/STICK", "/run/media/elise/DISK", "/mnt/praxis", "/media/cdrom"],
            ["/media/elise/STICK", "/run/media/elise/DISK", "/mnt/praxis"],
        ),
        ("darwin", MACOS, ["/Volumes/STICK", "/Volumes/DVD"], ["/Volumes/STICK"]),
        ("win32", WINDOWS, ["C:\\", "D:\\", "E:\\", "F:\\", "P:\\"], ["E:\\", "P:\\"]),
    ],
)
def test_each_system_names_its_drives(
    platform: str, partitions: list[Mounted], found: list[str], writable: list[str]
) -> None:
    assert connected_drives(partitions, platform) == tuple(map(Path, found))
    assert writable_drives(partitions, platform, "c:") == tuple(map(Path, writable))


def test_a_drive_that_is_not_there_takes_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Mounted("/media/no-such-user/GONE")
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [gone])
    assert drives_for_copies() == ()


def test_a_system_that_lists_no_drives_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: bool) -> None:
        raise OSError

    monkeypatch.setattr(psutil, "disk_partitions", refuse)
    assert (drives(), drives_for_copies()) == ((), ())
