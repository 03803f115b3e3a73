"""The button "Does it work?": on Troubleshoot, and on the last pages of Complete and Activate."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ehtoolkit import errors, forms
from ehtoolkit.forms.engine.production_guard import FIELD
from ehtoolkit.forms.widgets.page_frame import Announcer
from ehtoolkit.forms.widgets.page_parts import SectionHead
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training import Scenario
from tests.forms.player import Player
from tests.forms.troubleshoot_driver import TroubleshootDriver
from tests.keystore.conftest import KeystoreMaker
from tests.procedures.conftest import PASSWORD, Road, Wire, warm_home
from tests.support.faulty_servers import Url, reply, serving
from tests.support.training_life import Life

__all__ = ["warm_home"]

NAME = "SSIN=79031421872 20261124-130000.p12"
get = Translator("en").get


@pytest.fixture
def life(warm_home: Path, tmp_path: Path) -> Iterator[Life]:
    home = tmp_path / "home"
    shutil.copytree(warm_home, home)
    toolkit = open_toolkit(load_settings(home=home))
    assert toolkit.training is not None
    yield Life(Road(toolkit, Wire(toolkit.training.transport())))
    toolkit.close()


def proven(life: Life, path: Path, language: LanguageName = "en") -> TroubleshootDriver:
    driver = TroubleshootDriver(life.road.toolkit, language)
    driver.look(path.name)
    driver.do("open", password=PASSWORD.reveal())
    driver.do("prove")
    return driver


def test_a_fresh_certificate_works(life: Life) -> None:
    file = life.first()
    before = file.path.read_bytes()
    driver = proven(life, file.path)
    html = driver.detail.html
    assert driver.detail.parts(SectionHead)[-1].title == get("certificate_test.title")
    assert get("certificate_test.verdict.green") in html
    assert html.count("eh-finding eh-is-ok") == 9
    assert "eh-is-warn" not in html
    assert "eh-is-danger" not in html
    for part in ("keys", "messages", "platform"):
        assert get(f"certificate_test.part.{part}") in html
    assert "training.invalid" in html, "where questions went"
    assert driver.part(Announcer).text == get("certificate_test.verdict.green")
    assert file.path.read_bytes() == before
    driver.do("back")
    assert "This keystore is complete" in driver.detail.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_right_that_is_missing_is_no_fault_of_the_certificate(life: Life, language: LanguageName) -> None:
    file = life.first()
    assert life.road.toolkit.training is not None
    life.road.toolkit.training.switch(Scenario.STS_NOT_AUTHORISED, on=True)
    html = proven(life, file.path, language).detail.html
    texts = Translator(language, on_pages=True)
    assert texts.get("certificate_test.verdict.amber") in html
    assert texts.get("session.no_session_right") in html
    assert texts.get("session.no_session_right.next") in html
    assert "SOA-01002" in html, "the code, to be named on the telephone"
    assert "eh-is-danger" not in html


def test_a_revoked_one_does_not_work_and_again_asks_again(life: Life) -> None:
    file = life.first()
    driver = proven(life, file.path)
    life.revoke(file.keystore.key_id)
    driver.do("again")
    html = driver.detail.html
    assert get("certificate_test.verdict.red") in html
    assert html.count("eh-finding eh-is-danger") == 4


def test_the_report_for_a_helpdesk_has_no_name_and_no_number(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = proven(life, life.first().path)
    _, content = driver.download(monkeypatch, get("helpdesk.report"))
    report = json.loads(content)
    assert report["test"]["session"] == ["green", "issued"]
    assert report["failures"] == []
    for secret in ("79031421872", "Vandamme", PASSWORD.reveal(), "Assertion"):
        assert secret not in content.decode()


def test_nothing_secret_is_in_any_widget(life: Life) -> None:
    driver = proven(life, life.first().path)
    state = "".join(str(widget.get_state()) for widget in driver.everything())
    for secret in (PASSWORD.reveal(), "<Assertion", "AssertionID", "BEGIN"):
        assert secret not in state


# ── the last pages of Complete and of Activate ───────────────────────────────────────────────────────────
def last_page(life: Life, path: Path, page: str, monkeypatch: pytest.MonkeyPatch) -> Player:
    """The form of that name, walked to its end on this keystore."""
    monkeypatch.setenv("EHTOOLKIT_HOME", str(life.road.toolkit.settings.home))
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "en")
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    monkeypatch.setenv("QUERY_STRING", urlencode({"keystore": path.name}))
    form = Player(forms.PAGES[page]())
    form.press(secrets={"password": PASSWORD.reveal()})
    form.press()
    return form


def test_the_last_page_of_complete_has_the_test_and_repeats_it(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = life.ask()
    life.move("+1d")
    form = last_page(life, asked.keystore, "complete", monkeypatch)
    assert form.title == get("complete.done.title")
    assert "training.invalid" in form.html, "it says what will be sent"
    assert get("certificate_test.verdict.green") in form.html
    assert form.html.count("eh-finding eh-is-ok") == 9
    life.revoke(asked.key_id)
    form.press("prove")
    assert get("certificate_test.verdict.red") in form.html


def test_the_last_page_of_activate_has_the_button(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    _, new = life.renewed()
    form = last_page(life, new.path, "activate", monkeypatch)
    assert form.title == get("activate.done.title")
    form.press("prove")
    assert get("certificate_test.verdict.green") in form.html
    life.revoke(new.keystore.key_id)
    form.press("prove")
    assert get("certificate_test.verdict.red") in form.html
    assert get("certificate_test.verdict.green") not in form.html


# ── production ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Url]:
    with serving(reply()) as url:
        for name, value in {
            "ENVIRONMENT": "production",
            "PLATFORM_URL": url.base,
            "KEYSTORE_FOLDER": str(tmp_path / "keystore"),
        }.items():
            monkeypatch.setenv(f"EHTOOLKIT_{name}", value)
        yield url


def test_in_production_it_is_confirmed_and_says_what_is_sent(
    production: Url, keystore_maker: KeystoreMaker
) -> None:
    toolkit = open_toolkit(load_settings())
    driver = TroubleshootDriver(toolkit)
    driver.drop((NAME, write_pkcs12(keystore_maker.prepared.contents, PASSWORD)))
    driver.do("open", password=PASSWORD.reveal())
    (examined,) = driver.model.examined_files
    with pytest.raises(errors.Cancelled):
        driver.model.prove(examined)
    driver.do("prove")
    assert driver.detail.parts(SectionHead)[-1].title == "You are working in production"
    assert production.base.partition("//")[2] in driver.detail.html
    assert "Nothing is changed" in driver.detail.html
    driver.do("go", {FIELD: "yes"})
    assert production.requests == []
    driver.do("go", {FIELD: "production"})
    assert len(production.requests) == 1
    assert get("certificate_test.known_unanswered") in driver.detail.html
    toolkit.close()


def test_a_training_keystore_is_not_put_to_the_test_in_production(
    production: Url, keystore_maker: KeystoreMaker
) -> None:
    toolkit = open_toolkit(load_settings())
    driver = TroubleshootDriver(toolkit)
    driver.drop((NAME, write_pkcs12(keystore_maker.complete.contents, PASSWORD)))
    driver.do("open", password=PASSWORD.reveal())
    assert "prove" not in {name for name, _ in driver.deeds}
    assert "environment “training”, and you are working in “production”" in driver.detail.html
    assert production.requests == []
    toolkit.close()
