"""One life of a certificate by the forms alone, with the clock moved on the Trainer page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.identity import Identifier
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training import PEOPLE
from tests.browser.page_users import Keys, Mouse
from tests.browser.pages import Visit
from tests.browser.serving import Serving
from tests.journeys.page_driver import PageDriver
from tests.support.life import LifeScript
from tests.support.life_witness import Witness

KARL = next(known for known in PEOPLE if known.name == "karl")
PHARMACY = next(known for known in PEOPLE if known.name == "ines").organisations[0]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.long]

StartScript = Callable[[LanguageName, type[Mouse | Keys], str, Identifier], tuple[LifeScript, PageDriver]]


@pytest.fixture
def start(serving: Serving, visit: Callable[..., Visit], tmp_path: Path) -> Iterator[StartScript]:
    """Opens two windows: the forms, and the Trainer page."""
    toolkits = []

    def start(
        language: LanguageName, user: type[Mouse | Keys], card: str, holder: Identifier
    ) -> tuple[LifeScript, PageDriver]:
        window = visit(serving, locale=f"{language}-BE")
        page = window.open("index", {"lang": language})
        trainer = window.new_page()
        trainer.goto(f"{window.base}/trainer.ipynb")
        trainer.wait_for_selector("h1")
        toolkit = open_toolkit(load_settings(home=serving.home))
        toolkits.append(toolkit)
        driver = PageDriver(window, page, trainer, user(page), language, toolkit.context.keystores)
        return LifeScript(driver, Witness(toolkit, tmp_path, card, holder)), driver

    yield start
    for toolkit in toolkits:
        toolkit.close()


def test_of_a_person_with_an_rsa_card_by_keyboard_in_dutch(start: StartScript) -> None:
    script, _ = start("nl", Keys, PEOPLE[0].name, PEOPLE[0].person.identifier)
    script.lead()


def test_of_an_organisation_with_an_ec_card_by_mouse_in_german(start: StartScript) -> None:
    script, driver = start("de", Mouse, KARL.name, PHARMACY.identifier)
    driver.card, driver.organisation = KARL.person.full_name, PHARMACY.name_fr
    trainer = Mouse(driver.trainer)
    trainer.select(driver.get("trainer.mandates.whom"), driver.card)
    trainer.select(driver.get("trainer.mandates.which"), f"{PHARMACY.name_fr} ({PHARMACY.identifier.text})")
    trainer.press(driver.get("trainer.mandates.add"))
    mandates = driver.trainer.get_by_role("region", name=driver.get("trainer.mandates"))
    expect(mandates).to_contain_text(PHARMACY.identifier.text)
    driver.page.bring_to_front()
    script.lead()
