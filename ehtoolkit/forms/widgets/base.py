"""What widgets have in common: messages from the browser, and fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Unicode

from ehtoolkit.forms.icons import icon
from ehtoolkit.forms.widgets.esm import EsmWidget


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

    ``name`` is unique on its page: values are collected, and errors shown, under it.
    """

    name: str = Unicode().tag(sync=True)
    label: str = Unicode().tag(sync=True)
    hint: str = Unicode().tag(sync=True)
    error: str = Unicode().tag(sync=True)
    error_word: str = Unicode().tag(sync=True)
    error_icon: str = Unicode(icon("danger")).tag(sync=True)
