"""``ehtoolkit audit``, as a consultant runs it."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.identity.issuers import TRAINING_ISSUERS
from ehtoolkit.settings import load_settings
from tests.auditing.conftest import CLAIRE, ELISE, KARL, PASSWORD, Workshop, days_to_today, workshop
from tests.cli.audited_folder import folder, passwords
from tests.cli.terminal import at_a_terminal
from tests.keystore.conftest import keystore_maker
from tests.keystore.diagnosis.conftest import ACCEPTANCE

__all__ = ["folder", "keystore_maker", "passwords", "workshop"]

Call = Callable[..., tuple[int, dict[str, Any]]]
NISS = "790314*****"


def test_what_is_due_is_an_exit_code(folder: Path, passwords: Path, call: Call) -> None:
    code, answer = call("audit", folder, "--passwords", passwords)
    assert (code, answer["due"], answer["environment"]) == (1, True, None)
    standing = {keystore["holder"]: keystore["state"] for keystore in answer["keystores"]}
    assert standing == {f"SSIN={NISS}": "renewable", "SSIN=850101*****": "complete"}
    assert [finding["key"] for finding in answer["findings"]] == ["certificate_renewable"]
    assert ELISE not in json.dumps(answer)
    code, answer = call("audit", folder)  # with --quiet nobody sees that no end is known
    assert (code, answer["due"], answer["closed"]) == (1, True, 2)
    assert call("audit", folder, "--passwords", passwords, "--due-within", "10d")[0] == 0


def test_without_a_password_it_shows_the_end_that_was_seen_and_the_state_where_the_file_is_the_same(
    ask: Call, call: Call, secrets: dict[str, Path]
) -> None:
    """As docs/AUDIT.md says of the cache."""
    password = ("--password-file", secrets["password"])
    path = Path(ask()[1]["keystore"])
    call("training", "clock", "+1d")
    assert call("certificate", "complete", path, *password)[0] == 0
    shutil.rmtree(load_settings().notes)

    def shown(*more: object) -> tuple[str, object]:
        (row,) = call("audit", path.parent, *more)[1]["keystores"]
        return row["state"], row["not_after"]

    assert shown() == ("closed", None)
    standing, end = shown(*password)
    assert (standing, bool(end)) == ("complete", True)
    assert shown() == ("closed", end)
    assert call("certificate", "status", path, *password)[0] == 0
    assert shown() == ("complete", end)


def test_tables_of_passwords_are_merged(folder: Path, call: Call, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(f"pattern,password\n*{ELISE}*,{PASSWORD.reveal()}\n", encoding="utf-8")
    second.write_text(f"pattern,password\n*{KARL}*,{PASSWORD.reveal()}\n", encoding="utf-8")
    _, answer = call("audit", folder, "--passwords", first, "--passwords", second)
    assert {keystore["opened"] for keystore in answer["keystores"]} == {True}
    call("watch", "add", "w", "--folder", folder, "--passwords", first, "--passwords", second)
    assert call("watch", "run")[1]["runs"][0]["counts"]["standing"] == {"renewable": 1, "complete": 1}


def test_due_within_counts_days_as_the_row_does(
    workshop: Workshop, call: Call, passwords: Path, tmp_path: Path
) -> None:
    workshop.write(tmp_path / "near", CLAIRE, days_to_today() - 100, days_to_today() + 91)
    common = ("audit", tmp_path / "near", "--passwords", passwords, "--due-within")
    answers = {days: call(*common, days) for days in ("91d", "90d")}
    assert {answer["keystores"][0]["days_left"] for _, answer in answers.values()} == {91}
    assert {days: code for days, (code, _) in answers.items()} == {"91d": 1, "90d": 0}


def test_a_password_of_many_files_accuses_none_and_one_of_a_file_does(
    folder: Path, call: Call, tmp_path: Path
) -> None:
    path, table = next(folder.glob(f"*{ELISE}*")), tmp_path / "wrong.csv"
    found = {}
    for pattern in ("SSIN=*", path.name, f"{folder.name}/{path.name}"):
        table.write_text(f"pattern,password\n{pattern},Another-1\n", encoding="utf-8")
        _, answer = call("audit", folder, "--passwords", table, "--full")
        found[pattern] = {finding["key"] for finding in answer["findings"] if finding["file"] == str(path)}
    assert list(found.values()) == [{"closed"}, {"password_wrong"}, {"password_wrong"}]


def test_passwords_come_by_standard_input_too(
    folder: Path, passwords: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + passwords.read_bytes()), encoding="ascii")
    monkeypatch.setattr("sys.stdin", typed)
    typed_in, from_file = (call("audit", folder, "--passwords", source)[1] for source in ("-", passwords))
    assert typed_in["audit"].pop("now") < from_file["audit"].pop("now")
    assert typed_in == from_file


class Torn(io.RawIOBase):
    """A standard input whose terminal or drive has gone."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("given", [None, io.TextIOWrapper(io.BufferedReader(Torn()))], ids=["closed", "torn"])
