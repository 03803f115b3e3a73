"""Every widget at work in Chromium, by mouse and by keyboard, on the form that exists for the tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from ehtoolkit.i18n import Translator
from tests.browser.pages import PHONE, Visit, axe, scrolls_sideways, shoot
from tests.browser.serving import Serving

Windows = Callable[..., Visit]

PIN = "730915"
BREAKS = "990073091511"
"""A PIN that the notebook fails at; too long to be in a time or a number by chance."""
PASSWORD = "Zo-Geheim_42"


def fill_words(page: Page) -> None:
    page.get_by_label("E-mail").fill("elise@example.test")
    page.get_by_label("An organisation").check()
    page.get_by_label("Type of number").select_option("NIHII")
    page.get_by_label("I accept the conditions").check()


def go_to_sign(page: Page) -> None:
    fill_words(page)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign the contract")


def sign(page: Page, pin: str, password: str = PASSWORD) -> None:
    page.get_by_label("PIN").fill(pin)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign").click()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {}),
        pytest.param("360-dark", {"viewport": PHONE, "color_scheme": "dark"}, marks=pytest.mark.long),
        pytest.param("dark", {"color_scheme": "dark"}, marks=pytest.mark.long),
        pytest.param("360", {"viewport": PHONE}, marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing_on_any_step(
    proof: Serving, visit: Windows, axe_script: str, name: str, options: dict[str, object]
) -> None:
    page = visit(proof, **options).open("proof")

    def judge(step: str) -> None:
        shoot(page, f"proof-{step}-{name}")
        assert axe(page, axe_script) == [], step
        assert not scrolls_sideways(page), step

    judge("1-words")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    judge("2-blocked")
    go_to_sign(page)
    judge("3-sign")
    sign(page, "1111")
    expect(page.get_by_role("alert")).to_contain_text("PIN")
    judge("4-wrong")
    sign(page, "5555")
    expect(page.get_by_role("button", name="Ne plus attendre")).to_be_visible()
    judge("5-busy")
    page.get_by_role("button", name="Ne plus attendre").click()
    expect(page.get_by_role("alert")).to_be_visible()
    sign(page, "1234")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check")
    judge("6-check")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is sent")
    judge("7-done")


@pytest.fixture(scope="class")
def at_words(proof: Serving, visit_of_class: Windows) -> Visit:
    window = visit_of_class(proof)
    window.open("proof")
    return window


class TestTheFirstStep:
    """One page for all of them, which stays at this step."""

    def test_a_narrow_screen_shows_one_step_at_a_time(self, at_words: Visit) -> None:
        page = at_words.page
        page.set_viewport_size(PHONE)

        expect(page.get_by_text("Étape 1 sur 3")).to_be_visible()
        expect(page.get_by_text("ensuite\u00a0: Sign")).to_be_visible()
        expect(page.get_by_role("navigation", name="Étapes").get_by_role("list")).to_be_hidden()

    def test_blockers_lead_to_their_fields(self, at_words: Visit) -> None:
        page = at_words.page
        page.get_by_role("button", name="Continuer").click()

        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        expect(page).to_have_title("Erreur\u00a0: Some words – Proof – ehtoolkit")
        expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
        described = page.get_by_label("E-mail").get_attribute("aria-describedby") or ""
        spoken = " ".join(page.locator(f"#{word}").inner_text() for word in described.split())
        assert "Yours" in spoken
        assert "adresse e-mail" in spoken

        summary.get_by_role("link").first.click()

        expect(page.get_by_label("E-mail")).to_be_focused()

    def test_a_page_works_twice_at_once(self, at_words: Visit, proof: Serving) -> None:
        first = at_words.page
        second = at_words.new_page()
        second.goto(f"{proof.base}/proof.ipynb")
        second.wait_for_selector("h1")

        go_to_sign(second)

        expect(first.get_by_role("heading", level=1)).to_have_text("Some words")


# Somebody who is already in the next field when the page hears that the window was closed; where the focus is then.
_CLOSED_AND_ON = """
() => new Promise((done) => {
  const above = document.querySelector("dialog[open]");
  const where = () => document.activeElement.labels?.[0]?.innerText ?? "not in a field";
  above.addEventListener("close", () => setTimeout(() => done(where())));
  above.close();
  document.querySelector("input[type=password]").focus();
})
"""


def test_keyboard_alone_is_enough(proof: Serving, visit: Windows) -> None:
    page = visit(proof).open("proof")

    def tab_to(label: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate(
                "(label) => document.activeElement?.labels?.[0]?.innerText.includes(label)"
                " || document.activeElement?.innerText?.trim() === label",
                label,
            ):
                return
        pytest.fail(f"Tab does not reach {label}")

    tab_to("E-mail")
    page.keyboard.type("elise@example.test")
    tab_to("Myself")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to("Type of number")
    page.keyboard.press("ArrowDown")
    tab_to("I accept the conditions")
    page.keyboard.press("Space")
    tab_to("Continuer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign the contract")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    frame = page.frame_locator(".eh-contract-frame")  # that of the large window goes a moment later
    expect(frame.get_by_role("heading")).to_be_visible()
    expect(page.get_by_label("PIN")).to_be_visible()
    tab_to("Read it large")
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog", name="The contract")
    expect(window.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    assert window.bounding_box()["width"] > page.locator(".eh-contract-frame").bounding_box()["width"]  # type: ignore[index]
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(page.get_by_role("button", name="Read it large")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate(_CLOSED_AND_ON) == "PIN"
    expect(page.locator("iframe")).to_have_count(1)
    page.get_by_role("button", name="Read it large").focus()
    page.keyboard.press("Tab")  # into the contract, to scroll it
    expect(frame.locator("body")).to_be_focused()
    tab_to("PIN")
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check")
    expect(page.locator("dl")).to_contain_text("elise@example.test")
    expect(page.locator("dl")).to_contain_text("signed")


def test_going_back_keeps_what_was_typed_and_a_change_takes_back_what_follows(
    proof: Serving, visit: Windows
) -> None:
    page = visit(proof).open("proof")
    go_to_sign(page)
    sign(page, "1234")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check")
    steps = page.get_by_role("navigation", name="Étapes")

    steps.get_by_role("link", name="Words").click()
    expect(page.get_by_label("E-mail")).to_have_value("elise@example.test")
    expect(page.get_by_label("An organisation")).to_be_checked()
    expect(page.get_by_label("Type of number")).to_have_value("NIHII")
    expect(page.get_by_label("I accept the conditions")).to_be_checked()
    expect(steps.get_by_role("link", name="Last")).to_have_count(1)

    page.get_by_label("E-mail").fill("other@example.test")
    steps.get_by_role("link", name="Last").click()

    expect(steps.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Some words")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign the contract")
    page.get_by_role("button", name="Retour").click()
    expect(page.get_by_label("E-mail")).to_have_value("other@example.test")


def test_a_secret_leaves_the_browser_once_and_is_nowhere_afterwards(proof: Serving, visit: Windows) -> None:
    window = visit(proof)
    page = window.open("proof")
    go_to_sign(page)
    window.frames.clear()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Montrer ce que je tape").check()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.wait_for_timeout(300)
    assert not [frame for frame in window.frames if PIN.encode() in frame[1]]

    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_role("alert")).to_contain_text("PIN")

    for secret in (PIN, PASSWORD):
        held = [direction for direction, frame in window.frames if secret.encode() in frame]
        assert held == ["sent"]
        assert secret not in page.content()
        state = page.evaluate("async () => JSON.stringify(await window.jupyterapp.widgetManager.get_state())")
        assert len(state) > 10_000
        assert secret not in state
    expect(page.get_by_label("PIN")).to_have_value("")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "password")
    assert PIN not in "".join(proof.log)


@pytest.fixture(scope="class")
def at_sign(proof: Serving, visit_of_class: Windows) -> Visit:
    window = visit_of_class(proof)
    go_to_sign(window.open("proof"))
    return window


class TestTheStepThatSigns:
    """One page for all of them, which stays at this step until the last one goes back."""

    def test_the_countdown_runs(self, at_sign: Visit) -> None:
        page = at_sign.page

        expect(page.get_by_text("Again in 1 minute 2")).to_be_visible()

    def test_caps_lock_is_shown_while_a_secret_is_typed(self, at_sign: Visit) -> None:
        page = at_sign.page
        words = page.get_by_text(Translator("fr").get("wizard.capslock"))
        password = page.get_by_label("Password", exact=True)
        password.focus()
        for on in (True, False, True):
            password.evaluate(
                "(one, on) => one.dispatchEvent(new KeyboardEvent('keyup', { key: 'K', modifierCapsLock: on }))",
                on,
            )
            expect(words).to_have_count(1 if on else 0)
        page.get_by_label("PIN").focus()
        expect(words).to_have_count(0)

    def test_a_file_is_handed_out_without_touching_the_disk(self, at_sign: Visit) -> None:
        page = at_sign.page

        with page.expect_download() as handed:
            page.get_by_role("button", name="Save the contract").click()

        assert handed.value.suggested_filename == "contract.html"
        assert handed.value.path().read_text(encoding="utf-8").startswith("<h2>Contract</h2>")

    def test_foreign_html_can_do_nothing(self, at_sign: Visit, proof: Serving) -> None:
        page = at_sign.page

        frame = page.locator("iframe")
        expect(frame).to_have_attribute("sandbox", "")
        expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Contract")
        expect(page).to_have_title("Sign the contract – Proof – ehtoolkit")
        inside = page.frame_locator("iframe").first
        inside.locator("p").first.click()
        inside.get_by_role("textbox").fill("1234")
        inside.get_by_role("button", name="Log in").click()
        for name in ("Away", "Here"):
            inside.get_by_role("link", name=name).click()
        page.wait_for_timeout(500)
        expect(page).to_have_title("Sign the contract – Proof – ehtoolkit")
        assert page.url.startswith(proof.base)
        assert at_sign.foreign == []

    def test_work_is_announced_and_can_be_stopped(self, at_sign: Visit) -> None:
        page = at_sign.page
        sign(page, "5555")

        expect(page.locator("#eh-status")).to_have_text("Signing…")
        expect(page.get_by_role("button", name="Sign")).to_have_attribute("aria-disabled", "true")
        expect(page.get_by_role("progressbar", name="Signing…")).to_be_visible()
        page.get_by_role("button", name="Sign").click(force=True)

        page.get_by_role("button", name="Ne plus attendre").click()

        expect(page.get_by_role("alert")).to_contain_text("The request has not been signed")
        expect(page.get_by_role("button", name="Ne plus attendre")).to_be_hidden()
        expect(page.get_by_role("button", name="Sign")).not_to_have_attribute("aria-disabled", "true")

    def test_an_unexpected_error_shows_a_sentence_and_a_report(self, at_sign: Visit, proof: Serving) -> None:
        page = at_sign.page
        before = set((proof.home / "reports").glob("*"))

        sign(page, BREAKS)

        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("The request has not been signed")
        expect(alert).to_contain_text("Numéro du rapport")
        reports = set((proof.home / "reports").glob("*")) - before
        assert len(reports) == 1
        report: Path = reports.pop()
        assert report.stem in alert.inner_text()
        text = report.read_text(encoding="utf-8")
        assert "ZeroDivisionError" in text
        assert "do_sign" in text
        assert BREAKS not in text
        assert BREAKS not in page.content()
        assert "Traceback" not in page.content()
        assert not [
            frame
            for direction, frame in at_sign.frames
            if direction == "received" and BREAKS.encode() in frame
        ]

    def test_tries_left_are_shown_and_announced(self, at_sign: Visit) -> None:
        page = at_sign.page
        sign(page, "1111")

        expect(page.get_by_text("2 of 3 tries left")).to_be_visible()
        described = page.get_by_label("PIN").get_attribute("aria-describedby") or ""
        assert "eh-pin-tries" in described.split()
        assert page.locator(".eh-tries circle.on").count() == 2

    def test_going_back_sends_no_secret(self, at_sign: Visit) -> None:
        page = at_sign.page
        at_sign.frames.clear()
        page.get_by_label("PIN").fill(PIN)

        page.get_by_role("button", name="Retour").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Some words")

        assert not [frame for _, frame in at_sign.frames if PIN.encode() in frame]


# What can be pressed, by its role and the beginning of its name, and what the kernel then hears.
_PRESSED: list[tuple[Literal["link", "button", "switch", "radio"], str | re.Pattern[str], str]] = [
    ("link", "Step", "step step"),
    ("button", "Tab", "tab tab"),
    ("button", re.compile("Chip"), "chip chip"),
    ("button", "File", "file file"),
    ("switch", "Switch", "switch slow True"),
    ("radio", "Two", "choice two"),
    ("button", "Change", "row row change"),
    ("button", "Remove", "remove period"),
    ("button", "Heading", "sort title"),
    ("button", "Further", "page 2"),
    ("button", "Button", "button go"),
]


@pytest.mark.parametrize("hand", ["mouse", pytest.param("keyboard", marks=pytest.mark.long)])
def test_a_press_is_not_lost_when_the_page_changes_under_it(
    proof: Serving, visit: Windows, hand: str
) -> None:
    page = visit(proof).open("pressed")
    number = 0

    def change() -> None:
        """Have everything drawn anew, without another press; what can be seen of it is there when this returns."""
        nonlocal number
        number += 1
        page.get_by_label("Number").evaluate(
            "(one, to) => { one.value = to; one.dispatchEvent(new Event('change')); }", str(number)
        )
        expect(page.get_by_text(f"Drawn {number}", exact=True)).to_be_visible()

    def press(target: Locator) -> None:
        if hand == "mouse":
            target.scroll_into_view_if_needed()
            box = target.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
            page.mouse.down()
            change()
            page.mouse.up()
        else:
            target.focus()
            page.keyboard.down("Space")
            change()
            page.keyboard.up("Space")

    for role, name, words in _PRESSED:
        if (hand, role) == ("keyboard", "link"):
            continue  # Enter presses it, as soon as it is down
        target = page.get_by_role(role, name=name)
        press(target)
        expect(page.get_by_text(f"Pressed: {words}", exact=True)).to_be_visible()
        expect(page.get_by_text(f"Row {number}", exact=True)).to_be_visible()
        if hand == "keyboard":
            expect(target).to_be_focused()

    # Of another page, a button with the same name is another one.
    leave = page.get_by_role("button", name="Anew")
    press(leave)
    change()  # by now the kernel has heard of the press
    expect(page.get_by_text("Pressed: button go", exact=True)).to_be_visible()
    leave.click()
    expect(page.get_by_text("Pressed: button leave", exact=True)).to_be_visible()

    press(page.get_by_role("button", name="Letter B"))
    expect(page.get_by_role("heading", name="Letter B", exact=True)).to_be_visible()
    change()
    expect(page.get_by_role("heading", name="Letter B", exact=True)).to_be_visible()
