"""A first certificate through the pages: asked for and completed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser import form_steps
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import ehtoolkit
from tests.browser.serving import Serving

PASSWORD = "Kine-2026"
CONTACT = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}


def status(home: Path) -> dict[str, Any]:
    (keystore,) = (home / "training" / "keystore").glob("*.p12")
    password = home / "password"
    password.write_text(PASSWORD)
    return ehtoolkit(home, "certificate", "status", str(keystore), "--password-file", str(password))


@pytest.mark.parametrize(
    ("language", "hand"),
    [
        pytest.param("fr", Keys, id="fr-keys", marks=pytest.mark.long),
        pytest.param("nl", Keys, id="nl-keys"),
        pytest.param("de", Keys, id="de-keys", marks=pytest.mark.long),
        pytest.param("en", Keys, id="en-keys", marks=pytest.mark.long),
        pytest.param("nl", Mouse, id="nl-mouse", marks=pytest.mark.long),
    ],
)
def test_without_a_mistake(
    serving: Serving,
    visit: Callable[..., Visit],
    check_walk: Check,
    language: LanguageName,
    hand: type[Keys | Mouse],
) -> None:
    get = Translator(language).get
    page = visit(serving, locale=f"{language}-BE").open("index", {"lang": language})
    user = hand(page)
    name = f"{language}-{hand.__name__.lower()}"

    def arrived(key: str) -> None:
        title(page, get(key))
        check_walk(page, f"{name}-{key}")

    user.press(get("index.request"))
    form_steps.request(user, get, arrived, PASSWORD, CONTACT)

    ehtoolkit(serving.home, "training", "clock", "+1d")
    user.press(get("request.next.complete.link"))
    form_steps.complete(user, get, arrived, PASSWORD)
    assert status(serving.home)["state"] == "active"
