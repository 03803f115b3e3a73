"""Sentences for people, in French, Dutch, German and English, from keys and facts.

One catalogue per kind of text under ``locale/<language>/LC_MESSAGES``: the part of a key before the first
dot names it (``error.pin_wrong`` is in ``error.po``). A key is a stable name, never an English sentence, so
the four languages are equal and a test can compare them. Placeholders are ``{name}``, plain names only.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Final, get_args
from zoneinfo import ZoneInfo

from ehtoolkit import errors
from ehtoolkit.settings import LanguageName

LANGUAGES: Final[tuple[LanguageName, ...]] = get_args(LanguageName)
BRUSSELS: Final = ZoneInfo("Europe/Brussels")
TELLING: Final = ("reason", "kind", "field", "setting", "state", "code", "operation")
"""The facts of an error whose value names a variant of its sentence; an earlier one wins."""


@cache
def _catalogue(domain: str, language: LanguageName) -> gettext.NullTranslations:
    folder = files("ehtoolkit").joinpath("locale")
    return gettext.translation(domain, localedir=str(folder), languages=[language])


class Texts:
    """All texts in one language."""

    def __init__(self, language: LanguageName) -> None:
        self.language: LanguageName = language

    def has(self, key: str) -> bool:
        """Whether the catalogue knows ``key``."""
        return self._find(key) is not None

    def get(self, key: str, /, **facts: object) -> str:
        """The sentence of ``key`` with its facts filled in; dates are written out in this language.

        Raises ``KeyError`` for a key that no catalogue has: that is a bug, found by the tests.
        """
        text = self._find(key)
        if text is None:
            raise KeyError(key)
        return text.format_map({name: self._show(value) for name, value in facts.items()})

    def error(self, error: errors.EhToolkitError) -> str:
        """What happened, as a sentence. A key of the form ``error.<key>.<variant>`` wins, where the variant
        is the value of a fact of `TELLING`, or the name of a fact that is not always known and this time
        is."""
        return self.get(self._variant(f"error.{error.key}", error.facts), **error.facts)

    def next_step(self, error: errors.EhToolkitError) -> str:
        """What to do about it; a variant without a next step of its own has the general one."""
        general = f"error.{error.key}"
        variant = self._variant(general, error.facts) + ".next"
        return self.get(variant if self.has(variant) else f"{general}.next", **error.facts)

    def date(self, value: date) -> str:
        """A day, written out: ``24 novembre 2026``. A moment is first put on a Brussels calendar."""
        from babel.dates import format_date

        day = value.astimezone(BRUSSELS).date() if isinstance(value, datetime) else value
        text = format_date(day, format="long", locale="en_GB" if self.language == "en" else self.language)
        # The first of a month is the only one that French counts; Babel's long form does not know.
        return text.replace("1 ", "1er ", 1) if self.language == "fr" and day.day == 1 else text

    def moment(self, value: datetime) -> str:
        """A day and a time of day in Brussels: ``24 novembre 2026, 10:12``."""
        local = value.astimezone(BRUSSELS)
        return f"{self.date(local)}, {local:%H:%M}"

    def _variant(self, key: str, facts: Mapping[str, object]) -> str:
        values = [str(facts[name]) for name in TELLING if name in facts]
        known = [name for name, value in facts.items() if value is not None]
        variants = (f"{key}.{variant}" for variant in (*values, *known))
        return next((variant for variant in variants if self.has(variant)), key)

    def _find(self, key: str) -> str | None:
        text = _catalogue(key.partition(".")[0], self.language).gettext(key)
        return None if text == key else text

    def _show(self, value: object) -> str:
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.date(value)
        return "" if value is None else str(value)


def language_of(*wishes: str | None) -> LanguageName:
    """The first of ``wishes`` that we speak (``nl-BE``, ``fr_BE.UTF-8``, ``de,en;q=0.8`` are understood);
    then the terminal's; else English."""
    terminal = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    for wish in (*wishes, *terminal):
        for part in (wish or "").split(","):
            code = part.strip().lower()[:2]
            for language in LANGUAGES:
                if code == language:
                    return language
    return "en"
