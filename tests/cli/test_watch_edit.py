"""``ehtoolkit watch edit``: what a watch keeps, and what it forgets."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.watch.store import WatchStore
from tests.auditing.conftest import Workshop, days_to_today
from tests.cli.conftest import Call
from tests.cli.watch_commands import add, folder, home, practice
from tests.watch.conftest import (
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
