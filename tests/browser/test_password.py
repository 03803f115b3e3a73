"""Another password for a keystore: by keyboard alone in Dutch with every mistake, by mouse in French without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit import errors
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.protection import Encryption
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.passwords import SENSIBLE_LENGTH, is_short
from ehtoolkit.keystore.storage.backups import backups_of
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile, read_keystore
from ehtoolkit.secret import Secret
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import PHONE, Check, Visit
from tests.browser.serving import Serving
from tests.keystore.conftest import KeystoreMaker, keystore_maker

__all__ = ["keystore_maker"]

RIGHT = "SSIN=79031421872 20261124-130000.p12"
OLDER = "SSIN=79031421872 20230901-101500.p12"
ORGANISATION = "CBE=0486132722 20250310-090000.p12"
OLD, NEW, OTHER = "Kine-2026 & co", "Nieuw-2027!", "Anders-2027"


@pytest.fixture(scope="module")
def keystores(keystore_maker: KeystoreMaker) -> dict[str, Keystore]:
    """Two of one person, of which the second is older, and one of an organisation."""
    return {
        RIGHT: keystore_maker.complete,
        OLDER: Keystore.prepare(keystore_maker.keys["renewed"], keystore_maker.start),
        ORGANISATION: Keystore.prepare(keystore_maker.keys["stranger"], keystore_maker.start),
    }


@pytest.fixture
def folder(serving: Serving, keystores: dict[str, Keystore]) -> Path:
    folder = serving.home / "training" / "keystore"
    for name, keystore in keystores.items():
        KeystoreFile.create(folder / name, keystore, Secret(OLD if name == RIGHT else OTHER))
    return folder


def nowhere(visit: Visit, page: Page, *secrets: str) -> None:
    """No secret is in the page, nor in anything that the kernel said to it: a trait of a widget is echoed."""
    html = page.content()
    said = b"".join(frame for direction, frame in visit.frames if direction == "received")
    for secret in secrets:
        assert secret not in html
        assert secret.encode() not in said


def test_by_keyboard_in_dutch_with_every_mistake(
    serving: Serving, visit: Callable[..., Visit], check: Check, folder: Path
) -> None:
    get, window = Translator("nl").get, visit(serving, locale="nl-BE")
    page = window.open("index", {"lang": "nl"})
    user, alert = Keys(page), page.get_by_role("alert")
    before = {name: (folder / name).read_bytes() for name in (RIGHT, OLDER, ORGANISATION)}

    def refused(sentence: str, name: str) -> None:
        expect(alert).to_be_focused()
        expect(alert).to_contain_text(sentence)
        check(page, f"password-nl-{name}")

    # Which file, and its old password.
    user.press(get("index.password"))
    title(page, get("password.choose.title"))
    check(page, "password-nl-1-choose")
    user.press(get("choosing.go"))
    refused(get("choosing.block.none"), "1-none-chosen")
    user.choose(OLDER)
    user.type(get("choosing.password"), OLD)
    user.press(get("choosing.go"))
    refused(Translator("nl").error(errors.KeystorePasswordWrong(path="")), "1-wrong-file")
    expect(page.get_by_role("heading", name=get("choosing.others"))).to_be_visible()
    expect(page.locator(".eh-panel.eh-is-info")).to_contain_text(RIGHT)
    expect(page.get_by_label(get("choosing.password"))).to_have_value("")
    user.choose(RIGHT)
    user.type(get("choosing.password"), OLD)
    page.keyboard.press("Enter")

    # The new one, twice.
    title(page, get("password.new.title"))
    check(page, "password-nl-2-new")
    rules = page.get_by_role("list", name=get("steps.password.rules")).get_by_role("listitem")
    expect(rules.nth(0)).to_have_text(get("steps.password.rule.long", limit=SENSIBLE_LENGTH))
    short = "Kinésis"
    assert is_short(Secret(short))
    assert not is_short(Secret(f"{short}t"))
    user.type(get("steps.password.first"), short)
    expect(rules.nth(0)).to_have_class("eh-is-off")  # who is still typing has made no mistake
    check(page, "password-nl-2-short")
    page.keyboard.press("Tab")
    first, second = (
        page.get_by_label(get(f"steps.password.{place}"), exact=True) for place in ("first", "second")
    )
    expect(second).to_be_focused()
    page.keyboard.press("Tab")
    box = page.get_by_label(get("wizard.reveal"))
    expect(box).to_be_focused()
    for shown in ("text", "password"):
        page.keyboard.press("Space")
        for field in (first, second):
            expect(field).to_have_attribute("type", shown)
    first.focus()
    page.keyboard.press("End")
    page.keyboard.type("t ")
    user.type(get("steps.password.second"), "K")
    expect(rules.nth(2)).to_contain_text(get("steps.password.rule.broken"))
    user.type(get("steps.password.first"), f"{short}t")
    expect(rules.nth(2)).to_contain_text(get("steps.password.rule.met"))
    expect(rules.nth(0)).to_contain_text(get("steps.password.rule.met"))
    expect(rules.nth(1)).to_contain_text(get("steps.password.rule.broken"))
    user.type(get("steps.password.second"), "Kinés")
    expect(rules.nth(3)).not_to_contain_text(get("steps.password.rule.broken"))
    page.keyboard.type("ith")
    expect(rules.nth(3)).to_contain_text(get("steps.password.rule.broken"))
    expect(page.get_by_role("status").filter(has_text=get("steps.password.rule.broken"))).to_have_count(1)
    check(page, "password-nl-2-rules-broken")
    user.press(get("password.new.go"))
    refused(Translator("nl").error(errors.PasswordNotAllowed(reason="characters")), "2-characters")
    expect(rules.nth(0)).not_to_contain_text(get("steps.password.rule.met"))
    for new, repeated, error in (
        (NEW, "Nieuw-2028!", errors.PasswordsDiffer()),
        (OLD, OLD, errors.PasswordNotAllowed(reason="same")),
    ):
        user.type(get("steps.password.first"), new)
        user.type(get("steps.password.second"), repeated)
        user.press(get("password.new.go"))
        refused(Translator("nl").error(error), f"2-{error.key}")
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert backups_of(folder / RIGHT) == ()
    user.type(get("steps.password.first"), NEW)
    user.type(get("steps.password.second"), NEW)
    expect(rules.nth(3)).to_contain_text(get("steps.password.rule.met"))
    check(page, "password-nl-2-rules-met")
    user.press(get("password.new.go"))

    # It is done, and proven.
    title(page, get("password.done.title"))
    check(page, "password-nl-3-done")
    (copy,) = backups_of(folder / RIGHT)
    expect(page.locator(".eh-panel.eh-is-warn")).to_contain_text(str(copy))
    assert len(read_keystore(folder / RIGHT, Secret(NEW)).keys) == 2
    assert copy.read_bytes() == before[RIGHT]
    nowhere(window, page, OLD, NEW, OTHER)

    # The copy goes, when one is sure.
    user.press(get("password.copy.delete"))
    title(page, get("password.copy.ask"))
    check(page, "password-nl-4-delete")
    user.press(get("password.copy.no"))
    title(page, get("password.done.title"))
    assert copy.exists()
    user.press(get("password.copy.delete"))
    title(page, get("password.copy.ask"))
    user.press(get("password.copy.yes"))
    title(page, get("password.copy.gone"))
    check(page, "password-nl-5-deleted")
    assert backups_of(folder / RIGHT) == ()
    assert {name: (folder / name).read_bytes() for name in (OLDER, ORGANISATION)} == {
        name: before[name] for name in (OLDER, ORGANISATION)
    }


@pytest.mark.long
def test_by_mouse_in_french_without_a_mistake(
    serving: Serving, visit: Callable[..., Visit], check: Check, folder: Path
) -> None:
    get, window = Translator("fr").get, visit(serving, viewport=PHONE, color_scheme="dark")
    page = window.open("password", {"lang": "fr", "keystore": quote(OLDER)})
    user = Mouse(page)

    title(page, get("password.choose.title"))
    expect(page.get_by_role("radio", checked=True)).to_have_value(OLDER)
    check(page, "password-fr-1-choose")
    user.type(get("choosing.password"), OTHER)
    user.press(get("choosing.go"))
    title(page, get("password.new.title"))
    user.type(get("steps.password.first"), NEW)
    user.type(get("steps.password.second"), NEW)
    user.choose(get("password.profile.compatible"))
    check(page, "password-fr-2-new")
    user.press(get("password.new.go"))
    title(page, get("password.done.title"))
    check(page, "password-fr-3-done")

    assert read_keystore(folder / OLDER, Secret(NEW)).aliases == ("authentication", "authentication")
    encryptions = outline_pkcs12((folder / OLDER).read_bytes()).protection.encryptions
    assert {part.cipher for part in encryptions if isinstance(part, Encryption)} == {"des-ede3-cbc"}
    nowhere(window, page, NEW, OTHER)
    with page.expect_download() as download:
        page.get_by_role("button", name=get("password.next.save")).click()
    paper = Path(download.value.path()).read_text(encoding="utf-8")
    assert get("password.next.others") in paper
    assert NEW not in paper
