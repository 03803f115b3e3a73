"""A certificate with cards in readers (SoftHSM2): two to choose from, one pulled and put back, by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.browser.form_steps import choose_password, sign
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import PIN, ehtoolkit
from tests.browser.serving import Serving
from tests.support.softhsm_readers import SoftHsmReaders, readers_in

pytestmark = pytest.mark.interop

PASSWORD = "Kine-2026"
RSA, EC = "elise", "karl"
PEOPLE = {RSA: "Élise Marie Vandamme", EC: "Karl Hennes"}
NUMBERS = {RSA: "79031421872", EC: "68053041155"}


@pytest.fixture
def readers(tmp_path: Path) -> SoftHsmReaders:
    """Two readers: a card with RSA keys in one, with P-384 keys in the other; the first is out."""
    readers = readers_in(tmp_path / "home", tmp_path / "softhsm", RSA, EC)
    readers.pull(RSA)
    readers.pull(EC)
    return readers


@pytest.fixture
def at_served(readers: SoftHsmReaders, tmp_path: Path) -> Iterator[Serving]:
    serving = Serving.demo(tmp_path / "home", **readers.settings)
    yield serving
    assert serving.stop() == 0


@pytest.mark.parametrize(
    ("language", "hand", "mine", "other"),
    [
        pytest.param("fr", Mouse, RSA, EC, id="rsa"),
        pytest.param("nl", Keys, EC, RSA, id="ec", marks=pytest.mark.long),
    ],
)
def test_from_an_empty_reader_to_a_keystore(
    readers: SoftHsmReaders,
    at_served: Serving,
    visit: Callable[..., Visit],
    check: Check,
    tmp_path: Path,
    language: LanguageName,
    hand: type[Keys | Mouse],
    mine: str,
    other: str,
) -> None:
    get = Translator(language).get
    page = visit(at_served, locale=f"{language}-BE").open("request", {"lang": language})
    user, name = hand(page), f"reader-{language}"
    title(page, get("request.terms.title"))
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))

    # Nothing in the readers, then two cards, then one, then two, and nobody presses anything.
    title(page, get("steps.card.insert.title"))
    expect(page.get_by_role("heading", name=get("error.card_absent"))).to_be_visible()
    check(page, f"{name}-1-empty")
    for window in (mine, other):
        readers.put_back(window)
    for window in (mine, other):
        expect(page.locator(".eh-choice", has_text=PEOPLE[window])).to_be_visible()
    expect(page.get_by_role("heading", name=get("error.card_absent"))).to_be_hidden()
    check(page, f"{name}-2-two-cards")
    readers.pull(other)
    expect(page.locator(".eh-choice")).to_have_count(1)
    readers.put_back(other)
    expect(page.locator(".eh-choice")).to_have_count(2)

    user.choose(PEOPLE[mine])
    user.press(get("steps.card.read"))
    title(page, get("steps.card.title"))
    expect(page.locator(".eh-idcard")).to_contain_text(PEOPLE[mine].rpartition(" ")[2])
    check(page, f"{name}-3-card")
    # Pulled while it is looked at: the page says so by itself.
    readers.pull(mine)
    title(page, get("steps.card.insert.title"))
    expect(page.get_by_role("alert")).to_contain_text(get("error.card_removed"))
    check(page, f"{name}-4-pulled")
    readers.put_back(mine)
    expect(page.locator(".eh-choice")).to_have_count(2)
    user.choose(PEOPLE[mine])
    user.press(get("steps.card.read"))
    title(page, get("steps.card.title"))
    # A card that does not tell its tries: the page counts, and warns before the third wrong one.
    for _ in range(2):
        expect(page.get_by_role("heading", name=get("pin.last"))).to_have_count(0)
        user.type(get("pin.label"), "4321")
        user.press(get("steps.card.go"))
        expect(page.get_by_label(get("pin.label"))).to_have_value("")
        expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("heading", name=get("pin.last"))).to_be_visible()
    check(page, f"{name}-4-last-try")
    user.type(get("pin.label"), PIN)
    user.press(get("steps.card.go"))

    title(page, get("request.who.title"))
    user.press(get("wizard.next"))
    title(page, get("steps.contact.title"))
    user.type(get("steps.contact.email"), "elise@example.be")
    user.type(get("steps.contact.phone"), "+32 4 555 01 42")
    user.press(get("wizard.next"))
    title(page, get("request.check.title"))
    # Pulled before the page with the contract is there: it comes all the same, and nothing is signed without a card.
    readers.pull(mine)
    user.press(get("request.check.go"))
    title(page, get("request.sign.title"))
    sign(user, get, "request")
    expect(page.get_by_role("alert")).to_contain_text(get("error.card_removed"))
    check(page, f"{name}-5-sign-pulled")
    # The other person's card does not sign in its place: the reader was chosen.
    sign(user, get, "request")
    expect(page.get_by_role("alert")).not_to_contain_text(get("error.card_removed"))
    check(page, f"{name}-6-sign-absent")
    readers.put_back(mine)
    sign(user, get, "request")
    title(page, get("steps.password.title"))
    choose_password(user, get, PASSWORD)
    title(page, get("request.send.title"))
    user.press(get("request.send.go"))
    title(page, get("request.done.title"))
    check(page, f"{name}-7-done")

    (path,) = (tmp_path / "home" / "training" / "keystore").glob("*.p12")
    file = KeystoreFile.open(path, Secret(PASSWORD))
    (held,) = ehtoolkit(tmp_path / "home", "training", "certificates")["certificates"]
    assert held["key_id"] == file.keystore.key_id
    assert path.name.startswith(f"SSIN={NUMBERS[mine]}")
