"""What leads to a page names one that the registry has."""

from __future__ import annotations

import re
from pathlib import Path

from ehtoolkit import forms
from ehtoolkit.forms import registry
from ehtoolkit.i18n import LANGUAGES, Translator

PACKAGE = Path(forms.__file__).parent
ADDRESS = re.compile(r'([\w-]+)\.ipynb|(?:Lead\.to|address_of)\(\s*"([\w-]+)"')


def test_every_address_in_the_code_is_that_of_a_page() -> None:
    found = {
        match[1] or match[2]
        for path in PACKAGE.rglob("*.py")
        for match in ADDRESS.finditer(path.read_text(encoding="utf-8"))
    }
    assert found - forms.PAGES.keys() == set()
    assert len(found) > 5


def test_every_page_has_its_place_and_its_words_on_the_first_one() -> None:
    for page in registry.PAGES.values():
        for language in LANGUAGES:
            assert Translator(language).has(page.menu.words)
            assert Translator(language).has(f"{page.menu.words}.about")
    places = [(page.menu.group, page.menu.place) for page in registry.PAGES.values()]
    assert len(set(places)) == len(places)


def test_notebooks_import_an_opener_for_each_page_and_nothing_else_is_there() -> None:
    assert forms.__all__ == sorted(f"open_{page.replace('-', '_')}" for page in forms.PAGES)
    assert forms.open_request.__name__ == "open_request"
    assert not hasattr(forms, "open_nothing")


def test_no_step_of_a_form_has_two_names() -> None:
    for form in registry.FORMS.values():
        names = [step.name for step in form.steps]
        assert len(names) == len(set(names)), form.name
