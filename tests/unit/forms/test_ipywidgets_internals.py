"""The undocumented parts of ipywidgets are there, and mean what `ipywidgets_internals` takes them for."""

from __future__ import annotations

from ipywidgets import HTML

from ehtoolkit.forms.ipywidgets_internals import on_close
from tests.support.ipywidgets_internals import open_widgets, send_to


def test_a_widget_loses_its_comm_when_it_is_closed() -> None:
    widget, closed = HTML("a"), []
    on_close(widget, lambda: closed.append(True))
    assert widget.comm is not None
    assert closed == []
    widget.close()
    assert widget.comm is None
    assert closed == [True]


def test_open_widgets_are_those_that_are_not_closed() -> None:
    widget = HTML("a")
    name = widget.model_id
    assert open_widgets()[name] is widget
    widget.close()
    assert name not in open_widgets()


def test_a_message_reaches_its_listener() -> None:
    received: list[tuple[object, object]] = []
    widget = HTML("a")
    widget.on_msg(lambda _, content, buffers: received.append((content, buffers)))
    send_to(widget, {"action": "go"}, [b"x"])
    assert received == [({"action": "go"}, [b"x"])]
    widget.close()
