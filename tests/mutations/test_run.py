"""A run tells a test that failed from a tree that cannot be tested. Each test starts pytest: only in the long run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.mutations import first_failure
from tests.mutations.run import Copy

pytestmark = pytest.mark.long


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Of a small tree."""
    root = tmp_path / "tree"
    plugin = root / "tests" / "mutations"
    plugin.mkdir(parents=True)
    shutil.copy(first_failure.__file__, plugin)
    (root / "test_good.py").write_text("def test_good(): ...\n", encoding="utf-8")
    (root / "test_bad.py").write_text(
        "def test_bad(): assert 1 == 2\ndef test_worse(): assert 1 == 3\n", encoding="utf-8"
    )
    (root / "test_unread.py").write_text("import nothing_is_called_so\n", encoding="utf-8")
    return Copy(root)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_workers_report_the_first_failure(copy: Copy, workers: str) -> None:
    first, printed = copy.test(["-n", workers, "test_good.py", "test_bad.py"])
    assert first == "test_bad.py::test_bad"
    assert "1 == 2" in printed


def test_no_failure_is_reported_when_all_pass(copy: Copy) -> None:
    assert copy.test(["-n", "0", "test_good.py"])[0] == ""


@pytest.mark.parametrize("name", ["test_unread.py", "test_good.py::test_none"])
def test_what_cannot_be_read_or_is_not_there_is_no_verdict(copy: Copy, name: str) -> None:
    with pytest.raises(RuntimeError, match="pytest ended with"):
        copy.test(["-n", "0", name])
