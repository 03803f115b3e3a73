"""A language of tests: of each text the longest of the four, so that what has room for it has room for all of them.

`Longest` stands in for gettext's catalogues, at their edge, as `tests.browser.lengthened_texts` does.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from typing import Any
from unittest import mock

from ehtoolkit import i18n
from ehtoolkit.i18n import LANGUAGES


class Longest(gettext.NullTranslations):
    """The catalogues of one domain."""

    def __init__(self, catalogues: Sequence[gettext.NullTranslations]) -> None:
        super().__init__()
        self._catalogues = catalogues

    def gettext(self, message: str) -> str:
        return max((catalogue.gettext(message) for catalogue in self._catalogues), key=len)


def install() -> None:
    """From now on this process reads our catalogues so."""
    read = gettext.translation

    def translation(domain: str, localedir: Any = None, *_: Any, **__: Any) -> gettext.NullTranslations:
        return Longest([read(domain, localedir, languages=[language]) for language in LANGUAGES])

    mock.patch.object(gettext, "translation", translation).start()
    i18n._catalogue.cache_clear()
