"""A shared server, under a prefix: what it says about cards, and that it takes no keystore from the user's computer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser.drop_files import drop
from tests.browser.languages import short_in
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import certificate_in
from tests.browser.serving import Serving
from tests.keystore.conftest import Sample, samples

__all__ = ["samples"]

Windows = Callable[..., Visit]

PASSWORD = "Oefening-2026 & co"
PREFIX = "/user/els@example.be/ehtoolkit/"
PIECE = 24
"""Bytes: no frame has as many in common with a keystore by chance."""
get = Translator("en").get


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    home = tmp_path_factory.mktemp("shared") / "home"
    serving = Serving.demo(home, EHTOOLKIT_SHARED="1", EHTOOLKIT_BASE_URL=PREFIX)
    yield serving
    assert serving.stop() == 0


def sent(window: Visit, data: bytes) -> bool:
    """Whether a piece of ``data`` went to the server."""
    pieces = [data[at : at + PIECE] for at in range(0, len(data) - PIECE + 1, PIECE)]
    frames = [frame for direction, frame in window.frames if direction == "sent"]
    return any(piece in frame for piece in pieces for frame in frames)


def test_no_page_takes_a_file_from_the_users_computer(
    server: Serving,
    visit: Windows,
    check: Check,
    samples: dict[str, Sample],  # the fixture
) -> None:
    own = certificate_in(server.home, PASSWORD)
    window = visit(server, locale="en-GB")
    page = window.open("troubleshoot", {"lang": "en"})
    assert page.url.startswith(f"{server.base}/troubleshoot.ipynb")
    expect(page.get_by_text(get("page.shared.files.text"))).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(0)
    check(page, "shared-1-files")

    foreign, mine = samples["bc_complete.p12"].data, own.read_bytes()
    _, over, dropped = drop(
        page, [("SSIN=79031421872 20261124-130000.p12", foreign), (own.name, mine)], "body"
    )
    assert over, "the browser would open the file"
    assert dropped
    page.locator(".eh-actions .eh-primary").click()
    expect(page.get_by_role("button", name=get("troubleshoot.open"))).to_be_visible()
    assert not sent(window, foreign)
    assert not sent(window, mine)

    # Forms say how a keystore gets onto the server.
    window.follow("password", "lang=en")
    page.get_by_text(get("page.shared.files"), exact=True).click()
    expect(page.get_by_text(get("page.shared.files.text"))).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(0)
    check(page, "shared-2-form")


@pytest.mark.parametrize("language", short_in("nl"))
def test_a_page_that_wants_a_card_says_that_only_training_cards_are_here(
    server: Serving, visit: Windows, check: Check, language: LanguageName
) -> None:
    say = Translator(language).get
    page = visit(server).open("request", {"lang": language})
    expect(page.get_by_text(say("page.shared.note"))).to_be_visible()
    expect(page.get_by_text(say("page.footer.shared"))).to_be_visible()
    page.get_by_role("checkbox").first.wait_for()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.locator(".eh-actions .eh-primary").click()
    expect(page.get_by_text(say("page.shared.card"), exact=True)).to_be_visible()
    check(page, f"shared-3-card-{language}")
    page.get_by_role("button", name=say("steps.card.read")).click()
    expect(page.get_by_role("heading", name=say("steps.card.title"))).to_be_visible()
