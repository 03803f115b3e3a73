"""Walks the new form to its end in every language, by what a browser would send; run with the program that has it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import ehtoolkit
from ehtoolkit import forms
from ehtoolkit.forms import registry
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Phase
from ehtoolkit.forms.index import GROUPS
from ehtoolkit.i18n import LANGUAGES
from tests.forms.new_form import check_walk
from tests.gallery import driver as at


def story(driver: at.GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    (path,) = driver.keystores
    assert "handover.ipynb" in driver.open("index").html
    yield "index"
    form = driver.open("handover", keystore=path.name)
    yield "terms"
    form.go(accepted=True)
    yield "choose"
    form.open_chosen()
    yield "colleague"
    form.go()
    assert form.problem == [(driver.get("handover.block.colleague"), "colleague")]
    yield "colleague-empty"
    form.go(colleague="Karl Hennes")
    assert (form.title, form.buttons) == (driver.get("handover.done.title"), ["home", "print"])
    assert "Karl Hennes" in form.html
    assert path.name in form.html
    yield "done"


def main(folder: Path) -> None:
    assert Path(ehtoolkit.__file__).is_relative_to(folder)
    assert "handover" in registry.FORMS
    assert "handover" in forms.PAGES
    assert forms.open_handover.__name__ == "open_handover"
    assert "handover" in [page.name for _, pages in GROUPS for page in pages]
    steps, show = set[str](), WizardView.refresh

    def shown(view: WizardView, **options: bool) -> None:
        show(view, **options)
        steps.add("done" if view._wizard.phase is Phase.DONE else view._wizard.current.name)

    WizardView.refresh = shown  # type: ignore[assignment,method-assign]
    check_walk(folder, story, "handover", LANGUAGES)
    assert steps == {"terms", "choose", "colleague", "done"}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
