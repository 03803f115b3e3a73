"""What becomes of the messages of ``ehtoolkit watch run``: each is sent, waits or is reported, whatever fails."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.watch.store import WatchStore
from tests.cli.conftest import Call
from tests.cli.watch_commands import add, folder, home
from tests.support.calls_of_system import hearing
from tests.watch.conftest import (
    RunningMailServer,
    StartMail,
    WebSink,
    authority,
    keystore_maker,
    silent,
    start_mail,
    web,
    workshop,
)

__all__ = ["add", "authority", "folder", "home", "keystore_maker", "silent", "start_mail", "web", "workshop"]


def test_what_cannot_be_sent_waits_and_the_exit_code_says_so(
    add: Callable[..., dict[str, Any]], call: Call, web: WebSink, capsys: pytest.CaptureFixture[str]
) -> None:
    add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook")
    web.status = 500
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["waiting"], answer["runs"][0]["failures"]) == (
        6,
        1,
        {"webhook": "delivery_failed"},
    )
    assert call("watch", "test", "tilleuls")[0] == 6
    assert run(["watch", "test", "tilleuls", "--lang", "en"]) == 6
    assert "sent" not in capsys.readouterr().out
    assert run(["watch", "list", "--lang", "en"]) == 0
    assert "Messages still to be sent: 1." in capsys.readouterr().out
    web.status = 200
    assert call("watch", "run")[1]["runs"][0]["sent"] == 1
    assert [body["reason"] for _, _, body in web.requests] == ["due", "test", "test", "due"]


ME, IT = "me@example.be", "it@example.be"
TAKEN, LATER, NEVER = "250 OK", "451 greylisted", "550 no such user"


def two_addresses(server: RunningMailServer) -> tuple[str, ...]:
    smtp = ("--smtp", f"127.0.0.1:{server.port}", "--smtp-security", "none")
    return ("--mail", ME, "--mail", IT, *smtp)


@pytest.mark.parametrize(("first", "sent", "second", "then"), [
    # The answers to ME and IT, who gets the mail, the answers to the second run, and who gets it then.
    ((TAKEN, TAKEN), [ME, IT], (TAKEN, TAKEN), []),
    ((TAKEN, LATER), [ME], (TAKEN, TAKEN), [IT]),
    ((TAKEN, LATER), [ME], (LATER, TAKEN), [IT]),
    ((TAKEN, LATER), [ME], (TAKEN, LATER), []),
    ((TAKEN, LATER), [ME], (TAKEN, NEVER), []),
    ((TAKEN, NEVER), [ME], (TAKEN, TAKEN), []),
    ((LATER, NEVER), [], (TAKEN, TAKEN), [ME]),
    ((LATER, LATER), [], (TAKEN, TAKEN), [ME, IT]),
    ((LATER, LATER), [], (TAKEN, LATER), [ME]),
    ((NEVER, NEVER), [], (TAKEN, TAKEN), []),
])  # fmt: skip
def test_each_address_gets_a_message_once(
    add: Callable[..., dict[str, Any]],
    call: Call,
    start_mail: StartMail,
    first: tuple[str, str],
    sent: list[str],
    second: tuple[str, str],
    then: list[str],
) -> None:
    server = start_mail(None)
    add(*two_addresses(server))
    waiting = [to for to, answer in zip((ME, IT), first, strict=True) if answer == LATER]
    for answers, asked, got in ((first, [ME, IT], sent), (second, waiting, then)):
        server.sink.mails.clear()
        server.sink.asked.clear()
        server.sink.answers = {
            to: answer for to, answer in zip((ME, IT), answers, strict=True) if answer != TAKEN
        }
        code, answer = call("watch", "run")
        assert sorted(server.sink.asked) == sorted(asked)
        assert [mail.rcpt_tos for mail in server.sink.mails] == ([got] if got else [])
        refused = {to: "delivery_failed" for to in asked if to in server.sink.answers}
        still = [to for to in asked if server.sink.answers.get(to) == LATER]
        (ran,) = answer["runs"]
        about = (ran["sent"], ran["waiting"], ran["failures"])
        assert (code, *about) == (6 if refused else 1, int(bool(got)), int(bool(still)), refused)
        assert call("watch", "list")[1]["watches"][0]["waiting"] == int(bool(still))


def test_a_refusal_says_the_address_and_what_becomes_of_the_message(
    add: Callable[..., dict[str, Any]],
    call: Call,
    start_mail: StartMail,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = start_mail(None)
    server.sink.answers = {ME: LATER, IT: NEVER}
    add(*two_addresses(server))
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 6
    said = capsys.readouterr().err
    assert f"tilleuls, {ME}: The mail server 127.0.0.1 does not accept mail for {ME} for now (451)" in said
    assert f"tilleuls, {IT}: The mail server 127.0.0.1 refused the address {IT} (550)" in said
    assert said.count("The next run tries") == said.count("is not sent to that address again") == 1
    assert "A test message is not kept: " not in said
    server.sink.answers = {IT: NEVER}
    assert run(["watch", "test", "tilleuls", "--lang", "en"]) == 6
    assert f"To: {ME}." in capsys.readouterr().out


def test_what_waits_for_an_address_goes_with_it(
    add: Callable[..., dict[str, Any]], call: Call, start_mail: StartMail
) -> None:
    server = start_mail(None)
    server.sink.answers = {IT: LATER}
    add(*two_addresses(server))
    assert call("watch", "run")[1]["runs"][0]["waiting"] == 1
    assert call("watch", "edit", "tilleuls", "--mail", ME, "--mail", "new@example.be")[0] == 0
    server.sink.answers = {}
    (ran,) = call("watch", "run")[1]["runs"]
    assert (ran["sent"], ran["waiting"], ran["failures"]) == (0, 0, {})
    assert [mail.rcpt_tos for mail in server.sink.mails] == [[ME]]


def test_what_nobody_has_got_goes_to_the_new_addresses(
    add: Callable[..., dict[str, Any]], call: Call, start_mail: StartMail
) -> None:
    server = start_mail(None)
    server.sink.recipient = LATER
    add(*two_addresses(server))
    assert call("watch", "run")[1]["runs"][0]["waiting"] == 1
    assert call("watch", "edit", "tilleuls", "--mail", "new@example.be")[0] == 0
    server.sink.recipient = None
    assert call("watch", "run")[1]["runs"][0]["sent"] == 1
    assert [mail.rcpt_tos for mail in server.sink.mails] == [["new@example.be"]]


def test_a_message_that_an_earlier_version_kept_goes_to_all_addresses(
    add: Callable[..., dict[str, Any]], call: Call, start_mail: StartMail, home: Path
) -> None:
    server = start_mail(None)
    server.sink.recipient = LATER
    add(*two_addresses(server))
    assert call("watch", "run")[0] == 6
    (file,) = (home / "watch" / "tilleuls" / "outbox").iterdir()
    kept = json.loads(file.read_bytes())
    del kept["addresses"]
    assert kept["pending"] == ["mail"]
    file.write_text(json.dumps(kept), encoding="utf-8")
    server.sink.recipient = None
    assert call("watch", "run")[1]["runs"][0]["sent"] == 1
    assert [mail.rcpt_tos for mail in server.sink.mails] == [[ME, IT]]


def test_one_that_fails_does_not_keep_the_others(
    add: Callable[..., dict[str, Any]], call: Call, web: WebSink, tmp_path: Path
) -> None:
    hook = ("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook")
    add(*hook, name="a")
    add(*hook, name="b")
    (tmp_path / "passwords.csv").rename(tmp_path / "moved.csv")
    code, answer = call("watch", "run")
    assert (code, [run["status"] for run in answer["runs"]]) == (6, ["failed", "failed"])
    assert {body["error"]["key"] for _, _, body in web.requests} == {"file_unreadable"}
    (tmp_path / "moved.csv").rename(tmp_path / "passwords.csv")
    with WatchStore(tmp_path / "home" / "watch").locked("a"):
        code, answer = call("watch", "run")
    assert (code, [run["watch"] for run in answer["runs"]]) == (6, ["b"])


def test_one_that_is_damaged_does_not_keep_the_others(
    add: Callable[..., dict[str, Any]], call: Call, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        add(name=name)
    damaged = home / "watch" / "a" / "watch.json"
    damaged.write_text('{"name": "a", "later": true}', encoding="utf-8")
    code, answer = call("watch", "run")
    assert (code, [watch_run["watch"] for watch_run in answer["runs"]]) == (6, ["b"])
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 6
    assert f"a: The file {damaged} cannot be read." in capsys.readouterr().err
    assert call("watch", "run", "b", "a")[1]["error"] == "file_unreadable"
    code, answer = call("watch", "list")
    assert (code, [watch["name"] for watch in answer["watches"]]) == (6, ["b"])
    capsys.readouterr()
    assert run(["watch", "list", "--lang", "en"]) == 6
    shown = capsys.readouterr()
    assert "a: The file" in shown.err
    assert shown.out.startswith("b\n")
    assert call("watch", "remove", "a")[0] == 0
    assert call("watch", "list")[0] == 0


def test_a_damaged_watch_says_in_its_next_message_that_it_could_not_run(
    add: Callable[..., dict[str, Any]], call: Call, web: WebSink, home: Path
) -> None:
    add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook")
    file = home / "watch" / "tilleuls" / "watch.json"
    whole = file.read_bytes()
    file.write_text("{")
    assert call("watch", "run")[0] == 6
    file.write_bytes(whole)
    for _ in range(2):
        assert call("watch", "run")[0] == 1
    ((_, _, message),) = web.requests
    assert [missed["error"] for missed in message["missed"]] == ["file_unreadable"]
    assert call("watch", "remove", "tilleuls")[0] == 0
    before = sorted(home.rglob("*"))
    (home / "watch" / "empty").mkdir()
    for name in ("tilleuls", "empty", ".."):
        assert call("watch", "run", name)[0] == 2
    assert sorted(home.rglob("*")) == sorted([*before, home / "watch" / "empty"]), (
        "nothing is noted of no watch"
    )


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (
            "watch.json",
            '{"name": "a", "folders": ["/x"], "webhook": {"url": "https://example.be:99999999/x"}}',
        ),
        ("watch.json", "[" * 100_000),
        ("report.json", '{"at": 5, "status": "fine"}'),
        ("report.json", '{"at": "2026-11-29T12:00:00+00:00", "status": "odd"}'),
        ("report.json", "[" * 100_000),
    ],
)
def test_damaged_files_do_not_end_the_list(
    add: Callable[..., dict[str, Any]], call: Call, home: Path, file: str, content: str
) -> None:
    for name in ("a", "b"):
        add(name=name)
    (home / "watch" / "a" / file).write_text(content, encoding="utf-8")
    code, answer = call("watch", "list")
    assert (code, [watch["name"] for watch in answer["watches"]]) == (6, ["b"])


def test_a_watch_with_undeletable_messages_does_not_stop_the_others(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A program holds the file."""
    hook = ("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook")
    for name in ("a", "b"):
        add(*hook, name=name)
    outbox, unlink = home / "watch" / "a" / "outbox", os.unlink

    def refused(path: Path, **more: Any) -> None:
        if Path(path).parent == outbox and Path(path).suffix == ".json":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, **more)

    monkeypatch.setattr(os, "unlink", refused)
    code, answer = call("watch", "run")
    assert (code, [watch_run["failures"] for watch_run in answer["runs"]]) == (
        6,
        [{"outbox": "folder_not_writable"}, {}],
    )
    assert [body["watch"] for _, _, body in web.requests] == ["a", "b"]
    assert run(["watch", "run", "a", "--lang", "en"]) == 6
    assert capsys.readouterr().err.startswith("a, outbox: ")


