"""The commands of the trainer's lesson and of the consultant's page, typed in their order: each does what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.support.commands import has_option
from tests.support.issued_keystores import ISSUER, issued_by

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


def commands(page: str) -> list[list[str]]:
    """Those of the English page; tests/conventions/test_guides.py compares the other languages with it."""
    text = (GUIDE / page).read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"^ {4,}ehtoolkit (.*)$", text, re.MULTILINE)]


class Typing:
    """Types commands of a page: ``names`` are the files that its words in capitals stand for."""

    def __init__(self, call: Call, password: Path, names: dict[str, Path]) -> None:
        self._call, self._password, self.names = call, password, names

    def __call__(self, words: list[str]) -> tuple[int, dict[str, Any]]:
        """Exit code and answer. The password is asked for in a terminal; here it comes out of a file."""
        asked = {"KEYSTORE", "MESSAGE"} & set(words)
        more = ("--password-file", self._password) if asked else ()
        return self._call(*(self.names.get(word, word) for word in words), *more)


def test_the_lesson(call: Call, ask: Call, secrets: dict[str, Path]) -> None:
    """What people do on pages in between is done by the commands of the same name."""
    password = ("--password-file", secrets["password"])
    typed = Typing(call, secrets["password"], {})
    lesson = commands("trainers/en/lesson.md")
    reset, demo, *hour = lesson
    assert (reset, demo) == (["training", "reset"], ["demo"])
    assert typed(reset)[0] == 0
    old = Path(ask()[1]["keystore"])
    assert len(call("training", "mail")[1]["mails"]) == 1, "the first e-mail is there"

    assert hour.pop(0) == ["training", "clock", "+1d"]
    assert call("training", "clock", "+1d")[0] == 0
    assert len(call("training", "mail")[1]["mails"]) == 2
    assert call("certificate", "complete", old, *password)[0] == 0

    assert typed(hour.pop(0))[0] == 0
    new = Path(
        call(
            *("certificate", "renew", old, *password, "--pin-file", secrets["pin"], "--accept-terms"),
            *("--new-password-file", secrets["password"]),
        )[1]["keystore"]
    )
    assert typed(hour.pop(0))[0] == 0
    assert call("certificate", "complete", new, *password)[0] == 0
    assert call("certificate", "activate", new, *password)[0] == 0
    typed.names = {"KEYSTORE": new}
    assert call("certificate", "test", new, *password)[1]["colour"] == "green", "all lines are green"
    assert call("certificate", "test", old, *password)[1]["colour"] == "red", "since the new one is active"

    for _ in range(2):  # each is found by a look at this computer, and is gone when it is off
        assert typed(hour.pop(0))[0] == 0
        assert _wrong(call)
        assert typed(hour.pop(0))[0] == 0
        assert not _wrong(call)
    assert typed(hour.pop(0)) == call("certificate", "test", new, *password)
    assert typed(hour.pop(0))[0] == 0
    code, session = typed(hour.pop(0))
    assert (code, session["verdict"]) == (1, "right")
    assert typed(hour.pop(0))[0] == 0
    helped = [typed(hour.pop(0))[1]["advice"][0]["key"] for _ in range(2)]
    assert helped == ["not_authorised", "etk_other"]

    end, discard, back = hour
    assert call("training", "messages")[0] == 0
    assert typed(discard)[0] == 0
    assert not old.exists()
    assert typed(back)[0] == 0
    assert old.exists()
    assert typed(end)[0] == 0
    assert not new.exists(), "the next class begins with nothing"


def _wrong(call: Call) -> list[str]:
    """What the doctor finds wrong with this computer."""
    return [line["key"] for line in call("doctor")[1]["lines"] if line["severity"] == "error"]


@pytest.mark.parametrize(
    "page", ["consultants/en/is-it-the-certificate.md", "consultants/troubleshooting.md"]
)
def test_every_command_for_consultants_takes_the_environment(
    page: str, call: Call, secrets: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the first lines say, and by the variable as well."""
    real = [words for words in commands(page) if words[0] != "training"]
    assert real
    assert all(has_option(words, "environment") for words in real)
    pages = sorted(GUIDE.glob(f"consultants/**/{Path(page).name}"))
    assert len(pages) in (1, 4)
    for each in pages:
        lead = each.read_text(encoding="utf-8").partition("\n## ")[0]
        assert "`--environment production`" in lead
        assert "`EHTOOLKIT_ENVIRONMENT=production`" in lead
    file = issued_by(ISSUER["production"], tmp_path / "a.p12").path
    opened = ("keystore", "diagnose", file, "--password-file", secrets["password"])
    assert call(*opened)[0] == 2
    assert call(*opened, "--environment", "production")[0] == 0
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "production")
    assert call(*opened)[0] == 0


def test_is_it_the_certificate(
    call: Call, renewed: tuple[Path, Path], secrets: dict[str, Path], tmp_path: Path
) -> None:
    old, new = renewed
    letter = tmp_path / "letter.etee"
    call("training", "messages", "--save", 1, "-o", letter)
    typed = Typing(call, secrets["password"], {"KEYSTORE": new, "OLD": old, "MESSAGE": letter})
    test, offline, session, message, merge, doctor, down, again, up = commands(
        "consultants/en/is-it-the-certificate.md"
    )
    assert typed(test)[1]["colour"] == "green"
    code, found = typed(offline)
    assert (code, found["verdict"]) == (0, "offline")
    assert {line["part"] for line in found["lines"] if line["colour"] == "green"} == {"keys", "messages"}
    assert typed(session)[1]["verdict"] == "fine"

    assert call("training", "discard-keys", new, "--password-file", secrets["password"])[0] == 0
    code, found = typed(message)
    assert (code, found["state"]) == (1, "not_for_this_keystore")
    assert found["signer"]
    assert found["recipients"][0]["serial"]
    assert call("training", "return-keys")[0] == 0
    assert typed(merge)[0] == 0
    assert typed(message)[1]["state"] == "proven"

    assert typed(doctor)[1]["advice"][0]["key"] == "not_authorised"
    assert typed(down)[0] == 0
    lines = typed(again)[1]["lines"]
    assert [line["thing"] for line in lines if line["colour"] == "amber"] == ["session"]
    assert {line["colour"] for line in lines} == {"green", "amber"}
    assert typed(up)[0] == 0
    assert typed(test)[1]["colour"] == "green"
