"""A server that is shared, under a prefix: what it says about cards, and which files never leave the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
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


def test_what_is_not_of_this_training_never_leaves_the_browser(
    server: Serving,
    visit: Windows,
    check: Check,
    samples: dict[str, Sample],  # the fixture
) -> None:
    own = certificate_in(server.home, PASSWORD)
    window = visit(server, locale="en-GB")
    page = window.open("troubleshoot", {"lang": "en"})
    assert page.url.startswith(f"{server.base}/troubleshoot.ipynb")
    expect(page.get_by_text(get("page.shared.files"))).to_be_visible()

    strangers = {
        "SSIN=79031421872 20261124-130000.p12": samples["bc_complete.p12"].data,
        "java.p12": samples["sun17_three.p12"].data,
        "cut.p12": own.read_bytes()[:-9],
        "letter.pdf": bytes(range(256)) * 40,
    }
    drop(page, list(strangers.items()))
    for name in strangers:
        expect(page.locator(".eh-drop-errors")).to_contain_text(
            get("troubleshoot.refused.unknown", name=name)
        )
    check(page, "shared-1-refused")
    assert not any(sent(window, data) for data in strangers.values())

    drop(page, [(own.name, own.read_bytes())])
    expect(page.get_by_role("button", name=get("troubleshoot.open"))).to_be_visible()
    expect(page.locator(".eh-drop-errors")).to_be_empty()
    assert sent(window, own.read_bytes())


@pytest.mark.parametrize("language", short_in("nl"))
def test_a_page_that_wants_a_card_says_that_only_training_cards_are_here(
    server: Serving, visit: Windows, check: Check, language: str
) -> None:
    say = Translator(language).get  # type: ignore[arg-type]  # one of ours
    page = visit(server).open("request", {"lang": language})
    expect(page.get_by_text(say("page.shared.note"))).to_be_visible()
    expect(page.get_by_text(say("page.footer.shared"))).to_be_visible()
    page.get_by_role("checkbox").first.wait_for()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.locator(".eh-actions .eh-primary").click()
    expect(page.get_by_text(say("page.shared.card"), exact=True)).to_be_visible()
    check(page, f"shared-2-card-{language}")
    page.get_by_role("button", name=say("steps.card.read")).click()
    expect(page.get_by_role("heading", name=say("steps.card.title"))).to_be_visible()
