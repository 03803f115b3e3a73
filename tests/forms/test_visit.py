"""One page, many forms: what follows each other in one kernel, and what is left of the one before."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from ipywidgets import HTML, Widget

from ehtoolkit import errors
from ehtoolkit.forms import PAGES
from ehtoolkit.forms.engine.background import Outcome
from ehtoolkit.forms.engine.form import FormContext, FormStep, MenuPlace, WizardForm
from ehtoolkit.forms.engine.form_model import FormModel
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.user_progress import HERE
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Step, Wizard
from ehtoolkit.forms.ipywidgets_internals import on_close
from ehtoolkit.forms.router import Router, make_entry_point
from ehtoolkit.forms.widgets.page_parts import StepHead
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.forms.player import Player
from tests.support.ipywidgets_internals import open_widgets, send_to


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A kernel of our pages, beside a notebook for each of them."""
    for name in PAGES:
        (tmp_path / f"{name}.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    monkeypatch.setenv("QUERY_STRING", "")
    others = set(open_widgets())
    yield
    Widget.on_widget_constructed(None)
    for name in open_widgets().keys() - others:
        open_widgets()[name].close()


def visit_of(**openers: Callable[[], Widget]) -> Router:
    return Router(openers or PAGES, PageContext(load_settings(), Translator("en")))


def go(visit: Router, page: str, query: str = "", serial: int = 1) -> Widget:
    """What the browser asks for; the form that is shown afterwards."""
    send_to(visit._navigator, {"action": "go", "page": page, "query": query, "serial": serial})
    form: Widget = visit.form
    return form


def test_a_link_replaces_the_form_by_the_other() -> None:
    said: list[str] = []

    def form(name: str) -> Callable[[], Widget]:
        def opened() -> Widget:
            said.append(f"{name}?{os.environ['QUERY_STRING']}")
            return HTML(name)

        return opened

    visit = visit_of(index=form("index"), request=form("request"))
    visit.begin("index")
    first = visit.form

    second = go(visit, "request", "resume=a%20b.p12", serial=7)

    assert (second.value, visit._navigator.shown) == ("request", 7)
    assert said == ["index?", "request?resume=a%20b.p12"]
    assert first.comm is None, "the first form's model is gone from the browser"


def test_only_pages_that_exist_are_followed(tmp_path: Path) -> None:
    (tmp_path / "revoke.ipynb").unlink()
    visit = visit_of()
    visit.begin("index")

    assert set(visit._navigator.pages) == PAGES.keys() - {"revoke"}
    before = visit.root.children
    for page in ("revoke", "nothing", "../request", ""):
        go(visit, page)
    assert visit.root.children == before


def test_a_form_that_cannot_be_opened_is_left_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Widget:
        HTML("half of a form")
        raise ValueError("hidden words")

    monkeypatch.setenv("QUERY_STRING", "keystore=a")
    visit = visit_of(index=lambda: HTML("index"), request=broken)
    visit.begin("index")
    sent: list[Any] = []
    monkeypatch.setattr(visit._navigator, "send", sent.append)
    there = len(open_widgets())

    form = go(visit, "request", "x=y", serial=3)

    assert (form.value, sent, visit._navigator.shown) == ("index", [{"failed": 3}], 0)
    assert os.environ["QUERY_STRING"] == "keystore=a"
    assert len(open_widgets()) == there
    (report,) = (load_settings().home / "reports").iterdir()
    assert "hidden words" not in report.read_text(encoding="utf-8")


def test_an_address_that_no_environment_takes_changes_nothing() -> None:
    visit = visit_of(index=lambda: HTML("index"))
    visit.begin("index")
    before = visit.root.children

    for query in ("keystore=\0", "keystore=\udc80\ud800"):
        go(visit, "index", query)

    assert visit.root.children == before
    assert os.environ["QUERY_STRING"] == ""


def test_page_without_an_opener_is_left_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of pages is a trait, which the browser can write."""
    visit = visit_of(index=lambda: HTML("index"))
    visit.begin("index")
    visit._navigator.pages = ["nosuch"]
    sent: list[Any] = []
    monkeypatch.setattr(visit._navigator, "send", sent.append)

    form = go(visit, "nosuch", "x=y", serial=3)

    assert (form.value, sent) == ("index", [{"failed": 3}])
    assert (HERE.page, os.environ["QUERY_STRING"]) == ("index", "")


def speak(visit: Router, language: str, serial: int = 1) -> Widget:
    send_to(visit._navigator, {"action": "language", "language": language, "serial": serial})
    form: Widget = visit.form
    return form


class Walked(FormModel):
    """A form's model that says when it is let go."""

    def __init__(self, toolkit: Toolkit, closed: list[str]) -> None:
        super().__init__(toolkit)
        self._closed = closed

    def close(self) -> None:
        self._closed.append("model")


def test_a_form_changes_its_language_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    closed: list[str] = []
    form = WizardForm(
        "password",
        lambda toolkit, _: Walked(toolkit, closed),
        [FormStep("choose", lambda context: context.page("choose"))],
        lambda context: context.page("done"),
        MenuPlace("password", 0, "index.password"),
    )
    visit = visit_of(password=form.open, request=PAGES["request"])
    visit.begin("password")
    first = visit.form

    second = speak(visit, "nl", serial=7)

    assert second is not first
    assert visit._navigator.shown == 7
    assert (heading_of(second), visit._navigator.asking) == (
        Translator("nl").get("password.choose.title"),
        Translator("nl").get("page.leave"),
    )
    assert first.comm is None, "the form of before is let go"
    assert closed == [], "what both have is not"
    go(visit, "request", serial=8)
    assert closed == ["model"]
    assert heading_of(visit.form) == Translator("nl").get("request.terms.title")


def test_a_form_that_cannot_be_shown_in_another_language_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser opens it anew then, unless the user wants to stay."""
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    closed: list[str] = []

    def page(context: FormContext[Walked]) -> Page:
        if context.texts.language == "nl":
            raise errors.FileUnreadable(path="/x")
        return context.page("new", work=lambda _: None)

    form = WizardForm(
        "password",
        lambda toolkit, _: Walked(toolkit, closed),
        [FormStep("new", page)],
        lambda context: context.page("choose"),
        MenuPlace("password", 0, "index.password"),
    )
    visit = visit_of(password=form.open, index=lambda: HTML("index"))
    visit.begin("password")
    first = visit.form

    assert speak(visit, "nl", serial=7) is first
    Player(first).press("next")

    assert heading_of(first) == Translator("en").get("password.choose.title")
    assert closed == []
    go(visit, "index", serial=8)
    assert closed == ["model"]


def test_a_form_that_cannot_be_shown_lets_go_of_what_it_has_opened() -> None:
    closed: list[str] = []
    opened: list[Toolkit] = []

    def make(toolkit: Toolkit, _: PageContext) -> Walked:
        opened.append(toolkit)
        if len(opened) == 1:
            raise errors.FolderNotWritable(folder="/x")
        return Walked(toolkit, closed)

    def broken(context: FormContext[Walked]) -> Page:
        raise errors.FileUnreadable(path="/x")

    form = WizardForm(
        "password",
        make,
        [FormStep("choose", broken)],
        lambda context: context.page("done"),
        MenuPlace("password", 0, "index.password"),
    )
    _wait(lambda: not _workers())
    files = _open_files()

    with pytest.raises(errors.FolderNotWritable):
        form.open()
    with pytest.raises(errors.FileUnreadable):
        form.open()

    assert (len(opened), closed) == (2, ["model"])
    assert _open_files() <= files, "the database of training, too, is closed"


def test_a_page_without_steps_is_left_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    visit = visit_of()
    visit.begin("doctor")
    page = visit.form
    sent: list[Any] = []
    monkeypatch.setattr(visit._navigator, "send", sent.append)  # the wire to the browser
    for serial, language in enumerate(("nl", "xx"), 3):
        assert speak(visit, language, serial) is page
        assert visit._navigator.shown == 0
        assert os.environ["EHTOOLKIT_LANGUAGE"] == "en"
    assert sent == [{"failed": 3}], "what is no language of ours is not answered"


def heading_of(form: Any) -> str:
    """The title of a form."""
    found = [descendant for descendant in descendants(form) if isinstance(descendant, StepHead)]
    return str(found[0].title)


def descendants(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from descendants(child)


def test_outside_our_pages_a_form_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    openers = {"index": lambda: HTML("index")}
    monkeypatch.delenv("SERVER_SOFTWARE")
    assert make_entry_point(openers, "index")().value == "index"
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    assert make_entry_point(openers, "index")().children[-2].value == "index"


def test_fifty_changes_leave_nothing_behind(request: pytest.FixtureRequest) -> None:
    """Threads, models (each has a comm), files: as many as before."""
    visit = visit_of()
    visit.begin("doctor")
    names = [name for name in PAGES if name != "doctor"]  # it takes its time

    def round_trip() -> None:
        for serial, name in enumerate(names):
            go(visit, name, serial=serial)

    rounds = 4
    round_trip()
    _wait(lambda: not _workers())
    gc.collect()
    models_there, threads, files = len(open_widgets()), threading.active_count(), _open_files()
    gc.disable()  # what a form has opened it closes itself
    request.addfinalizer(gc.enable)
    for _ in range(rounds):
        round_trip()
    _wait(lambda: not _workers())

    assert len(open_widgets()) == models_there
    assert threading.active_count() <= threads
    # SQLite keeps a descriptor for as long as another connection has the file open; one a round would be a leak.
    assert _open_files() < files + rounds


def test_what_a_form_holds_is_let_go() -> None:
    visit = visit_of(index=lambda: HTML("index"), request=PAGES["request"])
    visit.begin("request")
    lock = load_settings().home / "locks"
    closed: list[str] = []
    on_close(visit.form, lambda: closed.append("request"))

    go(visit, "index")

    assert closed == ["request"]
    assert not list(lock.glob("*")) if lock.exists() else True


class Later:
    """Work that ends when the test says so."""

    def __init__(self) -> None:
        self.work: Callable[[], None] | None = None
        self.outcome: Outcome | None = None

    def __call__(self, work: Callable[[], None], outcome: Outcome) -> None:
        self.work, self.outcome = work, outcome


def test_work_goes_on_when_its_form_is_left_and_then_the_parts_are_closed() -> None:
    runner, said = Later(), list[str]()
    texts, settings = Translator("en"), load_settings()
    page = Page(title="Send", primary="Send", work=lambda sent: said.append("sent"))
    wizard = Wizard([Step("send")])
    view = WizardView(
        wizard,
        {"send": lambda: page},
        lambda: Page(title="Done"),
        texts=texts,
        home=settings.home,
        caption="A form",
        names={"send": "Send"},
        cancel="Cancel",
        runner=runner,
    )
    toolkit = open_toolkit(settings)
    view.when_closed(lambda: said.append("closed"))
    view.when_closed(toolkit.close)
    view.run(page.work or (lambda _: None), lambda: said.append("shown"))
    assert runner.work is not None
    assert runner.outcome is not None
    assert view.busy, "it gives way to no other view"

    view.root.close()
    assert (view.left, said) == (True, [])
    runner.work()
    runner.outcome(None)

    assert said == ["sent", "closed"]


def test_an_error_of_a_form_that_was_left_is_not_shown() -> None:
    visit = visit_of()
    visit.begin("complete")
    there = len(open_widgets())

    go(visit, "index")
    go(visit, "complete")

    assert len(open_widgets()) == there


def _workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("eh-")]


def _open_files() -> int:
    return len(psutil.Process().open_files())


def _wait(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there() and time.monotonic() < end:
        time.sleep(0.05)
    assert there()
