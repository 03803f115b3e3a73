"""A page in training follows clock, scenarios and class, and the trainer's board shows where each trainee is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import get_args

import pytest

from ehtoolkit import errors
from ehtoolkit.forms import PAGES
from ehtoolkit.forms.engine import background
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_model import FormModel
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_errors import FieldErrors
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.user_progress import DONE, HERE, UserProgress
from ehtoolkit.forms.engine.wizard import Blocker
from ehtoolkit.forms.tools.trainer import MAILBOX, TRAINER
from ehtoolkit.forms.trainer.page import TrainerModel
from ehtoolkit.forms.trainer.tables import place_of, problem_of, trainee_row
from ehtoolkit.forms.training_class import ClassConnection, connect_to_class
from ehtoolkit.forms.widgets.page_frame import ClassBar
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import EnvironmentName, LanguageName, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import PEOPLE, Scenario, TrainingPlatform
from ehtoolkit.training.class_link import ClassLink
from ehtoolkit.training.lessons.stations import STATIONS
from ehtoolkit.training.sample import Sample
from ehtoolkit.training.state.attendance import PageReport, Trainee, forget_trainee, take_report, trainees
from ehtoolkit.training.state.classroom import ClassNews, open_class
from tests.forms.player import Player
from tests.support.ipywidgets_internals import send_to

VISITOR = "0123456789abcdef" * 2
CLASS = "0123456789abcdef"
NOON = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
NEWS = ClassNews(NOON, "a1", CLASS, "")
get = Translator("en").get


@pytest.fixture(autouse=True)
def here() -> None:
    """Each test is a kernel of its own."""
    fresh = UserProgress()
    for name in ("page", "step", "problem", "card"):
        setattr(HERE, name, getattr(fresh, name))


@dataclass
class Server(ClassLink):
    """The edge of the page: what the class answers, and what was reported to it."""

    news: ClassNews = NEWS
    fails: bool = False
    reports: list[PageReport | None] = field(default_factory=list)

    def exchange(self, report: PageReport | None) -> ClassNews:
        self.reports.append(report)
        if self.fails:
            raise errors.PlatformUnreachable(host="class", reason="connect", sent=False)
        return self.news

    def close(self) -> None: ...


@dataclass
class Follower:
    """A page that follows ``server``."""

    server: Server
    dates: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    changes: int = 0

    def __post_init__(self) -> None:
        def changed() -> None:
            self.changes += 1

        self.part = ClassConnection(
            self.server,
            Translator("en"),
            dated=self.dates.append,
            changed=changed,
            fail=self.failures.append,
        )

    @property
    def bar(self) -> ClassBar:
        return self.part.bar

    def look(self) -> bool:
        """Look once; return whether the page was changed."""
        then = self.part.look()
        if then is not None:
            then()
        return then is not None

    def enter(self, name: str = "Anna", visitor: str = VISITOR, class_id: str = CLASS) -> None:
        send_to(self.bar, {"action": "enter", "class_id": class_id, "visitor": visitor, "name": name})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(server: Server) -> Follower:
    return Follower(server)


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_page_follows_clock_scenarios_and_station(page: Follower, server: Server) -> None:
    assert page.look()
    assert (page.dates, page.changes) == ([Translator("en").short_date(NOON.date())], 0)
    assert not page.look(), "nothing is new"
    server.news = replace(NEWS, now=NOON + timedelta(days=1), changes="b2", station="renew")
    assert page.look()
    assert page.dates[-1] == Translator("en").short_date(NOON.date() + timedelta(days=1))
    assert (page.changes, page.bar.station, page.bar.href) == (1, get("lesson.renew"), "renew.ipynb")
    server.news = replace(server.news, changes="c3")
    assert page.look()
    assert page.changes == 2
    page.part.speak(Translator("nl"))
    assert page.bar.words["enter"] == Translator("nl").get("lesson.bar.enter")
    assert page.dates[-1] == Translator("nl").short_date(server.news.now.date())


def test_nothing_is_reported_before_a_name_is_typed(page: Follower, server: Server) -> None:
    HERE.open_page("request")
    page.look()
    page.enter("")
    page.look()
    page.enter()
    page.look()
    send_to(page.bar, {"action": "visible", "visible": False})
    page.look()
    send_to(page.bar, {"action": "visible", "visible": True})
    page.look()
    page.enter("")  # has left the class
    page.look()
    names = [report and report.name for report in server.reports]
    assert names == [None, None, "Anna", None, "Anna", None]


@pytest.mark.parametrize(
    "facts",
    [{"name": "\ud800"}, {"name": "\u200b"}, {"visitor": "x"}, {"visitor": ""}, {"class_id": "<b>"}],
    ids=str,
)
def test_a_page_that_was_tampered_with_reports_nothing(
    page: Follower, server: Server, facts: dict[str, str]
) -> None:
    page.enter(**facts)
    page.look()
    assert server.reports == [None]


def test_a_class_out_of_reach_is_asked_less_often(page: Follower, server: Server) -> None:
    server.fails = True
    for _ in range(12):
        assert not page.look()
    assert len(server.reports) == 2
    server.fails = False
    assert [page.look() for _ in range(6)].count(True) == 1


@pytest.mark.parametrize("environment", get_args(EnvironmentName))
def test_only_a_page_in_training_follows(tmp_path: Path, environment: EnvironmentName) -> None:
    context = PageContext(load_settings(home=tmp_path, environment=environment), Translator("en"))
    part = connect_to_class(context, dated=lambda _: None, changed=lambda: None)
    assert (part is not None) == (environment == "training")


# ── where the user is ────────────────────────────────────────────────────────────────────────────────────
class Model(FormModel):
    """Of a form with a step that is blocked once, and one that fails."""

    def __init__(self, toolkit: Toolkit) -> None:
        super().__init__(toolkit)
        self.blocked = True


def form() -> WizardForm[Model]:
    def second(context: FormContext[Model]) -> Page:
        def work(_: object) -> None:
            raise errors.KeystoreNotFound(path="/home/anna/private.p12")

        return Page("Second", primary="Go", work=work)

    def check(model: Model, _: object) -> list[Blocker]:
        return [Blocker("wizard.no_way_back")] if model.blocked else []

    return WizardForm(
        "request",
        lambda toolkit, _: Model(toolkit),
        (
            FormStep(
                "card",
                lambda _: Page("First", primary="Go"),
                fields=lambda _: {"card": "training:karl"},
                check=check,
            ),
            FormStep("contact", second),
        ),
        lambda _: Page("Done"),
        MenuPlace("request", 1, "index.request"),
    )


def test_a_form_notes_step_card_and_error_by_their_keys(tmp_path: Path) -> None:
    with_toolkit = open_toolkit(load_settings(home=tmp_path))
    declared, model = form(), Model(with_toolkit)
    HERE.open_page("request")
    view = FormContext(declared, declared.walk(model), Translator("en"), tmp_path)
    play = Player(view.root)
    assert (HERE.step, HERE.card, HERE.problem) == ("card", "karl", "")
    play.press()
    assert HERE.problem == "wizard.no_way_back"
    model.blocked = False
    play.press()
    assert (HERE.step, HERE.problem) == ("contact", "")
    play.press()
    assert HERE.problem == "error.keystore_not_found"
    view.advance()
    assert (HERE.step, HERE.problem) == (DONE, "")
    HERE.open_page("index")
    assert (HERE.step, HERE.card) == ("", "karl")
    with_toolkit.close()


def test_an_error_of_a_tool_is_recorded_without_its_facts(tmp_path: Path) -> None:
    shown = FieldErrors(lambda: (), "", Translator("en"), tmp_path)
    shown.fail(errors.InputInvalid(reason="birth_date"))
    assert HERE.problem == "error.input_invalid.birth_date"
    shown.fail(ValueError("hidden words"))
    assert HERE.problem == "error.error"


def test_what_is_reported_has_no_secret_and_no_path(page: Follower, server: Server, tmp_path: Path) -> None:
    page.enter()
    FieldErrors(lambda: (), "", Translator("en"), tmp_path).fail(
        errors.KeystoreNotFound(path="/home/anna/x.p12")
    )
    page.look()
    (report,) = server.reports
    assert report is not None
    assert "anna/x" not in json.dumps(report.to_json())


# ── the board ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = open_toolkit(load_settings(home=tmp_path, training_delivery=0.0))
    yield toolkit
    toolkit.close()


@pytest.fixture
def training(toolkit: Toolkit) -> TrainingPlatform:
    assert toolkit.training is not None
    return toolkit.training


class Board(Player):
    """The trainer's page, and the trainer at its board."""

    def __init__(self, training: TrainingPlatform, home: Path, language: LanguageName = "en") -> None:
        settings = load_settings(home=home)
        context = PageContext(settings, Translator(language))
        self.page = TRAINER.build(TrainerModel(training, Sample(settings, training)), context)
        self.page.begin()
        super().__init__(self.page.root)
        self.table, self.certificates = self.parts(Table)[:2]

    def look(self) -> None:
        then = self.page.board.look()
        if then is not None:
            then()

    def row(self, table: Table) -> list[str]:
        return [f"{cell['text']} {cell['note']}".strip() for cell in table.rows[0]["cells"]]

    def handle(self, action: str) -> None:
        send_to(self.table, {"action": "press", "key": VISITOR, "button": action})


