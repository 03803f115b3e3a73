"""What a narrow window, and a system that has the colours itself, leave to be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.voila.configuration import jupyter_data
from tests.browser.chromium import DESKTOP
from tests.browser.geometry import misfits
from tests.browser.page_users import title
from tests.browser.pages import PHONE, Visit
from tests.browser.prepared_homes import certificate_in
from tests.browser.serving import Serving

Windows = Callable[..., Visit]
STYLES = jupyter_data() / "voila/templates/ehtoolkit/static/ehtoolkit.css"
FIRST_FINDING, LONGEST = 500, 4000
"""Pixels."""


def colour(where: Locator, name: str, pseudo: str = "") -> str:
    """A computed style of an element, or of what stands before or behind it."""
    script = "(node, [name, pseudo]) => getComputedStyle(node, pseudo || null).getPropertyValue(name)"
    return str(where.evaluate(script, [name, pseudo]))


def within(page: Page, where: Locator) -> None:
    """All of it is in the window, from left to right."""
    where.scroll_into_view_if_needed()
    box = where.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= (page.viewport_size or PHONE)["width"]


def turn(page: Page, part: str) -> None:
    """Turn to a tab of the audit."""
    name = Translator("nl").get(f"audit_page.part.{part}")
    page.locator(".eh-tab", has_text=name).click()
    expect(page.locator(".eh-tab[aria-current]")).to_contain_text(name)


def test_a_button_with_a_long_path_is_not_wider_than_its_window(chromium: Browser) -> None:
    page = chromium.new_page(viewport=DESKTOP)
    path = f"/media/{'sicherungsdatentraeger' * 4}/ehealth"
    page.set_content(
        f'<!doctype html><style>{STYLES.read_text(encoding="utf-8")}</style><html style="font-size: 200%">'
        '<body class="eh"><main class="eh-main eh-wrap"><div class="eh"><div class="eh-actions">'
        f'<button class="eh-button"><svg class="eh-i"></svg><span>Copy into {path}</span></button>'
        "</div></div></main>"
    )
    assert misfits(page) == []
    page.close()


@pytest.fixture(scope="class")
def practices(demo: Serving, visit_of_class: Windows) -> Visit:
    demo.put_back()
    window = visit_of_class(demo, viewport=PHONE)
    page = window.open("audit", {"lang": "nl"})
    expect(page.locator(".eh-jobs h3").first).to_be_visible(timeout=90_000)  # the providers are made first
    return window


class TestFortyPractices:
    """One window for all of them, on the invented practices of a demonstration."""

    def test_an_audit_begins_with_what_stops_work(self, practices: Visit) -> None:
        """How far down the first finding is, on a phone and on a desk, and how long the page, on a desk."""
        page, get = practices.page, Translator("nl").get
        first = page.locator(".eh-jobs h3").first
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            box = first.bounding_box()
            assert box is not None
            assert box["y"] <= FIRST_FINDING, size
            if size is PHONE:  # in a line that scrolls, the tab that is chosen is seen
                page.locator(".eh-tab").last.press("Enter")
                expect(page.locator(".eh-tab[aria-current]")).to_contain_text(get("audit_page.part.export"))
                within(page, page.locator(".eh-tab[aria-current]"))
                page.locator(".eh-tab").first.click()
                expect(first).to_be_visible()
        for part in ("list", "timeline", "export", "work"):
            turn(page, part)
            assert page.evaluate("() => document.documentElement.scrollHeight") <= LONGEST, part

        # of what is asked for, reading goes on at the first that is new
        page.locator("[data-key=more]").click()
        expect(page.locator("#eh-job-12")).to_be_focused()
        within(page, page.locator("#eh-job-12"))

    def test_every_row_of_an_audit_shows_its_state_and_its_next_step(self, practices: Visit) -> None:
        page = practices.page
        page.set_viewport_size(PHONE)
        turn(page, "list")
        rows = page.get_by_role("row").filter(has=page.get_by_role("rowheader"))
        expect(rows.first).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(
            "() => { const b = document.querySelector('.eh-scroll'); return b.scrollWidth <= b.clientWidth; }"
        )
        for row in rows.all()[:4]:
            within(page, row.locator(".eh-tag"))
            within(page, row.get_by_role("link").last)

    def test_the_name_of_a_bar_stays_beside_it(self, practices: Visit) -> None:
        page = practices.page
        page.set_viewport_size(PHONE)
        turn(page, "timeline")
        chart = page.locator(".eh-scroll:has(> svg)").first
        expect(chart).to_be_visible()
        names = page.locator(".eh-chart-names > span")
        expect(names.first).to_be_visible()
        for place in (0, 10_000):  # the years before, and those to come
            chart.evaluate("(box, place) => { box.scrollLeft = place; }", place)
            within(page, names.first)
            within(page, names.last)
        assert names.count() == page.locator(".eh-scroll svg text.name").count()

    def test_rows_of_tables_are_cards_with_all_their_buttons(self, practices: Visit) -> None:
        get = Translator("nl").get
        page = practices.follow("providers", "lang=nl")
        page.set_viewport_size(PHONE)
        row = page.get_by_role("row").nth(1)
        expect(row).to_be_visible()
        within(page, row.get_by_role("link").first)
        within(page, row.get_by_role("link").last)
        within(page, row.locator(".eh-tag").last)
        expect(row.get_by_text(get("providers.column.certificate"), exact=True)).to_be_visible()
        assert page.evaluate("() => document.querySelector('.eh-scroll').scrollWidth <= innerWidth")
        # It is heard as the table that it is.
        expect(page.get_by_role("columnheader", name=get("providers.column.niss"))).to_have_count(1)
        expect(row.get_by_role("rowheader")).to_have_count(1)

        page = practices.follow("trainer", "lang=nl")
        title(page, get("trainer.title"))
        for button in page.get_by_role("table").first.get_by_role("button").all()[:2]:
            within(page, button)


def test_in_the_system_s_colours_the_step_and_the_switches_are_seen(serving: Serving, visit: Windows) -> None:
    certificate_in(serving.home, "Kine-2026")
    get = Translator("fr").get
    window = visit(serving, forced_colors="active")
    page = window.open("complete", {"lang": "fr"})
    title(page, get("complete.choose.title"))
    number = page.locator(".eh-stepper [aria-current] .eh-step-n")
    assert colour(number, "background-color") != colour(page.locator("body"), "background-color")
    assert colour(number, "color") != colour(number, "background-color")
    # And one card alone is round at all its corners, which its list clips.
    expect(page.locator(".eh-choice")).to_have_count(1)
    only = page.locator(".eh-choices")
    assert colour(only, "overflow-x") == "clip"
    corners = {colour(only, f"border-{corner}-radius") for corner in ("top-left", "top-right", "bottom-left")}
    assert len(corners) == 1
    assert corners != {"0px"}

    window.follow("trainer", "lang=fr")
    title(page, get("trainer.title"))
    for on in (False, True):
        switch = page.get_by_role("switch").first
        if on:
            switch.check()
        assert switch.is_checked() is on
        knob = colour(switch, "background-color", "::after")
        assert knob != colour(switch, "background-color")
