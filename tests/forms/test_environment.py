"""Production is confirmed before a form can reach the platform, and every page says in which environment it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import HTML, Widget

from ehtoolkit import errors, forms
from ehtoolkit.forms import registry
from ehtoolkit.forms.engine.form import MenuPlace
from ehtoolkit.forms.engine.page_context import PageContext, environment_badge
from ehtoolkit.forms.engine.production_guard import FIELD, Confirmation, confirm_production, is_production
from ehtoolkit.forms.engine.tool import Tool
from ehtoolkit.forms.html import ICONS
from ehtoolkit.forms.tools.trainer import MAILBOX
from ehtoolkit.forms.trainer.training_messages import MailboxPage
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.fields import TextField
from ehtoolkit.forms.widgets.page_parts import ErrorSummary, StepHead
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import EnvironmentName, LanguageName, load_settings
from tests.support.faulty_servers import Url, reply, serving
from tests.support.ipywidgets_internals import send_to

REACHING = sorted(
    f"open_{page.name.replace('-', '_')}" for page in registry.PAGES.values() if page.reaches_platform
)
ASKS_AT_ONCE = "open_doctor"
"""Once that is confirmed, the page about this computer asks the platform by itself: for its list of types of
organisations, which is about nobody."""


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Url]:
    """In the place of the real one; this process works in production."""
    with serving(reply()) as url:
        for name, value in {
            "ENVIRONMENT": "production",
            "PLATFORM_URL": url.base,
            "LANGUAGE": "nl",
            "KEYSTORE_FOLDER": str(tmp_path / "keystore"),
        }.items():
            monkeypatch.setenv(f"EHTOOLKIT_{name}", value)
        yield url


def everything(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def parts(page: Widget, kind: type[Any]) -> list[Any]:
    return [widget for widget in everything(page) if isinstance(widget, kind)]


def press(page: Widget, typed: str, action: str = "next") -> None:
    """What the browser sends when a button is pressed."""
    (actions,) = parts(page, ButtonBar)
    send_to(actions, {"action": action, "serial": actions.serial, "values": {FIELD: typed}})


def is_closed(page: Widget) -> bool:
    return [field.name for field in parts(page, TextField)] == [FIELD]


@pytest.mark.parametrize("name", REACHING)
def test_a_form_that_reaches_the_platform_begins_with_the_question(name: str, platform: Url) -> None:
    page = getattr(forms, name)()
    assert is_closed(page)
    (head,) = parts(page, StepHead)
    assert (head.title, head.focused) == ("U werkt in productie", 0)
    assert platform.requests == []

    press(page, "Productie ")

    assert not is_closed(page)
    (head,) = parts(page, StepHead)
    assert head.title not in ("", "U werkt in productie")
    assert head.focused == 1, "who uses the keyboard goes on here"
    bodies = [body for _, _, _, body in platform.requests]
    assert len(bodies) == (name == ASKS_AT_ONCE)
    assert all(b"GetGenericOrganizationTypesRequest" in body for body in bodies)


@pytest.mark.parametrize("environment", ["training", "acceptance"])
@pytest.mark.parametrize("name", REACHING)
def test_elsewhere_nothing_is_asked(
    name: str, environment: str, platform: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", environment)
    assert not is_closed(getattr(forms, name)())


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_production_the_page_of_training_has_what_its_tile_says(
    platform: Url, monkeypatch: pytest.MonkeyPatch, language: LanguageName
) -> None:
    """It is no place to practise there: the forms beside it are the real ones."""
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", language)
    page, get = forms.open_trainer(), Translator(language).get
    shown = " ".join(str(part.value) for part in parts(page, HTML))
    for key in ("clock", "scenarios", "people"):
        assert get(f"trainer.{key}") in shown
    assert platform.requests == []


def test_a_page_reaches_the_platform_unless_it_declares_otherwise() -> None:
    assert {"open_request", "open_complete", "open_doctor"} <= set(REACHING)
    assert Tool("new", MAILBOX.model, MailboxPage, MenuPlace("tools", 9, "index.audit")).reaches_platform


def opened() -> Widget:
    return HTML("the form")


def question(open_form: Any = opened) -> Widget:
    page = confirm_production(open_form)
    assert is_closed(page)
    return page


@pytest.mark.parametrize("typed", ["", "  ", "ja", "productio", "acceptance", "production production"])
def test_something_else_leads_nowhere(typed: str, platform: Url) -> None:
    page = question()
    press(page, typed)
    assert is_closed(page)
    (summary,) = parts(page, ErrorSummary)
    (field,) = parts(page, TextField)
    assert summary.items == [{"text": field.error, "field": FIELD}]
    assert "Productie" in field.error
    assert summary.focused == 1

    press(page, "productie")

    assert [part.value for part in parts(page, HTML)][-1] == "the form"


def test_another_button_does_not_open_it(platform: Url) -> None:
    page = question()
    press(page, "productie", action="cancel")
    assert is_closed(page)


@pytest.mark.parametrize(
    "word", ["production", "PRODUCTION", "Production", "productie", "Produktion", " Productie\t"]
)
def test_its_name_in_any_of_our_languages(word: str) -> None:
    assert is_production(word)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_asked_for_is_the_one_on_the_badge(language: LanguageName) -> None:
    texts = Translator(language)
    word = texts.get("page.environment.production")
    assert word in texts.get("environment.label", word=word)
    assert is_production(word)


def test_nothing_of_the_form_runs_before(platform: Url) -> None:
    ran: list[str] = []

    def open_form() -> Widget:
        ran.append("form")
        return HTML("")

    page = question(open_form)
    press(page, "")
    assert ran == []
    press(page, "production")
    assert ran == ["form"]


@pytest.mark.parametrize("error", [errors.FolderNotWritable(folder="/x"), ValueError("hidden words")])
def test_a_form_that_cannot_be_opened_says_why(error: Exception, platform: Url) -> None:
    def open_form() -> Widget:
        raise error

    page = question(open_form)
    press(page, "production")
    (summary,) = parts(page, ErrorSummary)
    (line,) = summary.items
    assert line["text"]
    assert "hidden words" not in str((summary.items, summary.notes))
    assert parts(page, ButtonBar)[0].busy == ""


# ── the badge ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("environment", ["training", "acceptance", "production"])
def test_the_badge_is_a_word_and_an_icon(environment: EnvironmentName, language: LanguageName) -> None:
    texts = Translator(language)
    html = str(environment_badge(environment, texts))
    assert f"eh-env-{environment}" in html
    assert texts.get(f"page.environment.{environment}") in html
    assert html.count("<svg") == 1
    assert {"school", "flask", "shield"} <= ICONS


@pytest.mark.parametrize("environment", ["training", "acceptance", "production"])
def test_outside_the_server_of_the_pages_the_badge_comes_with_the_page(environment: EnvironmentName) -> None:
    context = PageContext(load_settings(environment=environment), Translator("fr"))
    shown = "".join(str(part.value) for part in parts(context.show(HTML("page")), HTML))
    assert shown.count(f'class="eh-env eh-env-{environment}"') == 1


def test_the_badge_is_not_there_twice_after_the_question(platform: Url) -> None:
    context = PageContext.of_this_kernel()
    page = Confirmation(context, lambda: context.show(HTML("form"))).root
    for typed in ("", "production"):
        press(page, typed)
        badges = [text for text in texts_in(page) if 'class="eh-env ' in text]
        assert len(badges) == 1


def texts_in(page: Widget) -> Iterable[str]:
    return [str(part.value) for part in parts(page, HTML)]