@pytest.fixture
def board(training: TrainingPlatform, tmp_path: Path) -> Board:
    return Board(training, tmp_path)


def report_to(training: TrainingPlatform, **facts: str) -> None:
    given = {"class_id": open_class(training.database, "en"), "visitor": VISITOR, "name": "Anna", **facts}
    assert take_report(training.database, PageReport.from_json(given), datetime.now(UTC))


def test_the_board_follows_each_step(board: Board, training: TrainingPlatform) -> None:
    assert "board_next" not in board.buttons
    board.press("board_open")
    assert board.table.nothing == get("trainer.board.none")
    report_to(training, page="request", step="card", problem="error.pin_wrong", card="elise")
    board.look()
    name, place, problem, since = board.row(board.table)
    assert name == f"Anna {get('trainer.board.card', name=PEOPLE[0].person.full_name)}"
    assert place == f"{get('page.title.request')} {get('request.step.card')}"
    assert problem == Translator("en").get("error.pin_wrong", tries_left=3), "as many as the card has"
    assert since == get("trainer.board.now")
    assert board.page.board.look() is None, "nothing is new"
    report_to(training, page="index", name="<b>Anna</b>")
    board.look()
    assert board.row(board.table)[0].startswith("<b>Anna</b>"), "text, which the table never makes HTML"
    board.press("board_close")
    assert trainees(training.database) == ()


