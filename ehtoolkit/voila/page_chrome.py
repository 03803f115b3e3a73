"""The frame of every page: language, title, environment badge, language switch, footer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import LanguageName, Settings
from ehtoolkit.training.state.clock import training_day
from ehtoolkit.version import __version__
from ehtoolkit.voila.access import PAGE_POLICY

LANGUAGE_COOKIE = "eh-lang"

_SENTENCES = (
    *("skip", "environment", "language", "manual", "manual.beside", "noscript", "reload"),
    *("starting", "starting.slow", "starting.queue", "starting.turn"),
    *("failed.title", "failed.text"),
    *("lost.title", "lost.text", "lost.again", "lost.down"),
)

_MANUAL = (
    *("title", "lead", "contents", "first", "general"),
    *("search", "search.do", "search.found", "search.nothing", "search.hint"),
)
_CHAPTERS = ("needs", "two", "keystore", "pin", "interrupted", "environments", "shared", "help")


def frame(
    page: str, query: str, language: LanguageName, settings: Settings, manual: str | None = None
) -> dict[str, object]:
    """Return everything that the template needs to draw the frame of the page ``page`` (the notebook's name without its
    ending), as plain values.

    Args:
        query: that of the request, kept by the links of the language switch.
        manual: its address, where the server has one.
    """
    texts = Translator(language, on_pages=True)
    return {
        "language": language,
        "page": page,
        "title": texts.page_title(page) or page,
        "environment": {
            "name": settings.environment,
            "word": texts.get(f"page.environment.{settings.environment}"),
            "note": _note(texts, settings),
            "date": _date(texts, settings),
        },
        "languages": [
            {
                "code": code,
                "name": texts.get(f"page.language.{code}"),
                "href": language_link(query, code),
                "current": code == language,
            }
            for code in LANGUAGES
        ],
        "manual": manual,
        "manual_page": f"{manual}/{page}",
        "policy": PAGE_POLICY,
        "version": __version__,
        "keystores": {"label": texts.get("page.footer.keystores"), "folder": str(settings.keystores)},
        "text": {name.replace(".", "_"): texts.get(f"page.{name}") for name in _SENTENCES}
        | {"footer_keys": texts.get("page.footer.shared" if settings.shared else "page.footer.local")},
    }


def language_link(query: str, language: LanguageName) -> str:
    """Return a link to the same page in another language: everything that was in the query but the token stays."""
    kept = [(name, value) for name, value in parse_qsl(query) if name not in ("lang", "token")]
    return "?" + urlencode([*kept, ("lang", language)])


def problem(kind: str, language: LanguageName) -> Mapping[str, str]:
    """Return the sentences of an error page. ``kind`` is locked, missing, foreign or failed."""
    texts = Translator(language, on_pages=True)
    return {name: texts.get(f"page.problem.{kind}.{name}") for name in ("title", "text", "home")}


def manual(language: LanguageName, *, shared: bool = False) -> Mapping[str, object]:
    """Return the manual's title and words, and its general chapters; one of them is for servers that are shared."""
    texts = Translator(language, on_pages=True)
    chapters = [
        {"name": name, "title": texts.get(f"manual.{name}.title"), "text": texts.get(f"manual.{name}.text")}
        for name in _CHAPTERS
        if shared or name != "shared"
    ]
    words = {name.replace(".", "_"): texts.get(f"manual.{name}") for name in _MANUAL}
    return {**words, "chapters": chapters}


def _note(texts: Translator, settings: Settings) -> str:
    if settings.shared:
        return texts.get("page.shared.note")
    key = f"page.environment.{settings.environment}.note"
    return texts.get(key) if texts.has(key) else ""


def _date(texts: Translator, settings: Settings) -> str:
    """Return the date of training, which is not always today's; empty in other environments."""
    if settings.environment != "training":
        return ""
    return texts.short_date(training_day(settings.training_folder))
