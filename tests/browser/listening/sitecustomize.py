"""Loaded by every Python of the secret search, before anything else: nothing that is logged escapes it.

``EH_LISTENING`` names the folder that gets the records of every logger at every level, whatever the programs set, a
file for each process. ``EH_FAULT`` is a word: a key derivation whose password holds it fails as a careless library
would, with the password in its text.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

_FOLDER = Path(os.environ["EH_LISTENING"])
_FAULT = os.environ.get("EH_FAULT", "").encode()

_handler = logging.FileHandler(_FOLDER / f"{os.getpid()}.log", encoding="utf-8", delay=True)
_handler.setFormatter(
    logging.Formatter("%(asctime)s %(name)s %(levelname)s %(pathname)s:%(lineno)d %(message)s")
)
_call_handlers = logging.Logger.callHandlers


def _listen(self: logging.Logger, record: logging.LogRecord) -> None:
    _handler.handle(record)
    if record.levelno >= logging.WARNING:  # a kernel sends to its page what goes to standard error
        _call_handlers(self, record)


logging.Logger.getEffectiveLevel = lambda self: 1  # type: ignore[method-assign]
logging.Logger.callHandlers = _listen  # type: ignore[method-assign]

_derive = hashlib.pbkdf2_hmac


def _fail_at_the_word(hash_name: str, password: Any, *rest: Any, **named: Any) -> bytes:
    if _FAULT and _FAULT in bytes(password):
        raise RuntimeError(f"cannot derive a key from {bytes(password)!r}")
    return _derive(hash_name, password, *rest, **named)


hashlib.pbkdf2_hmac = _fail_at_the_word