def test_the_board_says_why_it_stands_still_and_goes_on_afterwards(
    training: TrainingPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "EVERY_SECONDS", 0.01)
    database, away = training.database.path, tmp_path / "away"

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)

    async def lesson() -> None:
        board = Board(training, tmp_path)
        board.press("board_open")
        usual = board.html
        database.rename(away)
        database.mkdir()  # as a folder that is shared and not there for a moment
        training.database.close()  # the next look opens it again
        problem = Translator("en").error(errors.FolderNotWritable(folder=str(database.parent)))
        await until(lambda: "eh-is-warn" in board.html and problem in unescape(board.html))
        database.rmdir()
        away.rename(database)
        await until(lambda: board.html == usual)
        report_to(training, page="request", step="card")
        await until(lambda: len(board.table.rows) == 1)
        board.page.root.close()

    asyncio.run(lesson())


def test_each_station_says_what_it_does_and_does_it(board: Board, training: TrainingPlatform) -> None:
    board.press("board_open")
    for number, station in enumerate(STATIONS, 1):
        (name,) = [name for name in board.buttons if name.startswith("board_next")]
        if station.move:
            assert get(f"trainer.board.move.{station.move.strip('+')}") in board.html
        if station.scenario is not None:
            title = get(f"scenario.{station.scenario}.title")
            assert get("trainer.board.on", scenario=title) in board.html
        before = training.clock.now()
        board.press(name)
        assert (training.clock.now() - before > timedelta(hours=12)) == bool(station.move)
        title = get(f"lesson.{station.name}")
        assert get("trainer.board.station", number=number, count=len(STATIONS), title=title) in board.html
        on = {state.scenario for state in training.scenarios() if state.is_on}
        assert on == {station.scenario} - {None}
    assert not [name for name in board.buttons if name.startswith("board_next")]


