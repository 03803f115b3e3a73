"""Folders for their owner alone, whatever the umask says."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ehtoolkit.system.files import make_private_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
ROOT = Path(__file__).resolve().parents[3]


def test_each_that_is_made_is_private_and_others_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "a" / "b" / "c")
        make_private_folder(tmp_path / "a")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / place).stat().st_mode) for place in (".", "a", "a/b", "a/b/c")]
    assert modes == [0o755, 0o700, 0o700, 0o700]


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in ("file", "file/folder"):
        with pytest.raises((FileExistsError, NotADirectoryError)):
            make_private_folder(tmp_path / place)


def test_all_that_commands_leave_behind_is_its_owners(tmp_path: Path) -> None:
    """`EHTOOLKIT_HOME` itself, and everything below it, under a umask that forbids nothing."""
    home = tmp_path / "new" / "home"
    for command in (
        ("training", "sample"),
        ("training", "people"),
        ("provider", "list"),
        ("audit", str(tmp_path)),
    ):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "import os; os.umask(0); from ehtoolkit.__main__ import main; main()",
                *command,
            ],
            env={**os.environ, "EHTOOLKIT_HOME": str(home)},
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
    for path in (home.parent, home, *home.rglob("*")):
        if not path.is_symlink() and path.suffix != ".lock":  # empty, and in a folder that is closed
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode & 0o077 == 0, (oct(mode), path)
