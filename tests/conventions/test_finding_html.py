"""Findings as HTML: made in one module, for every page, report and notebook."""

from __future__ import annotations

from pathlib import Path

import ehtoolkit
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.finding_html import finding_item, findings_html, level_word
from ehtoolkit.html import element
from ehtoolkit.i18n import Translator

TEXTS = Translator("en")


def test_no_other_module_makes_one() -> None:
    root = Path(ehtoolkit.__file__).parent
    makers = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if any(name in path.read_text("utf-8") for name in ("eh-finding-title", "eh-finding-level"))
    ]
    assert makers == ["finding_html.py"]


def test_text_is_escaped_and_html_is_kept() -> None:
    html = finding_item(
        Severity.WARNING,
        "<b>title</b>",
        "a line & more",
        "",
        step="do <this>",
        note=element("p", "place", class_="eh-note"),
        level=level_word(Severity.WARNING, TEXTS),
        sign=lambda look: element("i", look),
        action=element("div", "button"),
    )

    assert html == (
        '<li class="eh-finding eh-is-warn"><i>warn</i><div class="eh-finding-body"><p class="eh-finding-title">'
        '<span class="eh-finding-level">Warning. </span>&lt;b&gt;title&lt;/b&gt;</p><p>a line &amp; more</p>'
        '<p>do &lt;this&gt;</p><p class="eh-note">place</p></div><div>button</div></li>'
    )


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    assert "do this" not in finding_item(Severity.OK, "fine", step="do this")


def test_a_notebook_gets_no_control_character() -> None:
    shown = findings_html(
        [Finding("depot_ours", Severity.OK, {"serial": "<1>\u202e\x07"}, "standing")], TEXTS
    )

    assert "&lt;1&gt;\ufffd\ufffd" in shown
