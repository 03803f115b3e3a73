"""Keep a secret text, such as the token of the server, out of all logs."""

from __future__ import annotations

import logging


class RedactFilter(logging.Filter):
    """Redacts a text from all log records, tracebacks included."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  # a filter that raises would raise at the library that logs
            message = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        record.msg, record.args = message.replace(self._text, "…"), None
        if record.exc_info:
            formatted = logging.Formatter().formatException(record.exc_info)
            record.exc_text, record.exc_info = formatted.replace(self._text, "…"), None
        return True


def keep_out_of_logs(token: str) -> None:
    """Have no handler of this process write ``token``: libraries log addresses, and it may be in one."""
    loggers = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    handlers = {handler for logger in loggers for handler in logger.handlers}
    for handler in (*handlers, *filter(None, [logging.lastResort])):
        handler.addFilter(RedactFilter(token))
