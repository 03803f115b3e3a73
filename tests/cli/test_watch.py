"""``ehtoolkit watch``, as a consultant gives it: from adding one to the mail that arrives."""

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

from ehtoolkit.auditing import audit as audit_module
from ehtoolkit.cli.run import run
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import ELISE, KARL, PASSWORD, Workshop, days_to_today
from tests.cli.conftest import Call
from tests.support.tls import WebAuthority
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

__all__ = ["authority", "keystore_maker", "silent", "start_mail", "web", "workshop"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path, workshop: Workshop, home: Path) -> Path:
    """Of one whose certificate ends in 20 days by today's clock, and one who is fine."""
    today = days_to_today()
    workshop.write(tmp_path / "ks", ELISE, today - 900, today + 20)
    workshop.write(tmp_path / "ks", KARL, today - 100, today + 900, pair=2)
    return tmp_path / "ks"


@pytest.fixture
def add(call: Call, folder: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    table = tmp_path / "passwords.csv"
    table.write_text(f"pattern,password\n*,{PASSWORD.reveal()}\n", encoding="utf-8")

    def added(*options: object, name: str = "tilleuls") -> dict[str, Any]:
        code, answer = call("watch", "add", name, "--folder", folder, "--passwords", table, *options)
        assert code == 0, answer
        return answer

    return added


def test_from_adding_one_to_the_mail_and_the_webhook(
    add: Callable[..., dict[str, Any]],
    call: Call,
    start_mail: StartMail,
    web: WebSink,
    authority: WebAuthority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EHTOOLKIT_CA_FILE", str(authority.file))
    server = start_mail(authority.context(), login=True)
    (tmp_path / "smtp").write_text("right\n")
    hook = f"http://127.0.0.1:{web.server_address[1]}/hook/secret-7"
    added = add(
        *("--mail", "me@example.be", "--smtp", f"127.0.0.1:{server.port}", "--smtp-user", "me"),
        *("--smtp-password-file", tmp_path / "smtp", "--webhook", hook, "--lang", "fr"),
    )
    assert added["webhook"] == f"http://127.0.0.1:{web.server_address[1]}/…"
    assert call("watch", "test", "tilleuls") == (0, {"sent": 2, "failures": {}})
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["sent"], answer["runs"][0]["status"]) == (1, 2, "due")
    assert len(server.sink.mails) == len(web.requests) == 2
    assert [body["reason"] for _, _, body in web.requests] == ["test", "due"]
    assert web.requests[1][2]["reached"][0]["threshold"] == 30
    assert web.requests[1][2]["language"] == "fr"
    everything = json.dumps([body for _, _, body in web.requests]) + str(
        [mail.content for mail in server.sink.mails]
    )
    assert [
        word for word in (ELISE, KARL, PASSWORD.reveal(), "right", "secret-7") if word in everything
    ] == []
    code, answer = call("watch", "run", "tilleuls")
    assert (code, answer["runs"][0]["sent"]) == (1, 0)  # due still, and said
    code, answer = call("watch", "list")
    assert answer["watches"][0]["status"] == "due"
    capsys.readouterr()
    assert run(["watch", "list", "--lang", "en"]) == 0
    assert "secret-7" not in capsys.readouterr().out + json.dumps(answer)
    assert call("watch", "remove", "tilleuls")[0] == 0
    assert call("watch", "list") == (0, {"watches": []})


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
    monkeypatch: pytest.MonkeyPatch,
    sent: list[list[int]],
    code: int,
    reasons: dict[str, str],
) -> None:
    for name in ("a", "b", "c"):
        add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/", name=name)
    audit, coming = audit_module.run_audit, iter(sent)

    def signalled(*arguments: Any, **options: Any) -> Any:
        for number in next(coming):
            os.kill(os.getpid(), number)
        return audit(*arguments, **options)

    monkeypatch.setattr(audit_module, "run_audit", signalled)
    before = signal.getsignal(TERM), signal.getsignal(INT)
    assert call("watch", "run")[0] == code
    assert (signal.getsignal(TERM), signal.getsignal(INT)) == before
    assert {body["watch"]: body["reason"] for _, _, body in web.requests} == reasons
    failed = [body["error"]["key"] for _, _, body in web.requests if body["error"]]
    assert failed == ["watch_stopped"] * list(reasons.values()).count("failed")


