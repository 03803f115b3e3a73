"""The table against the guide: every numbered step has a line, and every place that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from ehtoolkit import forms
from ehtoolkit.forms import registry
from ehtoolkit.forms.providers.record import PARTS
from tests.browser.effort import comparisons

TABLE = Path(__file__).resolve().parents[1] / "docs" / "design" / "GUIDE_STEPS.md"
STEPS = {
    "1.1": 17,
    "1.2": 7,
    "1.3": 6,
    "1.3, second list": 6,
    "2.1": 21,
    "2.2": 9,
    "2.3": 9,
    "2.4": 6,
    "3.1": 17,
}
"""How many numbered steps each procedure of the guide has."""
_LINE = re.compile(r"\| (\d+) \| ([^|]+) \| (?:–|`([^`]+)`) \| ([^|]+) \|")


def lines() -> dict[str, list[tuple[str, str | None]]]:
    """By section, the number of each line and the place that it names."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for section in TABLE.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = re.match(r"\d\.\d(?:, second list)?", section)
        if heading is not None:
            found[heading[0]] = [(one[1], one[3]) for one in map(_LINE.match, section.splitlines()) if one]
    return found


def test_every_step_of_the_guide_has_its_line() -> None:
    numbers = {section: [number for number, _ in found] for section, found in lines().items()}
    assert numbers == {section: [str(n + 1) for n in range(count)] for section, count in STEPS.items()}


def test_every_place_is_there() -> None:
    places = {place for found in lines().values() for _, place in found if place is not None}
    assert len(places) > 30
    there = set(forms.PAGES)
    there |= {f"{form.name}/{one.name}" for form in registry.FORMS.values() for one in form.steps}
    there |= {f"{form.name}/done" for form in registry.FORMS.values()}
    there |= {f"providers/{part}" for part in PARTS}
    assert places - there == set()


def test_no_form_asks_for_more_than_the_guide() -> None:
    """What the walks count, in tests/browser, is what the table says of here."""
    table = comparisons()
    assert set(table) == {"request", "complete", "renew", "complete_renewal", "activate", "revoke"}
    for form, one in table.items():
        assert one.guide.clicks == len(one.steps), form
        assert one.here.clicks <= one.guide.clicks, form
        assert one.here.fields <= one.guide.fields, form
