"""The first page: what is due, one field to see more, and only pages that exist are linked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from markupsafe import escape

from ehtoolkit import errors
from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.list_html import days, due_list
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.index import GROUPS, TOOLS, IndexPage, menu, open_index, tools
from ehtoolkit.forms.widgets.buttons import ButtonBar, ButtonPress
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.holder_keystores import keystore_path
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import RequestRecord, read_cached_states, write_request_record
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, Settings, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from tests.browser.prepared_homes import certificate_in, renewed_in, revoke_in
from tests.forms.due_files import SOON, look, opened, waiting
from tests.forms.player import Player
from tests.support.items import ON_FIRST_PAGE, item_in
from tests.support.keystores import write_over

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
ELISE = Identifier.parse("SSIN=79031421872")
PASSWORD = "Zo-Geheim_42"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home beside the notebooks of three pages."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("request", "complete", "renew", "activate", "troubleshoot", "complete-renewal"):
        (pages / f"{name}.ipynb").touch()
    monkeypatch.chdir(pages)
    return load_settings().home


@pytest.fixture
def folder(home: Path) -> Path:
    folder = home / "training" / "keystore"
    folder.mkdir(parents=True)
    return folder


def page_in(language: LanguageName = "en", build: Callable[[Settings], Toolkit] = open_toolkit) -> IndexPage:
    return IndexPage(PageContext(load_settings(), Translator(language)), build, run_inline)


def due_of(page: IndexPage) -> str:
    return str(page.root.children[1].value)


def loaded_of(page: IndexPage) -> list[str]:
    """Return the buttons with which the user says that newer files are loaded everywhere."""
    names = [button["name"] for bar in Player(page.root).parts(ButtonBar) for button in bar.buttons]
    return [name for name in names if name.startswith("loaded-")]


def unlock(page: IndexPage, password: str) -> None:
    assert page.parts is not None
    part = page.parts.unlock
    assert part.root.children, "the field is shown"
    part._act(ButtonPress("open", {}, {"unlock": Secret(password)}))


def put_waiting(folder: Path, notes: Path, key: RSAPrivateKey) -> Path:
    keystore = Keystore.prepare(key, NOW)
    path = keystore_path(folder, ELISE, None, NOW, Environment.TRAINING)
    KeystoreFile.create(path, keystore, Secret(PASSWORD))
    name = DistinguishedName(ELISE, "VANDAMME ELISE").text
    write_request_record(notes, RequestRecord(keystore.key_id, name, Environment.TRAINING, NOW))
    return path


def put_broken(folder: Path) -> Path:
    path = folder / "CBE=0486132722,TILLEULS 20231103-140218.p12"
    path.write_bytes(b"\x30\x82no keystore that could be read")
    return path


def test_waiting_keystores_come_first(folder: Path, tmp_path: Path, key: RSAPrivateKey) -> None:
    closed = put_broken(folder)
    waiting = put_waiting(folder, tmp_path / "notes", key)

    due = due_keystores(folder, tmp_path / "notes")

    assert [(keystore.state, keystore.file.path, keystore.holder) for keystore in due] == [
        (State.WAITING, waiting, "VANDAMME ELISE"),
        (FileState.CLOSED, closed, None),
    ]


def test_no_folder_is_nothing_due(tmp_path: Path) -> None:
    assert due_keystores(tmp_path / "none", tmp_path) == ()


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_each_file_has_its_line_in_every_language(
    folder: Path, home: Path, key: RSAPrivateKey, language: LanguageName
) -> None:
    texts = Translator(language)
    waiting = put_waiting(folder, home / "notes" / "training", key)
    broken = put_broken(folder)

    html = due_of(page_in(language))

    assert html.count('<li class="eh-due">') == 2
    assert "79.03.14-218.72" in html
    assert "0486.132.722" in html
    assert waiting.name in html
    assert broken.name in html
    assert texts.moment(NOW) in html
    assert html.count("eh-primary") == 1
    assert f"complete.ipynb?keystore={key_of_file(waiting.name)}" in html
    assert f"troubleshoot.ipynb?keystore={key_of_file(broken.name)}" in html


@pytest.mark.parametrize("language", get_args(LanguageName))
@pytest.mark.parametrize("state", ON_FIRST_PAGE)
def test_every_standing_has_its_words(
    folder: Path, tmp_path: Path, key: RSAPrivateKey, state: KeystoreState, language: LanguageName
) -> None:
    put_waiting(folder, tmp_path / "notes", key)
    (due,) = due_keystores(folder, tmp_path / "notes")
    life = (NOW - timedelta(days=100), NOW + timedelta(days=100))
    environment = Environment.PRODUCTION if state is FileState.ELSEWHERE else None
    seen = item_in(due, state, life, NOW + timedelta(days=10), 100, environment)
    unseen = item_in(due, state, environment=environment)

    never_unseen = state in (State.COMPLETE, State.RENEWABLE)
    for item in (seen,) if never_unseen else (seen, unseen):
        html = str(due_list([item], NOW, frozenset(), Translator(language)))
        assert html.count('<li class="eh-due">') == 1
        assert "index.due" not in html
        assert "None" not in html


def test_a_next_step_that_has_no_page_is_no_link(
    folder: Path, home: Path, key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_waiting(folder, home / "notes" / "training", key)
    monkeypatch.chdir(tmp_path)

    assert "<a " not in due_of(page_in())


def test_an_empty_folder_leads_to_a_request(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert re.findall(r'href="([^"]*)"', due_of(page_in())) == ["request.ipynb"]
    monkeypatch.chdir(tmp_path)
    assert "<a " not in due_of(page_in())


def test_a_file_name_cannot_bring_markup(folder: Path) -> None:
    (folder / "<b onclick=x> 20231103-140218.p12").write_bytes(b"0")

    html = due_of(page_in())

    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;" in html


def test_without_its_parts_the_page_says_why_and_has_the_procedures() -> None:
    def fail(_: Settings) -> Toolkit:
        raise errors.SettingInvalid(setting="platform_url")

    page = page_in("en", fail)

    assert "eh-is-warn" in due_of(page)
    assert len(page.root.children) == 4, "no field for a password"


def test_a_day_is_one_and_days_are_many() -> None:
    assert [days(count, Translator("fr")) for count in (0, 1, 2)] == ["0 jours", "1 jour", "2 jours"]


def test_a_password_shows_how_a_keystore_stands(home: Path) -> None:
    certificate_in(home, PASSWORD, later="+34mo")
    page = page_in()
    assert "can only be seen with its password" in due_of(page)

    unlock(page, "not this one")
    assert page.parts is not None
    assert "opens none of these keystores" in page.parts.unlock.field.error
    assert "can only be seen with its password" in due_of(page)

    unlock(page, PASSWORD)

    html = due_of(page)
    assert "Renewal has been possible since" in html
    assert 'class="eh-life"' in html
    assert "renew.ipynb?keystore=" in html
    assert page.parts.unlock.root.children == (), "there is nothing more to open"
    assert "Renewal has been possible since" in due_of(page_in()), (
        "it is seen without the password from now on"
    )


def test_an_empty_password_is_asked_for(home: Path) -> None:
    certificate_in(home, PASSWORD)
    page = page_in()

    unlock(page, "")

    assert page.parts is not None
    assert page.parts.unlock.field.error.startswith("Type the password")


def test_the_cached_state_has_no_secret(home: Path) -> None:
    certificate_in(home, PASSWORD)
    unlock(page_in(), PASSWORD)

    (state_file,) = (home / "notes" / "training" / "seen").glob("*.json")

    assert state_file.stat().st_mode & 0o077 == 0
    assert PASSWORD not in state_file.read_text(encoding="utf-8")
    assert sorted(re.findall(r'^ "(\w+)"', state_file.read_text(encoding="utf-8"), re.M)) == [
        *("answer", "content", "delivered", "environment", "has_etk", "holder", "key_id"),
        *("not_after", "not_before", "path", "renewable_from", "told"),
    ]


def test_a_file_that_was_changed_since_is_unknown_again(home: Path) -> None:
    path = certificate_in(home, PASSWORD)
    unlock(page_in(), PASSWORD)
    keystore = KeystoreFile.open(path, Secret(PASSWORD)).keystore
    write_over(path, keystore, Secret("Another-1"))

    assert "can only be seen with its password" in due_of(page_in())


def test_the_platform_is_asked_about_what_is_opened(home: Path) -> None:
    path = certificate_in(home, PASSWORD)
    revoke_in(home, path, PASSWORD)

    unlock(page := page_in(), PASSWORD)

    assert "this certificate is revoked" in due_of(page)
    assert "request.ipynb" in due_of(page)


def test_the_first_page_does_not_query_the_real_platform(home: Path) -> None:
    path = certificate_in(home, PASSWORD)
    revoke_in(home, path, PASSWORD)
    page = page_in()
    assert page.parts is not None
    object.__setattr__(page.parts.unlock._context, "environment", Environment.PRODUCTION)

    unlock(page, PASSWORD)

    (cached_state,) = read_cached_states(home / "notes" / "training")
    assert cached_state.platform_state == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_requests_and_renewals_have_their_own_texts(language: LanguageName) -> None:
    texts, pages = Translator(language), frozenset({"complete", "complete-renewal"})
    day = texts.date(date(2026, 11, 20))
    for state, platform_state in (("waiting", ""), ("validating", State.VALIDATING)):
        request = due_list(look(waiting("20261120", platform_state)), NOW, pages, texts)
        renewal = due_list(
            look(opened("20231018", SOON), waiting("20261120", platform_state)), NOW, pages, texts
        )
        assert escape(texts.get(f"index.due.{state}.text", moment=day)) in request
        assert escape(texts.get(f"index.due.{state}.text.renewal", moment=day)) in renewal
        assert texts.get("index.complete_renewal.do") in renewal
        assert texts.get("index.complete_renewal.do") not in request


def test_a_renewal_is_due_until_it_is_active_and_then_nothing_is(home: Path) -> None:
    certificate_in(home, PASSWORD, later="+34mo")
    renewed_in(home, PASSWORD)
    page = page_in()
    unlock(page, PASSWORD)

    html = due_of(page)
    assert html.index("activate.ipynb?keystore=") < html.index("Stays in use until this holder")

    from ehtoolkit.forms.wizards.activate import ACTIVATE, ActivateModel

    toolkit = open_toolkit(load_settings())
    model = ACTIVATE.walk(ActivateModel(toolkit))
    model.wizard.edit({"keystore": model.choosing.preselected(model.wizard.values)})
    model.open(Secret(PASSWORD))
    model.activate(lambda _: None)
    toolkit.close()

    # The last page of the form was never seen: what it asks for is asked here, until it is said or done.
    page = page_in()
    html = due_of(page)
    assert "No action needed" not in html
    assert "Load that file in your software everywhere, then archive this one" in html
    assert "troubleshoot.ipynb?keystore=" in html
    assert "activate.ipynb" not in html
    (loaded,) = loaded_of(page)
    Player(page.root).press(loaded)

    for seen in (page, page_in()):
        html = due_of(seen)
        assert "No action needed" in html
        assert "Next date: the certificate of VANDAMME ELISE MARIE can be renewed from" in html
        assert "A newer file of this holder is in the folder" in html
        assert "troubleshoot.ipynb" not in html
        assert loaded_of(seen) == []


def test_completing_by_a_form_is_seen_without_another_password(home: Path) -> None:
    from ehtoolkit.forms.wizards.complete.form import COMPLETE
    from ehtoolkit.forms.wizards.complete.model import CompleteModel

    path = certificate_in(home, PASSWORD)
    toolkit = open_toolkit(load_settings())
    model = COMPLETE.walk(CompleteModel(toolkit, path))
    model.wizard.edit({"keystore": path.name})
    model.open(Secret(PASSWORD))
    model.complete(lambda _: None)
    toolkit.close()

    assert "No action needed" in due_of(page_in())


TWO = frozenset({"request", "complete"})


def test_only_pages_that_exist_are_listed() -> None:
    assert re.findall(r'href="([^"]*)"', str(menu(TWO, Translator("fr")))) == [
        "request.ipynb",
        "complete.ipynb",
    ]
    assert "Renouvellement" not in str(menu(TWO, Translator("fr")))
    assert str(menu(frozenset(), Translator("fr"))) == ""
    assert str(tools(TWO, Translator("fr"))) == ""
    assert re.findall(r'href="([^"]*)"', str(tools(frozenset({"audit"}), Translator("fr")))) == [
        "audit.ipynb"
    ]


@pytest.mark.parametrize("language", get_args(LanguageName))
def test_every_entry_has_its_words(language: LanguageName) -> None:
    pages = frozenset(page.name for _, pages in GROUPS for page in pages)
    pages |= {tool.name for tool in TOOLS}
    texts = Translator(language)

    html = str(menu(pages, texts) + tools(pages, texts))

    assert html.count("<b>") == len(pages)
    assert html.count("<ol>") == 1, "the renewal is a path of numbered steps"


def test_the_page_is_one_widget(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "de")

    page = open_index()

    head = page.children[0]
    assert (head.title, head.tab) == ("eHealth-Zertifikate", "Startseite – ehtoolkit")
    assert any("request.ipynb" in getattr(part, "value", "") for part in page.children)


def test_outside_voila_the_style_comes_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "fr")

    page = open_index()

    assert ".eh-button" in page.children[0].value
    assert "eh-env-training" in page.children[1].value
    assert page.children[2].children[0].title == "Certificats eHealth"
