"""A form that is added by its file, its catalogues and its guide, in Chromium: reached from the first page, and judged
as every scene of the gallery is."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName
from tests.browser.geometry import misfits
from tests.browser.page_users import Mouse, title
from tests.browser.pages import Visit, axe
from tests.browser.serving import Serving
from tests.forms.new_form import HERE, grow
from tests.gallery.homes import make_homes
from tests.procedures.conftest import PASSWORD
from tests.support.untranslated import TEXTS, of_another_language

pytestmark = pytest.mark.long


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_new_form_in_the_browser(
    chromium: Browser, axe_script: str, tmp_path: Path, language: LanguageName
) -> None:
    with (HERE / f"{language}.po").open("rb") as source:
        said = {str(message.id): str(message.string) for message in read_po(source, locale=language)}
    get = Translator(language).get
    grow(tmp_path / "program")
    home = make_homes(tmp_path / "homes", "fresh", "complete") / "complete"
    serving = Serving.folder(tmp_path / "program" / "notebooks", home, PYTHONPATH=str(tmp_path / "program"))
    visit = Visit(chromium, serving.url, locale=f"{language}-BE")
    page = visit.open("index", {"lang": language})
    user = Mouse(page)

    def arrived(key: str) -> None:
        title(page, said[key])
        assert of_another_language(page.evaluate(TEXTS), language) == []
        assert [*misfits(page), *axe(page, axe_script)] == []

    user.press(said["handover.menu"])
    arrived("handover.terms.title")
    user.tick(get("steps.terms.accept"))
    user.press(get("wizard.next"))
    arrived("handover.choose.title")
    user.type(get("choosing.password"), PASSWORD.reveal())
    user.press(get("choosing.go"))
    arrived("handover.colleague.title")
    user.type(said["handover.colleague.label"], "Karl Hennes")
    user.press(said["handover.colleague.go"])
    arrived("handover.done.title")
    assert page.title().endswith(f"{said['handover.caption']} – ehtoolkit")
    visit.close()
    assert serving.stop() == 0
