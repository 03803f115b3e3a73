"""Layouts and styles that widgets share: how many a page has, and that none goes with one of its widgets."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ehtoolkit import forms
from ehtoolkit.forms.html import show
from ehtoolkit.forms.layout import close, column, hideable, is_shared, set_visible, usual_layout
from ehtoolkit.forms.widgets import CheckField
from tests.support.ipywidgets_internals import open_widgets

HIDEABLE = {"trainer": 3}
"""Widgets that are hidden and shown, by page."""


@pytest.fixture
def made() -> Iterator[Callable[[], Counter[str]]]:
    """Counts the widgets that this test has made, by class."""
    others = set(open_widgets())

    def count() -> Counter[str]:
        return Counter(type(widget).__name__ for name, widget in open_widgets().items() if name not in others)

    yield count
    for name in open_widgets().keys() - others:
        if not is_shared(open_widgets()[name]):
            open_widgets()[name].close()


@pytest.mark.parametrize("page", ["index", "request", "troubleshoot", "trainer", "audit"])
def test_a_page_has_few_layouts_and_one_style(
    page: str, made: Callable[[], Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/1")
    forms.PAGES[page]()
    found = made()
    assert found.total() > 10
    assert found["HTMLStyle"] <= 1
    assert found["Layout"] <= 1 + HIDEABLE.get(page, 0)


def test_who_changes_the_layout_of_a_form_in_a_notebook_changes_no_other_widget() -> None:
    form = forms.PAGES["request"]()
    form.layout.width = "80%"
    assert usual_layout().width is None
    assert not is_shared(form.layout)


def test_what_is_closed_takes_no_layout_along() -> None:
    first, second = show("one"), CheckField("two", "two")
    box = column(of=[first, second])
    close(box)
    assert first.comm is second.comm is box.comm is None
    assert usual_layout() is first.layout is second.layout
    assert first.layout.comm is not None


CLOSED = """
from ipywidgets import Widget
from ehtoolkit.forms.html import show
from ehtoolkit.forms.layout import is_shared, usual_layout

before = show("one").layout
Widget.close_all()
after = show("one").layout
assert after is usual_layout() is not before
assert after.comm is not None
assert show("two").get_state()["layout"].endswith(after.model_id)
assert is_shared(after)
assert not is_shared(before)
"""
"""In a process of its own: widgets of other tests would be closed, too."""


def test_a_closed_widget_is_made_again() -> None:
    done = subprocess.run([sys.executable, "-c", CLOSED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_out_of_sight_and_back() -> None:
    field = hideable(CheckField("name", "label"))
    set_visible(field, False)
    assert field.layout.display == "none"
    assert CheckField("other", "label").layout.display is None
    set_visible(field, True)
    assert field.layout.display == ""


def test_what_has_every_widget_s_layout_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="every widget"):
        set_visible(CheckField("name", "label"), False)


def test_no_form_changes_a_layout_itself() -> None:
    """It could be every widget's."""
    folder = Path(forms.__file__).parent
    changing = [
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if ".layout."
        in re.sub(r"^(from|import) .*$|forms\.layout", "", path.read_text(encoding="utf-8"), flags=re.M)
    ]
    assert changing == ["layout.py"]
