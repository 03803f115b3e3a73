"""The catalogues keep to the glossary, and address their reader formally."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po

from ehtoolkit.i18n import LANGUAGES
from tests.conventions.glossary import ROOT, avoided_words, terms

INFORMAL = {
    "fr": ("tu", "toi", "te", "ton", "ta", "tes", "tien", "tienne", "t’as", "t’es"),
    "nl": ("je", "jij", "jou", "jouw", "jouwe", "jullie"),
    # "ihr" is a person's possessive as well; whoever is addressed by it is also addressed by one of these.
    "de": (
        "du",
        "dich",
        "dir",
        "dein",
        "deine",
        "deinem",
        "deinen",
        "deiner",
        "euch",
        "euer",
        "eure",
        "euren",
    ),
}
"""The words of the familiar address; English has none."""


@cache
def sentences(language: str) -> dict[str, str]:
    """Key and text of everything that is said in a language."""
    found: dict[str, str] = {}
    for path in (ROOT / "ehtoolkit" / "locale" / language / "LC_MESSAGES").glob("*.po"):
        with path.open("rb") as source:
            found |= {
                str(message.id): str(message.string)
                for message in read_po(source, locale=language)
                if message.id
            }
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_of_the_glossary_are_those_of_the_catalogue(language: str) -> None:
    said = "\n".join(sentences(language).values()).casefold()
    wanted = [row[["fr", "nl", "de", "en"].index(language)] for row in terms()]
    assert len(wanted) > 30
    assert [term for term in wanted if term.casefold() not in said] == []


def test_the_glossary_has_words_to_avoid_in_each_language() -> None:
    assert {language for language, _, instead in avoided_words() if instead} == set(LANGUAGES)
    assert len(list(avoided_words())) > 30


@pytest.mark.parametrize(("language", "word", "instead"), list(avoided_words()))
def test_no_other_word_is_used_for_the_same_thing(language: str, word: str, instead: str) -> None:
    other = re.compile(rf"\b{re.escape(word)}", 0 if word.isupper() else re.IGNORECASE)
    assert [key for key, text in sentences(language).items() if other.search(text)] == [], instead


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_the_english_names_of_numbers_stand_in_names_of_files_alone(language: str) -> None:
    """Letter by letter, as ``SSIN=79031421872``; else a NISS is called as people call it."""
    english = re.compile(r"\b(?:SSIN|NIHII)\b(?![=-])")
    assert [key for key, text in sentences(language).items() if english.search(text)] == []


@pytest.mark.parametrize("language", INFORMAL)
def test_the_reader_is_addressed_formally(language: str) -> None:
    familiar = re.compile(rf"\b(?:{'|'.join(INFORMAL[language])})\b", re.IGNORECASE)
    # «-t-il», «a-t-il» and the like are no address.
    found = {
        key: text
        for key, text in sentences(language).items()
        if familiar.search(re.sub(r"-t-(il|elle|on)", "", text))
    }
    assert found == {}


def test_a_familiar_word_would_be_found() -> None:
    assert re.search(rf"\b(?:{'|'.join(INFORMAL['nl'])})\b", "Kies je wachtwoord.", re.IGNORECASE)
