"""The pages in the real environments: badge, folder, and the question before a form reaches the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import EnvironmentName, LanguageName
from tests.browser.languages import short_in
from tests.browser.pages import PHONE, Visit, axe, scrolls_sideways, shoot
from tests.browser.serving import Serving
from tests.support.faulty_servers import Url, reply, serving

Windows = Callable[..., Visit]


@pytest.fixture(scope="module")
def platform() -> Iterator[Url]:
    """In the place of the real one."""
    with serving(reply()) as url:
        yield url


def served(environment: EnvironmentName, platform: Url, folder: Path) -> Iterator[Serving]:
    """``ehtoolkit serve`` in an environment, with a folder of its own for keystores."""
    home, user = folder / "home", folder / "user"
    user.mkdir()
    serve = Serving(
        ["-m", "ehtoolkit", "serve", "--no-browser", "--environment", environment, "--yes-production"],
        home,
        EHTOOLKIT_PLATFORM_URL=platform.base,
        HOME=str(user),
    )
    yield serve
    assert serve.stop() == 0


@pytest.fixture(scope="module")
def production(platform: Url, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    yield from served("production", platform, tmp_path_factory.mktemp("production"))


@pytest.fixture(scope="module")
def acceptance(platform: Url, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    yield from served("acceptance", platform, tmp_path_factory.mktemp("acceptance"))


def badge(page: Page) -> str:
    return " ".join((page.locator(".eh-env").text_content() or "").split())


@pytest.mark.parametrize("language", short_in("de"))
def test_the_question_in_four_languages(
    production: Serving, visit: Windows, axe_script: str, platform: Url, language: LanguageName
) -> None:
    get = Translator(language).get
    word = get("page.environment.production")
    page = visit(production).open("request", {"lang": language})

    expect(page.get_by_role("heading", level=1)).to_have_text(get("environment.title"))
    assert badge(page) == " ".join(f"{get('page.environment')} {word}".split())
    expect(page).to_have_title(f"{get('environment.title')} – ehtoolkit")
    shoot(page, f"environment-{language}")
    assert axe(page, axe_script) == []

    page.get_by_label(get("environment.label", word=word)).fill("ja")
    page.get_by_role("button", name=get("wizard.next")).click()
    sentence = get("environment.other", word=word)
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.get_by_role("alert")).to_be_focused()
    shoot(page, f"environment-{language}-other")
    assert axe(page, axe_script) == []

    page.get_by_role("alert").get_by_role("link", name=sentence).click()
    expect(page.get_by_label(get("environment.label", word=word))).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(word.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(get("request.terms.title"))
    assert axe(page, axe_script) == []
    assert platform.requests == []


@pytest.mark.long
def test_by_keyboard_alone(production: Serving, visit: Windows) -> None:
    get = Translator("fr").get
    page = visit(production).open("complete", {"lang": "fr"})
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "eh-environment":
            break
    page.keyboard.type("production")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(get("complete.choose.title"))
    expect(title).to_be_focused()


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_window(production: Serving, visit: Windows, axe_script: str, scheme: str) -> None:
    page = visit(production, viewport=PHONE, color_scheme=scheme).open("request", {"lang": "de"})

    shoot(page, f"environment-360-{scheme}")
    assert not scrolls_sideways(page)
    assert axe(page, axe_script) == []


@pytest.mark.long
def test_pages_that_only_look_do_not_ask(production: Serving, visit: Windows) -> None:
    page = visit(production).open("index", {"lang": "nl"})

    assert badge(page) == "Omgeving: Productie"
    expect(page.get_by_role("heading", level=1)).to_have_text("eHealth-certificaten")
    folder = production.home.parent / "user" / "ehealth" / "keystore"
    expect(page.locator("footer")).to_contain_text(str(folder))


@pytest.mark.long
def test_acceptance_says_so_and_does_not_ask(acceptance: Serving, visit: Windows, platform: Url) -> None:
    page = visit(acceptance).open("request", {"lang": "fr"})

    assert badge(page) == "Environnement : Acceptation"
    expect(page.locator(".eh-env-note")).to_have_text("Certificats d’essai, sans valeur en production.")
    expect(page.get_by_role("heading", level=1)).to_have_text(Translator("fr").get("request.terms.title"))
    shoot(page, "environment-acceptance")
    assert platform.requests == []
