"""Keeps what a page sends out of the kernel's logs.

At level DEBUG ipykernel and comm write down every message that reaches a widget, whole, and one of them carries a
PIN or a password. The rest of the log at that level stays as it was.

It is also the one module that uses an undocumented part of comm: its logger ``Comm``. Without the filter, the log has
passwords. No upstream issue found. `tests/forms/test_unlogged.py` fails when messages reach the log.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from IPython.core.getipython import get_ipython

_COMM: Final = "Comm"
"""comm's logger."""


class _NothingOfMessages(logging.Filter):
    """Passes what is said on purpose; what both loggers say at DEBUG is their messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG


_FILTER: Final = _NothingOfMessages()


def filter_message_logs() -> None:
    """Keep the messages of widgets out of the logs of this process; doing it again changes nothing."""
    logging.getLogger(_COMM).addFilter(_FILTER)
    kernel: Any = getattr(get_ipython(), "kernel", None)
    if kernel is not None:
        getattr(kernel.log, "logger", kernel.log).addFilter(_FILTER)