def test_everybodys_certificate_is_listed(board: Board, training: TrainingPlatform) -> None:
    report_to(training, card="bram")
    training.switch(Scenario.FORGOTTEN_PASSWORD, True, "bram")
    board.page.refresh()
    board.press("board_list")
    (held,) = training.certificates()
    assert held.not_after is not None
    bram = training.person("bram").person.full_name
    status = get("trainer.status.valid_active")
    assert board.row(board.certificates) == ["Anna", bram, status, Translator("en").date(held.not_after)]
    report_to(training, card="rita")
    board.page.refresh()
    assert board.row(board.certificates)[2] == get("trainer.board.certificates.none")
    forget_trainee(training.database, VISITOR)
    report_to(training)
    board.page.refresh()
    assert board.row(board.certificates)[2] == get("trainer.board.certificates.unknown"), "no card was chosen"
    board.press("board_list")
    assert get("trainer.board.list") in str(
        [bar.buttons for bar in board.parts(type(board.page.board._more))]
    )


def test_a_fresh_start_is_asked_first_and_says_where_the_files_are(
    board: Board, training: TrainingPlatform
) -> None:
    report_to(training, card="bram")
    training.switch(Scenario.FORGOTTEN_PASSWORD, True, "bram")
    (keystore,) = (training.folder / "keystore").glob("*.p12")
    board.page.refresh()
    board.handle("reset")
    bram = training.person("bram").person.full_name
    assert get("trainer.board.reset.text", person=bram) in board.html
    board.press("board_no")
    assert keystore.exists()
    board.handle("reset")
    board.press("board_yes")
    assert not keystore.exists()
    assert training.certificates() == ()
    said = get("trainer.board.reset.said", person=bram, certificates=1, files=1)
    assert board.said == said
    (moved,) = (training.folder / "set-aside").rglob("*.p12")
    assert get("trainer.board.reset.folder", folder=moved.parent) in board.html


def test_those_who_have_gone_leave_the_board(board: Board, training: TrainingPlatform) -> None:
    open_class(training.database, "en")
    gone = PageReport(open_class(training.database, "en"), VISITOR, "Anna")
    assert take_report(training.database, gone, datetime.now(UTC) - timedelta(minutes=3))
    board.look()
    assert board.row(board.table)[3] == get("trainer.board.away")
    board.handle("forget")
    assert board.table.rows == []
    board.handle("forget")  # a second click


def test_the_mailbox_and_the_trainers_page_follow_a_move_by_the_command(
    board: Board, training: TrainingPlatform, tmp_path: Path
) -> None:
    training.clock.move("+10d")
    board.page.refresh()
    assert get("trainer.clock.moved", time="10 days") in board.html
    mailbox = MAILBOX.build(training, PageContext(load_settings(home=tmp_path), Translator("en")))
    mailbox.refresh()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_step_has_a_title_on_the_board(language: LanguageName) -> None:
    texts = Translator(language)
    for name, page in PAGES.items():
        steps = [step.name for step in getattr(page, "steps", ())]
        for step in ("", DONE, *steps):
            trainee = Trainee(VISITOR, "Anna", name, step, "", "", NOON, NOON)
            shown = place_of(trainee, texts)
            assert shown[0] != "–"
            assert bool(shown[1]) == bool(step)


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        ("", "–"),
        ("error.nothing_like_that", "–"),
        ("../../etc/passwd", "–"),
        ("error.keystore_not_found", Translator("en").without_facts("error.keystore_not_found")),
    ],
)
def test_an_error_is_shown_by_its_key_alone(problem: str, shown: str) -> None:
    assert problem_of(Trainee(VISITOR, "Anna", "", "", problem, "", NOON, NOON), Translator("en")) == shown


def test_a_place_that_there_is_not_is_a_dash() -> None:
    trainee = Trainee(VISITOR, "Anna", "nowhere", "nothing", "", "nobody", NOON, NOON)
    row = trainee_row(trainee, None, NOON + timedelta(minutes=5), Translator("en"))
    assert [cell.text for cell in row.cells] == ["Anna", "–", "–", get("trainer.board.away")]
    assert [button.action for button in row.buttons] == ["forget"]
