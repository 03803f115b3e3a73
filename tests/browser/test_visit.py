"""One page, many forms, in Chromium: links without a new kernel, Back, typed text, deep links, reload; and how the page
and its kernel end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.voila.kernels import SPARES
from tests.browser import form_steps
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit, axe
from tests.browser.prepared_homes import certificate_in
from tests.browser.serving import Serving
from tests.support.untranslated import TEXTS, of_another_language

Windows = Callable[..., Visit]
PASSWORD = "Kine-2026"
BIS = "81.43.17-064.70"
COUNT = 10
NOBODY = re.compile("ERR_CONNECTION_REFUSED|Failed to fetch|WebSocket", re.IGNORECASE)


@pytest.fixture(scope="module")
def served(demo: Serving) -> Serving:
    """A server on a home with one keystore that can be renewed; the tests that need an empty home are the last."""
    demo.put_back()
    certificate_in(demo.home, PASSWORD, later="+34mo")
    return demo


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

    # A click with Ctrl opens a tab of its own.
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Probleemoplossing").click(modifiers=["Control"])
    other = opened.value
    expect(other.get_by_role("heading", level=1)).to_have_text("Probleemoplossing")
    assert kernel_of(other) != kernel_of(page)
    assert page.url == f"{served.base}/index.ipynb?lang=nl"
    title(page, "eHealth-certificaten")
    other.close()

    page.get_by_role("link", name="Een nieuw certificaat aanvragen").click()

    title(page, "Vóór u begint")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.url == f"{served.base}/request.ipynb?lang=nl"
    expect(page).to_have_title("Vóór u begint – Een eHealth-certificaat aanvragen – ehtoolkit")
    assert page.evaluate("() => [window.scrollY, document.documentElement.lang]") == [0, "nl"]
    # The switch of languages leads to the same form in another language.
    assert page.get_by_role("link", name="DE, Deutsch").get_attribute("href") == "?lang=de"

    page.locator(".eh-back").click()
    title(page, "eHealth-certificaten")
    page.go_back()
    title(page, "Vóór u begint")
    page.go_back()
    title(page, "eHealth-certificaten")
    page.go_forward()
    title(page, "Vóór u begint")

    assert marked(page)
    page.reload()
    title(page, "Vóór u begint")
    assert not marked(page)


def test_an_old_notice_is_not_repeated(served: Serving, visit: Windows) -> None:
    window = visit(served)
    window.page.clock.install()
    page = window.open("index", {"lang": "fr"})
    window.follow("troubleshoot")
    status = page.get_by_role("status").first
    expect(status).to_have_text(page.title())
    page.clock.fast_forward(11_000)
    expect(status).to_have_text("")


def to_contact(page: Page, get: Callable[..., str]) -> None:
    """The foreigner's form, which needs no card, as far as its third step."""
    page.get_by_role("link", name=get("index.foreigner")).first.click()
    title(page, get("foreigner.where.title"))
    page.get_by_label(get("foreigner.where.has_bis")).check()
    page.get_by_role("button", name=get("wizard.next")).click()
    title(page, get("foreigner.who.title"))
    page.get_by_label(get("foreigner.who.surname"), exact=True).fill("Okafor")
    page.get_by_label(get("foreigner.who.first_names"), exact=True).fill("Ngozi")
    page.get_by_label(get("foreigner.who.niss"), exact=True).fill(BIS)
    page.get_by_role("button", name=get("wizard.next")).click()
    title(page, get("steps.contact.title"))


def at(page: Page, words: str, step: str) -> None:
    """The step is shown, and the browser's history has come there too."""
    title(page, words)
    page.wait_for_function("(step) => history.state.step === step", arg=step)


def kept(page: Page) -> str:
    """What the browser keeps in this entry of its history."""
    return str(page.evaluate("() => JSON.stringify(history.state)"))


