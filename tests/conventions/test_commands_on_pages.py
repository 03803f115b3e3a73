"""No page tells people to type a command: what a sentence says of a command on the command line, it says of a page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po

from ehtoolkit import errors
from ehtoolkit.finding import error
from ehtoolkit.i18n import COMMAND, LANGUAGES, PAGES_OF, Translator
from ehtoolkit.settings import LanguageName
from tests.gallery.commands import COMMAND_LINE, EXPLICIT
from tests.gallery.page_catalogues import OF_PAGES
from tests.support.commands import assert_command

LOCALE: Final = Path(__file__).resolve().parents[2] / "ehtoolkit" / "locale"


def texts_of(domain: str, language: LanguageName) -> list[str]:
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as source:
        return [str(message.id) for message in read_po(source, locale=language) if message.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_page_is_of_the_command_line(language: LanguageName) -> None:
    texts = Translator(language, on_pages=True)
    wrong = {
        key: sentence
        for domain in OF_PAGES
        for key in texts_of(domain, language)
        if COMMAND_LINE.search(sentence := texts._find(key) or "")
    }
    assert wrong.keys() == EXPLICIT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_line_keeps_its_commands(language: LanguageName) -> None:
    texts, pages = Translator(language), Translator(language, on_pages=True)
    assert "ehtoolkit certificate complete" in texts.get("audit.etk_missing.next")
    assert "--pin-file" in texts.next_step(errors.PinNeeded())
    rescue = error("damaged_truncated")
    assert "keystore rescue" in rescue.next_step(texts)
    assert pages.get("index.troubleshoot") in rescue.next_step(pages)
    assert "rescue" not in rescue.next_step(pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_command_that_a_text_declares_exists_and_has_a_page(language: LanguageName) -> None:
    declared = {
        found[2].removeprefix("ehtoolkit ")
        for path in (LOCALE / language / "LC_MESSAGES").glob("*.po")
        for found in COMMAND.finditer(path.read_text(encoding="utf-8"))
    }
    for command in declared:
        assert_command(command.split())
        assert any(command.startswith(beginning) for beginning in PAGES_OF), command
    assert len(declared) > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_in_the_place_of_a_command_has_a_name(language: LanguageName) -> None:
    assert all(Translator(language).has(f"index.{page}") for page in PAGES_OF.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_pages_alone_has_one_of_the_command_line_beside_it(language: LanguageName) -> None:
    for path in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        keys = set(texts_of(path.stem, language))
        assert {key.removesuffix(".page") for key in keys if key.endswith(".page")} <= keys


@pytest.mark.parametrize(
    "sentence",
    [
        "Give it (--passwords).",
        "ehtoolkit keystore rename.",
        "“keystore passwd --profile compatible” does",
        "«\u202fdoctor\u202f»",
    ],
)
def test_commands_are_found(sentence: str) -> None:
    assert COMMAND_LINE.search(sentence)
