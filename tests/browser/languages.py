"""In which languages a walk is walked: one in the short run, by form another one; the others in the long run."""

from __future__ import annotations

import pytest

from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName


def short_in(*short: LanguageName) -> list[object]:
    """All languages as parameters of a test; those that are not ``short`` are for the long run alone."""
    return [
        language if language in short else pytest.param(language, marks=pytest.mark.long)
        for language in LANGUAGES
    ]
