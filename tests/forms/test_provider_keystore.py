"""The keystore of a provider on the page Providers: it is assigned, and its record is found by it."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms import open_providers
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import Tabs
from ehtoolkit.forms.widgets.fields import ChoiceField, SecretField, TextField
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.providers import Assignment, Provider, Registry, open_registry
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.browser.prepared_homes import certificate_in
from tests.forms.player import Player
from tests.forms.providers_driver import (
    NISS,
    PASSWORD,
    ProvidersDriver,
    driver,
    elise,
    elise_record,
    get,
    registry,
    settings,
)
from tests.support.ipywidgets_internals import send_to

__all__ = ["driver", "elise", "elise_record", "registry", "settings"]


def test_the_keystore_of_a_provider(
    driver: ProvidersDriver, settings: Settings, registry: Registry, elise: Provider
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    registry.add(Provider("Peeters", niss="80010112345"))
    driver.open(elise.id or 0)
    driver.turn_to("certificate")
    assert driver.part(ChoiceField, "keystore").value == keystore.name  # proposed
    (offered,) = driver.part(ChoiceField, "keystore").options
    assert offered["hint"].startswith(get("export.state.closed"))
    driver.press("assign", secrets={"password": "wrong"})
    assert registry.get(elise.id or 0).keystore is None
    wrong = Translator("en").error(errors.KeystorePasswordWrong())
    assert driver.problem == [(wrong, "password")]
    assert driver.part(SecretField, "password").error == wrong
    assert driver.said == "", "what was said before is no news beside an error"
    driver.press("assign", secrets={"password": PASSWORD})
    kept = registry.get(elise.id or 0).keystore
    assert kept is not None
    assert (kept.path, kept.holder) == (str(keystore), f"SSIN={NISS}")
    assert "eh-keylabel eh-is-ok" in driver.html, "by what its password has shown"
    assert not driver.holds(PASSWORD)
    driver.press("unassign")
    assert registry.get(elise.id or 0).keystore is None
    assert "eh-keylabel eh-is-warn" in driver.html
    driver.turn_to("history")
    assert keystore.name in driver.html

    # somebody else's record is offered no file of hers
    driver.press("close")
    driver.open(2)
    driver.turn_to("certificate")
    assert [part for part in driver.parts(ChoiceField) if part.name == "keystore"] == []
    assert "assign" not in driver.buttons


def test_a_record_opens_while_the_keystore_folder_cannot_be_listed(
    driver: ProvidersDriver, settings: Settings, elise: Provider
) -> None:
    settings.keystores.parent.mkdir(parents=True, exist_ok=True)
    settings.keystores.write_text("a file, not a folder")
    driver.open(elise.id or 0)
    assert driver.part(TextField, "name").value == "Vandamme"
    driver.turn_to("certificate")
    unlisted = errors.FileUnreadable(path=str(settings.keystores))
    assert Translator("en").error(unlisted) in unescape(driver.html)


def test_a_keystore_is_assigned_without_its_password_where_none_is_typed(
    driver: ProvidersDriver, settings: Settings, registry: Registry, elise: Provider
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    driver.open(elise.id or 0)
    driver.turn_to("certificate")
    driver.press("assign", secrets={"password": ""})
    assert driver.problem == []
    kept = registry.get(elise.id or 0).keystore
    assert kept is not None
    assert (kept.path, kept.not_after) == (str(keystore), None)

    bar = next(
        part for part in driver.parts(ButtonBar) if "assign" in {button["name"] for button in part.buttons}
    )
    assert bar.buttons[0]["label"] == get("providers.keystore.read"), "it is the same file"
    driver.press("assign", secrets={"password": PASSWORD})
    # The second click of a double one: the field is empty by then.
    send_to(bar, {"action": "assign", "values": {}, "secrets": {"password": ""}})
    kept = registry.get(elise.id or 0).keystore
    assert kept is not None
    assert kept.not_after is not None
    assert driver.problem == []
    assert "assign" not in driver.buttons, "the file is linked, and no other one is there"
    assert driver.part(ChoiceField, "keystore").layout.display == "none"


def test_where_no_keystore_is_chosen_one_is_asked_for(
    driver: ProvidersDriver, settings: Settings, registry: Registry, elise: Provider
) -> None:
    settings.keystores.mkdir(parents=True)
    for day in (20230101, 20261101):
        path = settings.keystores / f"SSIN={NISS} {day}-120000.p12"
        path.write_bytes(b"x")
    registry.assign(elise.id or 0, Assignment(str(path)))
    driver.open(elise.id or 0)
    driver.turn_to("certificate")
    looks = {button["name"]: button["look"] for bar in driver.parts(ButtonBar) for button in bar.buttons}
    assert (looks["assign"], looks["save"]) == ("submit", "primary"), "the file that is there is the newest"
    driver.page.shell.confirm(get("providers.saved"))
    driver.press("assign", secrets={"password": ""})
    assert driver.problem == [(get("choosing.block.none"), "keystore")]
    assert driver.said == ""


def test_a_keystore_comes_after_the_niss(driver: ProvidersDriver) -> None:
    driver.press("new")
    driver.turn_to("certificate")
    assert get("providers.keystore.first") in driver.html
    assert "assign" not in driver.buttons


def test_the_record_of_a_keystore_s_holder_is_opened_where_it_is_assigned(
    driver: ProvidersDriver, elise: Provider, settings: Settings
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    driver.page.show_holder(keystore.name)
    assert driver.title == "Élise Vandamme"
    assert driver.part(Tabs).chosen == "certificate"
    assert driver.part(ChoiceField, "keystore").value == keystore.name
    driver.press("assign", secrets={"password": PASSWORD})
    assert elise.id is not None
    kept = driver.model.registry.providers()
    assert [provider.keystore.path if provider.keystore else None for provider in kept] == [str(keystore)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_record_a_new_one_is_filled_from_the_certificate(
    registry: Registry, settings: Settings, language: LanguageName
) -> None:
    keystore = certificate_in(settings.home, PASSWORD)
    driver, texts = ProvidersDriver(registry, settings, language), Translator(language)
    toolkit = open_toolkit(settings)
    toolkit.open_keystore(keystore, Secret(PASSWORD))  # as the form did whose last page leads here
    toolkit.close()
    driver.page.show_holder(keystore.name)
    assert driver.title == texts.get("providers.new.title")
    shown = {name: driver.part(TextField, name).value for name in ("name", "niss", "birth_date")}
    assert shown == {"name": "VANDAMME ELISE MARIE", "niss": "79.03.14-218.72", "birth_date": "14/03/1979"}
    assert texts.get("providers.filled.text", file=keystore.name) in unescape(driver.html)
    assert "eh-keylabel" not in driver.html
    assert registry.count() == 0
    driver.type("name", "Vandamme")
    driver.type("first_names", "Élise")
    driver.press("save")
    assert [(provider.name, provider.first_names, provider.niss) for provider in registry.providers()] == [
        ("Vandamme", "Élise", NISS)
    ]
    assert driver.part(Tabs).chosen == "certificate"  # its turn now
    driver.press("assign", secrets={"password": PASSWORD})
    assert driver.problem == []
    assert [provider.keystore.path if provider.keystore else None for provider in registry.providers()] == [
        str(keystore)
    ]


def test_an_organisations_keystore_is_linked_to_its_record(
    driver: ProvidersDriver, registry: Registry, settings: Settings, elise_record: Provider
) -> None:
    settings.keystores.mkdir(parents=True, exist_ok=True)
    file = settings.keystores / "CBE=0486132722 20261124-101500.p12"
    file.write_bytes(b"no keystore, but called so")
    driver.page.show_holder(file.name)
    assert driver.title == get("providers.title")  # nobody is of that enterprise, and it is no person
    registry.add(replace(elise_record, enterprise_number="0486132722"))
    driver.page.show_holder(file.name)
    assert driver.title == "Élise Vandamme"
    assert [option["value"] for option in driver.part(ChoiceField, "keystore").options] == [file.name]


def test_a_record_that_the_address_names_counts_before_a_keystore_s_holder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elise_record: Provider
) -> None:
    monkeypatch.setenv("EHTOOLKIT_HOME", str(tmp_path))
    settings = load_settings()
    settings.keystores.mkdir(parents=True)
    (settings.keystores / "CBE=0486132722 20261124-101500.p12").write_bytes(b"no keystore, but called so")
    with open_registry(settings) as registry:
        elise = registry.add(elise_record)
        registry.add(Provider("Hennes", "Karl", enterprise_number="0486132722"))
    keystore = "keystore=CBE%3D0486132722%2020261124-101500.p12"
    for query, shown in (
        (keystore, "Karl Hennes"),
        (f"{keystore}&provider={elise.id}&part=periods", "Élise Vandamme"),
    ):
        monkeypatch.setenv("QUERY_STRING", query)
        page = Player(open_providers())
        assert (page.title, page.problem) == (shown, [])
    assert page.part(Tabs).chosen == "periods"
