"""The manual in the program: every form's page in every language, its pictures, and a search of our own texts alone."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from ehtoolkit.forms import registry
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from ehtoolkit.voila import manual
from ehtoolkit.voila.manual import (
    FRONT,
    ManualPage,
    manual_pages,
    page_html,
    picture,
    search_manual,
)

BASE = "/user/els/manual"
LANGUAGES = get_args(LanguageName)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_has_its_page_and_every_link_and_picture_is_there(language: LanguageName) -> None:
    pages = manual_pages(language)
    assert {*registry.FORMS, *manual.ABOUT.values()} <= set(pages)
    for page in pages.values():
        html = page_html(page, BASE)
        for address in re.findall(r'href="([^"]+)"', html):
            assert address == BASE or address.removeprefix(f"{BASE}/") in pages, address
        for address, words in re.findall(r'<img src="([^"]+)" alt="([^"]+)"', html):
            assert picture(address.removeprefix(f"{BASE}/images/")) is not None, address
            assert words
        assert "&lt;!--" not in html, "what is only for those who edit it"
        assert "[" not in re.sub(r"<[^>]*>", "", html), "no Markdown is left"


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_pages_are_called_as_the_forms_are(language: LanguageName) -> None:
    texts, pages = Translator(language), manual_pages(language)
    assert next(iter(pages)) == FRONT
    for name, form in registry.FORMS.items():
        assert pages[name].title == texts.get(form.menu.words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_leads_to_every_other(language: LanguageName) -> None:
    """And a document that comes with the source alone is named, and no link that leads nowhere."""
    pages = manual_pages(language)
    linked = re.findall(rf'href="{BASE}/([\w-]+)"', page_html(pages[FRONT], BASE))
    assert list(dict.fromkeys(linked)) == [name for name in pages if name != FRONT]
    lesson = page_html(pages["lesson"], BASE)
    assert "TRAINING.md" in lesson
    assert not re.search(r'href="[^"]*TRAINING', lesson)


@pytest.mark.parametrize(
    "name",
    [
        "fr/../../staff/fr/README.md",
        "../staff/fr/README.md",
        "fr/none.webp",
        "/etc/passwd",
        "fr/index.webp/",
        "",
    ],
)
def test_no_other_file_is_a_picture(name: str) -> None:
    assert picture("fr/index.webp") is not None
    assert picture(name) is None


def test_a_search_looks_past_case_and_accents_and_wants_all_words() -> None:
    found = search_manual("DEMANDE  élève", "fr")
    assert found == ()
    names = [hit.page.name for hit in search_manual("CLE de CHIFFREMENT", "fr")]
    assert "complete" in names
    assert names == [page for page in manual_pages("fr") if page in names], "in the order of the manual"
    assert len(names) < len(manual_pages("fr"))
    assert search_manual(" ", "fr") == ()
    assert search_manual("x" * 10_000, "fr") == ()


def test_an_excerpt_shows_the_place_and_escapes_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {
        FRONT: ManualPage(FRONT, "Title", f"# Title\n\n{'before ' * 20}<b>Clé</b> & more {'after ' * 20}")
    }
    monkeypatch.setattr(manual, "manual_pages", lambda _: pages)
    (hit,) = search_manual("cle", "fr")
    assert "&lt;b&gt;<mark>Clé</mark>&lt;/b&gt; &amp; more" in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert hit.excerpt.endswith("…")
    assert "<script>" not in page_html(ManualPage("x", "x", "# x\n\n<script>alert(1)</script>"), BASE)
