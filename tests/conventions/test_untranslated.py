"""Every text of the catalogues is in the language whose catalogue it is in."""

from __future__ import annotations

import pytest
from babel.messages.mofile import read_mo

from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.support.untranslated import LOCALE, guess


def texts_of(language: LanguageName) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in (LOCALE / language / "LC_MESSAGES").glob("*.mo"):
        with file.open("rb") as source:
            found |= {str(message.id): str(message.string) for message in read_mo(source) if message.id}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_its_language(language: LanguageName) -> None:
    others = {key: text for key, text in texts_of(language).items() if guess(text) not in (None, language)}
    assert others == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_another_language_is_found(language: LanguageName) -> None:
    """Of most texts it can be said; of the rest, a word or a name, it is not tried."""
    texts = texts_of(language)
    guesses = [guess(text) for text in texts.values()]
    assert guesses.count(language) > 0.8 * len(guesses)
