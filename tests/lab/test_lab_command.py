"""``ehtoolkit lab`` before its server starts: what it says of the copies, and what keeps it from starting."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit.cli.pages import LAB_FOLDER
from ehtoolkit.cli.run import run


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


def test_copies_are_counted_and_what_was_changed_is_named(
    tmp_path: Path, taken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "notebooks"
    command = ["lab", "--folder", str(folder), "--no-browser", "--port", taken, "--lang", "en"]
    assert run(command) == 2
    first, *rest = capsys.readouterr().err.splitlines()
    assert (
        first == f"Notebooks in {folder}: {len(list(folder.glob('*.ipynb')))} copied, 0 updated, 0 unchanged."
    )
    assert taken in " ".join(rest), "the port that cannot be had"
    (folder / "audit.ipynb").write_text("{}")
    assert run(command) == 2
    said = capsys.readouterr()
    assert said.err.splitlines()[1:3] == [
        "audit.ipynb was kept: it was changed, or run and saved, since it was copied.",
        "To have the original beside it, rename the file and start again.",
    ]
    assert said.out == ""
    assert (folder / "audit.ipynb").read_text() == "{}"


def test_without_a_folder_they_are_in_the_home(
    tmp_path: Path, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the command is typed; the help says how the folder is called."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir("/")
    assert run(["lab", "--no-browser", "--port", taken]) == 2
    assert (tmp_path / LAB_FOLDER / "index.ipynb").is_file()
    assert LAB_FOLDER == "ehtoolkit-notebooks"


def test_an_unwritable_folder_is_reported_and_nothing_starts(
    taken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "--folder", "/proc/notebooks", "--no-browser", "--port", taken, "--lang", "en"]) == 6
    said = capsys.readouterr()
    assert said.out == ""
    assert "/proc" in said.err
    assert "Traceback" not in said.err
