"""The page about this computer in Chromium: four languages, by keyboard, in a good and in a bad state."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.training import PEOPLE
from tests.browser.languages import short_in
from tests.browser.page_users import Keys, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit
from tests.browser.serving import Serving

Windows = Callable[..., Visit]

PASSWORD = "Kine-2026"


@pytest.fixture(scope="module")
def served(demo: Serving) -> Serving:
    """A computer with a keystore, whose smart-card service is out of reach, which training does not mind."""
    demo.put_back()
    certificate_in(demo.home, PASSWORD)
    return demo


def looked(page: Page) -> None:
    """Wait until everything was looked at."""
    expect(page.locator(".eh-doctor .eh-finding").first).to_be_visible()


@pytest.mark.parametrize("language", short_in("nl"))
def test_a_good_and_a_bad_day(
    language: LanguageName, served: Serving, visit: Windows, check_walk: Check
) -> None:
    get = Translator(language).get
    page = visit(served, locale=f"{language}-BE").open("doctor")
    looked(page)
    title(page, get("doctor.title"))
    expect(page.get_by_role("heading", name=get("doctor.verdict.good"))).to_be_visible()
    check_walk(page, f"doctor-{language}-1-good")
    user = Keys(page)
    user.type(get("doctor.ask.says"), "[ERR200066]")
    user.press(get("doctor.ask.go"))
    expect(page.get_by_role("heading", name=get("advice.registers"))).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(get("advice.registers"))
    check_walk(page, f"doctor-{language}-2-code")
    try:
        ehtoolkit(served.home, "training", "scenario", "clock-wrong", "on")
        ehtoolkit(served.home, "training", "scenario", "signature-not-activated", "on")
        page.get_by_role("button", name=get("doctor.again")).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=get("doctor.verdict.bad.many", count=2))).to_be_visible()
        expect(page.get_by_text(get("doctor.signature_dormant")).last).to_be_visible()
        check_walk(page, f"doctor-{language}-3-bad")
    finally:
        ehtoolkit(served.home, "training", "scenario", "clock-wrong", "off")
        ehtoolkit(served.home, "training", "scenario", "signature-not-activated", "off")


@pytest.mark.long
@pytest.mark.parametrize("language", short_in("nl"))
def test_the_card_of_another_person(
    language: LanguageName, served: Serving, visit: Windows, check_walk: Check
) -> None:
    """Her card alone is not in order: the page names whose card it checked, and checks hers once it is chosen."""
    get = Translator(language).get
    elise, claire = (
        next(known.person for known in PEOPLE if known.name == name).full_name for name in ("elise", "claire")
    )
    ehtoolkit(served.home, "training", "scenario", "signature-not-activated", "on", "--person", "claire")
    try:
        page = visit(served, locale=f"{language}-BE").open("doctor")
        looked(page)
        expect(page.get_by_text(get("doctor.card.holder", name=elise))).to_be_visible()
        expect(page.get_by_role("heading", name=get("doctor.verdict.good"))).to_be_visible()
        Keys(page).select(get("doctor.card.choice"), claire)
        expect(page.get_by_text(get("doctor.card.holder", name=claire))).to_be_visible()
        expect(page.get_by_role("heading", name=get("doctor.verdict.bad.one"))).to_be_visible()
        expect(page.get_by_label(get("doctor.card.choice"))).to_be_focused()
        check_walk(page, f"doctor-{language}-5-claire")
        page = visit(served, locale=f"{language}-BE").open("doctor", {"card": "training:claire"})
        expect(page.get_by_text(get("doctor.card.holder", name=claire))).to_be_visible()
    finally:
        ehtoolkit(served.home, "training", "scenario", "signature-not-activated", "off", "--person", "claire")


def test_is_it_the_certificate(served: Serving, visit: Windows, check: Check) -> None:
    """From the index, by keyboard: what the error says, the keystore, its password; and the report."""
    get = Translator("fr").get
    visitor = visit(served)
    page = visitor.open("index")
    user = Keys(page)
    user.press(get("index.doctor"))
    title(page, get("doctor.title"))
    looked(page)
    user.type(get("doctor.ask.says"), "SOA-01002")
    user.select(get("doctor.ask.keystore"), "SSIN=")
    user.type(get("doctor.ask.password"), PASSWORD)
    user.press(get("doctor.ask.go"))
    verdict = get("doctor.verdict.fine.code", code="SOA-01002")
    expect(page.get_by_role("heading", name=verdict)).to_be_visible()
    expect(page.get_by_label(get("doctor.ask.password"))).to_have_value("")
    check(page, "doctor-fr-4-triage")
    with page.expect_download() as saved:
        user.press(get("doctor.save"))
    report = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert report["certificate"]["verdict"] == "fine"
    assert not re.search(r"\d{11}", json.dumps(report))
    received = b"".join(data for direction, data in visitor.frames if direction == "received")
    assert PASSWORD.encode() not in received


def test_the_card_part_of_troubleshooting(served: Serving, visit: Windows, check: Check) -> None:
    get = Translator("de").get
    page = visit(served, locale="de-BE").open("troubleshoot")
    Keys(page).press(get("troubleshoot.card.look"))
    expect(page.get_by_text(get("doctor.tries_full", count=3))).to_be_visible()
    check(page, "troubleshoot-de-card")
    Keys(page).press(get("troubleshoot.card.more"))
    title(page, get("doctor.title"))
