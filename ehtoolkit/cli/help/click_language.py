"""The language of click's own messages, which are in the catalogue ``click``.

It is the one part that knows click's English sentences: gettext finds a translation by them. Where a version of click
has another sentence, users read it in English, and `tests/unit/cli/test_usage.py` fails. No upstream issue found.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # settings take their time, and --help does not need them
    from ehtoolkit.settings import LanguageName

_VARIABLE: Final = "LANGUAGE"
"""gettext reads it first."""


@contextmanager
def click_language(language: LanguageName) -> Iterator[None]:
    """Have click write its messages in ``language`` in the block. Programs that a command starts do not notice:
    commands run outside of it."""
    domain, before = gettext.textdomain(), os.environ.get(_VARIABLE)
    gettext.bindtextdomain("click", str(files("ehtoolkit").joinpath("locale")))
    gettext.textdomain("click")
    os.environ[_VARIABLE] = language
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before