def test_back_and_forward_go_through_the_steps_and_lose_nothing(served: Serving, visit: Windows) -> None:
    get = Translator("fr").get
    page = visit(served).open("index", {"lang": "fr"})
    mark(page)
    to_contact(page, get)
    page.get_by_label(get("steps.contact.email")).fill("ngozi@example.be")

    page.go_back()  # as by Alt and the left arrow
    at(page, get("foreigner.who.title"), "who")
    expect(page.get_by_label(get("foreigner.who.surname"), exact=True)).to_have_value("Okafor")
    expect(page.get_by_label(get("foreigner.who.niss"), exact=True)).to_have_value(BIS)
    page.go_back()
    at(page, get("foreigner.where.title"), "where")
    page.go_forward()
    at(page, get("foreigner.who.title"), "who")
    page.go_forward()
    at(page, get("steps.contact.title"), "contact")
    expect(page.get_by_label(get("steps.contact.email"))).to_have_value("ngozi@example.be")

    # The form's own button goes the same way, so that Back leads on from there and not round in a circle.
    page.get_by_role("button", name=get("wizard.back"), exact=True).click()
    at(page, get("foreigner.who.title"), "who")
    page.go_back()
    at(page, get("foreigner.where.title"), "where")
    page.go_back()
    title(page, get("index.title"))
    assert marked(page)

    # And in again: nothing was lost, so nobody was asked; only the number of the person is not there.
    page.go_forward()
    at(page, get("foreigner.where.title"), "where")
    page.go_forward()
    at(page, get("foreigner.who.title"), "who")
    expect(page.get_by_label(get("foreigner.who.surname"), exact=True)).to_have_value("Okafor")
    expect(page.get_by_label(get("foreigner.who.niss"), exact=True)).to_have_value("")
    assert BIS not in kept(page)
    assert "Okafor" in kept(page)


def test_a_reload_and_another_language_keep_step_and_values(served: Serving, visit: Windows) -> None:
    fr, nl = Translator("fr").get, Translator("nl").get
    window = visit(served)
    page = window.open("index", {"lang": "fr"})
    page.on("dialog", lambda dialog: pytest.fail(f"asked: {dialog.message}"))
    to_contact(page, fr)
    page.get_by_role("button", name=fr("wizard.back"), exact=True).click()
    at(page, fr("foreigner.who.title"), "who")

    page.get_by_label(fr("foreigner.who.surname"), exact=True).fill("Okafor-Nwosu")  # and not gone on since
    page.reload()
    at(page, fr("foreigner.who.title"), "who")
    expect(page.get_by_label(fr("foreigner.who.surname"), exact=True)).to_have_value("Okafor-Nwosu")
    expect(page.get_by_role("status").filter(has_text=fr("wizard.resumed"))).to_have_count(1)

    page.get_by_role("link", name="NL, Nederlands").click()
    at(page, nl("foreigner.who.title"), "who")
    expect(page.get_by_label(nl("foreigner.who.surname"), exact=True)).to_have_value("Okafor-Nwosu")
    page.go_back()  # in the language that was chosen
    at(page, nl("foreigner.where.title"), "where")
    page.go_back()
    title(page, nl("index.title"))

    # The manual opens beside, and the form stays as it is.
    page.go_forward()
    at(page, nl("foreigner.where.title"), "where")
    mark(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=nl("page.manual")).click()
    expect(opened.value).to_have_url(re.compile("/manual/foreigner"))
    assert marked(page)


