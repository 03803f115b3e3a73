"""The pages in the real environments: badge, folder, and the question before a form reaches the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser.languages import short_in
from tests.browser.pages import Visit, axe, shoot
from tests.browser.serving import Serving
from tests.support.faulty_servers import Url, reply, serving

Windows = Callable[..., Visit]


@pytest.fixture(scope="module")
def platform() -> Iterator[Url]:
    """In the place of the real one."""
    with serving(reply()) as url:
        yield url


@pytest.fixture(scope="module")
def production(platform: Url, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """``ehtoolkit serve``, with a folder of its own for keystores."""
    folder = tmp_path_factory.mktemp("production")
    home, user = folder / "home", folder / "user"
    user.mkdir()
    serve = Serving(
        ["-m", "ehtoolkit", "serve", "--no-browser", "--environment", "production", "--yes-production"],
        home,
        EHTOOLKIT_PLATFORM_URL=platform.base,
        HOME=str(user),
    )
    yield serve
    assert serve.stop() == 0


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
    folder = production.home.parent / "user" / "ehealth" / "keystore"
    expect(page.locator("footer")).to_contain_text(str(folder))
    shoot(page, f"environment-{language}")
    assert axe(page, axe_script) == []

    page.get_by_label(get("environment.label", word=word)).fill("ja")
    page.get_by_role("button", name=get("wizard.next")).click()
    sentence = get("environment.other", word=word)
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.get_by_role("alert")).to_be_focused()

    page.get_by_role("alert").get_by_role("link", name=sentence).click()
    expect(page.get_by_label(get("environment.label", word=word))).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(word.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(get("request.terms.title"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert platform.requests == []
