"""A first certificate through the pages: asked for and completed, in French and Dutch, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ehtoolkit.i18n import Translator
from ehtoolkit.settings import LanguageName
from tests.browser import form_steps
from tests.browser.page_users import Keys, Mouse, title
from tests.browser.pages import Check, Visit
from tests.browser.prepared_homes import PIN, ehtoolkit
from tests.browser.serving import Serving

PASSWORD = "Kine-2026"
CONTACT = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}


def status(home: Path) -> dict[str, Any]:
    (keystore,) = (home / "training" / "keystore").glob("*.p12")
    password = home / "password"
    password.write_text(PASSWORD)
    return ehtoolkit(home, "certificate", "status", str(keystore), "--password-file", str(password))


@pytest.mark.long
def test_with_mistakes_by_mouse_in_french(
    serving: Serving, visit: Callable[..., Visit], check: Check
) -> None:
    page = visit(serving, lands=True).page  # by the address that the server prints
    title(page, "Certificats eHealth")
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
    page.get_by_role("button", name="Continuer vers le contrat").click()
    title(page, "Signer la demande")
    contract = page.frame_locator("iframe")
    expect(contract.locator("body")).to_contain_text("79.03.14-218.72")
    check(page, "request-fr-6-sign")
    # Back keeps what was typed, and coming forward again shows the contract anew.
    page.get_by_role("button", name="Retour").click()
    title(page, "Vérifiez votre demande")
    page.get_by_role("button", name="Continuer vers le contrat").click()
    title(page, "Signer la demande")
    page.get_by_label("Code PIN de la carte").fill(PIN)
    page.get_by_role("button", name="Signer la demande").click()

    title(page, "Choisissez un mot de passe")
    page.get_by_label("Nouveau mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Répétez le mot de passe").fill("autre chose")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, "request-fr-7-password-refused")
    page.get_by_label("Nouveau mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Répétez le mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    title(page, "Envoyer la demande")
    check(page, "request-fr-8-send")
    page.get_by_role("button", name="Envoyer la demande").click()
    title(page, "Votre demande est envoyée")
    check(page, "request-fr-9-receipt")
    assert PASSWORD not in page.content()

    page.get_by_role("link", name="Compléter cette demande").click()
    title(page, "Choisissez le fichier de votre demande")
    check(page, "complete-fr-1-choose")
    page.get_by_label("Mot de passe du keystore").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir le keystore").click()
    title(page, "Installer et tester le certificat")
    check(page, "complete-fr-2-install")
    page.get_by_role("button", name="Installer et tester").click()
    title(page, "Le certificat n’est pas encore délivré")
    check(page, "complete-fr-2-waiting")
    ehtoolkit(serving.home, "training", "clock", "+1d")
    page.get_by_role("button", name="Vérifier à nouveau").click()
    title(page, "Votre certificat est prêt")
    check(page, "complete-fr-3-done")
    assert status(serving.home)["state"] == "active"


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
