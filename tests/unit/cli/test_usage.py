"""click's own sentences are in the user's language, and name what was typed."""

from __future__ import annotations

import gettext
import os
import string
from pathlib import Path

import click
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

from ehtoolkit.cli.command import click_language, usage_message
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from tests.support.catalogues import CLICK, LOCALE

TRANSLATED = sorted(set(LANGUAGES) - {"en"})
FOR_PROGRAMMERS = (
    "Arguments take exactly one",
    "Boolean option",
    "Choice({choices})",
    "Could not determine name",
    "DeprecationWarning",
    "Invalid start character",
    "Name '{name}' defined twice",
    "No options defined",
    "Value must be an iterable",
)
"""How click's messages about a program begin that declares its options wrongly."""
HELP_OF_CLICK = {"Options", "Commands", "Positional arguments", "(dynamic)"}
"""Headings for which the help has words of its own."""


@click.command()
@click.option("--colour", type=click.Choice(["red", "blue"]))
@click.option("--count", type=int)
def command(**_: object) -> None:
    raise AssertionError


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (["--colour", "green"], "green"),
        (["--count", "many"], "many"),
        (["more", "words"], "more words"),
        (["--nothing"], "--nothing"),
    ],
)
def test_sentence_names_what_was_typed(arguments: list[str], typed: str, language: LanguageName) -> None:
    with click_language(language), pytest.raises(click.UsageError) as raised:
        command.main(arguments, standalone_mode=False)
    sentence = usage_message(raised.value, Translator(language))
    assert typed in sentence
    with pytest.raises(click.UsageError) as english:
        command.main(arguments, standalone_mode=False)
    assert (sentence == english.value.format_message()) == (language == "en")


def test_language_of_click_ends_with_the_block() -> None:
    before = gettext.textdomain(), os.environ.get("LANGUAGE")
    with click_language("fr"):
        assert gettext.gettext("Usage:") == "Utilisation\u00a0:"
    assert (gettext.textdomain(), os.environ.get("LANGUAGE")) == before
    assert gettext.gettext("Usage:") == "Usage:"


def sentences_of_click() -> set[tuple[str, ...]]:
    """Return the messages that a user of click's commands can read, with their plural."""
    found = set()
    for name in ("core", "exceptions", "formatting", "parser", "types"):
        source = Path(click.__file__).with_name(f"{name}.py")
        for _, message, _, _ in extract_from_file("python", source, keywords=DEFAULT_KEYWORDS):
            found.add((message,) if isinstance(message, str) else tuple(message))
    return {
        texts for texts in found if not texts[0].startswith(FOR_PROGRAMMERS) and texts[0] not in HELP_OF_CLICK
    }


def _forms(text: object) -> tuple[str, ...]:
    """Return a text of a catalogue with its plural, if it has one."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text),)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_of_click_is_translated(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / f"{CLICK}.po").open("rb") as source:
        catalogue = read_po(source, locale=language, abort_invalid=True)
    texts = {_forms(message.id): _forms(message.string) for message in catalogue if message.id}
    assert sentences_of_click() - texts.keys() == set()
    for message, translations in texts.items():
        assert len(message) == len(translations)
        for sentence, translation in zip(message, translations, strict=True):
            assert translation.strip(), message
            assert placeholders(translation) <= placeholders("".join(message)), sentence