def test_what_was_typed_on_a_page_without_steps_is_not_left_unasked(served: Serving, visit: Windows) -> None:
    window = visit(served)
    page = window.open("index", {"lang": "fr"})
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

    page.get_by_role("link", name=get("index.providers")).first.click()
    title(page, get("providers.title"))
    page.get_by_role("button", name=get("providers.new")).click()
    title(page, get("providers.new.title"))
    field = page.get_by_label(get("registry.column.name"), exact=True)
    field.fill("a word")

    page.locator(".eh-back").click()
    page.go_back()

    expect(field).to_have_value("a word")
    page.wait_for_function("() => location.pathname === '/providers.ipynb'")
    assert len(asked) == 2
    assert "pas encore enregistré" in asked[0]
    answer["leave"] = True
    page.go_back()
    title(page, get("providers.title"))
    assert len(asked) == 3
    page.go_back()
    title(page, "Certificats eHealth")
    page.get_by_role("link", name="Dépannage").click()
    title(page, "Dépannage")
    assert len(asked) == 3

    # Nor are the periods of a provider.
    asked.clear()
    answer["leave"] = False
    window.follow("providers", "lang=fr")
    page.get_by_role("button", name=get("providers.new")).click()
    title(page, get("providers.new.title"))
    page.get_by_role("button", name=get("providers.part.periods")).click()
    add = page.get_by_role("button", name=get("providers.period.add"))
    add.click()
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(1)

    rows.locator("input").first.fill("01/01/2020")
    page.locator(".eh-back").click()
    assert len(asked) == 1
    add.click()  # a button does not save what was typed
    expect(rows).to_have_count(2)
    page.locator(".eh-back").click()
    assert len(asked) == 2

    page.get_by_role("button", name=get("providers.discard")).click()
    expect(rows).to_have_count(0)
    page.locator(".eh-back").click()
    title(page, get("index.title"))
    assert len(asked) == 2


def test_the_first_page_leads_into_the_form_with_the_keystore(
    served: Serving, visit: Windows, check: Check
) -> None:
    page = visit(served).open("index", {"lang": "fr"})
    check(page, "index-closed")

    page.get_by_label("Mot de passe", exact=True).fill("Not-This-1")
    page.get_by_role("button", name="Ouvrir pour voir").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page, "index-closed-wrong")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir pour voir").click()
    step = page.get_by_role("link", name="Renouveler : VANDAMME ELISE MARIE")
    expect(step).to_be_visible()
    check(page, "index-renewable")
    assert PASSWORD not in page.content()

    step.click()

    title(page, "Renouveler un certificat eHealth")
    address = page.url
    assert re.search(r"\?keystore=[0-9a-f]{32}(&|$)", address)
    assert "79031421872" not in address
    # The same by its address alone, as from a bookmark.
    page.goto(address)
    title(page, "Renouveler un certificat eHealth")


def test_after_the_last_page_back_leaves_the_form(served: Serving, visit: Windows) -> None:
    get = Translator("fr").get
    page = visit(served).open("index", {"lang": "fr"})
    page.get_by_role("link", name=get("index.complete")).first.click()
    title(page, get("complete.choose.title"))
    user = Keys(page)
    user.type(get("choosing.password"), PASSWORD)
    user.press(get("choosing.go"))
    title(page, get("complete.work.title"))
    user.press(get("complete.work.go"))
    title(page, get("complete.done.already"))
    page.wait_for_function("() => history.state.step === ''")
    assert PASSWORD not in kept(page)

    page.go_back()

    title(page, get("index.title"))


@pytest.mark.long  # the short run sees four users leave no kernel, in `test_load`
def test_many_pages_that_are_closed_leave_no_kernel(
    served: Serving, visit: Windows, chromium: Browser
) -> None:
    """Closed without a word, as by a browser that is killed: a context that is closed runs no script of its pages."""
    window = visit(served)
    window.open("index")
    until(window.page, lambda: len(served.kernels()) == 1 + SPARES)
    before = len(served.kernels())
    other = chromium.new_context()
    first = other.new_page()
    first.goto(served.url)
    pages = [first, *(other.new_page() for _ in range(COUNT - 1))]
    for page in pages[1:]:
        page.goto(f"{served.base}/index.ipynb", wait_until="commit")
    for page in pages:
        page.wait_for_selector("#eh-cells h1", timeout=120_000)  # some wait before the door for a while
    assert len(served.kernels()) >= before + COUNT - SPARES

    other.close()

    until(window.page, lambda: len(served.kernels()) <= before)
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()


