"""What a page sends is not in the kernel's log, whatever its level."""

from __future__ import annotations

import logging

import pytest

from ehtoolkit.forms.log_filter import filter_message_logs
from ehtoolkit.forms.widgets.fields import SecretField


def test_messages_of_widgets_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "Comm")
    field = SecretField("pin", "PIN")
    filter_message_logs()  # again: nothing changes

    content = {"data": {"method": "custom", "content": {"secrets": {"pin": "907341"}}}}
    field.comm.handle_msg({"content": content, "buffers": []})
    logging.getLogger("Comm").warning("No such comm: %s", "1")

    assert caplog.messages == ["No such comm: 1"]
