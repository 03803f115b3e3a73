"""Sentences for people, in French, Dutch, German and English, from keys and facts.

One catalogue per kind of text under ``locale/<language>/LC_MESSAGES``: the part of a key before the first
dot names it (``error.pin_wrong`` is in ``error.po``). A key is a stable name, never an English sentence, so
the four languages are equal and a test can compare them. Placeholders are ``{name}``, plain names only, and commands:
``{command:keystore rename}``, which stands in quotation marks, and ``{command_line:ehtoolkit keystore rename}``, which
stands without. On pages, both are the name of the page that does the same, in quotation marks. A text ``=KEY`` is that
of KEY (`hatch_build.read_catalogues`).
"""

from __future__ import annotations

import gettext
import os
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import TYPE_CHECKING, Final, Literal

from ehtoolkit import errors
from ehtoolkit.clock import BRUSSELS as BRUSSELS
from ehtoolkit.clock import in_brussels as in_brussels
from ehtoolkit.type_errors import checked_choice

if TYPE_CHECKING:  # settings take their time, and --help needs sentences
    from ehtoolkit.settings import LanguageName
from ehtoolkit.system.text_safety import printable

LANGUAGES: Final[tuple[LanguageName, ...]] = ("fr", "nl", "de", "en")
VARIANT_FACTS: Final = ("reason", "kind", "field", "setting", "state", "code", "operation")
"""The facts of an error whose value names a variant of its sentence; an earlier one wins."""

PAGES_OF: Final[Mapping[str, str]] = {
    "certificate request": "request",
    "certificate complete": "complete",
    "certificate renew": "renew",
    "certificate activate": "activate",
    "certificate revoke": "revoke",
    "certificate status": "troubleshoot",
    "certificate actors": "request",
    "keystore passwd": "password",
    "keystore ": "troubleshoot",
    "etk show": "troubleshoot",
    "etk save": "troubleshoot",
    "provider ": "providers",
    "training ": "trainer",
    "doctor": "doctor",
}
"""Commands by their beginnings, and the pages that do the same; the first that fits is used."""
COMMAND: Final = re.compile(r"\{(command|command_line):([^{}]*)\}")
"""A command that a sentence declares."""
_QUOTES: Final = {"en": ("“", "”"), "fr": ("«\u00a0", "\u00a0»"), "nl": ("‘", "’"), "de": ("„", "“")}
_MOMENTS: Final[Mapping[LanguageName, str]] = {
    "fr": "{day} à {time}",
    "nl": "{day} om {time}",
    "de": "{day} um {time} Uhr",
    "en": "{day} at {time}",
}


@cache
def _catalogue(domain: str, language: LanguageName) -> gettext.NullTranslations:
    folder = files("ehtoolkit").joinpath("locale")
    # A page that someone else has made may have no catalogue: it knows no key then.
    return gettext.translation(domain, localedir=str(folder), languages=[language], fallback=True)


