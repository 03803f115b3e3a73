"""The undocumented part of signxml that signatures use: the name of its logger.

Without the limit, the log at level DEBUG has every canonical form, with all the names and numbers in it. No upstream
issue found. `tests/unit/ehealth/test_signxml_internals.py` fails when the name changes.
"""

from __future__ import annotations

import logging
from typing import Final

LOGGER: Final = "signxml"


def log_no_messages() -> None:
    """Keep signed messages out of the log."""
    logging.getLogger(LOGGER).setLevel(logging.WARNING)
