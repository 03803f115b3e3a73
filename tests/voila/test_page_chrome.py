"""The frame of a page, as the server writes it before a kernel has the page."""

from __future__ import annotations

import pytest

from ehtoolkit.forms.registry import FORMS, TOOLS
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.voila.page_chrome import frame


def title(page: str, language: LanguageName) -> object:
    return frame(page, "", language, load_settings())["title"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_its_title_before_its_kernel_is_there(language: LanguageName) -> None:
    """In the tab, and above the sentence that it is being prepared."""
    texts = Translator(language, on_pages=True)
    for name, tool in TOOLS.items():
        assert title(name, language) == texts.get(f"{tool.catalogue or name}.title")
    for name, form in FORMS.items():
        short = f"page.title.{name}"
        assert title(name, language) == texts.get(short if texts.has(short) else f"{form.catalogue}.caption")
    assert title("index", language) == texts.get("page.title.index")


def test_a_notebook_without_a_title_is_called_by_its_name() -> None:
    assert title("stocktaking", "fr") == "stocktaking"