def test_an_unreadable_standard_input_is_reported(
    folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch, given: io.TextIOWrapper | None
) -> None:
    """Services and shells (``<&-``) start programs without one."""
    monkeypatch.setattr("sys.stdin", given)
    code, answer = call("audit", folder, "--passwords", "-")
    assert (code, answer["error"], answer["facts"]) == (2, "file_unreadable", {"path": "stdin"})


def test_the_registry_is_held_against_it(folder: Path, passwords: Path, call: Call) -> None:
    path = next(folder.glob(f"*{ELISE}*"))
    assert call("provider", "add", "--name", "Vandamme", "--niss", ELISE, "--type", "doctor")[0] == 0
    assert call("provider", "assign", "Vandamme", path, "--passwords", passwords)[0] == 0
    code, answer = call("audit", folder, "--passwords", passwords, "--full", "--environment", "training")
    assert code == 1
    assert answer["providers"][0]["file"] == str(path)
    found = {(finding["key"], finding["name"]) for finding in answer["findings"]}
    assert {("certificate_renewable", "Vandamme"), ("nobody", None)} <= found
    assert ELISE in json.dumps(answer)


@pytest.mark.parametrize(("issuer", "state"), [(TRAINING_ISSUERS[0], "expired"), (ACCEPTANCE, "elsewhere")])
@pytest.mark.parametrize("inside", [True, False])
def test_an_audit_and_show_judge_a_keystore_by_the_same_clock(
    workshop: Workshop,
    passwords: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    issuer: str,
    state: str,
    *,
    inside: bool,
) -> None:
    today = days_to_today()
    file = workshop.write(passwords.with_name("ks"), ELISE, today - 1, today + 900, issuer=issuer)
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "training")
    if inside:
        monkeypatch.setenv("EHTOOLKIT_KEYSTORE_FOLDER", str(file.parent))
    call("training", "clock", "+34mo")
    (audited,) = call("audit", file.parent, "--passwords", passwords)[1]["keystores"]
    (shown,) = call("keystore", "show", file, "--passwords", passwords)[1]["keystores"]
    assert audited["environment"] == shown["environment"]
    assert (audited["state"], shown["state"]) == (state, "complete" if state == "elsewhere" else state)
    assert audited["days_left"] == (today + 900 if False else audited["days_left"])


def test_an_audit_makes_no_registry(folder: Path, call: Call) -> None:
    call("audit", folder)
    assert not list(Path(os.environ["EHTOOLKIT_HOME"]).glob("providers*"))


def test_the_sentence_about_the_registry_proposes_what_helps(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["audit", str(folder), "--lang", "en"])
    assert "No registry of providers was read (--environment chooses one).\n" in capsys.readouterr().out
    run(["audit", str(folder), "--lang", "en", "--environment", "training"])
    assert "No registry of providers was read.\n" in capsys.readouterr().out


def test_a_missing_folder_is_named_in_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "nowhere"
    assert run(["audit", str(missing), "--lang", "en"]) == 1
    first, about, *_ = capsys.readouterr().out.splitlines()
    assert (first, about.strip()) == (f"Error: There is no such folder: {missing}.", str(missing))


