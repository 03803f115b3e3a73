"""Words of another language on a page: an entry of a catalogue that was not translated, or by mistake from another.

Which language a sentence is in is guessed from our own catalogues: a word speaks for the languages that use it most.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo

import ehtoolkit
from ehtoolkit.settings import LanguageName
from ehtoolkit.texts import LANGUAGES

LOCALE: Final = Path(ehtoolkit.__file__).parent / "locale"
_LEAST: Final = 4
"""Words that the catalogues know: fewer say nothing of a language."""
_SURE: Final = 8.0
"""How much likelier (as a logarithm) the other language has to be."""

# Each block of text as it is read. A part that says of itself that it is in another language is left out, as is what
# is no language: paths, numbers of keys.
TEXTS = """
() => {
  const here = document.documentElement.lang, found = new Set();
  const blocks = "p, li, label, h1, h2, h3, summary, dt, dd, td, th, small, b, button, a, legend, figcaption";
  for (const one of document.querySelector("main").querySelectorAll(blocks)) {
    const told = one.closest("[lang]");
    if ((told && told.lang !== here) || one.closest(".eh-mono, pre, code")) continue;
    if (one.querySelector("p, li, dd, td, [lang]")) continue;  // its parts tell for themselves
    found.add(one.textContent.trim());
  }
  return [...found];
}
"""


def of_another_language(texts: Iterable[str], language: LanguageName) -> list[str]:
    """Those of ``texts`` that are not in ``language``."""
    return [f"{_guess(text)}: {text}" for text in texts if _guess(text) not in (None, language)]


@cache
def _guess(text: str) -> LanguageName | None:
    """The language of a sentence; None where that is not sure."""
    known = [word for word in _words(text) if any(word in _vocabulary(one) for one in LANGUAGES)]
    if len(known) < _LEAST:
        return None
    likely = {one: sum(map(_weight(one), known)) for one in LANGUAGES}
    first, second, *_ = sorted(likely, key=lambda one: -likely[one])
    return first if likely[first] - likely[second] > _SURE else None


@cache
def _vocabulary(language: LanguageName) -> Mapping[str, int]:
    """How often each word stands in the catalogues of a language."""
    counts: Counter[str] = Counter()
    for file in sorted((LOCALE / language / "LC_MESSAGES").glob("*.mo")):
        with file.open("rb") as source:
            for message in read_mo(source):
                counts.update(_words(str(message.string)) if message.id else ())
    return counts


def _weight(language: LanguageName) -> Callable[[str], float]:
    """What a word says for a language; one that it does not know speaks against it."""
    counts = _vocabulary(language)
    total = counts.total()
    return lambda word: math.log((counts.get(word, 0) + 0.1) / total)


def _words(text: str) -> list[str]:
    """Words of letters alone: no numbers, no names of files or facts."""
    return re.findall(r"(?<![\w{@/.=-])[^\W\d_]{2,}(?![\w}@/=-])", text.lower())
