"""Markup: whatever is a value comes out as text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit.forms import html
from ehtoolkit.forms.html import ICONS, svg
from ehtoolkit.i18n import Translator

HOSTILE = "<img src=x onerror=\"alert('1')\">&amp;"


class Reader(HTMLParser):
    """Collects the tags and the text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: html.Markup) -> Reader:
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize(
    "made",
    [
        html.paragraph(HOSTILE),
        html.heading(HOSTILE, 3),
        html.mono(HOSTILE),
        html.link(HOSTILE, "index.ipynb", label=HOSTILE),
        html.panel("warn", HOSTILE, HOSTILE),
        html.tag("ok", HOSTILE),
        html.checks([("danger", HOSTILE)]),
        html.summary([(HOSTILE, html.with_hint(HOSTILE, HOSTILE))]),
        html.timeline(
            [html.Event(HOSTILE, [HOSTILE], state="now"), html.Event(HOSTILE, state="done")], Translator("en")
        ),
        html.details(HOSTILE, HOSTILE),
        html.card(HOSTILE),
        html.element("div", HOSTILE, title=HOSTILE),
    ],
)
def test_a_value_is_never_markup(made: html.Markup) -> None:
    reader = read(made)

    assert "img" not in reader.tags
    assert HOSTILE in reader.text


@given(st.text())
def test_text_survives_as_it_is(text: str) -> None:
    made = html.element("p", text, title=text)

    # A parser reads carriage returns as line feeds and drops nothing else.
    assert read(made).text == text


def test_a_link_keeps_its_quotes_inside() -> None:
    made = str(html.link("x", 'complete.ipynb?keystore="><script>'))

    assert "<script" not in made
    assert made.count('"') == 2


def test_a_widget_shows_what_it_was_given() -> None:
    widget = html.show(html.heading("A & B"), "<i>")

    assert widget.value == '<h2 class="eh-h2">A &amp; B</h2>&lt;i&gt;'


def test_icons_are_hidden_from_screen_readers() -> None:
    for name in ICONS:
        assert 'aria-hidden="true"' in svg(name)
        assert read(html.svg(name)).tags[0] == "svg"
    assert svg("") == ""


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        svg("unknown")
