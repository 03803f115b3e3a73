"""The undocumented parts of anywidget are there, and mean what `esm` takes them for."""

from __future__ import annotations

import inspect

from anywidget import AnyWidget, _util

from ehtoolkit.forms.widgets.base import EsmWidget, esm


class Plain(AnyWidget):
    _esm = "export default {}"


class Ours(EsmWidget):
    _esm = esm("text")


def test_the_id_is_called_so() -> None:
    assert _util._ANYWIDGET_ID_KEY == "_anywidget_id"
    widget = Plain()
    assert widget._anywidget_id == f"{__name__}.Plain"
    widget.close()


def test_the_traits_of_each_widget_are_added_by_add_traits() -> None:
    assert "self.add_traits(**anywidget_traits)" in inspect.getsource(AnyWidget.__init__)
    widget = Plain()
    assert type(widget) is not Plain
    widget.close()


def test_a_widget_of_ours_has_its_traits_from_its_class() -> None:
    widget = Ours()
    assert type(widget) is Ours
    assert widget._anywidget_id == f"{__name__}.Ours"
    assert widget.get_state()["_anywidget_id"] == f"{__name__}.Ours"
    assert "export" in widget.get_state()["_esm"]
    widget.close()
