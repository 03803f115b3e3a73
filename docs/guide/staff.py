"""Writes the guides of practice, consultant and trainer from docs/guide/sources/: ``python docs/guide/staff.py``.

The sources are written by hand, one for each language, a page after each line ``=== name``; `FOLDERS` says for whom a
page is. Everything that stands on a screen is taken from the catalogues, so that a guide says what the page says:

``[[index.request]]``
    the words of that key
``[[> request]]``
    a link to that page, by its heading
``{{request-card: steps.card.title}}``
    the picture of that name, described by the words of that key
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName

HERE = Path(__file__).parent
FOLDERS = {"lesson": "trainers", "is-it-the-certificate": "consultants"}
"""The pages that are not for the practice, and where they lie."""
STAFF = "staff"
NAMES = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}
MADE = "<!-- Made by `python docs/guide/staff.py` from docs/guide/sources; do not edit. -->\n"


def pages() -> dict[str, str]:
    """Every page by its path under docs/guide."""
    return {
        f"{folder_of(name)}/{language}/{name}.md": text
        for language in LANGUAGES
        for name, text in guide(language).items()
    }


def folder_of(name: str) -> str:
    """Where a page lies: whom it is for."""
    return FOLDERS.get(name, STAFF)


def guide(language: LanguageName) -> dict[str, str]:
    """The pages of one language by their names."""
    raw = dict(_split((HERE / "sources" / f"{language}.md").read_text(encoding="utf-8")))
    return {name: _page(name, text, raw, language) for name, text in raw.items()}


def _split(source: str) -> Iterator[tuple[str, str]]:
    for part in source.split("=== ")[1:]:
        name, _, text = part.partition("\n")
        yield name.strip(), text.strip() + "\n"


def _page(name: str, text: str, raw: dict[str, str], language: LanguageName) -> str:
    words = Translator(language).get

    def link(found: re.Match[str]) -> str:
        head = raw[found[1]].partition("\n")[0].removeprefix("# ").strip("*")
        title = re.sub(r"\[\[([\w.-]+)\]\]", lambda key: words(key[1]), head)
        return f"[{title}]({_way(name, found[1], language)})"

    def picture(found: re.Match[str]) -> str:
        return f"![{words(found[2])}](../../images/{language}/{found[1]}.webp)"

    text = re.sub(r"\[\[> ([\w-]+)\]\]", link, text)
    text = re.sub(r"\[\[([\w.-]+)\]\]", lambda found: words(found[1]), text)
    text = re.sub(r"\{\{([\w-]+): ([\w.-]+)\}\}", picture, text)
    text = re.sub(r"^# \*\*(.*)\*\*$", r"# \1", text, count=1, flags=re.MULTILINE)
    return f"{MADE}\n{_languages(name, language)}\n\n{text}"


def _languages(name: str, here: LanguageName) -> str:
    """The same page in the other languages, and the way to the first."""
    others = (f"[{NAMES[language]}](../{language}/{name}.md)" for language in LANGUAGES if language != here)
    first = () if name == "README" else (f"[⌂]({_way(name, 'README', here)})",)
    return " · ".join((*first, *others))


def _way(start: str, name: str, language: LanguageName) -> str:
    """From one page to another one of the same language."""
    folder = folder_of(name)
    return f"{name}.md" if folder == folder_of(start) else f"../../{folder}/{language}/{name}.md"


if __name__ == "__main__":
    for path, text in pages().items():
        (HERE / path).parent.mkdir(parents=True, exist_ok=True)
        (HERE / path).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{HERE}\n")
