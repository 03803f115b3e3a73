"""The catalogues and the guides have no word that neither hunspell's dictionaries nor `tests/data/words` know.

A word of the project's own is one line of ``tests/data/words/<language>.txt``, or of ``all.txt`` for each language.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ehtoolkit.i18n import LANGUAGES
from tests.support.catalogues import DOMAINS, messages

DICTIONARIES: Final = {"en": "en_GB", "fr": "fr", "nl": "nl", "de": "de_BE"}
WORDS: Final = Path(__file__).parents[1] / "data" / "words"
GUIDES: Final = Path(__file__).parents[2] / "docs" / "guide"

NO_PROSE: Final = re.compile(
    r"""
    ```.*?``` | `[^`]*` | <[^>]*> | \]\([^)]*\)             # code, tags and addresses of links in a guide
    | \{[^}]*\} | \[\[[^\]]*\]\]                            # placeholders, and keys in the source of a guide
    | https?://\S+ | [\w.-]+@[\w.-]+                        # addresses
    | [«“„‘]\s?(?:ehtoolkit\s)?[a-z]+(?:\s[a-z-]+)?(?:\s--?[\w-]+)*\s?[»”“’]   # a command in quotation marks
    | \bpipx\sinstall\s-f\s\S+ | \behtoolkit(?:\s[a-z-]+\b)+         # a command without them
    | \b[A-Z][A-Z\d]+\b                                     # abbreviations
    | (?<!\w)--?[a-zA-Z][\w-]* | \b\w+(?:[._=\\/]\w+)+      # options, names of files and settings
    """,
    re.VERBOSE | re.DOTALL,
)
WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def words_of(text: str) -> set[str]:
    return set(WORD.findall(NO_PROSE.sub(" ", text).replace("’", "'")))


def texts_in(language: str) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each message, and of each guide, in a language."""
    for domain in DOMAINS:
        yield from messages(domain, language).items()
    for guide in [*GUIDES.glob(f"*/{language}/*.md"), GUIDES / "sources" / f"{language}.md"]:
        yield guide.name, guide.read_text(encoding="utf-8")


def misspelt(words: set[str], language: str) -> set[str]:
    """Return those of the words that neither hunspell nor the project's lists know, whole or joined by hyphens."""
    unknown = unknown_words(words, language)
    parts = {word: set(re.split("['-]", word)) for word in unknown}
    unknown_parts = unknown_words({part for word in unknown for part in parts[word]}, language)
    return {word for word in unknown if len(parts[word]) == 1 or parts[word] & unknown_parts}


def unknown_words(words: set[str], language: str) -> set[str]:
    lists = [(WORDS / f"{name}.txt").read_text(encoding="utf-8") for name in ("all", language)]
    own = {word for text in lists for word in text.splitlines()}
    listed = subprocess.run(
        ["hunspell", "-d", DICTIONARIES[language], "-i", "utf-8", "-l"],
        input="\n".join(sorted(words - own)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return set(listed.stdout.split()) - own


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_spelt_as_a_dictionary_has_it(language: str) -> None:
    places = {word: place for place, text in texts_in(language) for word in words_of(text)}
    assert {word: places.get(word) for word in misspelt(set(places), language)} == {}


@pytest.mark.parametrize(
    ("language", "word"), [("en", "recieve"), ("fr", "certficat"), ("nl", "sleutelss"), ("de", "Schlüsel")]
)
def test_a_misspelt_word_is_found(language: str, word: str) -> None:
    assert misspelt({word, "keystore"}, language) == {word}
