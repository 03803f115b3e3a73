"""What stands around every page, in Chromium: languages, landmarks, looks, and what happens when something fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psutil
import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.voila.kernels import SPARES
from tests.browser.pages import Visit, axe, scrolls_sideways, shoot
from tests.browser.serving import SECONDS, Serving

Windows = Callable[..., Visit]

_BUSY = """
window.waited = 0;
const timer = window.setTimeout, look = 100, late = 2500;  // ipywidgets asks each 0.1 s, for two seconds
window.setTimeout = (then, after, ...rest) => {
  if (after === look) window.waited++;
  return timer(then, after === look ? late : after, ...rest);
};
"""
_FAR = """
window.waited = 0;
const Line = window.WebSocket, late = 5000;  // ipywidgets waits for an answer for four seconds, and asks otherwise
window.WebSocket = class extends Line {
  set onmessage(heard) {
    super.onmessage = (event) => { window.waited++; setTimeout(heard, late, event); };
  }
};
"""
_LISTENER = """
const Line = window.WebSocket, words = (data) => typeof data === "string" ? data : new TextDecoder().decode(data);
const says = (data, pattern) => pattern.test(words(data));
"""
_ASKED_LATE = (
    _LISTENER
    + """
window.early = 0;  // widgets that were made before the page asked which there are
window.WebSocket = class extends Line {
  send(data) {
    if (!says(data, /"request_states"/)) return super.send(data);
    this.question = data;
  }
  set onmessage(heard) {
    super.onmessage = (event) => {
      heard(event);
      if (!this.question || !says(event.data, /"comm_open"/) || ++window.early < 3) return;
      super.send(this.question);
      this.question = null;
    };
  }
};
"""
)
_AT_ONCE = (
    _LISTENER
    + """
