"""The Troubleshoot page asks the platform: what it shows, where it leads, what it confirms first, what it tells."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.certificate_info_xml import CertStatus, EtkStatus
from ehtoolkit.finding import Severity
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.engine.production_guard import FIELD
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.forms.troubleshoot.advice import next_step
from ehtoolkit.forms.troubleshoot.platform_check import leads
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.files import Download
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.state import platform_status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.authority import certificate_register
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.keystore.conftest import KeystoreMaker
from tests.procedures.conftest import PASSWORD, Road, Wire, warm_home
from tests.support.faulty_servers import Url, reply, serving
from tests.support.issued_keystores import ISSUER, issued_by
from tests.support.keystores import create_keystore
from tests.support.training_life import PHARMACY, Life

__all__ = ["warm_home"]

ALL = frozenset(
    {"activate", "complete", "complete-renewal", "password", "renew", "request", "revoke", "troubleshoot"}
)
NAME = "SSIN=79031421872 20261124-130000.p12"
NISS = "79031421872"


@pytest.fixture
def life(warm_home: Path, tmp_path: Path) -> Iterator[Life]:
    home = tmp_path / "home"
    shutil.copytree(warm_home, home)
    toolkit = open_toolkit(load_settings(home=home))
    assert toolkit.training is not None
    yield Life(Road(toolkit, Wire(toolkit.training.transport())))
    toolkit.close()


@pytest.fixture
def driver(life: Life) -> TroubleshootDriver:
    return TroubleshootDriver(life.road.toolkit, pages=ALL)


def look(driver: TroubleshootDriver, path: Path, password: Secret = PASSWORD) -> None:
    """Take a file of the folder and open it."""
    driver.look(path.name)
    driver.do("open", password=password.reveal())


def opened(life: Life, path: Path) -> TroubleshootDriver:
    """The page with that file of the folder, open."""
    driver = TroubleshootDriver(life.road.toolkit, pages=ALL)
    look(driver, path)
    return driver


def links(driver: TroubleshootDriver) -> dict[str, str]:
    """Those of the file that is shown: where they lead, and how they look."""
    return {
        button["href"]: button["look"]
        for button in driver.detail.parts(ButtonBar)[-1].buttons
        if button["href"]
    }


def offers(driver: TroubleshootDriver) -> list[str]:
    return [button["name"] for button in driver.detail.parts(ButtonBar)[-1].buttons]


def downloaded_report(driver: TroubleshootDriver, monkeypatch: pytest.MonkeyPatch) -> str:
    """The report for a helpdesk."""
    _, content = driver.download(monkeypatch, Translator("en").get("helpdesk.report"))
    return content.decode()


def home_of(life: Life) -> Path:
    return life.road.toolkit.settings.home


def switch(life: Life, scenario: str, *, on: bool = True) -> None:
    assert life.road.toolkit.training is not None
    life.road.toolkit.training.switch(scenario, on)


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────
def test_active_on_both_sides(life: Life) -> None:
    file = life.first()
    before = file.path.read_bytes()
    driver = opened(life, file.path)
    assert "ask" in offers(driver)
    driver.do("ask")
    html = driver.detail.html
    assert driver.detail.parts(SectionHead)[-1].title == "State at the platform"
    assert "At the platform: active" in html
    assert "valid and active" in html
    assert "VALID_ACTIVE" in html, "the platform's own word, which a helpdesk asks for"
    assert "that of this file" in html
    assert "possible from" in html
    assert links(driver) == {}
    assert file.path.read_bytes() == before
    driver.do("back")
    assert "At the platform" in driver.detail.html
    assert "This keystore is complete" in driver.detail.html


def test_revoked_although_the_file_looks_good(life: Life) -> None:
    file = life.first()
    life.revoke(file.keystore.key_id)
    driver = opened(life, file.path)
    assert "This keystore is complete" in driver.detail.html
    driver.do("ask")
    assert "At the platform: revoked" in driver.detail.html
    assert "REVOKED" in driver.detail.html
    (address,) = links(driver)
    assert address.startswith("request.ipynb?"), "what is known is filled in"
    assert Prefill.of_query(address.partition("?")[2]).email == "elise@example.be"
    assert links(driver)[address] == "primary"
    driver.do("back")
    assert driver.detail.html.index("At the platform: revoked") < driver.detail.html.index("eh-card")
    driver.drop(("letter.txt", b"Dear colleague"))
    assert (file.path.name, "danger", "Revoked") in driver.verdicts


def test_an_old_and_a_new_file_around_the_activation(life: Life) -> None:
    old, new = life.renewed()
    driver = opened(life, new.path)
    driver.do("ask")
    html = driver.detail.html
    assert "At the platform: the ETK has to be activated" in html
    assert "WAIT_FOR_ACTIVATION" in html
    assert "on the page “Activate the ETK”" in html
    assert "certificate activate" not in html
    query = f"?keystore={key_of_file(new.path.name)}"
    assert links(driver) == {f"activate.ipynb{query}": "primary"}

    driver.do("back")
    driver.do("archive")
    assert "The new file is not activated yet" in driver.detail.html
    driver.do("cancel")

    life.activate(new)
    driver.do("ask")
    driver.do("back")
    driver.do("archive")
    assert old.path.name in driver.detail.html
    assert "The new file is not activated yet" not in driver.detail.html
    look(driver, old.path)
    driver.do("ask")
    assert new.path.name in driver.detail.html
    assert links(driver) == {f"troubleshoot.ipynb{query}": "primary"}


def test_a_file_that_waits(life: Life) -> None:
    asked = life.ask()
    driver = opened(life, asked.keystore)
    driver.do("ask")
    assert "At the platform: requested, to be completed" in driver.detail.html
    assert "has not been delivered yet" in driver.detail.html
    life.move("+1d")
    driver.do("again")
    assert "The certificate is ready; it is not in this file yet." in driver.detail.html
    (address,) = links(driver)
    assert address.startswith("complete.ipynb?keystore=")


def test_a_request_that_never_left(life: Life, keystore_maker: KeystoreMaker) -> None:
    path = life.road.toolkit.context.keystores / NAME
    create_keystore(path, keystore_maker.prepared.contents, PASSWORD)
    driver = opened(life, path)
    driver.do("ask")
    assert "was never sent" in driver.detail.html
    assert "on the page “Request a new certificate”" in driver.detail.html
    (address,) = links(driver)
    assert address == f"request.ipynb?resume={key_of_file(NAME)}"


def test_due_for_renewal(life: Life) -> None:
    file = life.due()
    driver = opened(life, file.path)
    assert "on the page “Renew the certificate”" in driver.detail.html
    driver.do("ask")
    assert "At the platform: active, to be renewed" in driver.detail.html
    assert "possible now" in driver.detail.html
    (address,) = links(driver)
    assert address.startswith("renew.ipynb?keystore=")


def test_an_organisation_is_filled_in_for_a_new_request(life: Life) -> None:
    pharmacy = replace(life, card="ines", organisation=PHARMACY)
    file = pharmacy.first()
    pharmacy.revoke(file.keystore.key_id)
    driver = opened(life, file.path)
    driver.do("ask")
    (address,) = links(driver)
    assert "actor=NIHII-PHARMACY%3D71452079" in address
    assert Prefill.of_query(address.partition("?")[2]).general_email == "practice@example.be"


# ── where the platform says nothing ──────────────────────────────────────────────────────────────────────────
def test_a_platform_that_is_down(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    file = life.first()
    switch(life, "platform-down")
    driver = opened(life, file.path)
    driver.do("ask")
    html = driver.detail.html
    assert "Not checked with the platform" in html
    assert "A revoked certificate still looks valid here." in html
    assert "This keystore is complete" in html, "from the file only"
    assert "At the platform:" not in html
    assert links(driver) == {}
    report = json.loads(downloaded_report(driver, monkeypatch))
    assert (report["checked"], report["state"], report["findings"]) == (
        False,
        "complete",
        ["unchecked", "state_complete"],
    )
    assert report["error"] == "platform_fault"
    driver.do("back")
    assert "Not checked with the platform" in driver.detail.html
    driver.drop(("letter.txt", b"Dear colleague"))
    assert (file.path.name, "ok", "In order") in driver.verdicts

    switch(life, "platform-down", on=False)
    driver.choose(file.path.name)
    driver.do("ask")
    assert "At the platform: active" in driver.detail.html


def test_a_keystore_of_another_environment(life: Life, keystore_maker: KeystoreMaker) -> None:
    driver = TroubleshootDriver(life.road.toolkit, pages=ALL)
    name = NAME.replace(".p12", ".acc-p12")
    driver.drop((name, write_pkcs12(keystore_maker.prepared.contents, PASSWORD)))
    driver.do("open", password=PASSWORD.reveal())
    assert f"The keystore {name} is for the environment “acceptance”" in driver.detail.html
    assert not {"ask", "prove", "revocation", "complete"} & set(offers(driver))
    assert life.road.toolkit.last_exchange.messages == ()


def test_a_file_that_was_changed_meanwhile(life: Life) -> None:
    file = life.first()
    driver = opened(life, file.path)
    file.path.write_bytes(write_pkcs12(file.keystore.contents, Secret("another one")))
    driver.do("ask")
    assert file.path.name in driver.detail.problem[0][0]
    assert driver.detail.parts(ButtonBar)[-1].busy == ""


# ── files that are in memory only ────────────────────────────────────────────────────────────────────────────
def test_a_file_that_was_handed_over(life: Life, driver: TroubleshootDriver) -> None:
    old, new = life.renewed()
    data, name = new.path.read_bytes(), new.path.name
    new.path.unlink()
    before = sorted(path for path in home_of(life).rglob("*") if path.is_file())
    driver.drop((name, data))
    driver.do("open", password=PASSWORD.reveal())
    driver.do("ask")
    assert "the ETK has to be activated" in driver.detail.html
    assert "first put it into the keystore folder" in driver.detail.html
    assert links(driver) == {}, "no form finds it"
    assert sorted(path for path in home_of(life).rglob("*") if path.is_file()) == before
    assert old.path.exists()


@pytest.mark.parametrize(
    "name", ["../../x.p12", "/etc/passwd", "a\0b.p12", "x" * 5000, "..", "C:\\x.p12", ""]
)
def test_no_name_of_a_file_in_memory_leads_anywhere(
    life: Life, keystore_maker: KeystoreMaker, name: str
) -> None:
    driver = TroubleshootDriver(life.road.toolkit, pages=ALL)
    driver.drop((name, write_pkcs12(keystore_maker.complete.contents, PASSWORD)))
    driver.do("open", password=PASSWORD.reveal())
    driver.do("ask")
    assert driver.detail.problem == []
    assert "unknown certificate, or unknown status" in driver.detail.html
    assert list(links(driver)) == ["revoke.ipynb"]


def test_a_link_that_two_findings_lead_to_stays_where_it_came_first(life: Life) -> None:
    driver = opened(life, life.first().path)
    driver.do("ask")
    (examined,) = driver.model.examined_files
    assert examined.platform_status is not None
    found = (
        platform_status.finding("depot_newer", Severity.ERROR, file="new.p12"),
        platform_status.finding("etk_key_missing", Severity.ERROR),
        platform_status.finding("newer", Severity.WARNING, file="new.p12"),
    )
    status_now = replace(examined.platform_status, findings=found)
    assert [lead.page for lead in leads(examined, status_now)] == ["troubleshoot", "revoke"]


def test_a_damaged_file_is_asked_about_by_what_is_sound(life: Life, driver: TroubleshootDriver) -> None:
    file = life.first()
    data = file.path.read_bytes()
    life.revoke(file.keystore.key_id)
    damaged = bytearray(data)
    damaged[-40] ^= 1  # in the checksum
    driver.drop(("damaged.p12", bytes(damaged)))
    driver.do("open", password=PASSWORD.reveal())
    driver.do("ask")
    assert "At the platform: revoked" in driver.detail.html


def test_a_damaged_file_of_another_environment_is_not_asked_about(
    life: Life, driver: TroubleshootDriver, tmp_path: Path
) -> None:
    """It is damaged wherever it belongs; whose it is, only what is sound in it shows."""
    damaged = bytearray(issued_by(ISSUER["production"], tmp_path / "a.p12").path.read_bytes())
    damaged[-40] ^= 1  # in the checksum
    driver.drop(("damaged.p12", bytes(damaged)))
    driver.do("open", password=PASSWORD.reveal())
    assert "rescue" in offers(driver)
    driver.do("ask")
    sentence, _ = driver.detail.problem[0]
    assert "damaged.p12 is for the environment “production”, and you are working in “training”" in sentence
    assert life.road.toolkit.last_exchange.messages == ()


def test_what_holds_no_keystore_is_not_asked_about(
    driver: TroubleshootDriver, keystore_maker: KeystoreMaker
) -> None:
    closed = write_pkcs12(keystore_maker.complete.contents, PASSWORD)
    driver.drop((NAME, closed), ("letter.txt", b"Dear colleague"))
    assert "ask" not in offers(driver)
    driver.choose("letter.txt")
    assert "ask" not in offers(driver)
    driver.do("ask")
    assert driver.model.toolkit.last_exchange.messages == ()


# ── for the consultant ───────────────────────────────────────────────────────────────────────────────────────
def test_report_and_messages_are_offered(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    file = life.first()
    driver = opened(life, file.path)
    driver.do("ask")
    report = downloaded_report(driver, monkeypatch)
    read = json.loads(report)
    assert (read["error"], read["state"], read["findings"]) == (None, "active", ["depot_ours"])
    assert read["platform"] == {"certificate": "VALID_ACTIVE", "etk": "VALID_ACTIVE"}
    assert "getCertificateInfoForAuthenticationCertificate" in report
    for personal in (NISS, "ELISE", "DUBOIS", PASSWORD.reveal(), str(file.path.parent)):
        assert personal not in report
    _, messages = driver.download(monkeypatch, Translator("en").get("helpdesk.messages"))
    last = json.loads(messages)[-1]
    assert last["operation"] == "getEtk" or "GetEtkRequest" in last["request"]
    assert PASSWORD.reveal() not in messages.decode()
    labels = [part.label for part in driver.detail.parts(Download)]
    assert Translator("en").get("helpdesk.report") in labels
    assert not driver.holds(PASSWORD.reveal())


# ── production ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Url]:
    """A stand-in for the real platform; whoever is asked in production asks this one."""
    with serving(reply()) as url:
        for name, value in {
            "ENVIRONMENT": "production",
            "PLATFORM_URL": url.base,
            "KEYSTORE_FOLDER": str(tmp_path / "keystore"),
        }.items():
            monkeypatch.setenv(f"EHTOOLKIT_{name}", value)
        yield url


@pytest.fixture
def real(production: Url, keystore_maker: KeystoreMaker) -> Iterator[TroubleshootDriver]:
    """The page in production, with a file that is open."""
    toolkit = open_toolkit(load_settings())
    driver = TroubleshootDriver(toolkit, pages=ALL)
    driver.drop((NAME, write_pkcs12(keystore_maker.prepared.contents, PASSWORD)))
    driver.do("open", password=PASSWORD.reveal())
    yield driver
    toolkit.close()


def test_in_production_looking_asks_nothing_and_asking_is_confirmed(
    real: TroubleshootDriver, production: Url
) -> None:
    assert "still waiting" in real.detail.html or "To be completed" in real.detail.html
    real.do("ask")
    assert real.detail.parts(SectionHead)[-1].title == "You are working in production"
    assert production.requests == []
    for typed in ("", "yes", "acceptance"):
        real.do("go", {FIELD: typed})
        assert real.detail.problem == [("Type the word “Production”, nothing else", FIELD)]
        assert production.requests == []
    real.do("go", {FIELD: " production"})
    assert len(production.requests) == 1
    assert "Not checked with the platform" in real.detail.html
    real.do("back")
    real.do("ask")
    assert len(production.requests) == 2, "confirmed once for this page"


def test_in_production_nothing_is_sent_after_a_change_of_mind(
    real: TroubleshootDriver, production: Url
) -> None:
    real.do("ask")
    real.do("cancel")
    assert "ask" in offers(real)
    assert production.requests == []
    (examined,) = real.model.examined_files
    with pytest.raises(errors.Cancelled):
        real.model.ask(examined)
    assert production.requests == []


def test_in_production_a_training_keystore_is_not_sent(
    production: Url, keystore_maker: KeystoreMaker
) -> None:
    toolkit = open_toolkit(load_settings())
    driver = TroubleshootDriver(toolkit, pages=ALL)
    driver.drop((NAME, write_pkcs12(keystore_maker.complete.contents, PASSWORD)))
    driver.do("open", password=PASSWORD.reveal())
    assert "environment “training”, and you are working in “production”" in driver.detail.html
    assert not {"ask", "prove", "revocation"} & set(offers(driver))
    assert production.requests == []
    toolkit.close()


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────
LED = (
    *("depot_old", "etk_key_missing", "etk_missing", "etk_over", "etk_to_activate", "never_sent", "newer"),
    *("ready", "renewal_ready", "renewal_unclear", "renewal_unsent", "request_unclear", "unknown"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_every_state(language: LanguageName) -> None:
    texts = Translator(language)
    keys = [f"state.{state}" for state in State if state is not State.NOT_YET_VALID]
    keys += [f"certificate.{state.lower()}" for state in CertStatus]
    keys += [f"token.{state.lower()}" for state in EtkStatus]
    keys += [
        f"depot_{state}" for state in ("ours", "old", "newer", "other", "empty", "untrusted", "unchecked")
    ]
    assert [key for key in keys if not texts.has(f"troubleshoot.platform.{key}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", LED)
def test_next_steps_lead_to_pages_and_not_to_commands(key: str, language: LanguageName) -> None:
    finding = platform_status.finding(key, Severity.WARNING, file="a.p12", serial="1", refusal="x")
    said = next_step(finding, Translator(language))
    commands = ("certificate complete", "certificate activate", "certificate request", "certificate list")
    assert [command for command in (*commands, "keystore merge") if command in said] == []


# ── the issuer is asked whether it is revoked ────────────────────────────────────────────────────────────
def test_the_issuer_is_asked(life: Life) -> None:
    path = life.first().path
    driver = opened(life, path)
    assert "revocation" in offers(driver)
    driver.do("revocation")
    assert "was not revoked as of" in driver.detail.html
    assert "revocation" not in offers(driver)  # it was answered


def test_a_revoked_certificate_is_the_verdict(life: Life) -> None:
    file = life.first()
    training = life.road.toolkit.training
    assert training is not None
    certificate_register.revoke(training, str(file.keystore.key_id), "keyCompromise")
    driver = opened(life, file.path)
    driver.do("revocation")
    assert "the certificate was revoked on" in driver.detail.html
    assert "Request a new certificate" in driver.detail.html


def test_a_closed_file_is_not_asked_about(life: Life) -> None:
    name = life.first().path.name
    driver = TroubleshootDriver(life.road.toolkit, pages=ALL)
    driver.look(name)
    assert "revocation" not in offers(driver)
