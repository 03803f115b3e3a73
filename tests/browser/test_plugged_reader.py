"""The Request form with an eID in a reader of this computer, behind software that cannot sign with it (OpenSC)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import ehtoolkit
from tests.browser.serving import Serving
from tests.support.card_fixtures import pcsc
from tests.support.pcsc import Pcsc
from tests.support.plugged import Plugged, plugged_person

__all__ = ["pcsc"]

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(600),  # the first one waits until other files have let go of the smart-card service
]


@pytest.fixture
def card(pcsc: Pcsc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugged]:
    """A training person's, beside its reader."""
    for name, value in pcsc.environment.items():
        monkeypatch.setenv(name, value)
    with plugged_person(pcsc, tmp_path / "home", "elise") as card:
        card.pull()
        yield card


@pytest.fixture
def at_reader(card: Plugged, tmp_path: Path) -> Iterator[Serving]:
    serving = Serving.demo(tmp_path / "home", EHTOOLKIT_CARD=f"pkcs11:{card.pcsc.module}")
    yield serving
    assert serving.stop() == 0


@pytest.mark.parametrize(
    ("language", "hand"), [pytest.param("fr", Mouse, marks=pytest.mark.long), ("de", Keys)]
)
def test_software_that_cannot_sign_is_reported_before_the_pin(
    card: Plugged,
    at_reader: Serving,
    visit: Callable[..., Visit],
    check: Check,
    tmp_path: Path,
    language: LanguageName,
    hand: type[Keys | Mouse],
) -> None:
    """As soon as the card was read: nobody types a PIN, addresses and all for a signature that cannot be made."""
    texts = Translator(language)
    get, identity, name = texts.get, card.profile.identity, f"plugged-{language}"
    window = visit(at_reader, locale=f"{language}-BE")
    page = window.open("request", {"lang": language})
    user = hand(page)
    title(page, get("request.terms.title"))
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))

    # An empty reader, then a card, and nobody presses anything.
    title(page, get("steps.card.insert.title"))
    expect(page.get_by_role("heading", name=get("error.card_absent"))).to_be_visible()
    check(page, f"{name}-1-empty")
    card.put_back()
    choice = page.locator(".eh-choice", has_text=identity.surname)
    expect(choice).to_contain_text(card.reader_name)
    expect(page.get_by_role("heading", name=get("error.card_absent"))).to_be_hidden()
    check(page, f"{name}-2-inserted")

    user.press(get("steps.card.read"))
    expect_explanation(page, card, texts)
    check(page, f"{name}-3-card")
    # Pulled while the user reads it, and put back: the page follows by itself, and says the same again.
    card.pull()
    title(page, get("steps.card.insert.title"))
    expect(page.get_by_role("alert")).to_contain_text(get("error.card_removed"))
    check(page, f"{name}-4-pulled")
    card.put_back()
    expect(choice).to_be_visible()
    user.press(get("steps.card.read"))
    expect_explanation(page, card, texts)
    # Other software would be tried with the same card.
    user.press(get("steps.card.again"))
    title(page, get("steps.card.insert.title"))
    user.press(get("steps.card.read"))
    expect_explanation(page, card, texts)

    assert card.software.pin_tries_left() == 3
    assert list((tmp_path / "home").rglob("*.p12")) == []
    assert ehtoolkit(tmp_path / "home", "training", "certificates")["certificates"] == []


def expect_explanation(page: Page, card: Plugged, texts: Translator) -> None:
    """Whose card it is, what its software cannot do and what to install; and nothing to type or to go on with."""
    problem = errors.SigningUnsupported(module=str(card.pcsc.module), certificate="Signature")
    identity = card.profile.identity
    title(page, texts.get("steps.card.title"))
    for shown in (identity.surname, identity.first_names):
        expect(page.locator(".eh-idcard")).to_contain_text(shown)
    verdict = page.locator(".widget-html-content > .eh-panel.eh-is-danger")
    expect(verdict).to_contain_text(texts.error(problem))
    expect(verdict).to_contain_text(Translator(texts.language, on_pages=True).next_step(problem))
    expect(verdict).to_contain_text("eid.belgium.be")
    expect(page.get_by_label(texts.get("pin.label"))).to_have_count(0)
    expect(page.get_by_role("button", name=texts.get("steps.card.go"))).to_have_count(0)
    expect(page.get_by_role("button", name=texts.get("steps.card.again"))).to_be_visible()
