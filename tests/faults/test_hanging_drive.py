"""An audit of a drive that does not answer: its files have their rows, all others too, and it ends.

There is no file system here that can be made to hang; so a library is put under the program, in whose processes the
calls of the C library do not come back for some paths.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.system.files import read_file
from ehtoolkit.system.io_timeout import TimedOut, TimeoutGuard
from tests.auditing.conftest import Workshop, workshop
from tests.keystore.conftest import keystore_maker

__all__ = ["keystore_maker", "workshop"]

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("library") / "hanging_drive.so"
    source = Path(__file__).with_name("hanging_drive.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


def test_a_drive_without_an_answer(library: Path, workshop: Workshop, tmp_path: Path) -> None:
    """One file, one folder, and a folder of many files, which without giving up would take 60 times 3 seconds."""
    good = workshop.write(tmp_path / "a")
    (tmp_path / "a" / "no-answer").mkdir()
    for folder, name, count in (
        ("a", "copy", 20),
        ("b", "no-answer", 1),
        ("no-answer", "one", 60),
        ("z", "copy", 20),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        for number in range(count):
            (tmp_path / folder / f"{name}-{number}.p12").write_bytes(good.read_bytes())
    many = sorted((tmp_path / "no-answer").iterdir())  # by their names, since their folder does not answer
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ehtoolkit", "audit", "--json", "--quiet", "--lang", "en"),
            *map(str, (tmp_path / "a", tmp_path / "b", tmp_path / "z", *many)),
        ],
        env={**os.environ, "LD_PRELOAD": str(library), "EHTOOLKIT_FILE_TIMEOUT": "3"},
        capture_output=True,
        timeout=100,
    )
    found = json.loads(done.stdout)
    kinds: dict[str, set[tuple[str, int]]] = {}
    for folder in ("a", "b", "no-answer", "z"):
        rows = [
            keystore["state"]
            for keystore in found["keystores"]
            if Path(keystore["file"]).parent.name == folder
        ]
        kinds[folder] = {(standing, rows.count(standing)) for standing in rows}
    assert kinds == {
        "a": {("closed", 21)},
        "b": {("unreadable", 1)},
        "no-answer": {("unreadable", 60)},
        "z": {("closed", 20)},
    }
    said = {finding["file"]: finding["key"] for finding in found["findings"]}
    assert said[str(tmp_path / "a" / "no-answer")] == "folder_hangs"
    assert said[str(tmp_path / "b" / "no-answer-0.p12")] == "file_hangs"
    assert done.returncode == 1


@pytest.mark.parametrize("command", ["show", "diagnose"])
def test_a_keystore_on_a_hanging_drive(
    library: Path, workshop: Workshop, tmp_path: Path, command: str
) -> None:
    good = workshop.write(tmp_path / "a")
    (tmp_path / "no-answer").mkdir()
    silent = tmp_path / "no-answer" / "one.p12"
    silent.write_bytes(good.read_bytes())
    found, code = _keystore_command(library, command, silent, good)
    first, other = found["keystores"]
    assert (first["kind"], first["size"]) == ("drive", None)
    assert other["kind"] == "pkcs12"
    assert code == 1


@pytest.mark.parametrize("command", ["show", "diagnose"])
def test_a_drive_that_answers_once(library: Path, workshop: Workshop, tmp_path: Path, command: str) -> None:
    (tmp_path / "one-answer").mkdir()
    files = [workshop.write(tmp_path / "one-answer", name=f"{name}.p12") for name in ("first", "second")]
    found, code = _keystore_command(library, command, *files)
    first, second = found["keystores"]
    assert (first["kind"], first["size"]) == ("pkcs12", files[0].stat().st_size)
    assert (second["kind"], second["size"]) == ("drive", None)
    assert code == 1


def test_archiving_a_folder_on_a_hanging_drive(library: Path, workshop: Workshop, tmp_path: Path) -> None:
    workshop.write(tmp_path / "no-answer")
    found, code = _keystore_command(library, "archive", "--dry-run", tmp_path / "no-answer")
    assert (found["error"], found["facts"]["reason"]) == ("file_unreadable", "drive")
    assert "drive" in found["message"]
    assert code != 0


def test_commands_with_a_file_on_a_hanging_drive(library: Path, workshop: Workshop, tmp_path: Path) -> None:
    """All at once: each of them waits."""
    workshop.write(tmp_path / "no-answer", name="one.p12")
    silent = tmp_path / "no-answer" / "one.p12"
    password = tmp_path / "password"
    password.write_text("Kine-2026\n", encoding="utf-8")
    password.chmod(0o600)
    new = ("--new-password-file", password)
    commands: dict[str, tuple[object, ...]] = {
        "archive": ("--file", silent),
        "convert": (silent, "-o", tmp_path / "converted", *new),
        "export": (silent, "-o", tmp_path / "exported"),
        "merge": (silent, "--from", silent),
        "passwd": (silent, *new),
        "rename": (silent,),
        "rescue": (silent, "-o", tmp_path / "rescued", *new),
    }
    with ThreadPoolExecutor(len(commands)) as pool:
        answers = pool.map(
            lambda name: _keystore_command(library, name, *commands[name], "--password-file", password),
            commands,
        )
    for command, (found, code) in zip(commands, answers, strict=True):
        error = found["refused"][0] if "refused" in found else found
        reason = {"path": str(silent), "reason": "drive"}
        assert (error["error"], error["facts"]) == ("file_unreadable", reason), command
        assert code != 0, command
    assert not {path.name for path in tmp_path.iterdir()} & {"converted", "exported", "rescued"}


def _keystore_command(library: Path, *command: object) -> tuple[dict[str, Any], int]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ehtoolkit", "keystore", *map(str, command)),
            *("--json", "--quiet", "--lang", "en"),
        ],
        env={**os.environ, "LD_PRELOAD": str(library), "EHTOOLKIT_FILE_TIMEOUT": "3"},
        capture_output=True,
        timeout=100,
    )
    return json.loads(done.stdout), done.returncode


def test_a_drive_with_an_error_is_named() -> None:
    """The system has a file that always gives an input/output error."""
    path = Path("/proc/self/mem")
    with pytest.raises(errors.FileUnreadable) as caught:
        read_file(path, 100)
    assert caught.value.reason == "drive"
    found = diagnose(path, None, datetime.now(UTC))
    assert [finding.key for finding in found.findings] == ["file_drive"]
    assert "drive" in found.findings[0].message(Translator("en"))


def test_others_wait_for_nothing_once_a_folder_is_given_up(tmp_path: Path) -> None:
    asked: list[int] = []
    release = threading.Event()

    def hang() -> None:
        asked.append(1)
        release.wait(60)

    with TimeoutGuard(2) as patience:
        assert patience.call(tmp_path, lambda: 7) == 7
        tried = []
        for _ in range(5):
            with pytest.raises(TimedOut) as caught:
                patience.call(tmp_path, hang)
            tried.append(caught.value.tried)
        assert tried == [True, True, True, False, False]
        assert len(asked) == 3
        assert patience.given_up == {tmp_path}
        assert patience.call(tmp_path / "other", lambda: 8) == 8
        assert patience.attempt(tmp_path / "other", lambda: 9) == 9
        assert patience.attempt(tmp_path, lambda: 9) is None
        assert patience.attempt(tmp_path / "other", (tmp_path / "missing").stat) is None
        with pytest.raises(ZeroDivisionError):
            patience.call(tmp_path / "other", lambda: 1 // 0)
    release.set()


def test_a_folder_that_answers_again_is_forgiven(tmp_path: Path) -> None:
    release = threading.Event()
    with TimeoutGuard(2) as patience:
        for _ in range(4):
            with pytest.raises(TimedOut):
                patience.call(tmp_path, lambda: release.wait(60))
            assert patience.call(tmp_path, lambda: 1) == 1
        assert patience.given_up == frozenset()
    release.set()


def test_a_reader_of_the_pipe_is_not_woken(tmp_path: Path) -> None:
    """Opening it to read would let the writer through."""
    pipe = tmp_path / "pipe.p12"
    os.mkfifo(pipe)
    through = threading.Event()

    def write() -> None:
        descriptor = os.open(pipe, os.O_WRONLY)
        through.set()
        os.close(descriptor)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    _until_waiting(writer)
    with pytest.raises(errors.NotAKeystore):
        read_file(pipe, 100)
    assert not through.wait(0.3)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert through.wait(10)
    os.close(reader)
    writer.join(10)


def _until_waiting(thread: threading.Thread) -> None:
    """Until the system says that it sleeps, which it does in the call."""
    state = Path(f"/proc/self/task/{thread.native_id}/stat")
    for _ in range(200):
        if state.read_text().rpartition(")")[2].split()[0] == "S":
            return
        time.sleep(0.02)
    pytest.fail("the writer does not wait")
