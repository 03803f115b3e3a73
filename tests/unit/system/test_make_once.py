"""What several processes need is made once, under a lock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from ehtoolkit import errors
from ehtoolkit.system.locks import make_once


def test_eight_at_once_make_it_once(tmp_path: Path) -> None:
    made, calls = tmp_path / "made", []

    def make() -> None:
        calls.append(made)
        made.write_text("")

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(make_once, made.exists, make, tmp_path / "lock") for _ in range(8)]:
            done.result()
    assert calls == [made]


def test_what_is_there_needs_no_lock(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"):
        make_once(lambda: True, lambda: pytest.fail("made again"), tmp_path / "lock")


def test_a_lock_that_is_held_too_long(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"), pytest.raises(errors.FileBusy) as caught:
        make_once(
            lambda: False, lambda: pytest.fail("made without the lock"), tmp_path / "lock", seconds=0.01
        )
    assert caught.value.facts == {"path": str(tmp_path / "lock")}


def test_a_failure_leaves_the_lock_free(tmp_path: Path) -> None:
    def fail() -> None:
        raise PermissionError(13, "no")

    with pytest.raises(errors.FolderNotWritable):
        make_once(lambda: False, fail, tmp_path / "lock")
    make_once(lambda: False, lambda: None, tmp_path / "lock")