window.told = "";  // what the page was told together with the answer to which widgets there are, and nothing after it
window.WebSocket = class extends Line {
  set onmessage(heard) {
    const kept = [];
    super.onmessage = (event) => {
      if (window.told) return;
      if (!kept.length && !says(event.data, /"update_states"/)) return heard(event);
      kept.push(event);
      window.told = words(event.data).match(/"value": ?"<p>(Count [0-9]+)/)?.[1] ?? "";
      if (kept.length < 2) window.told = "";
      else if (window.told) kept.forEach(heard);
    };
  }
};
"""
)
_BEGUN_LATE = (
    _LISTENER
    + """
const define = Object.defineProperty, kept = [];
let app, begin, answered = false;
window.restoring = null;  // whether widgets were being made when the page's own script began
Object.defineProperty = (target, name, what) => {
  if (target !== window || name !== "jupyterapp") return define(target, name, what);
  begin = what.set;
  return define(target, name, { ...what, set: (started) => { app = started; } });
};
window.WebSocket = class extends Line {
  set onmessage(heard) {
    super.onmessage = (event) => {
      const open = says(event.data, /"comm_open"/), answer = says(event.data, /"update_states"/);
      if (window.restoring !== null || !(kept.length || open || answer)) return heard(event);
      if (kept.length || answer) kept.push(event);  // the answer has those that came before it
      if (answered || !app || kept.length < 2 || !open) return;
      answered = true;
      const manager = app.widgetManager, load = manager.loadModelClass;
      manager.loadModelClass = async (...which) => {
        await new Promise((resolve) => { setTimeout(resolve, 500); });  // a piece of a script that is on its way
        return load.apply(manager, which);
      };
      heard(kept.shift());
      setTimeout(() => {
        window.restoring = !manager.restoredStatus;
        manager.loadModelClass = load;
        begin(app);
        kept.forEach(heard);
      }, 100);
    };
  }
};
"""
)


@pytest.mark.parametrize(
    ("language", "title", "heading", "environment", "manual"),
    [
        pytest.param(*words, id=words[0], marks=[] if words[0] == "de" else pytest.mark.long)
        for words in (
            ("fr", "Accueil – ehtoolkit", "Certificats eHealth", "Environnement : Formation", "Manuel"),
            ("nl", "Startpagina – ehtoolkit", "eHealth-certificaten", "Omgeving: Opleiding", "Handleiding"),
            ("de", "Startseite – ehtoolkit", "eHealth-Zertifikate", "Umgebung: Schulung", "Handbuch"),
            ("en", "Home – ehtoolkit", "eHealth certificates", "Environment: Training", "Manual"),
        )
    ],
)
def test_a_page_speaks_four_languages_and_so_does_the_manual_a_link_away(
    demo: Serving,
    visit: Windows,
    axe_script: str,
    language: str,
    title: str,
    heading: str,
    environment: str,
    manual: str,
) -> None:
    page = visit(demo).open("index", {"lang": language})

    assert page.locator("html").get_attribute("lang") == language
    expect(page).to_have_title(title)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert " ".join((page.locator(".eh-env").text_content() or "").split()).startswith(environment)
    expect(page.locator(".eh-env > .eh-env-date")).to_be_visible()
    expect(page.locator("footer")).to_contain_text(str(demo.home))
    shoot(page, f"index-{language}")

    with page.expect_popup() as beside:
        page.get_by_role("link", name=manual).click()
    page = beside.value

    expect(page.get_by_role("heading", level=1)).to_have_text(manual)
    assert page.locator("html").get_attribute("lang") == language
    expect(page.get_by_role("main")).to_contain_text("02 788 51 55")
    assert axe(page, axe_script) == []
    shoot(page, f"manual-{language}")


def test_a_form_leads_to_its_own_page_of_the_manual_beside_it(
    demo: Serving, visit: Windows, axe_script: str
) -> None:
    window = visit(demo, locale="fr-BE")
    page = window.open("index", {"lang": "fr"})
    page.get_by_role("link", name="Changer le mot de passe").first.click()  # the same kernel, another form
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Certificats eHealth")
    with page.expect_popup() as beside:
        page.get_by_role("link", name="Manuel").click()
    manual = beside.value
    expect(manual.get_by_role("heading", level=1)).to_have_text("Changer le mot de passe d’un keystore")
    picture = manual.get_by_role("main").get_by_role("img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("async (one) => { await one.decode(); return one.naturalWidth; }") > 300
    assert axe(manual, axe_script) == []
    manual.set_viewport_size({"width": 360, "height": 800})
    assert not scrolls_sideways(manual)
    assert axe(manual, axe_script) == []

    manual.get_by_role("searchbox").press_sequentially("CLES")
    manual.keyboard.press("Enter")
    expect(manual.get_by_role("heading", level=1)).to_have_text("Trouvé dans le manuel")
    expect(manual.locator("mark").first).to_have_text("clés")
    assert axe(manual, axe_script) == []
    manual.locator(".eh-manual-hits").get_by_role("link", name="Mes messages").click()
    expect(manual.get_by_role("heading", level=1)).to_have_text("Mes messages")
    shoot(manual, "manual-page")

    # What is no form has its page, too: the trainer the lesson, troubleshooting the question for consultants.
    for name, title in (
        ("trainer", "Une leçon d’une heure"),
        ("troubleshoot", "Est-ce le certificat\u00a0?"),
    ):
        manual.goto(manual.url.rpartition("/")[0] + f"/{name}")
        expect(manual.get_by_role("heading", level=1)).to_have_text(title)
        assert not scrolls_sideways(manual)
        assert axe(manual, axe_script) == []
        shoot(manual, f"manual-{name}")
    assert window.foreign == []


@pytest.fixture(scope="class")
def first_page(demo: Serving, visit_of_class: Windows) -> Visit:
    window = visit_of_class(demo, locale="nl-BE")
    window.open("index")
    return window


class TestTheFirstPage:
    """One page for all of them, in the language of the browser; the last one leaves it."""

    def test_the_browser_s_language_is_the_first_choice(self, first_page: Visit) -> None:
        assert first_page.page.locator("html").get_attribute("lang") == "nl"

    def test_the_skip_link_leads_to_the_content(self, first_page: Visit) -> None:
        page = first_page.page
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()

        page.keyboard.press("Enter")

        assert page.evaluate("() => document.activeElement.id") == "content"

    def test_everything_stands_in_landmarks(self, first_page: Visit) -> None:
        page = first_page.page
        for role in ("banner", "main", "contentinfo"):
            expect(page.get_by_role(role)).to_have_count(1)
        # Fields may have one of their own: that of a password says when Caps Lock is on.
        expect(page.locator("[role=status]#eh-status")).to_have_count(1)
        expect(page.get_by_role("main").get_by_role("heading", level=1)).to_have_count(1)
        expect(page.locator("#eh-wait")).to_have_count(0)

    def test_no_port_is_chosen_before_a_kernel_has_it(self, first_page: Visit, demo: Serving) -> None:
        """A connection of another program could take it meanwhile. The one that is left is ipykernel's own, for what
        its child processes print: it is bound as it is chosen."""
        kernels = demo.kernels()
        assert kernels
        assert max(len(kernel.net_connections("inet")) for kernel in kernels) <= 1

    def test_a_page_without_its_kernel_says_so(self, first_page: Visit, axe_script: str) -> None:
        page = first_page.page
        _end_kernel(page)

        expect(page.get_by_role("alert")).to_contain_text(
            "De pagina heeft geen contact meer met ehtoolkit", timeout=15_000
        )
        shoot(page, "lost")
        assert axe(page, axe_script) == []

        gone = page.evaluate("() => document.body.dataset.kernelId")
        page.get_by_role("link", name="Opnieuw beginnen op deze pagina").click()

        # As long as the page is on its way, nobody has been told of the kernel that it is going to have.
        page.wait_for_function(
            "(gone) => ![undefined, gone].includes(document.body?.dataset.kernelId)", arg=gone
        )
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)

    def test_a_page_that_is_left_ends_its_kernel(self, first_page: Visit, demo: Serving) -> None:
        page = first_page.page
        kernel = page.evaluate("() => document.body.dataset.kernelId")
        other = first_page.new_page()
        other.goto(f"{demo.base}/nothing.ipynb")
        status = f"fetch('{demo.base}/api/kernels/{kernel}').then((answer) => answer.status)"
        assert other.evaluate(status) == 200

        page.close(run_before_unload=True)

        for _ in range(50):
            if other.evaluate(status) == 404:
                return
            other.wait_for_timeout(100)
        pytest.fail("the kernel outlives its page")


def in_reserve(serving: Serving, page: Page) -> list[psutil.Process]:
    """The kernels that wait for a page, when there are as many as there should be and no others."""
    serving.put_back()
    for _ in range(200):
        if len(kernels := serving.kernels()) == SPARES:
            return kernels
        page.wait_for_timeout(100)
    pytest.fail(f"{len(serving.kernels())} kernels, not {SPARES} in reserve")


def await_death(kernels: Sequence[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(kernels, timeout=SECONDS)
    assert not alive


def test_kernels_in_reserve_that_died_cost_nothing(proof: Serving, visit: Windows) -> None:
    window = visit(proof)
    kernels = in_reserve(proof, window.page)
    for kernel in kernels:
        kernel.kill()
    await_death(kernels)

    expect(window.open("proof").get_by_role("heading", level=1)).to_have_text("Some words")


def test_a_kernel_that_dies_before_it_has_answered_leaves_a_page_that_says_so(
    proof: Serving, visit: Windows
) -> None:
    window = visit(proof)
    kernels = in_reserve(proof, window.page)
    for kernel in kernels:
        kernel.suspend()
    window.page.goto(f"{proof.base}/proof.ipynb", wait_until="commit")
    expect(window.page.get_by_role("status").first).to_be_visible()
    for kernel in kernels:
        kernel.kill()

    alert = window.page.get_by_role("alert")
    expect(alert).to_contain_text("La page n’a pas pu être ouverte")
    await_death(kernels)
    alert.get_by_role("link").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Some words")
    # To the console Voila's scripts say the same.
    window.complaints = [said for said in window.complaints if "The model for kernel id" not in said]


def test_what_a_kernel_shows_may_come_late(proof: Serving, visit: Windows) -> None:
    page = visit(proof).open("late")

    expect(page.get_by_role("heading", level=1)).to_have_text("Some words")


@pytest.mark.parametrize(
    "why", [pytest.param(_BUSY, id="busy"), pytest.param(_FAR, id="far", marks=pytest.mark.long)]
)
def test_what_comes_late_is_shown(demo: Serving, visit: Windows, why: str) -> None:
    """In a busy page its widgets come between the first look for them and the next one, which is too late for
    another; from a busy server, when nobody waits for its answer any more."""
    window = visit(demo, locale="en-GB")
    window.page.add_init_script(why)
    expect(window.open("index").get_by_role("heading", level=1)).to_have_text("eHealth certificates")
    assert window.page.evaluate("() => window.waited") > 0


@pytest.mark.parametrize(
    ("order", "happened"),
    [
        # It refers to what only the answer brings.
        pytest.param(_ASKED_LATE, "window.early === 3", id="before the answer"),
        # The kernel had answered before the page's own script could listen.
        pytest.param(_BEGUN_LATE, "window.restoring", id="after it"),
    ],
)
def test_what_is_made_while_a_page_begins_is_shown(
    proof: Serving, visit: Windows, order: str, happened: str
) -> None:
    window = visit(proof)
    window.page.add_init_script(order)
    page = window.open("growing")

    expect(page.locator("#eh-cells p", has_text="Line")).to_have_text(
        [f"Line {number}" for number in range(60)]
    )
    assert page.evaluate(f"() => {happened}") is True


def test_what_changes_while_a_page_is_built_is_shown(proof: Serving, visit: Windows) -> None:
    """A widget hears nothing until it has been made, which takes the page a moment."""
    window = visit(proof)
    window.page.add_init_script(_AT_ONCE)
    page = window.open("growing")
    page.wait_for_function("() => window.told")

    expect(page.locator("#eh-cells p", has_text="Count")).to_have_text(page.evaluate("() => window.told"))


def test_a_notebook_that_fails_shows_a_sentence_and_nothing_else(
    proof: Serving, visit: Windows, axe_script: str
) -> None:
    page = visit(proof).open("broken")

    expect(page.get_by_role("alert")).to_contain_text("La page n’a pas pu être ouverte")
    assert "hidden words" not in page.content()
    assert "Traceback" not in page.content()
    assert "ValueError" not in page.content()
    assert axe(page, axe_script) == []
    shoot(page, "failed")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("nothing.ipynb", 404, "Cette page n’existe pas"),
        ("some/where/else", 404, "Cette page n’existe pas"),
        ("invalid.ipynb", 400, "La page n’a pas pu être ouverte"),
    ],
)
def test_an_error_page_says_what_to_do(
    proof: Serving, visit: Windows, axe_script: str, path: str, status: int, sentence: str
) -> None:
    page = visit(proof).page
    answer = page.goto(f"{proof.base}/{path}")

    assert answer is not None
    assert answer.status == status
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence)
    assert "Traceback" not in page.content()
    assert str(proof.home.parent / "notebooks") not in page.content()
    assert axe(page, axe_script) == []
    shoot(page, f"error-{status}")
    expect(page.get_by_role("link", name="Aller à l’accueil")).to_have_attribute("href", "/")


def test_without_scripts_the_page_says_what_it_needs(demo: Serving, visit: Windows) -> None:
    page = visit(demo, java_script_enabled=False).page
    page.goto(f"{demo.base}/index.ipynb")

    expect(page.locator("noscript p")).to_be_visible()
    assert "Cette page a besoin de JavaScript" in (page.locator("noscript p").text_content() or "")
    expect(page.locator("#eh-wait")).to_be_hidden()


def _end_kernel(page: Page) -> None:
    page.evaluate(
        """() => fetch(`/api/kernels/${document.body.dataset.kernelId}`, {
            method: "DELETE",
            headers: { "X-XSRFToken": document.cookie.match("\\\\b_xsrf=([^;]*)\\\\b")[1] },
        })"""
    )


_PLACES = """
() => ["header", "h1"].map((name) => document.querySelector(name).getBoundingClientRect())
  .map((box, n) => n ? box.top : box.height)
"""


def test_every_page_has_a_low_header_and_its_title_on_the_same_line(demo: Serving, visit: Windows) -> None:
    window = visit(demo)
    page = window.open("index", {"lang": "de"})
    found: dict[int, set[float]] = {1280: set(), 768: set(), 360: set()}
    for name in ("index", "request", "doctor", "troubleshoot", "manual"):
        if name == "manual":
            page.goto(f"{window.base.removesuffix('/voila')}/manual")
        elif name != "index":
            window.follow(name)
        for width, tops in found.items():
            page.set_viewport_size({"width": width, "height": 800})
            height, top = page.evaluate(_PLACES)
            assert height <= 64, (name, width)
            if width == 1280 or name != "request":  # where it is narrow, the line about the steps comes first
                tops.add(round(top))
    assert all(len(tops) == 1 for tops in found.values()), found


def test_on_a_phone_the_languages_are_in_a_list_and_the_chosen_one_stays(
    demo: Serving, visit: Windows, axe_script: str
) -> None:
    window = visit(demo, viewport={"width": 360, "height": 800})
    page = window.open("index", {"lang": "en"})
    expect(page.get_by_role("link", name="NL, Nederlands")).to_be_hidden()
    page.get_by_role("button", name="Language EN").click()
    expect(page.get_by_role("link", name="NL, Nederlands")).to_be_visible()
    assert axe(page, axe_script) == []
    shoot(page, "languages-on-a-phone")
    page.get_by_role("link", name="NL, Nederlands").press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.get_by_role("heading", level=1)).to_have_text("eHealth-certificaten")
    expect(page.locator("footer").get_by_role("link", name="Handleiding")).to_be_visible()

    page = window.open("index")

    assert page.locator("html").get_attribute("lang") == "nl"
    languages = page.get_by_role("navigation", name="Taal", include_hidden=True)
    expect(languages.locator("[aria-current] .eh-lang-code")).to_have_text("NL")
