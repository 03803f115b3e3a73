"""README.md: its shell and Python blocks run as printed, in order, in a fresh home."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DUE = 1
"""Exit code of a command that reports something to do; what it does was done."""
CHECKED = 'trap \'code=$?; [ "$code" -le 1 ] || { echo "exit code $code: $BASH_COMMAND" >&2; exit "$code"; }\' ERR\n'


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A fresh home, and a checkout's folder whose `.venv` is the environment of this run."""
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "activate").write_text("", encoding="utf-8")
    programs = Path(sys.executable).parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EHTOOLKIT_")}
    return {
        **kept,
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "EHTOOLKIT_HOME": str(tmp_path / "home"),
        "EHTOOLKIT_LANGUAGE": "en",
    }


def run(arguments: list[str], text: str, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        arguments, input=text, cwd=folder, env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode <= DUE, done.stderr
    assert "Traceback" not in done.stderr
    assert "exit code" not in done.stderr
    return done.stdout


@pytest.mark.timeout(300)  # it starts the program a dozen times
def test_every_block_runs_as_printed(tmp_path: Path, environment: dict[str, str]) -> None:
    blocks = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [language for language, _ in blocks] == ["bash", "python"]
    (_, shell), (_, python) = blocks
    said = run(["bash"], CHECKED + shell, tmp_path, environment)
    assert "eHealth has received the request." in said
    assert "It works: the keys match, messages open, and the platform issues a session." in said
    assert (tmp_path / "audit.xlsx").stat().st_size > 1000
    folder = {"EHTOOLKIT_KEYSTORE_FOLDER": "keystores"}  # exported by the block before
    printed = run([sys.executable, "-"], python, tmp_path, {**environment, **folder})
    assert printed.startswith("Élise Marie Vandamme\n")
    assert re.search(r"^SSIN=\d{11} .*\.p12 active$", printed, re.MULTILINE)
    assert "Fine: " in printed  # the sentences of the diagnosis
