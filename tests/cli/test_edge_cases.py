"""A request that was stopped names its file; a keystore in the archive is not lost; a record of that very name; a short
password; a calendar without what is over."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from ehtoolkit.cli.run import run
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.training.http.transport import TrainingTransport
from tests.cli.conftest import Call
from tests.support.commands import BIS
from tests.support.status_answers import REQUESTER, status_instead


@pytest.fixture
def stopped() -> Iterator[pytest.MonkeyPatch]:
    """Ctrl+C while the request for a certificate is on the wire, until it is undone."""
    post = TrainingTransport.post
    patch = pytest.MonkeyPatch()

    def posted(wire: TrainingTransport, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        if b"GenerateCertificateRequest" in body or b"SubmitCSRForForeigner" in body:
            raise KeyboardInterrupt
        return post(wire, url, body, headers)

    patch.setattr(TrainingTransport, "post", posted)
    yield patch
    patch.undo()


def words_of(next_step: str) -> list[str]:
    """The command line at the end of a text."""
    return shlex.split(next_step.splitlines()[-1].partition(": ")[2])


def test_a_request_that_was_stopped_names_its_file(
    ask: Call, call: Call, secrets: dict[str, Path], stopped: pytest.MonkeyPatch
) -> None:
    code, answer = ask("--lang", "en")
    assert (code, answer["error"]) == (130, "cancelled")
    path = answer["facts"]["path"]
    assert Path(path).exists()
    assert path in answer["message"]
    command = ["ehtoolkit", "certificate", "request", "--resume", path]
    assert words_of(answer["next"]) == command
    stopped.undo()
    secrets["password"].write_text("Another-2026")
    code, refused = ask("--lang", "en")
    assert (code, refused["error"], refused["facts"]["path"]) == (1, "never_sent", path)
    assert words_of(refused["next"]) == command
    secrets["password"].write_text("Kine-2026")
    code, done = ask("--resume", path, "--password-file", secrets["password"])
    assert (code, done["state"], done["keystore"]) == (0, "waiting", path)


@pytest.fixture
def invented() -> Iterator[pytest.MonkeyPatch]:
    """The platform answers what it has for a key with a code that nobody knows, until it is undone."""
    post = TrainingTransport.post
    patch = pytest.MonkeyPatch()

    def posted(wire: TrainingTransport, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        answer = post(wire, url, body, headers)
        asked = b"GetCertificateRequest" in body
        return status_instead(REQUESTER, "X_4711")(answer) if asked else answer

    patch.setattr(TrainingTransport, "post", posted)
    yield patch
    patch.undo()


def test_a_request_that_may_have_arrived_can_be_given_up(
    ask: Call,
    call: Call,
    secrets: dict[str, Path],
    stopped: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    path = ask()[1]["facts"]["path"]
    stopped.undo()
    request.getfixturevalue("invented")
    password = ("--password-file", secrets["password"])
    code, unclear = call("certificate", "complete", path, *password, "--lang", "en")
    assert (code, unclear["error"], unclear["facts"]["words"]) == (5, "request_unclear", "X_4711 No.")
    assert "certificate list" in unclear["next"]
    code, listed = call("certificate", "list", *("--card", "training:elise", "--pin-file", secrets["pin"]))
    assert (code, listed["certificates"]) == (0, [])
    for words in ((), ("--resume", path, *password)):
        code, unlisted = ask(*words, "--lang", "en")
        assert (code, unlisted["error"], unlisted["facts"]["reason"]) == (5, "request_unclear", "unlisted")
        assert "--insist" in unlisted["next"]
        assert "without --resume" in unlisted["next"]
    code, asked = ask("--insist")
    assert (code, asked["state"], asked["keystore"] == path) == (0, "waiting", False)
    archived = Path(path).parent / "archive" / Path(path).name
    assert (Path(path).exists(), archived.exists()) == (False, True)


def test_the_password_of_a_request_that_goes_on_may_be_in_a_table(
    ask: Call, tmp_path: Path, stopped: pytest.MonkeyPatch
) -> None:
    path = ask()[1]["facts"]["path"]
    stopped.undo()
    table = tmp_path / "passwords.csv"
    table.write_text("pattern,password\nSSIN=*,Kine-2026\n", encoding="utf-8")
    code, done = ask("--resume", path, "--passwords", table)
    assert (code, done["state"], done["keystore"]) == (0, "waiting", path)


def test_without_card_too(call: Call, secrets: dict[str, Path], stopped: pytest.MonkeyPatch) -> None:
    command = (
        *("certificate", "request-foreigner", "--niss", BIS, "--first-name", "Ann", "--name", "Doe"),
        *("--email", "ann@example.org", "--phone", "+33 1 99 00 01 42", "--accept-terms", "--lang", "en"),
    )
    code, answer = call(*command, "--new-password-file", secrets["password"])
    path = answer["facts"]["path"]
    assert (code, words_of(answer["next"])) == (
        130,
        ["ehtoolkit", "certificate", "request-foreigner", "--resume", path],
    )
    stopped.undo()
    code, done = call(*command, "--resume", path, "--password-file", secrets["password"])
    assert (code, done["keystore"]) == (0, path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_status_of_an_unsent_request_names_the_command_that_resumes_it(
    ask: Call,
    call: Call,
    secrets: dict[str, Path],
    stopped: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
) -> None:
    without_card = (
        *("certificate", "request-foreigner", "--niss", BIS, "--first-name", "Ann", "--name", "Doe"),
        *("--email", "ann@example.org", "--phone", "+33 1 99 00 01 42", "--accept-terms"),
        *("--new-password-file", secrets["password"]),
    )
    paths = {
        "request": ask()[1]["facts"]["path"],
        "request-foreigner": call(*without_card)[1]["facts"]["path"],
    }
    stopped.undo()
    for request, path in paths.items():
        capsys.readouterr()
        run(["certificate", "status", path, "--password-file", str(secrets["password"]), "--lang", language])
        first = capsys.readouterr().out.splitlines()[0]
        assert " " in path, "it has to be quoted"
        command = shlex.split(first[first.rindex("ehtoolkit certificate") :])
        assert command == ["ehtoolkit", "certificate", request, "--resume", path]


def test_stopped_before_anything_was_written(ask: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def posted(*_: object) -> Response:
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingTransport, "post", posted)
    code, answer = ask("--lang", "en")
    assert (code, answer["facts"]) == (130, {})
    assert "Start again" in answer["next"]


def test_a_keystore_that_was_put_away_is_not_lost(
    ask: Call, call: Call, secrets: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(ask()[1]["keystore"])
    archive = path.parent / "archive"
    look = ("certificate", "list", "--pin-file", secrets["pin"])
    archive.mkdir()
    shutil.move(path, archive)
    (certificate,) = call(*look)[1]["certificates"]
    assert (certificate["keystore"], certificate["keystores"], certificate["archived"]) == (
        None,
        [],
        [str(archive / path.name)],
    )
    run([*map(str, look), "--lang", "en", "--verbose"])
    shown = capsys.readouterr().out
    assert f"in the archive: {archive / path.name}" in shown
    assert "has this key" not in shown
    (archive / path.name).unlink()
    run([*map(str, look), "--lang", "en", "--verbose"])
    assert "has this key" in capsys.readouterr().out


def test_a_record_of_that_very_name_goes_first(call: Call) -> None:
    for name, first in (("A", "Bea"), ("Abel", "Ann"), ("Baert", "Carla")):
        assert call("provider", "add", "--name", name, "--first-names", first)[0] == 0
    for text in ("A", "a", "Bea A", "A  Bea"):
        assert call("provider", "show", text)[1]["name"] == "A", text
    assert call("provider", "show", "b")[1]["error"] == "provider_ambiguous"
    assert call("provider", "add", "--name", "À")[0] == 0
    assert call("provider", "show", "A")[1]["error"] == "provider_ambiguous"


@pytest.mark.parametrize(
    ("password", "refused"), [("x", True), ("1234567", True), ("Linde-4", True), ("Linde-42", False)]
)
def test_a_short_password_is_refused(
    ask: Call, secrets: dict[str, Path], password: str, refused: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets["password"].write_text(password)
    capsys.readouterr()
    arguments = (
        *(
            "certificate",
            "request",
            "--email",
            "elise@example.be",
            "--phone",
            "+32 4 555 01 42",
            "--lang",
            "en",
        ),
        *(
            "--accept-terms",
            "--pin-file",
            secrets["pin"],
            "--new-password-file",
            secrets["password"],
            "--quiet",
        ),
    )
    assert (run([*map(str, arguments)]) != 0) is refused
    assert ("fewer than 8 characters" in capsys.readouterr().err) is refused


def test_the_calendar_has_nothing_that_is_over(call: Call, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    assert call("provider", "add", "--name", "Vandamme", "--type", "doctor")[0] == 0
    for days in (-1, 1, -300):
        ends = today + timedelta(days=days)
        period = (
            "--start",
            "2020-01-01",
            "--end",
            ends.isoformat(),
            "--type",
            "doctor",
            "--inami",
            str(days),
        )
        call("provider", "period", "add", "Vandamme", *period)
    out = tmp_path / "due.ics"
    run(["audit", str(tmp_path), "-o", str(out), "--environment", "training"])
    starts = [span.start for span in icalendar.Calendar.from_ical(out.read_bytes()).walk("VEVENT")]  # type: ignore[attr-defined]
    assert starts == [today + timedelta(days=1)]
