"""The source distribution: it builds, holds what is needed to build again, and gives the same wheel as the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from docs.release import unpack

ROOT = Path(__file__).resolve().parents[2]

# The short run installs a wheel that was built from the source distribution (`test_wheel`).
pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


def build(what: str, source: Path, into: Path, zone: str = "UTC") -> Path:
    """With what is installed, as the network may be closed; on a computer whose clock is in ``zone``."""
    command = [sys.executable, "-m", "build", what, "--no-isolation", "--outdir", str(into), str(source)]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"TZ": zone})
    (made,) = into.iterdir()
    return made


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_of_the_sdist_is_that_of_the_checkout(tmp_path: Path) -> None:
    sdist = build("--sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    unpack(sdist, tmp_path / "unpacked")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert {f"{unpacked.name}/{name}" for name in ("LICENSE", "README.md", "hatch_build.py")} <= set(names)
    assert not [name for name in names if "/.venv/" in name or "/.cache/" in name or "/.ci/" in name]
    for path in unpacked.rglob("*"):  # of another day, and of other habits
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(path.stat().st_mode & 0o700)
    first = build("--wheel", ROOT, tmp_path / "one")
    second = build("--wheel", unpacked, tmp_path / "two", zone="Asia/Kathmandu")
    assert first.name == second.name
    direct, two = contents(first), contents(second)
    assert direct.keys() == two.keys()
    assert [name for name in direct if direct[name] != two[name]] == []
    assert any(name.endswith(".mo") for name in direct)
    assert first.read_bytes() == second.read_bytes(), "the same files, and not bit by bit the same wheel"
    (unpacked / "PKG-INFO").unlink()  # what a build adds
    again = build("--sdist", unpacked, tmp_path / "again")
    assert again.read_bytes() == sdist.read_bytes(), "not bit by bit the same source distribution"