def test_csv_for_a_spreadsheet(
    folder: Path, passwords: Path, call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("provider", "add", "--name", "=1+1", "--niss", ELISE, "--type", "doctor")
    out = tmp_path / "audit.csv"
    command = ["audit", str(folder), "--format", "csv", "-o", str(out), "--passwords", str(passwords)]
    command += ["--environment", "training"]
    assert run(command) == 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert {row["name"] for row in rows} == {"", "'=1+1"}
    assert {len(row["not_after"]) for row in rows} == {0, len("2026-12-14")}
    assert {row["days_left"] for row in rows} == {"", "20", "900"}
    assert ELISE not in out.read_text(encoding="utf-8-sig")
    before = out.read_bytes()
    assert run(command) == 6  # the file is there
    assert out.read_bytes() == before
    out.write_bytes(b"old")
    out.chmod(0o640)
    assert run([*command, "--force"]) == 1
    again = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    moments = {row.pop("audited_at") for row in rows} | {row.pop("audited_at") for row in again}
    assert (again, len(moments), stat.S_IMODE(out.stat().st_mode)) == (rows, 2, 0o640)
    capsys.readouterr()
    without = ["audit", str(folder), "--format", "csv", "--table", "findings", "--full"]
    assert run(without) == 1, "an earlier audit has seen that one ends soon"
    assert f"SSIN={ELISE}" in capsys.readouterr().out


@pytest.mark.parametrize("target", ["folder", "missing/out.csv"])
def test_force_replaces_files_alone(target: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    code = run(["audit", str(folder), "--format", "csv", "-o", str(tmp_path / target), "--force"])
    assert code == {"folder": 6, "missing/out.csv": 2}[target]
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.parametrize(
    ("form", "begins"),
    [("xlsx", b"PK\x03\x04"), ("ics", b"BEGIN:VCALENDAR\r\n"), ("html", b"<!doctype html>")],
)
def test_other_formats_into_a_file_and_a_pipe(
    form: str,
    begins: bytes,
    folder: Path,
    passwords: Path,
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    command = ["audit", str(folder), "--format", form, "--passwords", str(passwords), "--quiet"]
    assert run([*command, "-o", str(tmp_path / "out")]) == 1
    assert capsysbinary.readouterr().out == b""
    assert (tmp_path / "out").read_bytes().startswith(begins)
    assert ELISE.encode() not in (tmp_path / "out").read_bytes()
    assert run(command) == 1
    assert capsysbinary.readouterr().out.startswith(begins)


def test_a_terminal_gets_no_workbook(folder: Path) -> None:
    command = [sys.executable, "-m", "ehtoolkit", "audit", str(folder), "--format", "xlsx", "--lang", "en"]
    code, shown = at_a_terminal(command)
    assert code == 2
    assert "cannot be shown in a terminal" in shown
    assert "--output" in shown


def test_a_bar_at_a_terminal_and_none_elsewhere(folder: Path, passwords: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "ehtoolkit",
        "audit",
        str(folder),
        "--lang",
        "en",
        "--passwords",
        str(passwords),
    ]
    code, shown = at_a_terminal(command)
    assert code == 1
    assert "2/2" in shown
    assert "2/2" not in at_a_terminal([*command, "--quiet"])[1]
    piped = subprocess.run(command, capture_output=True, text=True)
    assert piped.stderr == ""


def test_closed_keystores_are_printed_and_due_with_quiet(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another one", encoding="utf-8")
    for options in ((), ("--password-file", str(wrong))):
        assert run(["audit", str(folder), *options, "--quiet", "--lang", "en"]) == 1
        out = capsys.readouterr().out
        assert "Keystores that were not opened: 2." in out
        assert out.count("    → Give its") == 2
    assert run(["audit", str(folder), "--lang", "en"]) == 0  # a person reads the summary
    assert "Keystores that were not opened: 2." in capsys.readouterr().out


def test_a_mail_when_something_is_due_and_none_when_nothing_is(
    folder: Path, passwords: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["audit", str(folder), "--passwords", str(passwords), "--lang", "en", "--quiet"]
    (folder / f"SSIN={KARL} 20260816-120000 (1).p12").write_bytes(next(folder.glob(f"*{KARL}*")).read_bytes())
    assert run(command) == 1
    mail = capsys.readouterr()
    assert "The certificate expires" in mail.out
    assert "several" not in mail.out.lower()  # worth a look, but nothing that is due
    assert "    DUBOIS ELISE  " in mail.out, "the holder, who is in no registry"
    assert ELISE not in mail.out
    assert mail.err == ""
    assert run([*command, "--due-within", "10d"]) == 0
    assert capsys.readouterr() == ("", "")


def test_any_environment_unless_one_was_asked_for(folder: Path, passwords: Path, call: Call) -> None:
    found = call("audit", folder, "--passwords", passwords, "--environment", "production")[1]
    assert found["environment"] == "production"
    assert "environment_other" in {finding["key"] for finding in found["findings"]}
    assert "environment_other" not in {
        finding["key"] for finding in call("audit", folder, "--passwords", passwords)[1]["findings"]
    }


def test_the_training_clock_is_for_the_folders_of_training(folder: Path, passwords: Path, call: Call) -> None:
    assert call("training", "clock", "+1y")[0] == 0
    days = call("audit", folder, "--passwords", passwords)[1]["keystores"][0]["days_left"]
    assert days == 20
    inside = Path(os.environ["EHTOOLKIT_HOME"]) / "training" / "keystore"
    shutil.copytree(folder, inside, dirs_exist_ok=True)
    days = call("audit", inside, "--passwords", passwords)[1]["keystores"][0]["days_left"]
    assert days < -300


def test_periods_as_csv(folder: Path, call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("provider", "add", "--name", "Vandamme", "--niss", ELISE, "--type", "doctor")
    call(
        "provider",
        "period",
        "add",
        "Vandamme",
        "--start",
        "2020-01-01",
        "--end",
        "2030-06-30",
        "--type",
        "doctor",
    )
    capsys.readouterr()
    run(["audit", str(folder), "--format", "csv", "--table", "periods", "--environment", "training"])
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines(), delimiter=";")
    assert (row["name"], row["end"], row["current"]) == ("Vandamme", "2030-06-30", "yes")


def test_lines_for_a_terminal(folder: Path, passwords: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(folder), "--passwords", str(passwords), "--lang", "fr", "--quiet"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert "estimation" in shown[0]
    assert shown[2].startswith("    → Renouvelez-le")
    assert shown[-1] == "Keystores\u00a0: 2. Fiches\u00a0: 0. Constats\u00a0: 1."


def test_a_folder_that_is_not_there(tmp_path: Path, call: Call) -> None:
    code, answer = call("audit", tmp_path / "absent")
    assert (code, [finding["key"] for finding in answer["findings"]]) == (1, ["folder_missing"])


def test_a_span_that_is_none(tmp_path: Path, call: Call) -> None:
    assert call("audit", tmp_path, "--due-within", "soon")[0] == 2


def test_other_commands_do_not_load_pandas() -> None:
    program = (
        "import sys; from ehtoolkit.cli.run import run; run(['keystore', 'show', '--quiet']); "
        "run(['audit', '--help']); import ehtoolkit; "
        "assert not {'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)


def test_an_unknown_practice_fails(call: Call, tmp_path: Path) -> None:
    call("training", "sample")
    code, answer = call("audit", tmp_path, "--practice", "Nobody & co", "--environment", "training")
    assert (code, answer["error"]) == (2, "practice_unknown")
    assert answer["facts"]["known"] in answer["next"]
    assert "(" not in answer["next"], "as a list is written, not as Python writes it"
    assert len(answer["facts"]["known"]) > 20


def test_invented_people_are_not_mixed_with_other_folders(
    call: Call, workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sample is in the training registry; a production keystore lies elsewhere."""
    made = call("training", "sample")[1]
    today = days_to_today()
    workshop.write(tmp_path / "real", ELISE, today - 100, today + 900)
    password = tmp_path / "password"
    password.write_text(PASSWORD.reveal(), encoding="utf-8")
    command = ["audit", str(tmp_path / "real"), "--password-file", str(password), "--lang", "en"]
    capsys.readouterr()
    assert run([*command, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert run([*command, "--nagios"]) == 0
    capsys.readouterr()
    assert run(command) == 0
    assert "No registry of providers was read (--environment chooses one)." in capsys.readouterr().out
    registry = str(load_settings().provider_file)
    for arguments in (("audit", *command[1:2], "--environment", "training"), ("audit", made["folders"][0])):
        code, answer = call(*arguments)
        assert (answer["registry"], len(answer["providers"])) == (registry, 40)
    run(["audit", made["folders"][0], "--lang", "en"])
    assert f"Registry of providers: {registry}." in capsys.readouterr().out
    code, answer = call(*command[:4], "--practice", "Les Tilleuls")
    assert (code, answer["error"], answer["facts"]["reason"]) == (2, "practice_unknown", "registry")


def test_a_practice_without_a_registry_is_refused_before_a_cluster_is_called(
    call: Call, tmp_path: Path
) -> None:
    code, answer = call("audit", tmp_path, "--practice", "Nowhere", "--executor", "no address")
    assert (code, answer["error"]) == (2, "practice_unknown")


@pytest.mark.parametrize("command", [("audit",), ("watch", "add", "w", "--folder")])
def test_a_practice_without_a_registry_is_refused(
    call: Call, tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, answer = call(*command, tmp_path, "--practice", "Nowhere")
    assert (code, answer["error"], answer["facts"]["reason"]) == (2, "practice_unknown", "registry")
    assert call("watch", "list")[1] == {"watches": []}
    call("provider", "add", "--name", "Peeters")
    named = ("--environment", "training")
    code, answer = call(*command, tmp_path, "--practice", "Nowhere", *named)
    assert (code, answer["error"], answer["facts"]["reason"]) == (2, "practice_unknown", "empty")
    call("provider", "add", "--name", "Dubois", "--practice", "Les Tilleuls")
    code, answer = call(*command, tmp_path, "--practice", "Nowhere", *named)
    assert (code, answer["error"], answer["facts"]["known"]) == (2, "practice_unknown", "Les Tilleuls")
    assert call(*command, tmp_path, "--practice", "les tilleuls", *named)[0] in {0, 1}


def test_a_watch_of_a_practice_that_is_gone_fails(call: Call, tmp_path: Path) -> None:
    call("provider", "add", "--name", "Dubois", "--practice", "Les Tilleuls")
    options = ("--folder", tmp_path, "--practice", "Les Tilleuls", "--environment", "training")
    assert call("watch", "add", "w", *options)[0] == 0
    call("provider", "remove", "Dubois", "--yes")
    code, answer = call("watch", "run")
    assert (code, answer["runs"][0]["error"]["key"]) == (6, "practice_unknown")


def test_without_the_registry(call: Call, tmp_path: Path) -> None:
    call("training", "sample")
    named = ("audit", tmp_path, "--environment", "training")
    assert len(call(*named)[1]["providers"]) > 10
    assert call(*named, "--no-registry")[1]["providers"] == []
    code, _ = call("audit", tmp_path, "--no-registry", "--practice", "x")
    assert code == 2


def test_two_folders_are_compared(
    folder: Path, passwords: Path, tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    common = ("--passwords", passwords, "--lang", "en")
    assert run(["audit", "--compare", str(copy), str(folder), *map(str, common)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "Nothing changed."
    (gone,) = folder.glob(f"*{KARL}*")
    gone.unlink()
    code, answer = call("audit", "--compare", copy, folder, *common)
    assert (code, answer["due"], answer["earlier"]["keystores"]) == (1, True, 2)
    assert [(row["change"], row["file"]) for row in answer["changes"]] == [("gone", None)]
    assert KARL not in json.dumps(answer)
    assert run(["audit", "--compare", str(folder), str(copy), *map(str, common), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    out = tmp_path / "changes.csv"
    assert run(["audit", "--compare", str(copy), str(folder), "-o", str(out), "--full"]) == 1
    assert KARL in out.read_text(encoding="utf-8-sig")
    assert run(["audit", "--compare", str(copy), str(folder), "-o", str(out)]) == 6
    page = tmp_path / "changes.html"
    assert run(["audit", "--compare", str(copy), str(folder), "-o", str(page)]) == 1
    assert "<td" in page.read_text(encoding="utf-8")


def test_a_folder_is_compared_with_an_audit_that_was_saved(
    folder: Path, passwords: Path, tmp_path: Path, call: Call
) -> None:
    saved = tmp_path / "audit.json"
    assert run(["audit", str(folder), "--passwords", str(passwords), "--full", "-o", str(saved)]) == 1
    for file in folder.glob(f"*{ELISE}*"):
        file.rename(folder / "renamed.p12")
    code, answer = call("audit", "--compare", saved, folder, "--passwords", passwords)
    assert (code, [row["change"] for row in answer["changes"]]) == (0, ["moved"])
    saved.write_text("{}", encoding="utf-8")
    code, answer = call("audit", "--compare", saved, folder)
    assert (code, answer["error"]) == (2, "saved_audit_invalid")


@pytest.mark.parametrize(
    "options",
    [
        ("{folder}",),
        ("{folder}", "{folder}", "{folder}"),
        ("{folder}", "{folder}", "--format", "ics"),
        ("{folder}", "{folder}", "--nagios"),
        ("{folder}", "{folder}", "--per-practice", "-o", "reports"),
        ("{folder}", "{folder}", "--due-within", "30d"),
        ("{folder}", "{folder}", "--findings"),
        ("{folder}", "{folder}", "--force"),
        ("{folder}", "{folder}/none"),
    ],
)
def test_what_cannot_be_compared(options: tuple[str, ...], folder: Path) -> None:
    assert run(["audit", "--compare", *(word.format(folder=folder) for word in options)]) == (
        3 if "--nagios" in options else 2
    )
