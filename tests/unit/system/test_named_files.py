"""Files that a user names are read with a limit, and only files."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.auditing.comparison import read_saved_audit
from ehtoolkit.ehealth.wire.failures import trusting_context
from ehtoolkit.providers.table_file import has_more_lines
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import is_readable_by_all, read_input

READERS: dict[str, Callable[[Path], object]] = {
    "any": lambda path: read_input(path, 100),
    "saved audit": read_saved_audit,
    "table of providers": lambda path: has_more_lines(path, 10),
}


@pytest.fixture
def special(tmp_path: Path) -> dict[str, Path]:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    return {
        "pipe": tmp_path / "pipe",
        "device": Path("/dev/zero"),
        "link to a device": tmp_path / "link",
        "folder": tmp_path,
    }


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device", "folder"])
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_not_read(special: dict[str, Path], kind: str, reader: str) -> None:
    """A pipe that nobody writes to would keep it waiting, a device would fill the memory."""
    with pytest.raises(errors.FileUnreadable) as refusal:
        READERS[reader](special[kind])
    assert refusal.value.facts == {"path": str(special[kind]), "reason": "special"}


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_authorities_are_in_a_file(special: dict[str, Path], kind: str) -> None:
    with pytest.raises(errors.SettingInvalid):
        trusting_context(special[kind])


def test_a_file_over_the_limit_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"x" * 101)
    with pytest.raises(errors.FileUnreadable) as refusal:
        read_input(path, 100)
    assert refusal.value.facts == {"path": str(path), "reason": "long", "limit": 100}
    assert len(read_input(path, 101)) == 101


@pytest.mark.parametrize("name", ["nowhere", "a\0b"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.FileUnreadable) as refusal:
        read_input(tmp_path / name, 100)
    assert "reason" not in refusal.value.facts


def test_a_secret_is_short() -> None:
    with pytest.raises(errors.FileUnreadable) as refusal:
        Secret.from_file("/dev/zero")
    assert refusal.value.facts["reason"] == "long"


def test_a_secret_may_come_from_a_pipe(tmp_path: Path) -> None:
    """As the shell gives what a password manager writes: ``--password-file <(pass show practice)``."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("Kine-2026\n"))
    writer.start()
    assert Secret.from_file(pipe) == Secret("Kine-2026")
    writer.join()


@pytest.mark.parametrize(
    ("folder", "file", "expected"),
    [(0o755, 0o644, True), (0o755, 0o640, False), (0o755, 0o600, False), (0o700, 0o644, False)],
)
def test_who_can_read_a_file(open_folder: Path, folder: int, file: int, expected: bool) -> None:
    place = open_folder / "place"
    place.mkdir()
    path = place / "password"
    path.write_bytes(b"")
    path.chmod(file)
    place.chmod(folder)
    assert is_readable_by_all(path) is expected
    assert not is_readable_by_all(place), "a folder is no file"
    assert not is_readable_by_all(place / "nowhere")
