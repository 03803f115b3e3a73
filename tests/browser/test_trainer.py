"""The trainer's desk by keyboard alone: clock, cards, scenarios, requests, letters, and back to the beginning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.training import PEOPLE
from ehtoolkit.training.reset import ASIDE_FOLDER
from ehtoolkit.training.state.clock import training_day
from tests.browser.languages import short_in
from tests.browser.page_users import Keys, arrive, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import PIN, certificate_in, ehtoolkit
from tests.browser.serving import Serving

BRAM = next(person.person for person in PEOPLE if person.name == "bram")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("tr", has=page.get_by_role("rowheader", name=name))


@pytest.mark.parametrize("language", short_in("nl"))
def test_a_lesson_by_keyboard(
    serving: Serving, visit: Callable[..., Visit], check_walk: Check, language: LanguageName
) -> None:
    keystore = certificate_in(serving.home, "Kine-2026")
    get = Translator(language).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user = Keys(page)

    def said(words: str) -> None:
        expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)

    user.press(get("index.trainer"))
    title(page, get("trainer.title"))
    check_walk(page, f"trainer-{language}-1")

    # the clock: the focus stays where it is, so that a second press is a second day
    user.press(get("trainer.jump.1d"))
    expect(
        page.get_by_text(
            get("trainer.clock.moved", time=Translator(language).counted("trainer.clock.days", 1))
        )
    ).to_be_visible()
    page.keyboard.press("Enter")
    expect(
        page.get_by_text(
            get("trainer.clock.moved", time=Translator(language).counted("trainer.clock.days", 2))
        )
    ).to_be_visible()

    expect(page.locator("#eh-date")).to_have_text(
        Translator(language).short_date(training_day(serving.home / "training"))
    )

    # a card out of its reader and back, its PIN blocked and given back
    about = get("trainer.people.of", name=BRAM.first_names)
    bram = row_of(page, BRAM.name)
    user.press(f"{get('trainer.unplug')} {about}")
    expect(bram).to_contain_text(get("trainer.card.out"))
    page.keyboard.press("Shift+Tab")
    user.press(f"{get('trainer.plug')} {about}")
    expect(bram).to_contain_text(get("trainer.card.in"))
    user.press(f"{get('trainer.block')} {about}")
    expect(bram).to_contain_text(get("trainer.tries", left=0, total=3))
    said(get("trainer.people.done"))
    check_walk(page, f"trainer-{language}-2-blocked")
    page.keyboard.press("Shift+Tab")
    user.press(f"{get('trainer.unblock')} {about}")
    expect(bram).to_contain_text(get("trainer.tries", left=3, total=3))

    # somebody more: a mistake leads to its field, and the newcomer is there at once, with an EC card
    user.press(get("trainer.newcomer"))
    expect(page.get_by_role("heading", name=get("trainer.newcomer.title"))).to_be_focused()
    user.type(get("trainer.newcomer.first_names"), "Noor Zoé")
    user.type(get("trainer.newcomer.surname"), "Marchal")
    user.type(get("trainer.newcomer.born"), "29/02/2005")
    user.select(get("trainer.newcomer.chip"), get("trainer.newcomer.chip.ec"))
    user.press(get("trainer.newcomer.add"))
    expect(page.get_by_role("alert")).to_contain_text(get("error.input_invalid.birth_date"))
    check_walk(page, f"trainer-{language}-2-newcomer")
    user.press(get("error.input_invalid.birth_date"))
    born = page.get_by_label(get("trainer.newcomer.born"))
    expect(born).to_be_focused()
    born.fill("29/02/2004")
    user.press(get("trainer.newcomer.add"))
    welcome = get("trainer.newcomer.added", name="Noor Zoé Marchal")
    expect(page.get_by_role("heading", name=welcome)).to_be_focused()
    expect(page.get_by_text("training:noor")).to_be_visible()
    expect(row_of(page, "Marchal")).to_contain_text("04.02.29-998")
    expect(page.get_by_role("alert")).to_be_hidden()

    # a mandate: one of the list, one that is typed, one that is taken away
    user.select(get("trainer.mandates.whom"), "Noor")
    mandates = page.get_by_role("region", name=get("trainer.mandates"))
    expect(page.get_by_text(get("trainer.mandates.none"))).to_be_visible()
    practice = PEOPLE[0].organisations[0]
    name = practice.name_nl if language == "nl" else practice.name_fr
    user.select(get("trainer.mandates.which"), f"{name} ({practice.identifier.text})")
    expect(page.get_by_label(get("trainer.mandates.name"))).to_be_hidden()
    user.press(get("trainer.mandates.add"))
    expect(mandates).to_contain_text(practice.identifier.text)
    expect(row_of(page, "Marchal")).to_contain_text(name)
    said(get("trainer.mandates.added", name=name))
    page.get_by_label(get("trainer.mandates.whom")).focus()
    user.select(get("trainer.mandates.which"), get("trainer.mandates.another"))
    user.type(get("trainer.mandates.number"), "0472.938.148")
    user.type(get("trainer.mandates.name"), "Kine De Kaai")
    user.press(get("trainer.mandates.add"))
    expect(row_of(page, "Marchal")).to_contain_text("Kine De Kaai")
    check_walk(page, f"trainer-{language}-2-mandates")
    mandates.focus()
    user.press(f"{get('trainer.mandates.withdraw')} {get('trainer.people.of', name=name)}")
    expect(mandates).not_to_contain_text(practice.identifier.text)
    assert {
        organisation["organisation"] for organisation in people_of(serving)["training:noor"]["organisations"]
    } == {"CBE=0472938148"}

    # a scenario for one person
    user.select(get("trainer.scenarios.whom"), f"{BRAM.first_names} {BRAM.name}")
    name = get("scenario.manual-validation.title")
    user.tick(name)
    switch = page.get_by_role("switch", name=name)
    expect(switch).to_be_checked()
    expect(switch).to_be_focused()
    expect(bram).to_contain_text(name)
    check_walk(page, f"trainer-{language}-3-scenario")

    # what somebody asks for meanwhile is there after a look, and waits for the trainer
    request_by_bram(serving)
    page.get_by_role("region", name=get("trainer.held")).focus()
    user.press(get("trainer.look"))
    request = page.get_by_role("region", name=get("trainer.held")).locator("tbody tr").first
    expect(request).to_contain_text(get("trainer.status.in_progress"))
    check_walk(page, f"trainer-{language}-4-request")
    page.get_by_role("region", name=get("trainer.held")).focus()
    user.press(get("trainer.deliver"))
    expect(request).to_contain_text(get("trainer.status.valid_active"))
    said(get("trainer.held.done.deliver"))

    # a switch that fails turns back: Bram has a certificate
    switch = page.get_by_role("switch", name=get("scenario.forgotten-password.title"))
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(switch).not_to_be_checked()

    # the mailbox, a page of its own: the newest e-mail is open, another one is read
    contents = page.get_by_role("navigation", name=get("trainer.contents"))
    contents.get_by_role("link", name=get("trainer.mails")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=get("trainer.mails"))).to_be_focused()
    user.press(get("trainer.mails.open"))
    arrive(page, get("mailbox.title"))
    letters = page.get_by_role("list", name=get("trainer.mails")).get_by_role("button")
    expect(letters).to_have_count(4)
    letters.first.focus()
    page.keyboard.press("Tab")
    subject = letters.nth(1).locator("b").inner_text()
    page.keyboard.press("Enter")
    article = page.get_by_role("article")
    expect(article).to_be_focused()
    expect(article.get_by_role("heading")).to_have_text(subject)
    check_walk(page, f"trainer-{language}-5-letter")
    user.press(get("mailbox.clock"))
    arrive(page, get("trainer.title"))

    # the end of the lesson: asked first, and No is the nearest answer
    contents.get_by_role("link", name=get("trainer.reset")).focus()
    page.keyboard.press("Enter")
    user.press(get("trainer.reset.do"))
    expect(page.get_by_text(get("trainer.reset.sure.text"))).to_be_visible()
    expect(page.get_by_role("button", name=get("trainer.reset.no"))).to_be_focused()
    check_walk(page, f"trainer-{language}-6-reset")
    page.keyboard.press("Enter")
    expect(page.get_by_text(get("trainer.reset.sure.text"))).to_be_hidden()
    assert keystore.exists()
    expect(page.get_by_role("button", name=get("trainer.reset.do"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=get("trainer.reset.no"))).to_be_focused()
    user.press(get("trainer.reset.yes"))
    expect(page.get_by_text(get("trainer.held.none"))).to_be_visible()
    (aside,) = (keystore.parents[1] / ASIDE_FOLDER).iterdir()
    said(get("trainer.reset.done", folder=aside))
    expect(page.get_by_text(get("trainer.held.none"))).to_be_visible()
    expect(page.get_by_text(get("trainer.mails.none"))).to_be_visible()
    expect(page.get_by_text(get("trainer.clock.today"))).to_be_visible()
    check_walk(page, f"trainer-{language}-7-beginning")
    assert not keystore.exists()


def test_a_double_click_and_a_key_that_is_held_move_the_clock_once(
    bare: Serving, visit: Callable[..., Visit]
) -> None:
    get = Translator("en").get
    page = visit(bare, locale="en-BE").open("trainer", {"lang": "en"})
    title(page, get("trainer.title"))
    day = training_day(bare.home / "training")

    def moved() -> int:
        """Return the days since the last call, once the page has answered to everything."""
        nonlocal day
        page.get_by_role("button", name=get("trainer.look")).click()
        expect(page.get_by_role("status").filter(has_text=get("trainer.looked"))).to_have_count(1)
        before, day = day, training_day(bare.home / "training")
        return (day - before).days

    page.get_by_role("button", name=get("trainer.jump.12mo"), exact=True).dblclick()
    assert moved() in (365, 366)

    page.get_by_role("button", name=get("trainer.jump.1d"), exact=True).focus()
    for _ in range(5):  # Playwright marks those after the first as repeated
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert moved() == 1


def people_of(serving: Serving) -> dict[str, Any]:
    """What the command line says of everybody, by the name of the card."""
    return {person["card"]: person for person in ehtoolkit(serving.home, "training", "people")["people"]}


def request_by_bram(serving: Serving) -> None:
    secrets = {"--pin-file": PIN, "--new-password-file": "Regen-2026"}
    arguments = []
    for option, text in secrets.items():
        path = serving.home.parent / option.strip("-")
        path.write_text(text)
        arguments += [option, str(path)]
    done = ehtoolkit(
        serving.home,
        *("certificate", "request", "--accept-terms", "--card", "training:bram", *arguments),
        *("--email", "bram@example.be", "--phone", "+32 9 555 01 42"),
    )
    assert done["state"] == "validating"
