"""Boxes close what is in them, and widgets are hidden and shown."""

from __future__ import annotations

from ehtoolkit.forms.html import show
from ehtoolkit.forms.layout import close, column, set_visible
from ehtoolkit.forms.widgets.fields import CheckField
from tests.support.ipywidgets_internals import open_widgets


def test_a_box_closes_all_that_is_in_it() -> None:
    before = set(open_widgets())
    close(column(of=[show("one"), CheckField("two", "two")]))
    assert set(open_widgets()) == before


def test_out_of_sight_and_back() -> None:
    field = CheckField("name", "label")
    set_visible(field, False)
    assert field.layout.display == "none"
    set_visible(field, True)
    assert field.layout.display == ""
    close(field)
