"""What a page sends is not in the kernel's log, whatever its level."""

from __future__ import annotations

import logging

import pytest

from ehtoolkit.forms.unlogged import keep_messages_out_of_logs
from ehtoolkit.forms.widgets import SecretField


def test_messages_of_widgets_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "Comm")
    field = SecretField("pin", "PIN")
    keep_messages_out_of_logs()  # again: nothing changes

    content = {"data": {"method": "custom", "content": {"secrets": {"pin": "907341"}}}}
    field.comm.handle_msg({"content": content, "buffers": []})
    logging.getLogger("Comm").warning("No such comm: %s", "1")

    assert caplog.messages == ["No such comm: 1"]
