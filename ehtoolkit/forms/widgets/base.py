"""What widgets have in common: the browser's half of each as package data, messages from the browser, and fields.

It is also the one module that uses undocumented parts of anywidget:

- ``_anywidget_id``, and ``add_traits`` by which anywidget adds that and the script to each widget: without them,
  traitlets makes a class for each widget, which is half of its cost, and a page has many. Upstream:
  ipython/traitlets#500.

`tests/unit/forms/test_esm.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from anywidget import AnyWidget
from traitlets import TraitType, Unicode

from ehtoolkit.forms.html import svg


def script(*names: str) -> str:
    """Return the ECMAScript module of a widget, from its parts behind the one that all share; the last has what it
    exports."""
    folder = files("ehtoolkit.forms.widgets").joinpath("static")
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in ("dom", *names))


def esm(*names: str) -> Any:
    """Return the module that `script` makes of the same parts, as the trait ``_esm`` of an `EsmWidget`."""
    return Unicode(script(*names)).tag(sync=True)


class EsmWidget(AnyWidget):  # type: ignore[misc]
    """A widget whose module and id are traits of its class."""

    _anywidget_id: str = Unicode().tag(sync=True)

    def __init__(self, **state: Any) -> None:
        """Make the widget. ``state``: by the names of its traits. Raises `TypeError` for a name that it does not
        have."""
        kind, unknown = type(self), [name for name in state if not self.has_trait(name)]
        if unknown:
            raise TypeError(f"{kind.__name__} has no {', '.join(unknown)}")
        super().__init__(_anywidget_id=f"{kind.__module__}.{kind.__name__}", **state)

    def add_traits(self, **traits: TraitType[Any, Any]) -> None:
        """Add those of ``traits`` that the class does not have."""
        missing = {name: trait for name, trait in traits.items() if not self.has_trait(name)}
        if missing:
            super().add_traits(**missing)


class MessageWidget(EsmWidget):
    """A widget to which the browser sends messages. Each has an ``action`` and the facts of that action."""

    def __init__(self, **state: Any) -> None:
        self._listeners: dict[str, tuple[Callable[..., None], dict[str, type]]] = {}
        super().__init__(**state)
        self.on_msg(self._dispatch)

    def _listen(self, action: str, listener: Callable[..., None], **facts: type) -> None:
        """Call ``listener`` with the ``facts`` of each message ``action``, in this order; it replaces the listener
        before. ``buffers``, a list, are the bytes of the message. A message in which a fact is missing or has another
        type is ignored."""
        self._listeners[action] = (listener, facts)

    def _dispatch(self, _: object, content: dict[str, Any], buffers: list[Any]) -> None:
        try:
            self._receive(content, buffers)
        finally:
            buffers.clear()  # the kernel keeps a message until the next one comes

    def _receive(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """Handle a message; a subclass whose messages have other actions overrides this."""
        listener, facts = self._listeners.get(str(content.get("action")), (None, {}))
        values = [buffers if name == "buffers" else content.get(name) for name in facts]
        if listener is not None and all(map(isinstance, values, facts.values())):
            listener(*values)


class Field(EsmWidget):
    """A control with its label, hint and error.

    Attributes:
        name: unique on its page: values are collected, and errors shown, under it.
    """

    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    error: str = Unicode().tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(svg("danger")).tag(sync=True)

    def __init__(self, name: str, label: str, **state: Any) -> None:
        super().__init__(name=name, label=label, **state)
