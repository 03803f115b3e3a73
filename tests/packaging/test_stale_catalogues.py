"""A copy of the project whose compiled catalogues are older than its texts, as after a pull."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """With a catalogue that was never compiled there."""
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    shutil.copytree(ROOT / "ehtoolkit", tmp_path / "ehtoolkit", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "ehtoolkit" / "locale" / "en" / "LC_MESSAGES" / "help.mo").unlink()
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "EHTOOLKIT_LANGUAGE": "en"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_missing_text_names_its_key_and_the_command_that_helps(copy: Path) -> None:
    help_of_keystores = ("-m", "ehtoolkit", "keystore", "--help")
    failed = run(copy, *help_of_keystores)
    assert failed.returncode == 70
    assert re.search(r"“help\.[\w.]+”", failed.stderr)
    command = re.search(r"python (\S+\.py)", failed.stderr)
    assert command
    assert run(copy, *shlex.split(command[1])).returncode == 0
    assert run(copy, *help_of_keystores).returncode == 0