def test_a_damaged_message_is_reported_and_the_watch_goes_on(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook", name="a")
    outbox = home / "watch" / "a" / "outbox"
    outbox.mkdir()
    (outbox / "2020 x.json").write_text('{"id": "x", "pending": ["webhook"]}', encoding="utf-8")
    (home / "watch" / "a" / "state.json").write_text("[" * 100_000, encoding="utf-8")
    assert run(["watch", "run", "--lang", "en"]) == 6
    said = capsys.readouterr().err
    assert f"It is now in {outbox / '2020 x.json.damaged'}. The other messages are not affected." in said
    assert f"it is now in {home / 'watch' / 'a' / 'state.json.damaged'}." in said
    assert [body["watch"] for _, _, body in web.requests] == ["a"]
    assert call("watch", "run")[1]["runs"][0]["failures"] == {}


def test_on_a_full_disk_the_message_is_sent_and_said_again(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook")
    assert call("watch", "test", "tilleuls")[0] == 0
    opened, watches = os.open, str(home / "watch")

    def full(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if flags & os.O_EXCL and str(path).startswith(watches) and str(path).endswith(".tmp"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, flags, *more, **options)

    with monkeypatch.context() as disk:
        disk.setattr(os, "open", full)
        code, answer = call("watch", "run")
        capsys.readouterr()
        assert run(["watch", "run", "--quiet", "--lang", "en"]) == 6
    (ran,) = answer["runs"]
    assert (code, ran["status"], ran["reason"], ran["sent"], ran["waiting"]) == (6, "due", "due", 1, 0)
    assert ran["failures"] == dict.fromkeys(("report", "outbox", "state"), "disk_full")
    said = capsys.readouterr().err
    assert said.count("The disk with") == 3
    assert "tilleuls: What this run reported could not be stored. The next run reports it again." in said
    assert call("watch", "run")[1]["runs"][0]["failures"] == {}
    assert [body["reason"] for _, _, body in web.requests] == ["test", "due", "due", "due"]
    assert call("watch", "run")[1]["runs"][0]["sent"] == 0


def test_two_at_once_in_two_processes(add: Callable[..., dict[str, Any]], tmp_path: Path, home: Path) -> None:
    add()
    with WatchStore(home / "watch").locked("tilleuls"):
        done = subprocess.run(
            [sys.executable, "-m", "ehtoolkit", "watch", "run", "--lang", "en"],
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert done.returncode == 6
    assert "The watch tilleuls is running in another process." in done.stderr


TERM, INT = signal.SIGTERM, signal.SIGINT


@pytest.mark.parametrize(("sent", "code", "reasons"), [
    ([[], [], []], 1, {"a": "due", "b": "due", "c": "due"}),
    ([[TERM], [], []], 6, {"a": "failed", "b": "due", "c": "due"}),
    ([[], [], [TERM]], 6, {"a": "due", "b": "due", "c": "failed"}),
    ([[TERM], [TERM], []], 130, {"a": "failed"}),
    ([[TERM], [INT], []], 130, {"a": "failed"}),
    ([[], [INT], []], 130, {"a": "due"}),
])  # fmt: skip
def test_the_first_sigterm_ends_one_watch_and_another_signal_all(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    sent: list[list[int]],
    code: int,
    reasons: dict[str, str],
) -> None:
    for name in ("a", "b", "c"):
        add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/", name=name)
    coming = iter(sent)

    def signalled(event: str, arguments: tuple[object, ...]) -> None:
        """Each audit reads the passwords once."""
        if event == "open" and str(arguments[0]).endswith("passwords.csv"):
            for number in next(coming):
                os.kill(os.getpid(), number)

    before = signal.getsignal(TERM), signal.getsignal(INT)
    with hearing(signalled):
        assert call("watch", "run")[0] == code
    assert (signal.getsignal(TERM), signal.getsignal(INT)) == before
    assert {body["watch"]: body["reason"] for _, _, body in web.requests} == reasons
    failed = [body["error"]["key"] for _, _, body in web.requests if body["error"]]
    assert failed == ["watch_stopped"] * list(reasons.values()).count("failed")


def test_a_sigterm_while_a_message_is_sent_loses_none(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("a", "b"):
        add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/", name=name)
    coming = iter([TERM])

    def signalled(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo" and arguments[1] == web.server_address[1]:
            for number in coming:
                os.kill(os.getpid(), number)

    with hearing(signalled):
        assert run(["watch", "run", "--lang", "en"]) == 6
    assert "a: The run of the watch a was ended from outside" in capsys.readouterr().err
    assert [body["watch"] for _, _, body in web.requests] == ["b"]
    assert call("watch", "run")[0] == 1
    assert [body["watch"] for _, _, body in web.requests] == ["b", "a"]
