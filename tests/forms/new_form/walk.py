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
from ehtoolkit.i18n import LANGUAGES, Translator
from tests.gallery import driver as at
from tests.gallery.commands import shown_commands
from tests.gallery.homes import make_homes
from tests.support.catalogues import messages


def story(desk: at.GalleryDriver) -> Iterator[str]:
    desk.at("complete")
    (path,) = desk.keystores
    assert "handover.ipynb" in desk.open("index").html
    yield "index"
    form = desk.open("handover", keystore=path.name)
    yield "terms"
    form.go(accepted=True)
    yield "choose"
    form.open_chosen()
    yield "colleague"
    form.go()
    assert form.problem == [(desk.get("handover.block.colleague"), "colleague")]
    yield "colleague-empty"
    form.go(colleague="Karl Hennes")
    assert (form.title, form.buttons) == (desk.get("handover.done.title"), ["home", "print"])
    assert "Karl Hennes" in form.html
    assert path.name in form.html
    yield "done"


def main(folder: Path) -> None:
    assert Path(ehtoolkit.__file__).is_relative_to(folder)
    assert "handover" in registry.FORMS
    assert "handover" in forms.PAGES
    assert forms.open_handover.__name__ == "open_handover"
    assert [entry.page for name, entries in GROUPS for entry in entries if name == "password"] == [
        "password",
        "handover",
    ]
    at.NOTEBOOKS = folder / "notebooks"  # type: ignore[misc]
    homes, keys, steps = make_homes(folder / "homes", "fresh", "complete"), set[str](), set[str]()
    get, show = Translator.get, WizardView._show_step

    def noted(texts: Translator, key: str, /, **facts: object) -> str:
        keys.add(key)
        return get(texts, key, **facts)

    def shown(view: WizardView, **options: bool) -> None:
        show(view, **options)
        steps.add("done" if view._wizard.phase is Phase.DONE else view._wizard.current.name)

    Translator.get, WizardView._show_step = noted, shown  # type: ignore[assignment,method-assign]
    for language in LANGUAGES:
        desk = at.GalleryDriver(homes, folder / "work", language)
        with desk.sitting():
            for scene in story(desk):
                assert not list(shown_commands(desk.root, desk.texts)), scene
    assert steps == {"terms", "choose", "colleague", "done"}
    texts = set(messages("handover", "fr"))
    assert texts
    assert texts - keys == set(), "texts that are shown nowhere"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
