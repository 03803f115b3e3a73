"""The manual in the program: the guide's pages in the reader's language, as HTML, with their pictures and a search."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import mistune
from markupsafe import Markup, escape

from ehtoolkit.settings import LanguageName

FRONT: Final = "README"
"""The guide's first page, and the one that has no form."""
FOLDERS: Final = ("staff", "consultants", "trainers")
"""Of the guide: whom its pages are for. Each holds a folder of each language."""
ABOUT: Final[Mapping[str, str]] = {
    "trainer": "lesson",
    "troubleshoot": "is-it-the-certificate",
    "doctor": "is-it-the-certificate",
}
"""What is read beside a page of the program that is no form, by the names of both."""
EXCERPT: Final = 70
"""Characters on each side of what was searched."""
LONGEST: Final = 100
"""Characters of what is searched for."""

_HERE = Path(__file__).resolve().parent
_PICTURE: Final = re.compile(r"[a-z]{2}/[\w-]+\.webp")
_HEAD: Final = re.compile(r"^# (.*)$", re.MULTILINE)
_MARKS: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*#|`]|^\s*>|^\s*[-:]{3,}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ManualPage:
    """A page of the manual.

    Attributes:
        name: of the form that it is about, of `ABOUT`, or `FRONT`.
        source: Markdown, without the lines above its title.
    """

    name: str
    title: str
    source: str

    @property
    def text(self) -> str:
        """What is read, in one line, without its title."""
        rest = self.source.partition("\n")[2]
        return " ".join(_MARKS.sub(lambda found: found[1] or " ", rest).split())


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A page that has all words. ``excerpt``: the place of the first, with what was searched marked."""

    page: ManualPage
    excerpt: Markup


def manual_folder() -> Path:
    """Return the folder of the guide in a wheel (``ehtoolkit/manual``) or in a checkout (``docs/guide``). Raises
    ``FileNotFoundError`` when there is none."""
    for folder in (_HERE.parent / "manual", _HERE.parents[1] / "docs" / "guide"):
        if (folder / "staff").is_dir():
            return folder
    raise FileNotFoundError("the manual was not installed with ehtoolkit")


@cache
def manual_pages(language: LanguageName) -> Mapping[str, ManualPage]:
    """Return all pages of a language by their names, in the order of the front page; that one first."""
    pages = {}
    found = (
        path for folder in FOLDERS for path in sorted((manual_folder() / folder / language).glob("*.md"))
    )
    for path in found:
        source = path.read_text(encoding="utf-8")
        head = _HEAD.search(source)
        if head is not None:
            pages[path.stem] = ManualPage(path.stem, head[1], source[head.start() :])
    front = pages[FRONT].source
    places = {name: max(front.find(f"({name}.md)"), front.find(f"/{name}.md)")) for name in pages}
    return {name: pages[name] for name in sorted(pages, key=lambda name: (name != FRONT, places[name]))}


def picture(name: str) -> Path | None:
    """Return the file of a picture, ``fr/index.webp``; None if the manual has no such picture."""
    path = manual_folder() / "images" / name
    return path if _PICTURE.fullmatch(name) and path.is_file() else None


# ── As HTML ──────────────────────────────────────────────────────────────────────────────────────────────
def page_html(page: ManualPage, base: str) -> Markup:
    """Return the page under its title, as HTML. ``base``: the address of the manual."""
    body = page.source.partition("\n")[2]
    html = mistune.create_markdown(escape=True, renderer=_Addresses(base), plugins=["table"])(body)
    return Markup(html)  # noqa: S704  # of our own text, in which every character that means HTML was escaped


class _Addresses(mistune.HTMLRenderer):
    """Links and pictures of the guide lead to the manual's own addresses. What it does not have, documents that come
    with the source alone, is named and no link."""

    def __init__(self, base: str) -> None:
        super().__init__(escape=True)
        self._base = base

    def link(self, text: str, url: str, title: str | None = None) -> str:
        name = url.rpartition("/")[2].removesuffix(".md")
        if name not in manual_pages("en"):
            return text
        return super().link(text, self._base if name == FRONT else f"{self._base}/{name}", title)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return super().image(text, f"{self._base}/images/{url.rpartition('images/')[2]}", title)


# ── Search ───────────────────────────────────────────────────────────────────────────────────────────────
def search_manual(wanted: str, language: LanguageName) -> Sequence[SearchHit]:
    """Return the pages with every word of ``wanted``, ignoring case and accents, in their order; no pages for no
    words."""
    words = [plain for word in wanted[:LONGEST].split() if (plain := _plain(word))]
    if not words:
        return ()
    found = []
    for page in manual_pages(language).values():
        title, text = _plain(page.title), _plain(page.text)
        if all(word in title or word in text for word in words):
            found.append(SearchHit(page, _excerpt(page.text, text, words)))
    return tuple(found)


def _plain(text: str) -> str:
    """Return ``text`` in lower case without accents, each character in its place."""
    return "".join(unicodedata.normalize("NFKD", letter)[:1].lower()[:1] or letter for letter in text)


def _excerpt(text: str, plain: str, words: Sequence[str]) -> Markup:
    places = [(plain.find(word), word) for word in words if word in plain]
    start, word = min(places, default=(0, ""))
    end = start + len(word)
    before, after = text[max(0, start - EXCERPT) : start], text[end : end + EXCERPT]
    marked = Markup("<mark>{}</mark>").format(text[start:end]) if word else Markup("")
    dots = "…" if start > EXCERPT else ""
    return escape(dots + before) + marked + escape(after + ("…" if end + EXCERPT < len(text) else ""))
