"""How a command ends: numbers that a script tells apart, Ctrl+C, a pipe that nobody reads, a port that is taken."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.run import run
from tests.cli.conftest import Call

ROOT = Path(__file__).resolve().parents[2]

EHTOOLKIT = (sys.executable, "-m", "ehtoolkit")
FULL = Path("/dev/full")


def test_the_document_has_the_same_numbers() -> None:
    text = (ROOT / "docs" / "CLI.md").read_text(encoding="utf-8")
    section = text.split("## Exit codes\n", 1)[1].split("\n## ", 1)[0]
    documented = [int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)]
    assert documented == sorted(ExitCode)


def test_due_failed_there_and_a_fault_are_four_things(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    audit = ("audit", tmp_path / "absent", "--format", "csv", "-o", out)
    assert run([*map(str, audit)]) == ExitCode.NOT_FINE
    assert out.exists()
    assert run([*map(str, audit)]) == ExitCode.STORAGE
    assert call("audit", tmp_path, "-o", tmp_path / "no" / "x.csv")[0] == ExitCode.USAGE

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", crash)
        code, answer = call("audit", tmp_path)
    assert (code, answer["error"]) == (ExitCode.FAULT, "unexpected")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.DiskFull(folder="x"), 6),
        (errors.FileBusy(path="x"), 6),
        (errors.RegistryBusy(place="x"), 6),
        (errors.RegistryUnreachable(place="x", reason="connect"), 6),
        (errors.ProviderUnknown(text="x"), 1),
        (errors.KeystoreNotFound(path="x"), 1),
        (errors.KeystorePasswordWrong(), 1),
        (errors.FolderMissing(folder="x"), 2),
        (errors.PinWrong(tries_left=2), 4),
        (errors.PlatformUnreachable(host="x", reason="connect", sent=False), 5),
        (errors.Cancelled(), 130),
    ],
)
def test_each_kind_of_error(error: errors.EhToolkitError, code: int) -> None:
    assert error.exit_code == code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped(number: signal.Signals, tmp_path: Path) -> None:
    """While it waits for a table of passwords that never comes."""
    process = subprocess.Popen(
        [*EHTOOLKIT, "audit", str(tmp_path), "--passwords", "-", "--lang", "en"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        status = Path(f"/proc/{process.pid}/status")
        for _ in range(600):  # until it has a handler for the signal
            caught = int(re.search(r"SigCgt:\s*(\w+)", status.read_text())[1], 16)  # type: ignore[index]
            if caught >> (signal.SIGTERM - 1) & 1:
                break
            time.sleep(0.05)
        process.send_signal(number)
        _, printed = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130, printed
    assert "You stopped the operation." in printed
    assert "Traceback" not in printed


def test_stopped_while_the_program_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    done = subprocess.run(
        [*EHTOOLKIT, "training", "clock"],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize(
    "command",
    [("audit", "--help"), ("provider", "export"), ("watch", "remove", "nobody", "--json")],
    ids=" ".join,
)
def test_a_closed_pipe(command: tuple[str, ...], tmp_path: Path) -> None:
    assert _unread(command, tmp_path) == (141, "")


def test_closed_standard_error() -> None:
    command = ("watch", "remove", "nobody")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([*EHTOOLKIT, *command], stdout=subprocess.PIPE, stderr=writing, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stdout) == (141, b"")


@pytest.mark.skipif(not FULL.exists(), reason="a file that takes nothing")
def test_a_disk_that_takes_no_more_of_what_is_printed() -> None:
    command = ("provider", "export")
    with FULL.open("wb") as full:
        done = subprocess.run(
            [*EHTOOLKIT, *command, "--lang", "en"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        failed = subprocess.run([*EHTOOLKIT, *command, "--json"], stdout=full, stderr=full, check=False)
    assert (done.returncode, failed.returncode) == (6, 6)
    assert done.stderr.startswith("The disk with stdout is full.")
    assert "Traceback" not in done.stderr


def test_a_monitoring_system_that_has_gone_is_not_warned(tmp_path: Path) -> None:
    """1 would be WARNING to a system that reads the status alone."""
    assert _unread(("audit", "--nagios", "."), tmp_path) == (3, "")


def _unread(command: tuple[str, ...], folder: Path) -> tuple[int, str]:
    """Return the exit code of a command whose output nobody reads, and what it complains of."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*EHTOOLKIT, *command],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            check=False,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr


def test_a_port_that_is_taken_is_not_exchanged() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*EHTOOLKIT, "demo", "--port", str(port), "--no-browser", "--lang", "en"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port} is already in use" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EHTOOLKIT_ENVIROMENT", "EHTOOLKIT_ENVIRONMENT"),
        ("EHTOOLKIT_LANG", "EHTOOLKIT_LANGUAGE"),
        ("EHTOOLKIT_QQQQ", None),
    ],
)
def test_a_variable_that_is_no_setting(
    name: str,
    meant: str | None,
    quiet: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, "production")
    assert run(["training", "clock", "--lang", "en", *quiet, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("\n") == 1
    assert shown.err.startswith(f"{name} is not an ehtoolkit setting and is ignored")
    assert (f"Did you mean {meant}?" in shown.err) is (meant is not None)
    assert "The environment is training." in shown.err


def test_variables_that_are_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ehtoolkit_environment", "acceptance")  # case does not count
    monkeypatch.setenv("EHTOOLKIT_START_TOKEN", "x")
    assert run(["training", "clock"]) == 0
    assert capsys.readouterr().err == ""
