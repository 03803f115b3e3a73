"""``ehtoolkit watch``, as a consultant gives it: from adding one to the mail that arrives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from tests.auditing.conftest import ELISE, KARL, PASSWORD, Workshop, days_to_today
from tests.cli.conftest import Call
from tests.cli.watch_commands import add, folder, home, practice
from tests.support.tls import WebAuthority
from tests.watch.conftest import (
    StartMail,
    WebSink,
    authority,
    keystore_maker,
    silent,
    start_mail,
    web,
    workshop,
)

__all__ = [
    "add",
    "authority",
    "folder",
    "home",
    "keystore_maker",
    "practice",
    "silent",
    "start_mail",
    "web",
    "workshop",
]


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
