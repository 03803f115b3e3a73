"""``ehtoolkit watch install`` and ``remove``: what has the operating system run the watches."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from tests.cli.conftest import Call
from tests.cli.watch_commands import add, folder, home
from tests.watch.conftest import (
    authority,
    keystore_maker,
    silent,
    start_mail,
    web,
    workshop,
)

__all__ = ["add", "authority", "folder", "home", "keystore_maker", "silent", "start_mail", "web", "workshop"]


@pytest.mark.parametrize("scheduler", ["systemd", "launchd", "windows"])
def test_the_schedule_is_shown_before_it_is_written(
    scheduler: str,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EHTOOLKIT_FILE_TIMEOUT", "21")
    monkeypatch.setenv("EHTOOLKIT_CA_FILE", "authorities.pem")
    monkeypatch.setenv("EHTOOLKIT_PLATFORM_TOKEN", "marker-9")
    command = [
        "watch",
        "install",
        "--for",
        scheduler,
        "--into",
        str(tmp_path / "units"),
        "--at",
        "06:15",
        "--lang",
        "en",
    ]
    assert run([*command, "--dry-run"]) == 0
    shown, warned = capsys.readouterr()
    only_logged_on = "InteractiveToken" in shown
    assert only_logged_on is (scheduler == "windows")
    assert ("only while you are logged on" in warned) is only_logged_on
    assert not (tmp_path / "units").exists()
    assert run(command) == 2  # nobody to ask
    assert not (tmp_path / "units").exists()
    capsys.readouterr()
    assert run([*command, "--yes"]) == 0
    printed = capsys.readouterr().out
    encoding = "utf-16" if scheduler == "windows" else "utf-8"
    texts = [file.read_bytes().decode(encoding) for file in (tmp_path / "units").iterdir()]
    assert [text for text in texts if text not in shown or text not in printed] == []
    assert str(home) in "".join(texts)
    assert "EHTOOLKIT_FILE_TIMEOUT" in "".join(texts)
    assert str(Path("authorities.pem").absolute()) in "".join(texts), "a run begins in another folder"
    assert "marker-9" not in "".join(texts)
    assert run(["watch", "install", "--at", "25:00"]) == 2


def unscheduled(call: Call, name: str) -> list[dict[str, Any]]:
    code, answer = call("watch", "remove", name)
    assert (code, answer["removed"]) == (0, name)
    found: list[dict[str, Any]] = answer["schedules"]
    return found


UNDO = {
    "systemd": "systemctl stop ehtoolkit-watch.timer; systemctl daemon-reload",
    "launchd": "launchctl bootout gui/$(id -u)/be.ehtoolkit.watch",
    "windows": 'schtasks /Delete /TN "ehtoolkit-watch"',
}


@pytest.mark.parametrize("scheduler", sorted(UNDO))
def test_with_the_last_watch_goes_what_runs_it(
    add: Callable[..., dict[str, Any]],
    call: Call,
    home: Path,
    tmp_path: Path,
    scheduler: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = home.with_name("a \"b\" & <c> 50% 'd' $e")
    monkeypatch.setenv("EHTOOLKIT_HOME", str(odd))
    for name in ("a", "b"):
        add(name=name)
    units = tmp_path / "units"
    code, answer = call("watch", "install", "--for", scheduler, "--into", units, "--yes")
    assert code == 0
    written = [file["path"] for file in answer["files"]]
    other = units / "other.timer"
    other.touch()
    if scheduler == "systemd":  # as "systemctl enable" makes it, and a user names the account
        service = Path(written[0])
        service.write_text(service.read_text().replace("[Service]\n", "[Service]\nUser=backup\n"))
        link = units / "timers.target.wants" / "ehtoolkit-watch.timer"
        link.parent.mkdir()
        link.symlink_to(written[1])
        written.append(str(link))
    assert unscheduled(call, "a") == []
    assert all(os.path.lexists(path) for path in written)
    assert unscheduled(call, "b") == [{"files": written, "command": UNDO[scheduler]}]
    assert not [path for path in written if os.path.lexists(path)]
    assert other.exists()
    add(name="c")
    assert unscheduled(call, "c") == []


def test_what_runs_the_watches_of_another_home_stays(
    add: Callable[..., dict[str, Any]],
    call: Call,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add()
    install = ("watch", "install", "--for", "systemd", "--into", tmp_path / "units", "--yes")
    assert call(*install)[0] == 0
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home of another"))
    assert call(*install)[0] == 0
    monkeypatch.setenv("EHTOOLKIT_HOME", str(home))
    assert unscheduled(call, "tilleuls") == []
    assert len(list((tmp_path / "units").iterdir())) == 2


def test_a_schedule_that_cannot_be_removed_is_said_and_tried_again(
    add: Callable[..., dict[str, Any]],
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add()
    units, unlink = tmp_path / "units", os.unlink
    assert call("watch", "install", "--for", "systemd", "--into", units, "--yes")[0] == 0

    def refused(path: Any, **more: Any) -> None:
        if Path(path).parent == units:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refused)
        assert run(["watch", "remove", "tilleuls", "--lang", "en"]) == 6
    said = capsys.readouterr()
    assert (str(units) in said.err, "systemctl" in said.out) == (True, False)
    assert "The watch tilleuls was deleted." in said.out
    add()
    assert len(unscheduled(call, "tilleuls")[0]["files"]) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="where systemd has the files of a user")
def test_what_an_earlier_version_scheduled_goes_too(
    add: Callable[..., dict[str, Any]],
    call: Call,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It made no note."""
    monkeypatch.setenv("HOME", str(tmp_path))
    add()
    assert call("watch", "install", "--yes")[0] == 0
    (home / "watch" / "schedule.json").unlink()
    units = tmp_path / ".config" / "systemd" / "user"
    assert len(list(units.iterdir())) == 2
    capsys.readouterr()
    assert run(["watch", "remove", "tilleuls", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert f"{units / 'ehtoolkit-watch.service'}, {units / 'ehtoolkit-watch.timer'}" in said
    assert "systemctl --user stop ehtoolkit-watch.timer; systemctl --user daemon-reload" in said
    assert list(units.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the variable is Linux's")
def test_what_is_scheduled_finds_the_watches_that_are_here(
    add: Callable[..., dict[str, Any]],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The system's own programs know nothing of what a shell has set; without watches they would say nothing."""
    install = ["watch", "install", "--for", "systemd", "--dry-run", "--lang", "en"]
    assert run(install) == 0
    assert "There is no watch." in capsys.readouterr().err
    add()
    monkeypatch.delenv("EHTOOLKIT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home.rename(tmp_path / "ehtoolkit")
    capsys.readouterr()
    assert run(install) == 0
    shown = capsys.readouterr()
    assert f'Environment="EHTOOLKIT_HOME={tmp_path / "ehtoolkit"}"\n' in shown.out
    assert "There is no watch." not in shown.err


def test_a_task_of_an_account(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install = ["watch", "install", "--into", str(tmp_path), "--dry-run", "--lang", "en", "--for"]
    assert run([*install, "windows", "--account", r"PRACTICE\backup"]) == 0
    shown, warned = capsys.readouterr()
    assert r"<UserId>PRACTICE\backup</UserId>" in shown
    assert r'/RU "PRACTICE\backup" /RP *' in shown
    assert "even while that account is not logged on" in warned
    assert str(home) in warned
    assert "only while you are logged on" not in warned
    assert run([*install, "systemd", "--account", "backup"]) == 2
    assert run([*install, "windows", "--account", 'a" & del']) == 2