def test_a_sigterm_while_a_message_is_sent_loses_none(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("a", "b"):
        add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/", name=name)
    post, coming = HttpTransport.post, iter([TERM])

    def signalled(*arguments: Any) -> Any:
        for number in coming:
            os.kill(os.getpid(), number)
        return post(*arguments)

    monkeypatch.setattr(HttpTransport, "post", signalled)
    assert run(["watch", "run", "--lang", "en"]) == 6
    assert "a: The run of the watch a was ended from outside" in capsys.readouterr().err
    assert [body["watch"] for _, _, body in web.requests] == ["b"]
    assert call("watch", "run")[0] == 1
    assert [body["watch"] for _, _, body in web.requests] == ["b", "a"]


def test_quiet_says_only_what_is_due(
    add: Callable[..., dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add()
    capsys.readouterr()
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 1
    assert "Expires on" in capsys.readouterr().out
    next(folder.glob(f"*{ELISE}*")).unlink()
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 1
    assert "Gone: " in capsys.readouterr().out
    # Its end goes on counting.
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 1
    assert "Certificates whose keystores are not there now:" in capsys.readouterr().out

    fine = folder / "fine"
    fine.mkdir()
    for file in folder.glob("*.p12"):
        file.rename(fine / file.name)
    assert run(["watch", "edit", "tilleuls", "--folder", str(fine), "--lang", "en"]) == 0
    capsys.readouterr()
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 0
    assert capsys.readouterr().out == ""


def test_scheduled_run_that_sent_its_message_ends_with_0(
    add: Callable[..., dict[str, Any]], call: Call, web: WebSink
) -> None:
    add("--webhook", f"http://127.0.0.1:{web.server_address[1]}/hook")
    web.status = 503
    assert call("watch", "run", "--scheduled")[0] == 6
    web.status = 200
    code, answer = call("watch", "run", "--scheduled")
    assert (code, answer["runs"][0]["status"], answer["runs"][0]["sent"]) == (0, "due", 1)
    code, answer = call("watch", "run", "--scheduled")
    assert (code, answer["runs"][0]["status"], answer["runs"][0]["sent"]) == (0, "due", 0)
    assert call("watch", "run")[0] == 1


def test_scheduled_run_without_a_target_ends_with_1(add: Callable[..., dict[str, Any]], call: Call) -> None:
    add()
    assert call("watch", "run", "--scheduled")[0] == 1


def test_a_watch_of_an_earlier_version_keeps_its_table(
    add: Callable[..., dict[str, Any]], call: Call, home: Path, tmp_path: Path
) -> None:
    add()
    file = home / "watch" / "tilleuls" / "watch.json"
    saved = json.loads(file.read_bytes())
    for passwords, standing in ((str(tmp_path / "passwords.csv"), "complete"), (None, "closed")):
        file.write_text(json.dumps({**saved, "passwords": passwords}), encoding="utf-8")
        assert standing in call("watch", "run")[1]["runs"][0]["counts"]["standing"]


def test_a_watch_of_an_earlier_version_is_due_within_90_days(
    add: Callable[..., dict[str, Any]], call: Call, home: Path, folder: Path
) -> None:
    assert add()["due_within"] == 90
    file = home / "watch" / "tilleuls" / "watch.json"
    saved = json.loads(file.read_bytes())
    del saved["due_within"]
    file.write_text(json.dumps({**saved, "environment": "training", "revocation": True}), encoding="utf-8")
    (watch,) = call("watch", "list")[1]["watches"]
    assert (watch["due_within"], watch["environment"], watch["revocation"]) == (90, "training", True)
    assert watch["folders"] == [str(folder)]


def test_the_list_says_what_a_watch_asks_for(
    add: Callable[..., dict[str, Any]],
    call: Call,
    practice: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = str(tmp_path / "passwords.csv")
    add("--environment", "training", "--practice", "L'Orme", "--revocation", "--due-within", "30d")
    (watch,) = call("watch", "list")[1]["watches"]
    asked = ("registry", "revocation", "follow_links", "due_within", "passwords", "password_file")
    assert [watch[name] for name in asked] == [True, True, False, 30, [table], None]
    options = ("--no-registry", "--no-revocation", "--follow-links", "--without", "practice")
    shown = []
    for change in ((), options):
        if change:
            assert call("watch", "edit", "tilleuls", *change)[0] == 0
        capsys.readouterr()
        assert run(["watch", "list", "--lang", "en"]) == 0
        shown.append(capsys.readouterr().out)
    assert "Practice: L'Orme." in shown[0]
    assert f"Passwords: {table}." in shown[0]
    assert "before: 30." in shown[0]
    assert "The registry of providers is read." in shown[0]
    assert "The issuers are asked which certificates are revoked." in shown[0]
    assert "The registry of providers is not read." in shown[1]
    assert "The issuers are not asked which certificates are revoked." in shown[1]
    assert "Links that lead out of the folders are followed." in shown[1]
    assert "Practice" not in shown[1]


def test_a_watch_is_due_within_the_days_that_it_was_given(
    add: Callable[..., dict[str, Any]], call: Call
) -> None:
    """The certificate ends in 20 days."""
    add("--due-within", "10d")
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["reached"]) == (0, [])
    assert call("watch", "edit", "tilleuls", "--due-within", "25")[1]["due_within"] == 25
    code, answer = call("watch", "run")
    assert (code, [each["threshold"] for each in answer["runs"][0]["reached"]]) == (1, [25])


def test_keystores_that_stay_closed_are_due(
    call: Call,
    workshop: Workshop,
    home: Path,
    web: WebSink,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    today = days_to_today()
    for pair, (niss, ends) in enumerate(((ELISE, 19), (KARL, 900), ("90020200296", 900))):
        workshop.write(tmp_path / "ks", niss, today - 900, today + ends, pair=pair)
    table = tmp_path / "passwords.csv"
    table.write_text("pattern,password\n*,another one\n", encoding="utf-8")
    hook = f"http://127.0.0.1:{web.server_address[1]}/hook"
    call("watch", "add", "w", "--folder", tmp_path / "ks", "--passwords", table, "--webhook", hook)
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["status"], answer["runs"][0]["sent"]) == (1, "due", 1)
    assert [request["key"] for request in web.requests[0][2]["findings"]] == ["closed"] * 3
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 1
    assert capsys.readouterr().out.count("None of the passwords given opens") == 3


def test_a_heartbeat_after_each_run_that_read_everything(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ping = f"http://127.0.0.1:{web.server_address[1]}"
    assert add("--heartbeat", f"{ping}/secret-7")["heartbeat"] == f"{ping}/…"

    def beats() -> tuple[int, bool | None, int]:
        web.asked.clear()
        code, answer = call("watch", "run")
        (ran,) = answer["runs"]
        assert set(web.asked) <= {"/secret-7"}
        return code, ran["heartbeat"], len(web.asked)

    assert beats() == (1, True, 1)  # due, and all was read
    (tmp_path / "passwords.csv").rename(tmp_path / "moved.csv")
    assert beats() == (6, None, 0)
    (tmp_path / "moved.csv").rename(tmp_path / "passwords.csv")
    folder.rename(tmp_path / "away")
    assert beats() == (1, None, 0)
    (tmp_path / "away").rename(folder)
    web.status = 503
    assert beats() == (1, False, 1)
    assert run(["watch", "run", "--quiet", "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert "tilleuls, heartbeat: 127.0.0.1 returned an error (503).\nThis changes no exit code." in said
    assert run(["watch", "list", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert f"Heartbeat: {ping}/…." in shown
    assert "secret-7" not in shown + said + json.dumps(call("watch", "list"))
    assert call("watch", "edit", "tilleuls", "--without", "heartbeat")[1]["heartbeat"] is None
    assert beats() == (1, None, 0)


def test_no_heartbeat_after_a_message_that_was_not_sent(
    add: Callable[..., dict[str, Any]], call: Call, web: WebSink
) -> None:
    add("--heartbeat", f"http://127.0.0.1:{web.server_address[1]}/", "--webhook", "http://127.0.0.1:1/")
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["heartbeat"], web.asked) == (6, None, [])


def test_the_weekly_message_is_kept_until_it_is_switched_off(
    add: Callable[..., dict[str, Any]], call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add("--all-well")["all_well"] is True
    assert call("watch", "edit", "tilleuls", "--revocation")[1]["all_well"] is True
    capsys.readouterr()
    assert run(["watch", "list", "--lang", "en"]) == 0
    assert "Once a week, a message says that nothing is due." in capsys.readouterr().out
    assert call("watch", "edit", "tilleuls", "--no-all-well")[1]["all_well"] is False


@pytest.mark.parametrize(("options", "code"), [
    (("--heartbeat", "http://example.be/x"), 2),
    (("--heartbeat", "example.be"), 2),
    (("--mail", "me@example.be"), 2),
    (("--smtp", "mail.example.be"), 2),
    (("--smtp-password-file", "x"), 2),
    (("--smtp-keyring", "x"), 2),
    (("--smtp-security", "tls"), 2),
    (("--mail", "me", "--smtp", "mail.example.be"), 2),
    (("--webhook", "http://example.be/x"), 2),
    (("--webhook-token-file", "x"), 2),
    (("--mail", "a@b.be", "--smtp", "h", "--smtp-user", "u"), 2),
    (("--practice", "x", "--no-registry"), 2),
    (("--passwords", "-"), 2),
    (("--passwords", "/absent.csv"), 2),
    (("--password-file", "/absent"), 2),
])  # fmt: skip
def test_a_watch_that_cannot_be(call: Call, folder: Path, options: tuple[str, ...], code: int) -> None:
    assert call("watch", "add", "x", "--folder", folder, *options)[0] == code
    assert call("watch", "list") == (0, {"watches": []})


def test_a_watch_without_recipients_proposes_no_test_message(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["watch", "add", "silent", "--folder", str(folder), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "watch test" not in said
    edit = said.strip().rpartition(": ehtoolkit ")[2].split()
    edit = [{"ADDRESS": "it@example.be", "HOST": "mail.example.be"}.get(word, word) for word in edit]
    assert run(edit) == 0
    assert run(["watch", "add", "loud", "--folder", str(folder), *edit[3:], "--lang", "en"]) == 0
    assert "“ehtoolkit watch test loud” sends one now" in capsys.readouterr().out


def test_names(add: Callable[..., dict[str, Any]], call: Call, folder: Path) -> None:
    add()
    assert call("watch", "add", "tilleuls", "--folder", folder)[1]["error"] == "watch_exists"
    assert call("watch", "add", "../x", "--folder", folder)[1]["error"] == "watch_invalid"
    for command in ("run", "test", "remove"):
        assert call("watch", command, "nobody")[1]["error"] == "watch_unknown"
    assert call("watch", "test", "tilleuls")[0] == 2  # it sends nothing


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


@pytest.fixture
def practice(call: Call) -> None:
    """Two providers of two practices in the registry of training."""
    for name, niss, group in (("Dubois", ELISE, "Les Tilleuls"), ("Hennes", KARL, "L'Orme")):
        code, _ = call("provider", "add", "--name", name, "--niss", niss, "--practice", group)
        assert code == 0


def test_a_watch_keeps_its_memory_when_it_is_changed(
    add: Callable[..., dict[str, Any]],
    call: Call,
    web: WebSink,
    folder: Path,
    tmp_path: Path,
    workshop: Workshop,
) -> None:
    hook = f"http://127.0.0.1:{web.server_address[1]}"
    add("--webhook", f"{hook}/old", "--lang", "fr")
    web.status = 500
    assert call("watch", "run")[1]["runs"][0]["waiting"] == 1
    web.status = 200
    code, answer = call("watch", "edit", "tilleuls", "--webhook", f"{hook}/new", "--lang", "en")
    assert (code, answer["language"], answer["folders"]) == (0, "en", [str(folder)])
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["sent"], answer["runs"][0]["reason"]) == (1, 1, None), "nothing is new"
    assert [path for path, _, _ in web.requests] == ["/old", "/new"]
    # What is in a folder that is left out is not gone, and one that is added has new keystores.
    today = days_to_today()
    workshop.write(tmp_path / "more", "90020200296", today - 100, today + 900, pair=1)
    assert call("watch", "edit", "tilleuls", "--folder", tmp_path / "more")[0] == 0
    code, answer = call("watch", "run")
    assert (code, [change["kind"] for change in answer["runs"][0]["changes"]]) == (0, ["new"])
    assert answer["runs"][0]["previous"] is not None


def test_another_practice_starts_from_the_beginning(
    add: Callable[..., dict[str, Any]], call: Call, practice: None, folder: Path
) -> None:
    add("--environment", "training")
    assert call("watch", "run")[0] == 1
    assert call("watch", "edit", "tilleuls", "--practice", "L'Orme")[1]["practice"] == "L'Orme"
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["changes"], answer["runs"][0]["previous"]) == (0, [], None)
    assert call("watch", "edit", "tilleuls", "--without", "practice")[1]["practice"] is None
    assert call("watch", "edit", "tilleuls", "--practice", "Nowhere")[1]["error"] == "practice_unknown"


def test_parts_of_a_mail_and_a_webhook(
    add: Callable[..., dict[str, Any]], call: Call, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("x")
    add(
        *("--mail", "a@example.be", "--smtp", "mail.example.be:2525", "--smtp-user", "me"),
        *("--smtp-password-file", tmp_path / "secret", "--webhook", "https://example.be/a"),
        *("--webhook-token-file", tmp_path / "secret"),
    )

    def kept() -> Any:
        return WatchStore(Path(os.environ["EHTOOLKIT_HOME"]) / "watch").load("tilleuls")

    assert call("watch", "edit", "tilleuls", "--mail", "b@example.be", "--mail", "c@example.be")[0] == 0
    mail = kept().mail
    assert (mail.to, mail.sender) == (("b@example.be", "c@example.be"), "b@example.be")
    assert (mail.host, mail.port, mail.user) == ("mail.example.be", 2525, "me")
    call("watch", "edit", "tilleuls", "--smtp-security", "tls", "--smtp-keyring", "entry")
    assert (kept().mail.port, kept().mail.password.service) == (465, "entry")
    call("watch", "edit", "tilleuls", "--without", "login", "--mail-from", "it@example.be")
    assert (kept().mail.user, kept().mail.password, kept().mail.sender) == (None, None, "it@example.be")
    assert kept().webhook.token is not None
    call("watch", "edit", "tilleuls", "--webhook", "https://example.org/b")
    assert (kept().webhook.url, kept().webhook.token) == ("https://example.org/b", None)
    code, answer = call("watch", "edit", "tilleuls", "--without", "mail", "--without", "webhook")
    assert (code, answer["mail"], answer["webhook"]) == (0, None, None)
    call("watch", "edit", "tilleuls", "--no-registry", "--revocation", "--without", "passwords")
    assert (kept().registry, kept().revocation, kept().passwords) == (False, True, ())


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--quiet",),
        ("--smtp", "mail.example.be"),
        ("--webhook-token-file", "x"),
        ("--mail", "me@example.be"),
        ("--webhook", "https://example.be/x", "--without", "webhook"),
        ("--heartbeat", "https://example.be/x", "--without", "heartbeat"),
        ("--without", "nothing"),
        ("--passwords", "-"),
        ("--passwords", "/absent.csv"),
        ("--practice", "x", "--no-registry"),
        ("--lang", "en", "--mail", "me", "--smtp", "h"),
    ],
)
def test_a_change_that_cannot_be(
    add: Callable[..., dict[str, Any]], call: Call, options: tuple[str, ...], home: Path
) -> None:
    add()
    before = (home / "watch" / "tilleuls" / "watch.json").read_bytes()
    assert call("watch", "edit", "tilleuls", *options)[0] == 2
    assert (home / "watch" / "tilleuls" / "watch.json").read_bytes() == before


def test_a_watch_that_runs_is_not_changed(add: Callable[..., dict[str, Any]], call: Call, home: Path) -> None:
    add()
    with WatchStore(home / "watch").locked("tilleuls"):
        code, answer = call("watch", "edit", "tilleuls", "--revocation")
    assert (code, answer["error"]) == (6, "watch_running")
    assert call("watch", "edit", "nobody", "--revocation")[1]["error"] == "watch_unknown"


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
