"""One page, many forms, in Chromium: links without a new kernel, Back, typed text, deep links, reload; and how the page
and its kernel end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from playwright.sync_api import Dialog, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.voila.kernels import SPARES
from tests.browser.hands import title
from tests.browser.lives import certificate_in
from tests.browser.pages import Check, Visit
from tests.browser.serving import Serving

Windows = Callable[..., Visit]
PASSWORD = "Kine-2026"
NOBODY = re.compile("ERR_CONNECTION_REFUSED|Failed to fetch|WebSocket", re.IGNORECASE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server on a home with one keystore that can be renewed."""
    home = tmp_path_factory.mktemp("visit") / "home"
    certificate_in(home, PASSWORD, later="+34mo")
    serving = Serving.demo(home)
    yield serving
    assert serving.stop() == 0


def kernel_of(page: Page) -> str:
    found: str = page.evaluate("() => document.body.dataset.kernelId")
    return found


def marked(page: Page) -> bool:
    """Whether the page is still the one in which `mark` was called."""
    return bool(page.evaluate("() => window.ehMark === true"))


def mark(page: Page) -> None:
    page.evaluate("() => { window.ehMark = true; }")


def until(page: Page, there: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait for something that is no event of a page, while the page goes on."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def test_links_back_and_forward_stay_in_one_page(served: Serving, visit: Windows) -> None:
    page = visit(served).open("index", {"lang": "nl"})
    mark(page)

    page.get_by_role("link", name="Een nieuw certificaat aanvragen").click()

    title(page, "Voor u begint")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.url == f"{served.base}/request.ipynb?lang=nl"
    expect(page).to_have_title("Voor u begint – Een eHealth-certificaat aanvragen – ehtoolkit")
    assert page.evaluate("() => [window.scrollY, document.documentElement.lang]") == [0, "nl"]
    # The switch of languages leads to the same form in another language.
    assert page.get_by_role("link", name="DE, Deutsch").get_attribute("href") == "?lang=de"

    page.locator(".eh-back").click()
    title(page, "eHealth-certificaten")
    page.go_back()
    title(page, "Voor u begint")
    page.go_back()
    title(page, "eHealth-certificaten")
    page.go_forward()
    title(page, "Voor u begint")

    assert marked(page)
    page.reload()
    title(page, "Voor u begint")
    assert not marked(page)


def test_a_click_with_ctrl_opens_a_tab_of_its_own(served: Serving, visit: Windows) -> None:
    page = visit(served).open("index", {"lang": "fr"})
    mark(page)

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Dépannage").click(modifiers=["Control"])

    other = opened.value
    expect(other.get_by_role("heading", level=1)).to_have_text("Dépannage")
    assert kernel_of(other) != kernel_of(page)
    assert page.url == f"{served.base}/index.ipynb?lang=fr"
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificats eHealth")


def test_what_was_typed_is_not_left_unasked(served: Serving, visit: Windows) -> None:
    page = visit(served).open("index", {"lang": "fr"})
    get = Translator("fr").get
    asked: list[str] = []
    answer = {"leave": False}

    def reply(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if answer["leave"]:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", reply)
    page.get_by_role("link", name="Changer le mot de passe").first.click()
    title(page, "Quel keystore reçoit un nouveau mot de passe ?")
    page.get_by_label("Mot de passe du keystore").fill("a word")
    page.locator(".eh-back").click()
    title(page, "Certificats eHealth")
    assert asked == [], "a password alone is typed again in a moment"

    page.get_by_role("link", name=get("index.foreigner")).first.click()
    title(page, get("foreigner.where.title"))
    page.get_by_label(get("foreigner.where.has_bis")).check()
    page.get_by_role("button", name=get("wizard.next")).click()
    title(page, get("foreigner.who.title"))
    field = page.get_by_label(get("foreigner.who.surname"), exact=True)
    field.fill("a word")

    page.locator(".eh-back").click()
    page.go_back()

    expect(field).to_have_value("a word")
    page.wait_for_function("() => location.pathname === '/foreigner.ipynb'")
    assert len(asked) == 2
    assert "pas encore envoyé" in asked[0]
    answer["leave"] = True
    page.go_back()
    title(page, "Certificats eHealth")
    assert len(asked) == 3
    page.get_by_role("link", name="Dépannage").click()
    title(page, "Dépannage")
    assert len(asked) == 3


def test_the_first_page_leads_into_the_form_with_the_keystore(
    served: Serving, visit: Windows, check_both: Check
) -> None:
    page = visit(served).open("index", {"lang": "fr"})
    check_both(page, "index-closed")

    page.get_by_label("Mot de passe", exact=True).fill("Not-This-1")
    page.get_by_role("button", name="Ouvrir pour voir").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check_both(page, "index-closed-wrong")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir pour voir").click()
    step = page.get_by_role("link", name="Renouveler : VANDAMME ELISE MARIE")
    expect(step).to_be_visible()
    check_both(page, "index-renewable")
    assert PASSWORD not in page.content()

    step.click()

    title(page, "Renouveler un certificat eHealth")
    (keystore,) = (served.home / "training" / "keystore").glob("*.p12")
    address = page.url
    assert address.partition("?")[2].startswith("keystore=SSIN%3D79031421872%20")
    assert keystore.stem.split()[1] in address
    # The same by its address alone, as from a bookmark.
    page.goto(address)
    title(page, "Renouveler un certificat eHealth")


@pytest.mark.parametrize("count", [4, pytest.param(10, marks=pytest.mark.long)])
def test_many_pages_that_are_closed_leave_no_kernel(served: Serving, visit: Windows, count: int) -> None:
    """Closed without a word, as by a browser that is killed: a context that is closed runs no script of its pages."""
    window = visit(served)
    window.open("index")
    browser = window.page.context.browser
    assert browser is not None
    until(window.page, lambda: len(served.kernels()) == 1 + SPARES)
    before = len(served.kernels())
    other = browser.new_context()
    first = other.new_page()
    first.goto(served.url)
    pages = [first, *(other.new_page() for _ in range(count - 1))]
    for page in pages[1:]:
        page.goto(f"{served.base}/index.ipynb", wait_until="commit")
    for page in pages:
        page.wait_for_selector("#eh-cells h1", timeout=120_000)  # some wait before the door for a while
    assert len(served.kernels()) >= before + count - SPARES

    other.close()

    until(window.page, lambda: len(served.kernels()) <= before)
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()


def test_a_killed_kernel_is_told_in_place(served: Serving, visit: Windows, check_both: Check) -> None:
    page = visit(served).open("request", {"lang": "de"})
    mark(page)
    for kernel in served.kernels():
        kernel.send_signal(psutil.signal.SIGKILL)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Die Seite hat die Verbindung zu ehtoolkit verloren", timeout=20_000)
    check_both(page, "lost-kernel")
    page.wait_for_timeout(6000)  # a kernel that is started in its place knows nothing of this page
    expect(alert).to_be_visible()
    expect(page.locator(".jp-Dialog")).to_have_count(0)

    page.get_by_role("link", name="Auf dieser Seite neu beginnen").click()

    page.wait_for_function("() => window.ehMark !== true")  # the page that was lost had the same title
    title(page, "Bevor Sie beginnen")
    assert page.url == f"{served.base}/request.ipynb?lang=de"


def test_a_stopped_server_is_told_in_place(
    visit: Windows, check: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    serving = Serving.demo(tmp_path_factory.mktemp("stopped") / "home")
    window = visit(serving)
    page = window.open("index", {"lang": "en"})
    assert serving.stop() == 0

    expect(page.get_by_role("alert")).to_contain_text(
        "The page has lost contact with ehtoolkit", timeout=20_000
    )
    again = page.get_by_role("link", name="Start again on this page")
    again.click()
    expect(page.get_by_role("alert")).to_contain_text("ehtoolkit does not answer: it was closed.")
    check(page, "lost-server")
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    # The scripts of JupyterLab complain on the console that nobody answers.
    window.complaints[:] = [one for one in window.complaints if not NOBODY.search(one)]
