"""Stages of dev.py: their seconds are kept, and a failure beside the tests ends the run with an error."""

from __future__ import annotations

import sys

import pytest

from tests.support.suite import SECONDS, captured, require_success
from tests.support.timing import NEEDS_MORE
from tests.support.versions import SECONDS as BUDGET
from tests.support.versions import claimed_versions, sample


def test_a_stage_keeps_its_output_and_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    done = captured("a stage of a test", (sys.executable, "-c", "print('written')"))
    assert SECONDS.pop("a stage of a test") > 0
    require_success([done])
    assert capsys.readouterr().out == "written\n\n"


def test_a_failed_stage_ends_the_run_with_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    program = "import sys; print('what is wrong'); sys.exit(2)"
    done = [captured("one", (sys.executable, "-c", "")), captured("other", (sys.executable, "-c", program))]
    del SECONDS["one"], SECONDS["other"]
    with pytest.raises(SystemExit, match="lowest versions failed"):
        require_success(done)
    assert "what is wrong" in capsys.readouterr().out


def test_the_claimed_pythons_are_sorted_by_number() -> None:
    assert claimed_versions() == ["3.13", "3.12", "3.11"]


def test_a_sample_has_quick_files_of_many_folders() -> None:
    files = sample(BUDGET)
    assert not any(file.startswith(NEEDS_MORE) for file in files)
    assert len({file.split("/")[1] for file in files if file.startswith("tests/")}) >= 3
