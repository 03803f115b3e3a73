"""Words of another language on a page: an entry of a catalogue that was not translated, or by mistake from another.

Which language a sentence is in is guessed from our own catalogues: a word speaks for the languages that use it most.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo

import ehtoolkit
from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from ehtoolkit.training import PEOPLE
from ehtoolkit.training.sample.practices import PRACTICES

LOCALE: Final = Path(ehtoolkit.__file__).parent / "locale"
_NAMES: Final = re.compile(
    "|".join(
        [
            r"[\w ()=,-]+\.p12",
            *(re.escape(practice.name) for practice in PRACTICES),
            *(re.escape(organisation.name_fr) for person in PEOPLE for organisation in person.organisations),
            *(re.escape(organisation.name_nl) for person in PEOPLE for organisation in person.organisations),
        ]
    ),
    re.IGNORECASE,
)
"""Names of invented organisations, and of files, are words of a language and are not translated."""

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
    """Those of ``texts``, which hold names too, that are certainly not in ``language``."""
    guesses = [(guess(_NAMES.sub("", text), words=4, margin=8.0), text) for text in texts]
    return [f"{found}: {text}" for found, text in guesses if found not in (None, language)]


@cache
def guess(text: str, *, words: int = 2, margin: float = 6.0) -> LanguageName | None:
    """The language of a sentence; None where that is not sure. ``words``: how many of it the catalogues have to know;
    ``margin``: how much likelier than the next one it has to be, as a logarithm."""
    known = [word for word in _words(text) if any(word in _vocabulary(language) for language in LANGUAGES)]
    if len(known) < words:
        return None
    likely = {language: sum(map(_weight(language), known)) for language in LANGUAGES}
    first, second, *_ = sorted(likely, key=lambda language: -likely[language])
    return first if likely[first] - likely[second] > margin else None


@cache
def _vocabulary(language: LanguageName) -> Counter[str]:
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
