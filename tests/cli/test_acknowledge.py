"""`acknowledge`: what is known of and has a reason counts apart in what other commands say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.auditing.acknowledgements import FILE
from ehtoolkit.cli.run import run
from ehtoolkit.clock import SystemClock, brussels_day
from ehtoolkit.settings import load_settings
from tests.auditing.conftest import ELISE, KARL, Workshop, days_to_today, keystore_maker, workshop
from tests.cli.audited_folder import folder, passwords
from tests.cli.conftest import Call

__all__ = ["folder", "keystore_maker", "passwords", "workshop"]

REASON = ("--reason", f"Known, see {KARL}")


@pytest.fixture
def due(folder: Path) -> Path:
    """The keystore that is due."""
    return next(folder.glob(f"*{ELISE}*"))


def listed(call: Call, passwords: Path) -> list[tuple[str, str | None]]:
    code, value = call("acknowledge", "list", "--passwords", passwords)
    assert code == 0
    return [(each["status"], each["void"]) for each in value["acknowledged"]]


def added(call: Call, *arguments: object) -> dict[str, Any]:
    code, value = call("acknowledge", "add", *arguments)
    assert code == 0, value
    (one,) = value["acknowledged"]
    found: dict[str, Any] = one
    return found


def test_it_is_not_due_any_more_until_it_is_removed(
    call: Call, folder: Path, passwords: Path, due: Path
) -> None:
    audit = ("audit", folder, "--passwords", passwords)
    assert call(*audit)[0] == 1
    one = added(call, due, *REASON, "--passwords", passwords)
    code, value = call(*audit)
    assert (code, value["due"]) == (0, False)
    assert {(row["acknowledged"], ELISE[:6] in row["file"]) for row in value["keystores"]} == {
        (True, True),
        (False, False),
    }
    assert {row["acknowledged"] for row in value["findings"] if ELISE[:6] in row["file"]} == {True}
    assert listed(call, passwords) == [("holds", None)]
    assert call("acknowledge", "remove", one["id"]) == (0, {"removed": [one["id"]]})
    assert call(*audit)[0] == 1
    assert listed(call, passwords) == []


def test_one_finding(call: Call, folder: Path, passwords: Path, due: Path) -> None:
    code, refused = call(
        "acknowledge", "add", due, *REASON, "--passwords", passwords, "--finding", "misnamed"
    )
    assert (code, refused["error"]) == (2, "finding_unknown")
    assert refused["facts"]["known"] == "certificate_renewable"
    found = added(call, due, *REASON, "--passwords", passwords, "--finding", "certificate_renewable")
    assert (found["finding"], found["state"]) == ("certificate_renewable", "renewable")
    assert call("audit", folder, "--passwords", passwords)[0] == 0


def test_a_refused_file_leaves_the_others_as_they_were(
    call: Call, passwords: Path, due: Path, tmp_path: Path
) -> None:
    for other in (tmp_path / "gone.p12", tmp_path):
        assert call("acknowledge", "add", due, other, *REASON, "--passwords", passwords)[0] != 0
    assert listed(call, passwords) == []


def test_why_it_is_void_is_listed(call: Call, passwords: Path, due: Path, workshop: Workshop) -> None:
    added(call, due, *REASON, "--passwords", passwords)
    assert listed(call, passwords) == [("holds", None)]
    (closed,) = call("acknowledge", "list")[1]["acknowledged"]
    assert (closed["status"], closed["void"]) == ("unseen", None), "without a password nobody knows"
    today = days_to_today()
    workshop.write(due.parent, ELISE, today - 900, today + 25)
    assert listed(call, passwords) == [("void", "end")]
    workshop.write(due.parent, ELISE, today - 900, today - 5)
    assert listed(call, passwords) == [("void", "state")]
    due.unlink()
    assert listed(call, passwords) == [("unseen", None)]


def test_the_last_day(call: Call, folder: Path, passwords: Path, due: Path) -> None:
    today = brussels_day(SystemClock().now())
    wanted = (*REASON, "--passwords", passwords, "--until")
    assert added(call, due, *wanted, today)["until"] == today.isoformat()
    assert call("audit", folder, "--passwords", passwords)[0] == 0
    for past in (today - timedelta(days=1), "soon"):
        assert run(["acknowledge", "add", str(due), *map(str, wanted), str(past)]) == 2
    assert run(["acknowledge", "add", str(due), "--reason", " "]) == 2
    assert len(listed(call, passwords)) == 1


def test_no_whole_niss_is_listed(
    call: Call, passwords: Path, due: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added(call, due, *REASON, "--passwords", passwords)
    for more in ([], ["--json"]):
        capsys.readouterr()
        assert run(["acknowledge", "list", "--passwords", str(passwords), *more]) == 0
        out = capsys.readouterr().out
        assert f"{ELISE[:6]}*****" in out
        assert f"{KARL[:6]}*****" in out
        assert ELISE not in out
        assert KARL not in out


def test_a_damaged_store_is_an_error(call: Call, folder: Path, passwords: Path, due: Path) -> None:
    one = added(call, due, *REASON, "--passwords", passwords)
    path = load_settings().home / "audit" / FILE
    path.write_text("[")
    for command in (
        ("add", due, *REASON, "--passwords", passwords),
        ("list",),
        ("remove", one["id"]),
    ):
        code, value = call("acknowledge", *command)
        assert (code, value["error"], value["facts"]["reason"]) == (2, "file_unreadable", "acknowledged")
    code, audit = call("audit", folder, "--passwords", passwords)
    assert code == 1
    assert "acknowledgements_unreadable" in {row["key"] for row in audit["findings"]}
    assert path.read_text() == "["


def test_it_is_said_in_text(
    folder: Path, passwords: Path, due: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = ["--passwords", str(passwords), "--lang", "en"]
    assert run(["acknowledge", "add", str(due), *REASON, *secrets]) == 0
    assert capsys.readouterr().out.startswith("Acknowledged: ")
    assert run(["audit", str(folder), *secrets]) == 0
    assert "Acknowledged, and not counted: keystores 1, findings 1." in capsys.readouterr().out
    assert run(["audit", str(folder), *secrets, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["acknowledge", "list", *secrets]) == 0
    out = capsys.readouterr().out
    assert "The whole keystore. State at that moment: To be renewed." in out
    assert out.endswith("  It counts apart.\n")
