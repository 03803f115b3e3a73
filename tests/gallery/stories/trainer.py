"""The trainer's page, the class and the mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ehtoolkit.forms.engine.user_progress import DONE
from ehtoolkit.forms.html import link, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.training_class import WORDS
from ehtoolkit.forms.widgets.page_frame import ClassBar
from ehtoolkit.forms.widgets.page_parts import StepHead
from ehtoolkit.forms.widgets.tables import Table
from ehtoolkit.training import PEOPLE, Scenario
from ehtoolkit.training.lessons.stations import STATIONS
from ehtoolkit.training.state.attendance import PageReport, take_report
from ehtoolkit.training.state.classroom import open_class
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase
from tests.gallery.driver import GalleryDriver
from tests.gallery.stories.page_actions import fielded

CLASS: Final = "0123456789abcdef"


def trainer(driver: GalleryDriver) -> Iterator[str]:
    driver.at("everybody")
    form = driver.open("trainer")
    yield "fresh"
    form.go("newcomer")
    yield "newcomer"
    form.go("newcomer_add", new_first_names="", new_surname="", new_born="x")
    yield "newcomer-refused"
    form.go("newcomer_add", new_first_names="Jo", new_surname="Nieuw", new_born="1.2.2012")
    yield "newcomer-there"
    form.handle("bram", "unplug", table=3)
    form.handle("karl", "block", table=3)
    yield "cards"
    form.go("mandate", mandate_organisation="", mandate_type="CBE", mandate_number="1", mandate_name="")
    yield "mandate-refused"
    form.go("mandate", mandate_number="0486132722", mandate_name="Praxis")
    form.handle(form.parts(Table)[4].rows[0]["key"], "withdraw", table=4)
    yield "mandate"
    for scenario in Scenario:
        if scenario is not Scenario.FORGOTTEN_PASSWORD:
            form.switch(scenario, on=True)
    yield "scenarios"
    fielded(form, "scenario_words").value = "zzz"
    yield "no-scenario"
    fielded(form, "scenario_words").value = ""
    form.switch(Scenario.FORGOTTEN_PASSWORD, on=True)
    yield "scenario-refused"
    fielded(form, "person").value = PEOPLE[0].name
    yield "of-one-person"
    form.go("reset_all")
    yield "reset-asked"
    form.go("yes")
    yield "reset"


def mailbox(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("mailbox")
    yield "empty"
    driver.at("waiting")
    form = driver.open("mailbox")
    yield "one"
    driver.later("+1d")
    form.go("look")
    yield "two"


def trainer_with_requests(driver: GalleryDriver) -> Iterator[str]:
    for home in ("renewed", "revoked", "expired"):
        driver.at(home)
        driver.open("trainer")
        yield home
    driver.at("foreign")
    form = driver.open("trainer")
    yield "to-confirm"
    form.handle(form.parts(Table)[2].rows[0]["key"], "confirm", table=2)
    yield "confirmed"
    driver.at("waiting")
    form = driver.open("trainer")
    form.handle(form.parts(Table)[2].rows[0]["key"], "refuse", table=2)
    yield "refused"
    driver.at("renewing")
    form = driver.open("trainer")
    form.handle(form.parts(Table)[2].rows[0]["key"], "deliver", table=2)
    form.handle(form.parts(Table)[2].rows[0]["key"], "deliver", table=2)
    form.go("reset")
    form.go("look")
    yield "renewal-to-come"
    form.go("renewal")
    yield "renewal"
    driver.at("waiting")
    driver.scenario("not-yet-delivered")
    driver.open("trainer")
    yield "withheld"
    driver.at("sample")
    form = driver.open("trainer")
    yield "sample"
    form.go("sample_anew")
    yield "sample-asked"
    form.go("reset_all")
    yield "reset-asked"


def trainer_with_a_class(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    driver.open("trainer").go("board_open")
    yield "open"
    report(driver, 1, "Anna", page="request", step="card", problem="error.pin_wrong", card=PEOPLE[0].name)
    report(driver, 2, "Björn <b>Sjöberg-Vandenbroucke</b>, " + "praktijk " * 9, page="index", card="karl")
    for seconds in (130, 0):
        report(driver, 3, "Zoë", page="complete-renewal", step=DONE, seconds=seconds)
    report(driver, 4, "Gone", page="doctor", seconds=90)
    form = driver.open("trainer")
    yield "class"
    form.go("board_list")
    yield "certificates"
    for station in ("", *(station.name for station in STATIONS[:-1])):
        form.go(f"board_next {station}")
        if station in ("", "complete-renewal", "card-fault"):
            yield f"station-after-{station or 'nothing'}"
    yield "last-station"
    form.handle(f"{1:032x}", "reset")
    yield "reset-asked"
    form.go("board_yes")
    yield "reset"
    form.handle(f"{4:032x}", "forget")
    form.go("board_close")
    yield "closed"


def report(driver: GalleryDriver, number: int, name: str, *, seconds: int = 0, **place: str) -> None:
    """Put a trainee on the board, with the last report so many seconds ago."""
    with driver.training() as training:
        given = {
            "class_id": open_class(training.database, "en"),
            "visitor": f"{number:032x}",
            "name": name,
            **place,
        }
        moment = datetime.now(UTC) - timedelta(seconds=seconds)
        take_report(TrainingDatabase(training.folder / DATABASE_FILE), PageReport.from_json(given), moment)


def line_of_a_class(driver: GalleryDriver) -> Iterator[str]:
    driver.at("fresh")
    words = {
        name: driver.get(f"lesson.bar.{name}", **({"name": "{name}"} if name == "inside" else {}))
        for name in WORDS
    }

    def page() -> Any:
        bar = ClassBar(words=words)
        bar.show(CLASS, driver.get("lesson.complete-renewal"), "complete.ipynb")
        head = StepHead()
        head.show(caption="", title=driver.get("index.title"), lead="", focus=False)
        first = link(driver.get("index.request.do"), "request.ipynb", class_="eh-button eh-primary")
        return column("eh", of=(bar, head, show(first)))

    driver.show(page)
    yield "name"


STORIES: Final = (
    trainer,
    trainer_with_a_class,
    line_of_a_class,
    mailbox,
)
VARIANTS: Final = (trainer_with_requests,)
