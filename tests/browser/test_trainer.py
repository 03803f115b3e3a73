"""The trainer's desk by keyboard alone: clock, cards, scenarios, requests, letters, and back to the beginning."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from ehtoolkit.settings import LanguageName
from ehtoolkit.texts import Texts
from ehtoolkit.training import PEOPLE
from tests.browser.hands import Keys, title
from tests.browser.lives import PIN, certificate_in, ehtoolkit
from tests.browser.pages import Check, Visit
from tests.browser.serving import Serving

BRAM = next(one.person for one in PEOPLE if one.name == "bram")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("tr", has=page.get_by_role("rowheader", name=name))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_lesson_by_keyboard(
    serving: Serving, visit: Callable[..., Visit], check_both: Check, language: LanguageName
) -> None:
    keystore = certificate_in(serving.home, "Kine-2026")
    get = Texts(language).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user = Keys(page)

    def said(words: str) -> None:
        expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)

    user.press(get("index.trainer"))
    title(page, get("trainer.title"))
    check_both(page, f"trainer-{language}-1")

    # the clock: the focus stays where it is, so that a second press is a second day
    user.press(get("trainer.jump.1d"))
    expect(page.get_by_text(get("trainer.clock.moved", days=1, hours=0))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(get("trainer.clock.moved", days=2, hours=0))).to_be_visible()

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
    check_both(page, f"trainer-{language}-2-blocked")
    page.keyboard.press("Shift+Tab")
    user.press(f"{get('trainer.unblock')} {about}")
    expect(bram).to_contain_text(get("trainer.tries", left=3, total=3))

    # a scenario for one person
    user.select(get("trainer.scenarios.whom"), f"{BRAM.first_names} {BRAM.name}")
    name = get("scenario.manual-validation.title")
    user.tick(name)
    switch = page.get_by_role("switch", name=name)
    expect(switch).to_be_checked()
    expect(switch).to_be_focused()
    expect(bram).to_contain_text(name)
    check_both(page, f"trainer-{language}-3-scenario")

    # what somebody asks for meanwhile is there after a look, and waits for the trainer
    request_by_bram(serving)
    user.press(get("trainer.look"))
    request = page.get_by_role("region", name=get("trainer.held")).locator("tbody tr").first
    expect(request).to_contain_text(get("trainer.status.in_progress"))
    check_both(page, f"trainer-{language}-4-request")
    page.get_by_role("region", name=get("trainer.held")).focus()
    user.press(get("trainer.deliver"))
    expect(request).to_contain_text(get("trainer.status.valid_active"))
    said(get("trainer.held.done.deliver"))

    # the letters: the newest is open, another one is read
    letters = page.get_by_role("list", name=get("trainer.mails")).get_by_role("button")
    expect(letters).to_have_count(4)
    letters.first.focus()
    page.keyboard.press("Tab")
    subject = letters.nth(1).locator("b").inner_text()
    page.keyboard.press("Enter")
    article = page.get_by_role("article")
    expect(article).to_be_focused()
    expect(article.get_by_role("heading")).to_have_text(subject)
    check_both(page, f"trainer-{language}-5-letter")

    # the end of the lesson: asked first, and No is the nearest answer
    user.press(get("trainer.reset.do"))
    expect(page.get_by_text(get("trainer.reset.sure.text"))).to_be_visible()
    expect(page.get_by_role("button", name=get("trainer.reset.no"))).to_be_focused()
    check_both(page, f"trainer-{language}-6-reset")
    page.keyboard.press("Enter")
    expect(page.get_by_text(get("trainer.reset.sure.text"))).to_be_hidden()
    assert keystore.exists()
    expect(page.get_by_role("button", name=get("trainer.reset.do"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=get("trainer.reset.no"))).to_be_focused()
    user.press(get("trainer.reset.yes"))
    said(get("trainer.reset.done"))
    expect(page.get_by_text(get("trainer.held.none"))).to_be_visible()
    expect(page.get_by_text(get("trainer.mails.none"))).to_be_visible()
    expect(page.get_by_text(get("trainer.clock.today"))).to_be_visible()
    check_both(page, f"trainer-{language}-7-beginning")
    assert not keystore.exists()


def request_by_bram(serving: Serving) -> None:
    secrets = {"--pin-file": PIN, "--new-password-file": "Bram-2026"}
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