class Translator:
    """All texts in one language. ``on_pages``: they are shown on a page: a sentence ``<key>.page`` overrides that of
    ``<key>``, and commands are replaced by the name of the page that does the same.

    >>> from ehtoolkit import Translator, errors
    >>> Translator("en").error(errors.PinNeeded())
    'The PIN code of the card is required and was not given.'
    """

    def __init__(self, language: LanguageName, *, on_pages: bool = False) -> None:
        checked_choice("language", language, LANGUAGES)
        self.language: LanguageName = language
        self.on_pages = on_pages

    def has(self, key: str) -> bool:
        """Return whether the catalogue knows ``key``."""
        return self._find(key) is not None

    def page_title(self, page: str) -> str:
        """Return the title of a page by the name of its notebook: a short one of its own, else that of the form or
        tool, else what the first page calls it; empty for a page that there is not."""
        texts = page.replace("-", "_")
        keys = (f"page.title.{page}", f"{texts}.caption", f"{texts}.title", f"index.{page}")
        return next((self.get(key) for key in keys if page and self.has(key)), "")

    def get(self, key: str, /, **facts: object) -> str:
        """Return the sentence of ``key`` with its facts filled in; dates are written out in this language.

        Each fact is put on one line, without control characters: a name in a file cannot add a line that looks like
        ours.

        Raises `errors.TextMissing`, a ``KeyError``, for a key that no catalogue has: that is a bug, found by the tests.
        """
        return self._text(key).format_map({name: self._show(value) for name, value in facts.items()})

    def counted(self, key: str, count: int, /, **facts: object) -> str:
        """Return the sentence of ``key.one`` or ``key.many``, with ``{count}`` filled in, as this language counts:
        French says one of nothing too.

        The rules are those of gettext's plural forms. Raises as `get` does.
        """
        from babel import Locale

        is_singular = Locale.parse(self.language).plural_form(count) == "one"
        return self.get(f"{key}.{'one' if is_singular else 'many'}", count=count, **facts)

    def error(self, error: errors.EhToolkitError) -> str:
        """Return what happened, as a sentence. A key of the form ``error.<key>.<variant>`` wins, where the variant
        is the value of a fact of `VARIANT_FACTS`, or the name of a fact that is not always known and this time
        is. A variant that needs a fact that is missing is skipped."""
        return self.get(self.error_key(error), **error.facts)

    def error_key(self, error: errors.EhToolkitError) -> str:
        """Return the key of the sentence that `error` returns."""
        return self._variant(f"error.{error.key}", error.facts)

    def without_facts(self, key: str, /, **known: object) -> str:
        """Return the sentence of ``key`` with an ellipsis for each of its facts that is not ``known``. Raises as `get`
        does."""
        text = self._text(key)
        shown = {name: "…" for _, name, _, _ in Formatter().parse(text) if name}
        return text.format_map({**shown, **{name: self._show(value) for name, value in known.items()}})

    def next_step(self, error: errors.EhToolkitError) -> str:
        """Return what to do about it; a variant without a next step of its own has the general one."""
        general = f"error.{error.key}"
        variant = self._variant(general, error.facts) + ".next"
        return self.get(variant if self.has(variant) else f"{general}.next", **error.facts)

    def short_date(self, value: date) -> str:
        """Return a day where there is little room: ``24 nov. 2026``. A moment is first put on a Brussels calendar."""
        return _day(value, "medium", self.language)

    def date(self, value: date) -> str:
        """Return a day, written out: ``24 novembre 2026``. A moment is first put on a Brussels calendar."""
        return _day(value, "long", self.language)

    def moment(self, value: datetime) -> str:
        """Return a day and a time of day in Brussels: ``24 novembre 2026 à 10:12``."""
        local = in_brussels(value)
        return _MOMENTS[self.language].format(day=self.date(local), time=f"{local:%H:%M}")

    def labelled(self, label: str, text: str) -> str:
        """Return ``text`` behind its label and a colon; French sets a no-break space before the colon.

        >>> Translator("en").labelled("Renew", "Élise Vandamme")
        'Renew: Élise Vandamme'
        """
        space = "\u00a0" if self.language == "fr" else ""
        return f"{label}{space}: {text}"

    def _variant(self, key: str, facts: Mapping[str, object]) -> str:
        values = [str(facts[name]) for name in VARIANT_FACTS if name in facts]
        known = [name for name, value in facts.items() if value is not None]
        variants = (f"{key}.{variant}" for variant in (*values, *known))
        return next((variant for variant in variants if self._fits(variant, facts)), key)

    def _fits(self, key: str, facts: Mapping[str, object]) -> bool:
        """Return whether there is a sentence of ``key``, and ``facts`` fill it and its next step in."""
        texts = (self._find(key), self._find(f"{key}.next"))
        named = {name for text in texts if text for _, name, _, _ in Formatter().parse(text) if name}
        return texts[0] is not None and named <= facts.keys()

    def _text(self, key: str) -> str:
        text = self._find(key)
        if text is None:
            raise errors.TextMissing(text=key)
        return text

    def _find(self, key: str) -> str | None:
        text = _written(f"{key}.page", self.language) if self.on_pages else None
        text = text or _written(key, self.language)
        return None if text is None else _with_commands(text, self.language, on_pages=self.on_pages)

    def _show(self, value: object) -> str:
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.date(value)
        if isinstance(value, StrEnum):
            from ehtoolkit.identity import Environment

            if isinstance(value, Environment):
                return self.get(f"finding.word.{value}")
        return "" if value is None else printable(str(value))


def _day(value: date, form: Literal["medium", "long"], language: LanguageName) -> str:
    from babel.dates import format_date

    day = in_brussels(value).date() if isinstance(value, datetime) else value
    text = format_date(day, format=form, locale="en_GB" if language == "en" else language)
    # The first of a month is the only one that French counts; Babel does not know.
    return text.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else text


def _written(key: str, language: LanguageName) -> str | None:
    text = _catalogue(key.partition(".")[0], language).gettext(key)
    return None if text == key else text


@cache
def _with_commands(text: str, language: LanguageName, *, on_pages: bool) -> str:
    """Return ``text`` with the commands that it declares, or with the names of pages instead."""

    def shown(found: re.Match[str]) -> str:
        kind, command = found.groups()
        if not on_pages:
            return command
        start = command.removeprefix("ehtoolkit ")
        page = next(page for begin, page in PAGES_OF.items() if start.startswith(begin))
        name = _written(f"index.{page}", language) or command
        return name if kind == "command" else name.join(_QUOTES[language])

    return COMMAND.sub(shown, text)


def search_key(text: str) -> str:
    """Return ``text`` without accents and capitals, as it is searched and sorted."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def language_of(*languages: str | None) -> LanguageName:
    """Return the first of ``languages`` that has a translation, then the terminal's, else English.

    ``languages``: names such as ``nl-BE``, ``fr_BE.UTF-8`` or ``de,en;q=0.8``.
    """
    terminal = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    for language in (*languages, *terminal):
        for part in (language or "").split(","):
            code = part.strip().lower()[:2]
            if code in LANGUAGES:
                return code
    return "en"


def texts_of_settings() -> Translator:
    """Return the translator for the language of the settings, else of the terminal: a notebook has no other wish."""
    from ehtoolkit.settings import load_settings

    try:
        language = load_settings().language
    except errors.SettingInvalid:
        language = None
    return Translator(language_of(language))
