"""`dev.py affected`: which tests it chooses, and what it says where it has nothing to compare with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.affected import ALWAYS, ROOT, affected
from tests.support.timing import COMMITTED, read_durations

AUTHOR = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.be")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One with two commits on the branch `topic`, the modules that choose the tests, and two tests."""
    folder = tmp_path / "repository"
    (folder / "tests" / "support").mkdir(parents=True)
    for name in ("affected.py", "suite.py", "timing.py"):
        shutil.copyfile(ROOT / "tests" / "support" / name, folder / "tests" / "support" / name)
    git("-C", folder, "init", "-q", "-b", "topic")
    for name in ("first", "second"):
        (folder / "tests" / f"test_{name}.py").write_text("", encoding="utf-8")
        git("-C", folder, "add", ".")
        git("-C", folder, *AUTHOR, "commit", "-q", "-m", name)
    return folder


def git(*words: str | Path) -> None:
    subprocess.run(["git", *map(str, words)], check=True, capture_output=True)


def listed(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.affected"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_cheap_tests_of_conventions_are_always_chosen() -> None:
    """Also where those that are nearer take all the time. By the committed durations: those of a busy computer are
    longer."""
    for seconds in (300.0, 1.0):
        changed = ["ehtoolkit/auditing/export/formats.py"]
        chosen, left_out = affected(changed, seconds, read_durations(COMMITTED))
        assert f"{ALWAYS}test_contracts.py" in chosen
        assert f"{ALWAYS}test_texts.py" in chosen
        assert not set(chosen) & set(left_out)
    assert "tests/auditing/test_tables.py" in left_out


def test_a_clone_without_main_is_compared_with_that_of_its_origin(repository: Path) -> None:
    git("-C", repository, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    done = listed(repository)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["tests/test_second.py"]), done.stderr


def test_a_clone_without_anything_to_compare_with_says_so(repository: Path) -> None:
    done = listed(repository)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("there is no branch main or origin/main to compare with: fetch it")
    assert "Traceback" not in done.stderr


def test_a_shallow_clone_says_so(repository: Path, tmp_path: Path) -> None:
    git("-C", repository, "branch", "-q", "-m", "main")
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{repository}", shallow)
    done = listed(shallow)
    assert (done.returncode, done.stdout) == (1, "")
    assert "(a shallow clone)" in done.stderr
