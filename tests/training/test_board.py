"""The class: what pages report, who is on the board, the stations of the lesson, and the server's endpoint."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import httpx
import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.secret import Secret
from ehtoolkit.settings import EnvironmentName, LanguageName, Settings, load_settings
from ehtoolkit.toolkit import open_class_link, open_toolkit
from ehtoolkit.training import Scenario, TrainingPlatform
from ehtoolkit.training.class_link import ClassLink, LocalClass, RemoteClass
from ehtoolkit.training.http.server import TrainingServer
from ehtoolkit.training.lessons.stations import STATIONS, set_up_next, station_after
from ehtoolkit.training.service.sealed_letters import LETTERS
from ehtoolkit.training.state.attendance import (
    LARGEST_CLASS,
    LONGEST_NAME,
    PageReport,
    Trainee,
    forget_trainee,
    read_report,
    take_report,
    trainees,
)
from ehtoolkit.training.state.classroom import (
    ClassNews,
    class_language,
    close_class,
    current_station,
    open_class,
    read_class_id,
    read_news,
)
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase
from ehtoolkit.training.state.mailbox import MailKind
from ehtoolkit.training.state.platform_texts import template
from tests.training.conftest import keystore_with

if TYPE_CHECKING:
    from tests.training.conftest import Client

    MakeClient = Callable[..., Client]

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
VISITOR = "0123456789abcdef" * 2
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def report(training: TrainingPlatform) -> PageReport:
    return PageReport(open_class(training.database, "en"), VISITOR, "Anna", "request", "card")


def board(training: TrainingPlatform) -> tuple[Trainee, ...]:
    return trainees(training.database)


def enter(training: TrainingPlatform, report: PageReport, moment: datetime = NOON) -> bool:
    return take_report(training.database, report, moment)


# ── what a page may report ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "\u200b \t"},
        {"name": 7},
        {"name": None},
        {"name": "\ud800"},
        {"visitor": "x"},
        {"visitor": VISITOR.upper()},
        {"class_id": "../../etc"},
        {"page": "<b>"},
        {"page": "a" * 41},
        {"step": ["card"]},
        {"step": "card\n"},
        {"problem": "error.pin_wrong 1234"},
        {"problem": "a" * 121},
        {"card": "training:elise"},
    ],
    ids=str,
)
def test_a_malformed_report_is_rejected(report: PageReport, change: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any field
        PageReport.from_json({**report.to_json(), **change})


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"1", b"null", b"{", b'"Anna"', b"\xff", b"[" * 1_900, b"{}" + b" " * 2_000]
)
def test_a_malformed_message_is_rejected(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_report(body)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Anna   Peeters ", "Anna Peeters"),
        ("Anna\nPeeters\x00\u202e", "Anna Peeters"),
        (
            "<img src=x onerror=alert(1)>",
            "<img src=x onerror=alert(1)>",
        ),  # text: the page never makes it HTML
        ("é" * 300, "é" * LONGEST_NAME),
    ],
)
def test_a_name_is_one_short_line(report: PageReport, typed: str, shown: str) -> None:
    assert PageReport.from_json({**report.to_json(), "name": typed}).name == shown


def test_a_report_has_a_name_and_a_place_and_nothing_else(report: PageReport) -> None:
    extra = {**report.to_json(), "pin": "1234", "password": "Kine-2026"}
    assert PageReport.from_json(extra) == report
    assert set(report.to_json()) == {"class_id", "visitor", "name", "page", "step", "problem", "card"}


# ── the board ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_board_shows_the_last_step_of_each(training: TrainingPlatform, report: PageReport) -> None:
    assert enter(training, replace(report, card="elise"))
    other = replace(report, visitor="f" * 32, name="anouk", page="index", step="")
    assert enter(training, other, NOON + timedelta(seconds=1))
    failed = replace(report, step="pin", problem="error.pin_wrong")
    assert enter(training, failed, NOON + timedelta(seconds=2))
    assert [(row.name, row.page, row.step, row.problem, row.card) for row in board(training)] == [
        ("Anna", "request", "pin", "error.pin_wrong", "elise"),
        ("anouk", "index", "", "", ""),
    ]
    assert enter(training, replace(failed, problem=""), NOON + timedelta(seconds=30))
    (anna, anouk) = board(training)
    assert (anna.changed_at, anna.seen_at) == (NOON + timedelta(seconds=2), NOON + timedelta(seconds=30))
    assert (anna.is_here(anna.seen_at), anouk.is_here(anna.seen_at)) == (True, False)
    forget_trainee(training.database, VISITOR)
    assert [row.name for row in board(training)] == ["anouk"]


def test_a_report_that_says_nothing_new_is_seldom_written(
    training: TrainingPlatform, report: PageReport
) -> None:
    for second in range(10):
        assert enter(training, report, NOON + timedelta(seconds=second))
    assert board(training)[0].seen_at == NOON + timedelta(seconds=8)


@pytest.mark.parametrize("class_id", ["", "0" * 16])
def test_a_report_to_another_class_is_dropped(
    training: TrainingPlatform, report: PageReport, class_id: str
) -> None:
    assert not enter(training, replace(report, class_id=class_id))
    close_class(training.database)
    assert not enter(training, report)
    assert board(training) == ()


def test_ten_thousand_visitors_leave_a_short_board(training: TrainingPlatform, report: PageReport) -> None:
    crowd = [replace(report, visitor=f"{number:032x}", name=f"N{number}") for number in range(10_000)]
    with training.database.writing():  # one transaction: ten thousand would only wait for the disk
        entered = sum(enter(training, visitor, NOON) for visitor in crowd)
    assert entered == len(board(training)) == LARGEST_CLASS
    assert enter(training, crowd[0], NOON + timedelta(seconds=50)), "who is in class stays in class"
    assert not enter(training, crowd[-1], NOON + timedelta(seconds=50))
    assert enter(training, crowd[-1], NOON + timedelta(seconds=90)), "those who have gone make room"
    assert {row.name for row in board(training)} == {"N0", "N9999"}


def test_closing_and_reset_delete_the_names(training: TrainingPlatform, report: PageReport) -> None:
    for end in (lambda: close_class(training.database), training.reset):
        enter(training, replace(report, class_id=open_class(training.database, "nl")))
        assert len(board(training)) == 1
        end()
        assert board(training) == ()
        assert not read_class_id(training.database)
        assert class_language(training.database) is None


# ── clock, scenarios and stations ────────────────────────────────────────────────────────────────────────
def test_news_change_with_the_clock_and_the_scenarios(training: TrainingPlatform) -> None:
    seen = []
    for act in (
        lambda: None,
        lambda: training.clock.move("+1d"),
        lambda: training.switch("slow", True, seconds=3),
        lambda: training.switch("slow", False),
        lambda: open_class(training.database, "de"),
        lambda: set_up_next(training.database, training.clock, ""),
        lambda: set_up_next(training.database, training.clock, "request"),
        lambda: training.clock.move("reset"),
    ):
        act()
        seen.append(read_news(training.database, training.clock).changes)
    assert seen[1] != seen[0] != seen[2] != seen[1]
    assert seen[3:6] == [seen[1]] * 3, "the class and its first station change nothing that a page shows"
    assert seen[6] not in seen[:6]
    assert seen[7] != seen[6]


def test_the_stations_lead_through_the_lesson(training: TrainingPlatform) -> None:
    database, clock = training.database, training.clock
    open_class(database, "en")
    training.switch("manual-validation", True)
    begun, passed = training.clock.now(), []
    while station_after(current_station(database)) is not None:
        name = current_station(database)
        station = set_up_next(database, clock, name)
        assert station is not None
        assert station.name == current_station(database) != name
        assert set_up_next(database, clock, name) is None, "a second click"
        on = {state.scenario for state in training.scenarios() if state.is_on} - {Scenario.MANUAL_VALIDATION}
        passed.append((station.name, on))
    assert passed == [(station.name, {station.scenario} - {None}) for station in STATIONS], (
        "of each station its own scenario alone"
    )
    assert training.clock.now() - begun > timedelta(days=34 * 30)
    assert set_up_next(database, clock, "end") is None


def test_the_stations_switch_what_has_no_other_effect() -> None:
    acting = {Scenario.NOT_YET_DELIVERED, Scenario.REFUSED, Scenario.FORGOTTEN_PASSWORD, Scenario.SLOW}
    assert not acting & {station.scenario for station in STATIONS}


# ── a trainee starts afresh ──────────────────────────────────────────────────────────────────────────────
def test_a_trainee_starts_afresh_and_nothing_is_lost(
    client: MakeClient, training: TrainingPlatform, report: PageReport, tmp_path: Path
) -> None:
    elise, karl = client(), client("karl", first=2)
    key_id, others = elise.request().key_id, karl.request().key_id
    enter(training, report)
    training.switch("blocked-pin", True, "elise")
    keystores, notes = training.folder / "keystore", tmp_path / "notes"
    files = {
        keystores / "SSIN=79031421872 20261124-101204.p12": keystore_with(elise.key),
        keystores / "archive" / "SSIN=79031421872 20261124-101204.p12": keystore_with(elise.key),
        notes / f"{key_id}.json": json.dumps({"key_id": key_id}).encode(),
    }
    stay = {
        keystores / "SSIN=85110230740 20261124-101204.p12": keystore_with(karl.key),
        keystores / "SSIN=79031421872 elsewhere.p12": b"not of this platform",
        notes / f"{others}.json": json.dumps({"key_id": others}).encode(),
    }
    for path, data in {**files, **stay}.items():
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)

    done = training.start_afresh("elise", also=(notes,))

    assert (done.certificates, len(done.files)) == (1, 3)
    assert sorted(path.read_bytes() for path in done.files) == sorted(files.values())
    assert {path.parent for path in done.files} == {done.folder}
    assert not any(path.exists() for path in files)
    assert all(path.exists() for path in stay)
    assert [held.key_id for held in training.certificates()] == [others]
    assert {state.person.name: state.tries_left for state in training.person_states()}["elise"] == 3
    with closing(TrainingDatabase(done.folder / DATABASE_FILE)) as before:
        assert trainees(before) == ()
        with before.reading() as connection:
            assert connection.execute("SELECT count(*) FROM certificate").fetchone()[0] == 2
    assert report.name.encode() not in (done.folder / DATABASE_FILE).read_bytes()

    again = training.start_afresh("elise", also=(notes,))
    assert (again.certificates, again.files) == (0, ())
    assert again.folder != done.folder


def test_a_fresh_start_touches_no_real_keystore(client: MakeClient, training: TrainingPlatform) -> None:
    key_id = client().request().key_id
    real = training.folder / "ehealth" / "keystore" / "real.p12"
    real.parent.mkdir(parents=True)
    real.write_bytes(bytes.fromhex(key_id))
    with pytest.raises(errors.ResetRefused):
        training.start_afresh("elise")
    assert real.exists()
    assert len(training.certificates()) == 1


# ── the way to the class ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def server(training: TrainingPlatform) -> Iterator[TrainingServer]:
    server = TrainingServer(training, token="secret-of-the-class")
    server.start()
    yield server
    server.stop()


def remote_class(settings: Settings) -> ClassLink:
    link = open_class_link(settings)
    assert isinstance(link, RemoteClass)
    return link


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10, headers=JSON) as client:
        client.headers["Authorization"] = "Bearer secret-of-the-class"
        yield client


def test_the_server_accepts_reports_and_shows_no_names(
    server: TrainingServer, training: TrainingPlatform, report: PageReport, http: httpx.Client
) -> None:
    training.clock.move("+1y")
    answer = http.post(f"{server.url}/board", json=report.to_json())
    assert answer.status_code == 200
    assert set(answer.json()) == {"now", "changes", "class", "station"}
    assert abs(ClassNews.from_json(answer.json()).now - training.clock.now()) < timedelta(seconds=5)
    assert [row.name for row in board(training)] == ["Anna"]
    assert "Anna" not in http.post(f"{server.url}/board", json={}).text
    assert http.get(f"{server.url}/board").status_code == 405


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b'{"name": "Anna"}', JSON, 400),
        (b"{}" + b" " * 100_000, JSON, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "text/xml"}, 415),
        (b"{}", {"Authorization": "Bearer other"}, 401),
        (b"{}", {"Content-Type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_the_server_rejects_what_is_no_report(
    server: TrainingServer, http: httpx.Client, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert http.post(f"{server.url}/board", content=body, headers=headers).status_code == status


def test_a_trainees_computer_follows_the_servers_clock(
    server: TrainingServer, training: TrainingPlatform, report: PageReport, tmp_path: Path
) -> None:
    settings = load_settings(
        home=tmp_path / "trainee", platform_url=server.url, platform_token="secret-of-the-class"
    )
    with (
        closing(remote_class(settings)) as link,
        closing(TrainingPlatform(settings.training_folder, delivery_seconds=0)) as own,
    ):
        for move in ("+1d", "+34mo", "reset"):
            training.clock.move(move)
            link.exchange(report)
            assert abs(own.clock.now() - training.clock.now()) < timedelta(seconds=5)
    assert [row.name for row in board(training)] == ["Anna"]
    assert not (tmp_path / "trainee" / "training" / "keystore").exists()


def test_a_trainees_computer_with_the_trainers_authorities_gets_a_certificate(
    server: TrainingServer, training: TrainingPlatform, report: PageReport, tmp_path: Path
) -> None:
    """What docs/TRAINING.md says of a class with a computer for each."""
    home = tmp_path / "trainee"
    shutil.copytree(training.folder / "ca", home / "training" / "ca")
    settings = load_settings(home=home, platform_url=server.url, platform_token="secret-of-the-class")
    training.clock.move("+3mo")
    with closing(open_toolkit(settings)) as toolkit, closing(remote_class(settings)) as link:
        link.exchange(report)
        card = toolkit.open_card("training:karl")
        person = card.identity().person
        requested = CertificateRequest(person, person, ContactData("karl@example.be", "+32 4 555 01 42"))
        outcome = request(
            requested, card, lambda _: Secret("1234"), Secret("Kine-2026"), toolkit.context, show=print
        )
        training.clock.move("+1d")
        link.exchange(report)
        complete(KeystoreFile.open(outcome.keystore, Secret("Kine-2026")), toolkit.context)
    (held,) = training.certificates()
    assert (held.person, held.status) == ("karl", CertStatus.VALID_ACTIVE)


@pytest.mark.parametrize(
    "answer",
    [
        Response(404),
        Response(200, body=b""),
        Response(200, body=b"[]"),
        Response(200, body=b"[" * 100_000),
        Response(200, body=b'{"now": "yesterday"}'),
        Response(200, body=b'{"now": "2026-11-30T12:00:00"}'),
        Response(200, body=b'{"now": "9999-12-31T23:59:59+00:00"}'),
        Response(200, body=b'{"now": "2026-11-30T12:00:00+00:00", "station": "<b>"}'),
    ],
)
def test_an_answer_that_is_none_moves_no_clock(answer: Response, tmp_path: Path) -> None:
    class Wire:
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
            return answer

    with pytest.raises(errors.ResponseInvalid):
        RemoteClass(Wire(), "http://127.0.0.1:9", tmp_path, lambda: None).exchange(None)
    assert not (tmp_path / DATABASE_FILE).exists()


def test_a_page_makes_no_platform_where_there_is_none(tmp_path: Path) -> None:
    link = LocalClass(tmp_path / "training")
    assert link.exchange(None).class_id == ""
    assert not (tmp_path / "training").exists()


@pytest.mark.parametrize("environment", get_args(EnvironmentName))
@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9"])
def test_only_training_has_a_class(tmp_path: Path, environment: EnvironmentName, url: str | None) -> None:
    settings = load_settings(home=tmp_path, environment=environment, platform_url=url)
    assert (open_class_link(settings) is not None) == (environment == "training")


# ── the language of the class ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", LANGUAGES)
def test_e_mails_come_in_the_language_of_the_class(
    client: MakeClient, training: TrainingPlatform, language: LanguageName
) -> None:
    open_class(training.database, language)
    record = client().request()
    training.clock.move("+1d")
    assert [mail.language for mail in training.mails()] == [language] * 2
    ready, received = training.mails()
    sent = {mail.body.rpartition("\n\n")[2] for mail in (ready, received)}
    assert len(sent) == 1
    assert all(
        "$" not in mail.subject + mail.body and record.key_id in mail.body for mail in (ready, received)
    )
    assert Translator(language).moment(ready.sent) in ready.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name", [*(f"mail-{kind}" for kind in MailKind), *(f"letter-{kind}" for kind, _ in LETTERS)]
)
def test_every_text_of_the_platform_is_there_in_each_language(name: str, language: LanguageName) -> None:
    text, french = template(f"{name}-{language}.txt"), template(f"{name}-fr.txt")
    assert sorted(text.get_identifiers()) == sorted(french.get_identifiers())
    assert len(text.template.split("\n\n")) == len(french.template.split("\n\n"))
