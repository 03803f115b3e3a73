"""Nothing of the pages is left out of the gallery: no step, no last page, no text. What is new and has no scene fails
here."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from ehtoolkit import errors, forms
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Phase
from ehtoolkit.forms.widgets.page_parts import ErrorSummary
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.forms.player import Player
from tests.gallery import STORIES
from tests.gallery.commands import shown_commands
from tests.gallery.driver import GalleryDriver
from tests.gallery.foreign_texts import foreign_texts
from tests.gallery.homes import make_homes
from tests.gallery.page_catalogues import OF_PAGES
from tests.gallery.stories.rare import FAMILIES, UNSEEN_FAMILIES, by_hand, family
from tests.support.catalogues import messages

# Every story is played once, for all tests here: two minutes are little on a busy computer.
pytestmark = pytest.mark.timeout(400)

LANGUAGE: Final[LanguageName] = "fr"
"""In which every story is told here."""
DONE: Final = "the last page"
NOT_SHOWN: Final = frozenset(
    {
        "closing.file",
        "closing.folder",
        "closing.holder",
        "closing.load.file",
        "closing.slip",
        "closing.slip.file",
        "closing.slip.kept_at",
        "closing.slip.note",
        "closing.slip.password",
        "closing.slip.written_by",
        "password.next.file",
        "revoke.receipt.file",
        "steps.sign.file",
    }
)
"""Of files that are handed out."""


SOMETIMES: Final = frozenset({"index.due.unnamed"})
"""Asked for after many other tests in the same process, and not when this one runs alone: not explained yet."""


@dataclass
class Coverage:
    """By page: the ``steps`` that its form has, and those that were ``shown``; ``keys``: of all texts asked for, and
    ``usual`` those that were not on sheets. ``commands``: what of the command line scenes show;
    ``foreign``: texts in another language than the story is told in;
    ``empty``: what is said at scenes where a PIN or a keystore's password was not typed."""

    steps: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    keys: set[str] = field(default_factory=set)
    usual: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    scenes: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    empty: dict[str, set[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Coverage:
    """Every story is told once; what its scenes ask for is noted where they ask for it."""
    found = Coverage()
    folder = tmp_path_factory.mktemp("gallery")
    driver = GalleryDriver(make_homes(folder / "homes"), folder / "work", LANGUAGE)
    get, show, ours = Translator.get, WizardView.refresh, threading.current_thread()

    def recording(texts: Translator, key: str, /, **facts: object) -> str:
        if threading.current_thread() is ours:  # not pages of other tests that still look at something
            found.keys.add(key)
        return get(texts, key, **facts)

    def shown(view: WizardView, **options: Any) -> None:
        show(view, **options)
        wizard, page = view._wizard, driver.page
        found.steps[page] |= {step.name for step in wizard._all}
        found.shown[page].add(DONE if wizard.phase is Phase.DONE else wizard.current.name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Translator, "get", recording)
        patch.setattr(WizardView, "refresh", shown)
        for name, story in STORIES.items():
            with driver.sitting():
                for scene in story(driver):
                    found.scenes.append(f"{name}: {scene}")
                    found.pages.add(driver.page)
                    found.commands += [
                        f"{name}: {scene}: {command}" for command in shown_commands(driver.root, driver.texts)
                    ]
                    found.foreign += [
                        f"{name}: {scene}: {text}" for text in foreign_texts(driver.root, LANGUAGE)
                    ]
                    if scene in ("pin-needed", "password-empty"):
                        found.empty[f"{name}: {scene}"] = _complaints(driver.root)
            driver.sweep()
            if not name.startswith("sentences-"):
                found.usual |= found.keys
    return found


def _complaints(root: Any) -> set[str]:
    summaries = Player(root).parts(ErrorSummary)
    return {
        text for summary in summaries for text in (*(line["text"] for line in summary.items), *summary.notes)
    }


def test_no_page_shows_a_command_or_an_option(seen: Coverage) -> None:
    assert seen.commands == []


def test_an_empty_field_is_asked_for_and_not_called_wrong(seen: Coverage) -> None:
    texts = Translator(LANGUAGE, on_pages=True)
    wrong = errors.KeystorePasswordWrong()
    assert len(seen.empty) >= 3
    for complaints in seen.empty.values():
        assert complaints
        assert complaints.isdisjoint({texts.error(wrong), texts.next_step(wrong)})
    said = set().union(*seen.empty.values())
    assert {texts.next_step(errors.PinNeeded()), texts.get("error.keystore_password_wrong.empty")} <= said


def test_no_text_is_of_another_language(seen: Coverage) -> None:
    assert seen.foreign == []


def test_every_page_is_in_the_gallery(seen: Coverage) -> None:
    assert seen.pages - {""} == set(forms.PAGES)


def test_no_two_scenes_have_one_name(seen: Coverage) -> None:
    assert len(set(seen.scenes)) == len(seen.scenes)


def test_every_step_and_every_last_page_is_in_the_gallery(seen: Coverage) -> None:
    wanted = {page: steps | {DONE} for page, steps in seen.steps.items()}
    assert dict(seen.shown) == wanted


def test_every_text_of_the_pages_is_in_the_gallery(seen: Coverage) -> None:
    wanted = {key for domain in OF_PAGES for key in messages(domain, LANGUAGE)}
    missing = wanted - seen.keys
    assert missing - NOT_SHOWN == set()
    assert NOT_SHOWN - missing == set(), "these are shown"


def test_no_story_shows_what_is_called_rare(seen: Coverage) -> None:
    unseen = {*by_hand(), *(key for prefix in UNSEEN_FAMILIES for key in family(prefix))}
    assert seen.usual & unseen - SOMETIMES == set()


@pytest.mark.parametrize("prefix", FAMILIES)
def test_stories_show_some_of_a_family_in_their_place(seen: Coverage, prefix: str) -> None:
    assert seen.usual & set(family(prefix))
