"""A first certificate through the pages: asked for and completed, with the mouse in French, the keyboard in Dutch."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Visit, axe, scrolls_sideways, shoot
from tests.browser.serving import Serving

PIN, PASSWORD = "1234", "Kine-2026"
Check = Callable[[Page, str], None]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """The demo on a home of this test alone."""
    demo = Serving.demo(tmp_path / "home")
    yield demo
    assert demo.stop() == 0


@pytest.fixture
def check(axe_script: str) -> Check:
    """A step as it is shown: pictured, judged by axe, not wider than its window."""

    def check(page: Page, name: str) -> None:
        shoot(page, name)
        assert axe(page, axe_script) == []
        assert not scrolls_sideways(page)

    return check


def title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def move_clock(home: Path, by: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "ehtoolkit", "training", "clock", by],
        env={**os.environ, "EHTOOLKIT_HOME": str(home)},
        check=True,
        capture_output=True,
    )


def status(home: Path) -> dict[str, object]:
    (keystore,) = (home / "training" / "keystore").glob("*.p12")
    password = home / "password"
    password.write_text(PASSWORD)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ehtoolkit", "certificate", "status", str(keystore)),
            *("--password-file", str(password), "--json"),
        ],
        env={**os.environ, "EHTOOLKIT_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_with_the_mouse_in_french(
    serving: Serving, visit: Callable[..., Visit], check: Check, tmp_path: Path
) -> None:
    page = visit(serving).open("index", {"lang": "fr"})
    check(page, "request-fr-0-index")
    page.get_by_role("link", name="Demander un nouveau certificat").click()

    title(page, "Avant de commencer")
    check(page, "request-fr-1-terms")
    go = page.get_by_role("button", name="Continuer")
    go.click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page, "request-fr-1-terms-refused")
    page.get_by_role("checkbox").check()
    go.click()

    title(page, "Insérez votre carte")
    check(page, "request-fr-2-insert")
    page.get_by_role("button", name="Lire la carte").click()
    title(page, "Est-ce bien votre carte ?")
    check(page, "request-fr-2-card")
    pin = page.get_by_label("Code PIN de la carte")
    yes = page.get_by_role("button", name="Oui, continuer")
    pin.fill("4321")
    yes.click()
    expect(page.get_by_role("alert")).to_contain_text("2")
    check(page, "request-fr-2-card-wrong-pin")
    expect(pin).to_have_value("")
    pin.fill(PIN)
    yes.click()

    title(page, "Pour qui est le certificat ?")
    check(page, "request-fr-3-who")
    page.get_by_role("button", name="Continuer").click()
    title(page, "Vos coordonnées")
    page.get_by_label("Adresse e-mail personnelle").fill("élise@example.be")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Tapez votre numéro de téléphone")
    check(page, "request-fr-4-contact-refused")
    page.get_by_label("Adresse e-mail personnelle").fill("elise@example.be")
    page.get_by_label("Numéro de téléphone").fill("+32 4 555 01 42")
    page.get_by_role("button", name="Continuer").click()

    title(page, "Vérifiez votre demande")
    expect(page.get_by_text("elise@example.be")).to_be_visible()
    check(page, "request-fr-5-check")
    page.get_by_role("button", name="Tout est juste").click()
    title(page, "Signer la demande")
    contract = page.frame_locator("iframe")
    expect(contract.locator("body")).to_contain_text("79.03.14-218.72")
    check(page, "request-fr-6-sign")
    # Back keeps what was typed, and coming forward again shows the contract anew.
    page.get_by_role("button", name="Retour").click()
    title(page, "Vérifiez votre demande")
    page.get_by_role("button", name="Tout est juste").click()
    title(page, "Signer la demande")
    page.get_by_label("Code PIN de la carte").fill(PIN)
    page.get_by_role("button", name="Signer la demande").click()

    title(page, "Choisissez un mot de passe")
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill("autre chose")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "request-fr-7-password-refused")
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    title(page, "Envoyer la demande")
    check(page, "request-fr-8-send")
    page.get_by_role("button", name="Envoyer la demande").click()
    title(page, "Votre demande est envoyée")
    check(page, "request-fr-9-receipt")
    assert PASSWORD not in page.content()

    page.get_by_role("link", name="Compléter cette demande").click()
    title(page, "Quel keystore attend son certificat ?")
    check(page, "complete-fr-1-choose")
    page.get_by_label("Mot de passe du keystore").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir le keystore").click()
    title(page, "Installer le certificat et créer l’ETK")
    check(page, "complete-fr-2-install")
    page.get_by_role("button", name="Installer le certificat").click()
    title(page, "Le certificat n’est pas encore livré")
    check(page, "complete-fr-2-waiting")
    move_clock(tmp_path / "home", "+1d")
    page.get_by_role("button", name="Regarder à nouveau").click()
    title(page, "Votre certificat est prêt")
    check(page, "complete-fr-3-done")
    assert status(tmp_path / "home")["state"] == "active"


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str, *, limit: int = 60) -> None:
        """Tab until the focus is on what is called ``name``."""
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            if re.search(name, self._focused()):
                return
        raise AssertionError(f"Tab does not lead to {name!r}")

    def press(self, name: str) -> None:
        self.to(name)
        self.page.keyboard.press("Enter")

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.type(text)

    def _focused(self) -> str:
        """The name of what has the focus, as far as labels and texts give it."""
        words: str = self.page.evaluate(
            "() => { const e = document.activeElement; if (!e || e === document.body) return '';"
            "return e.getAttribute('aria-label') || (e.labels && e.labels[0] && e.labels[0].textContent)"
            " || (e.matches('button, a, summary') && e.textContent) || ''; }"
        )
        return words.strip()


def test_with_the_keyboard_in_dutch(
    serving: Serving, visit: Callable[..., Visit], check: Check, tmp_path: Path
) -> None:
    page = visit(serving, locale="nl-BE").open("index", {"lang": "nl"})
    keys = Keys(page)
    keys.press("Een nieuw certificaat aanvragen")
    title(page, "Voor u begint")
    check(page, "request-nl-1-terms")
    keys.to("Ik aanvaard")
    page.keyboard.press("Space")
    keys.press("^Verder$")
    title(page, "Steek uw kaart in de lezer")
    check(page, "request-nl-2-insert")
    keys.press("Kaart lezen")
    title(page, "Is dit uw kaart?")
    check(page, "request-nl-2-card")
    keys.type("Pincode van de kaart", PIN)
    page.keyboard.press("Enter")
    title(page, "Voor wie is het certificaat?")
    check(page, "request-nl-3-who")
    keys.press("^Verder$")
    title(page, "Uw gegevens")
    keys.type("Persoonlijk e-mailadres", "elise@example.be")
    keys.type("Telefoonnummer", "+32 4 555 01 42")
    page.keyboard.press("Enter")
    title(page, "Kijk uw aanvraag na")
    check(page, "request-nl-5-check")
    keys.press("Alles klopt")
    title(page, "De aanvraag ondertekenen")
    check(page, "request-nl-6-sign")
    keys.type("Pincode van de kaart", PIN)
    page.keyboard.press("Enter")
    title(page, "Kies een wachtwoord")
    check(page, "request-nl-7-password")
    keys.type("Nieuw wachtwoord", PASSWORD)
    keys.type("Hetzelfde, nog eens", PASSWORD)
    page.keyboard.press("Enter")
    title(page, "De aanvraag verzenden")
    check(page, "request-nl-8-send")
    keys.press("Aanvraag verzenden")
    title(page, "Uw aanvraag is verzonden")
    check(page, "request-nl-9-receipt")

    move_clock(tmp_path / "home", "+1d")
    keys.press("Deze aanvraag vervolledigen")
    title(page, "Welke keystore wacht op zijn certificaat?")
    check(page, "complete-nl-1-choose")
    keys.type("Wachtwoord van de keystore", PASSWORD)
    page.keyboard.press("Enter")
    title(page, "Het certificaat installeren en de ETK maken")
    keys.press("Certificaat installeren")
    title(page, "Uw certificaat is klaar")
    check(page, "complete-nl-3-done")
    assert status(tmp_path / "home")["state"] == "active"