def test_a_killed_kernel_is_reported_on_the_page(served: Serving, visit: Windows, check: Check) -> None:
    page = visit(served).open("request", {"lang": "de"})
    mark(page)
    for kernel in served.kernels():
        kernel.send_signal(psutil.signal.SIGKILL)

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Die Seite hat die Verbindung zu ehtoolkit verloren", timeout=20_000)
    check(page, "lost-kernel")
    page.wait_for_timeout(6000)  # a kernel that is started in its place knows nothing of this page
    expect(alert).to_be_visible()
    expect(page.locator(".jp-Dialog")).to_have_count(0)

    page.get_by_role("link", name="Auf dieser Seite neu beginnen").click()

    page.wait_for_function("() => window.ehMark !== true")  # the page that was lost had the same title
    title(page, "Bevor Sie beginnen")
    assert page.url == f"{served.base}/request.ipynb?lang=de"


def test_a_stopped_server_is_reported_on_the_page(
    visit: Windows, check: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And the page that leads to it, which nobody else could read, is gone."""
    serving = Serving.demo(tmp_path_factory.mktemp("stopped") / "home")
    (opener,) = serving.home.glob("open-*.html")
    assert serving.url in opener.read_text(encoding="utf-8").replace("&amp;", "&")
    assert opener.stat().st_mode & 0o077 == 0
    window = visit(serving)
    page = window.open("index", {"lang": "en"})
    assert serving.stop() == 0
    assert not opener.exists()

    expect(page.get_by_role("alert")).to_contain_text(
        "The page has lost contact with ehtoolkit", timeout=20_000
    )
    again = page.get_by_role("link", name="Start again on this page")
    again.click()
    expect(page.get_by_role("alert")).to_contain_text("ehtoolkit does not respond: it was closed.")
    check(page, "lost-server")
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    # The scripts of JupyterLab complain on the console that nobody answers.
    window.complaints[:] = [complaint for complaint in window.complaints if not NOBODY.search(complaint)]


def test_another_language_after_a_pin_keeps_the_card_and_what_was_signed(
    serving: Serving, visit: Windows, axe_script: str
) -> None:
    window = visit(serving)
    page = window.open("request", {"lang": "fr"})
    page.on("dialog", lambda dialog: pytest.fail(f"asked: {dialog.message}"))
    mark(page)
    kernel, user = kernel_of(page), Mouse(page)
    get = Translator("fr").get

    def arrived(key: str) -> None:
        title(page, get(key))

    def speaks(language: LanguageName, key: str) -> None:
        """Follow the link to another language; the page, its frame and its kernel."""
        nonlocal get
        get = Translator(language).get
        page.locator(f".eh-lang a[hreflang={language}]").click()
        title(page, get(key))
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        expect(page.get_by_role("link", name=get("page.home"), exact=True)).to_be_visible()
        expect(page.get_by_text(get("page.environment.training.note"))).to_be_visible()
        expect(page.locator(".eh-footer")).to_contain_text(get("page.footer.local"))
        expect(page.locator("#eh-lost")).to_contain_text(get("page.lost.title"))
        assert page.evaluate("() => document.documentElement.lang") == language
        assert page.url == f"{serving.base}/request.ipynb?lang={language}"
        assert (kernel_of(page), marked(page)) == (kernel, True)
        assert of_another_language(page.evaluate(TEXTS), language) == []
        assert axe(page, axe_script) == []

    arrived("request.terms.title")
    speaks("de", "request.terms.title")
    form_steps.identify(user, get, arrived)
    arrived("request.who.title")
    user.press(get("wizard.next"))
    arrived("steps.contact.title")
    user.type(get("steps.contact.email"), "elise@example.be")
    speaks("nl", "steps.contact.title")
    expect(page.get_by_label(get("steps.contact.email"), exact=True)).to_have_value("elise@example.be")
    user.type(get("steps.contact.phone"), "+32 4 555 01 42")
    page.go_back()  # the steps are those of before
    arrived("request.who.title")
    page.go_forward()
    arrived("steps.contact.title")
    user.press(get("wizard.next"))
    arrived("request.check.title")
    user.press(get("request.check.go"))
    arrived("request.sign.title")
    form_steps.sign(user, get, "request")
    arrived("steps.password.title")
    user.type(get("steps.password.first"), PASSWORD)
    speaks("fr", "steps.password.title")
    expect(page.get_by_label(get("steps.password.first"), exact=True)).to_have_value("")
    form_steps.choose_password(user, get, PASSWORD)
    arrived("request.send.title")
    user.press(get("request.send.go"))
    arrived("request.done.title")
    speaks("en", "request.done.title")
    assert len(list((serving.home / "training" / "keystore").glob("*.p12"))) == 1

    # A page without steps is opened anew, as before, and remembers the language.
    page.get_by_role("link", name=get("page.home"), exact=True).click()
    title(page, get("index.title"))
    page.locator(".eh-lang a[hreflang=nl]").click()
    title(page, Translator("nl").get("index.title"))
    assert not marked(page)


def test_a_page_without_its_frame_is_opened_again(serving: Serving, visit: Windows) -> None:
    page = visit(serving).open("foreigner", {"lang": "fr"})
    page.route("**/frame/**", lambda route: route.fulfill(status=404, body="gone"))
    mark(page)
    page.locator(".eh-lang a[hreflang=nl]").click()
    # The kernel may have said its title in the page before, which waits for the frame.
    page.wait_for_function("() => window.ehMark !== true")
    title(page, Translator("nl").get("foreigner.where.title"))


_UNHEARD = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {  // the question for another language does not reach the kernel
  const words = typeof data === "string" ? data : new TextDecoder().decode(data);
  if (!words.includes('"action":"language"')) send.call(this, data);
};
"""
_FAILED = """
async () => {
  const manager = window.jupyterapp.widgetManager, { state } = await manager.get_state({ drop_defaults: false });
  const [id] = Object.entries(state).find(([, widget]) => "asking" in widget.state);
  (await manager.get_model(id)).trigger("msg:custom", { failed: 1 });
}
"""
"""What the kernel answers when the form cannot be made in the language."""


def test_a_form_that_cannot_be_made_in_another_language_keeps_its_frame(
    serving: Serving, visit: Windows
) -> None:
    window = visit(serving)
    window.page.add_init_script(_UNHEARD)
    page = window.open("request", {"lang": "fr"})
    kernel, user, get = kernel_of(page), Mouse(page), Translator("fr").get

    def arrived(key: str) -> None:
        title(page, get(key))

    form_steps.identify(user, get, arrived)
    arrived("request.who.title")
    user.press(get("wizard.next"))
    user.type(get("steps.contact.email"), "elise@example.be")
    user.type(get("steps.contact.phone"), "+32 4 555 01 42")
    user.press(get("wizard.next"))
    arrived("request.check.title")
    user.press(get("request.check.go"))
    arrived("request.sign.title")
    form_steps.sign(user, get, "request")
    arrived("steps.password.title")

    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator(".eh-lang a[hreflang=nl]").click()
    header, note = page.locator(".eh-header"), "page.environment.training.note"
    expect(header).to_contain_text(Translator("nl").get(note))
    page.evaluate(_FAILED)
    expect(header).to_contain_text(get(note))
    expect(page.locator(".eh-footer")).to_contain_text(get("page.footer.local"))
    expect(page.locator("#eh-lost")).to_contain_text(get("page.lost.title"))
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    assert asked == [get("page.leave.signed")]
    assert page.evaluate("() => document.documentElement.lang") == "fr"
    assert page.url == f"{serving.base}/request.ipynb?lang=fr"
    assert kernel_of(page) == kernel
    assert of_another_language(page.evaluate(TEXTS), "fr") == []
    form_steps.choose_password(user, get, PASSWORD)
    arrived("request.send.title")
    page.close(run_before_unload=False)
