"""Sheets of sentences, many on a page: each error, finding and advice as it is shown, whoever raises it.

A story brings about the errors that a user of a form is likely to meet; what else a machine, a network or a platform
can do is said in the same place, by the same widget, and stands here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from ehtoolkit.finding_html import Look
from ehtoolkit.forms.html import panel, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.page_parts import ErrorLine, ErrorSummary, StepHead
from tests.gallery.driver import GalleryDriver
from tests.gallery.stories.rare import RARE
from tests.support.catalogues import messages, placeholders

LANGUAGE: Final = "fr"
"""Whose catalogues have the keys, and the facts that a sentence asks for: all four have the same."""
SHEET: Final = 40
MOMENT: Final = datetime(2027, 11, 24, 9, 5, tzinfo=UTC)
PATH: Final = (
    "/home/accueil/.local/share/ehtoolkit/training/keystore/NIHII-PHARMACY=71452079 20271124-100500.p12"
)
FACTS: Final[Mapping[str, object]] = {
    **dict.fromkeys(("path", "newer", "new", "old", "folder", "place"), PATH),
    **dict.fromkeys(
        ("date", "here", "there", "until", "not_before", "moment", "start", "end", "day"), MOMENT
    ),
    **dict.fromkeys(("holder", "card", "name", "organisation", "issuer"), "Inès Sofie Østergaard-Œuvrard"),
    **dict.fromkeys(("host", "proxy"), "services.ehealth.fgov.be"),
    "key_id": "3f2a9c0d5e7b41688d0a6f5c2b9e1d7403a8c6e5",
    "correlation_id": "7d0b5f9e-2c61-4f0c-9a55-1b2f6f0a7c11",
}
"""By their names, as long as they can be; the others are numbers."""


def said(driver: GalleryDriver, key: str) -> str:
    """The sentence of a key, with whatever facts it asks for."""
    texts = messages(key.partition(".")[0], LANGUAGE)
    text = texts.get(f"{key}.page", texts[key])  # as a page shows it
    return driver.get(key, **{name: FACTS.get(name, 128) for name in placeholders(text)})


Sheet = Callable[[GalleryDriver, Sequence[str]], Any]
"""What shows some sentences, each with what to do where that is said."""


def summary(driver: GalleryDriver, keys: Sequence[str]) -> Any:
    """In the place of a form's errors."""
    errors = ErrorSummary()
    errors.show(
        driver.get("wizard.failed"),
        [ErrorLine(said(driver, key)) for key in keys],
        [said(driver, f"{key}.next") for key in keys if driver.texts.has(f"{key}.next")],
    )
    return errors


def panels(driver: GalleryDriver, keys: Sequence[str]) -> Any:
    """As verdicts."""
    severities: tuple[Look, ...] = ("danger", "warn", "info", "ok")
    looks = itertools.cycle(severities)
    return show(
        *(
            panel(
                look,
                said(driver, key),
                *(said(driver, text) for text in (f"{key}.next",) if driver.texts.has(text)),
            )
            for key, look in zip(keys, looks, strict=False)
        )
    )


def page(driver: GalleryDriver, sheet: Sheet, keys: Sequence[str]) -> Any:
    head = StepHead()
    head.show(caption="", title=driver.get("index.title"), lead="", focus=False)
    return column("eh", "eh-form", of=(sheet(driver, keys), head))


def sheets(name: str, keys: Sequence[str], sheet: Sheet) -> Callable[[GalleryDriver], Iterator[str]]:
    def story(driver: GalleryDriver) -> Iterator[str]:
        heads = [key for key in keys if not (key.endswith(".next") and key.removesuffix(".next") in keys)]
        for number, first in enumerate(range(0, len(heads), SHEET), 1):
            driver.show(partial(page, driver, sheet, heads[first : first + SHEET]))
            yield str(number)

    story.__name__ = name
    return story


STORIES: Final = (
    sheets("error", list(messages("error", LANGUAGE)), summary),
    *(
        sheets(domain, list(messages(domain, LANGUAGE)), panels)
        for domain in (
            *("finding", "advice", "card", "doctor", "standing", "audit"),
            *("certificate_test", "message", "session"),
        )
    ),
    sheets("rare", RARE, panels),
)
VARIANTS: Final[tuple[Callable[[GalleryDriver], Iterator[str]], ...]] = ()
