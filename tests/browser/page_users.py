"""Two people at a page, who find everything by its name: one clicks, the other has the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import Page, expect

# Whether somebody has been in this document before.
_KNOWN = "() => { const known = document.ehKnown === true; document.ehKnown = true; return known; }"

# The name of an element, as far as labels and texts give it; of a big link, its bold part.
_NAME = """
(one) => (one.getAttribute("aria-label") || (one.labels && one.labels[0] && one.labels[0].textContent)
  || (one.matches("button, a, summary") && (one.querySelector("b") || one).textContent) || "").trim()
"""

_IS_THERE = f"""
(name) => [...document.querySelectorAll("a, button, summary, input, select, textarea, [tabindex]")]
  .some((one) => ({_NAME.strip()})(one).startsWith(name))
"""

_FOCUSED = f"""
() => {{
  const one = document.activeElement;
  return !one || one === document.body ? "" : ({_NAME.strip()})(one);
}}
"""


class Hands(Protocol):
    """What a user does; ``name``: the words on a button or link, or the label of a field."""

    def press(self, name: str) -> None: ...
    def tick(self, name: str) -> None: ...
    def untick(self, name: str) -> None: ...
    def choose(self, name: str) -> None: ...
    def type(self, name: str, text: str) -> None: ...
    def select(self, name: str, option: str) -> None: ...


class Mouse:
    """Somebody who clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, name: str) -> None:
        found = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        found.first.click()

    def tick(self, name: str) -> None:
        self.page.get_by_label(name).check()

    def untick(self, name: str) -> None:
        self.page.get_by_label(name).uncheck()

    def choose(self, name: str) -> None:
        """One of several: its radio button."""
        self.page.locator(".eh-choice", has_text=name).locator("input").check()

    def type(self, name: str, text: str) -> None:
        self.page.get_by_label(name).first.fill(text)

    def select(self, name: str, option: str) -> None:
        """One of a closed list."""
        self.page.get_by_label(name).select_option(label=option)


class Keys:
    """Somebody without a mouse, who notices when he is thrown back to the beginning of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, name: str) -> None:
        self._to(name)
        self.page.keyboard.press("Enter")

    def tick(self, name: str) -> None:
        self._to(name)
        self.page.keyboard.press("Space")

    untick = tick

    def choose(self, name: str) -> None:
        """One of several: Tab leads to its group, arrows inside it."""
        self._tab_until(lambda: self._is("input[type=radio]") and name in self._group(), name)
        for _ in range(20):
            if name in self._focused():
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {name!r}")

    def type(self, name: str, text: str) -> None:
        self._to(name)
        self.page.keyboard.type(text)

    def select(self, name: str, option: str) -> None:
        """One of a closed list: its letters lead to it, or arrows where a keyboard has no key for the first."""
        self._to(name)
        if option[0].isascii():
            self.page.keyboard.type(option)
            return
        self.page.keyboard.press("Home")
        for _ in range(40):
            if self._selected() == option:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {option!r}")

    def _to(self, name: str) -> None:
        """Wait for what is called ``name``, as somebody does who sees the page, and Tab to it."""
        self.page.wait_for_function(_IS_THERE, arg=name)
        self._tab_until(lambda: self._focused().startswith(name), name)

    def _tab_until(self, there: Callable[[], bool], name: str, *, limit: int = 120) -> None:
        """Tab until the focus is on what is called ``name``."""
        self._hold()
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            if there():
                return
        raise AssertionError(f"Tab does not lead to {name!r}")

    def _hold(self) -> None:
        """What is shown may change, and the focus with it; in the same document it is never lost."""
        if self.page.evaluate(_KNOWN):
            self.page.wait_for_function("() => document.activeElement !== document.body")

    def _is(self, selector: str) -> bool:
        return bool(self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector))

    def _selected(self) -> str:
        """What is chosen in the list that has the focus."""
        return str(self.page.evaluate("() => document.activeElement.selectedOptions[0].label"))

    def _group(self) -> str:
        """The words of the group that has the focus."""
        return str(self.page.evaluate("() => document.activeElement.closest('fieldset').textContent"))

    def _focused(self) -> str:
        """The name of what has the focus."""
        return str(self.page.evaluate(_FOCUSED))


def title(page: Page, words: str) -> None:
    """Wait for the page that is called so; when it does not come, say what is there instead."""
    try:
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
    except AssertionError as error:
        focused = page.evaluate("() => document.activeElement.outerHTML")
        raise AssertionError(f"{error}\n{page.locator('body').inner_text()}\nfocus: {focused}") from None


def arrive(page: Page, words: str) -> None:
    """Wait for the page that a link leads to, until its title has the focus: it gets it after its words are there, from
    what a test has put it on by then."""
    title(page, words)
    expect(page.get_by_role("heading", level=1)).to_be_focused()


_QUIET = """
() => new Promise((done) => {
  const end = () => { watch.disconnect(); done(); };
  let timer = setTimeout(end, 200);
  const watch = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, 200); });
  watch.observe(document.body, { subtree: true, childList: true, attributes: true });
})
"""


def offered(page: Page, words: str) -> None:
    """Wait until work has come so far that a button is there; unfold those that it is folded with."""
    button = page.get_by_role("button", name=words, include_hidden=True)
    expect(button.first).to_be_attached()
    look(page)  # what is put together after the button would fold it again
    folded = page.locator(".eh-more:not([open])").filter(has=button)
    if folded.count():
        folded.locator("summary").press("Enter")
    expect(page.get_by_role("button", name=words).first).to_be_visible()


def look(page: Page) -> None:
    """What people do before they type: wait until a page that is being put together holds still."""
    page.evaluate(_QUIET)
