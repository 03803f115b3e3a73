"""When a computer is taken for a server that others sit at, and what it refuses then; variables that are miswritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from platformdirs import user_data_path

import ehtoolkit
from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import Settings, load_settings


def test_at_home_nothing_is_shared() -> None:
    settings = load_settings()
    assert not settings.shared
    assert (settings.base_url, settings.hosts) == ("/", frozenset())


@pytest.mark.parametrize(
    "variable", ["BINDER_LAUNCH_HOST", "JUPYTERHUB_USER", "CODESPACES", "EHTOOLKIT_ALLOWED_HOSTS"]
)
def test_what_runs_for_others_is_known_by_its_variables(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "mybinder.example")
    assert load_settings().shared
    monkeypatch.setenv("EHTOOLKIT_SHARED", "0")
    assert load_settings().shared, "nobody can talk it out of it"


@pytest.mark.parametrize("environment", ["acceptance", "production"])
def test_a_shared_server_refuses_the_real_environments(environment: str) -> None:
    with pytest.raises(errors.SettingInvalid) as refused:
        load_settings(shared=True, environment=environment)
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.error(refused.value) == texts.get("error.setting_invalid.shared_environment")
        assert "training" in texts.next_step(refused.value)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    expected = load_settings()
    monkeypatch.setenv(f"EHTOOLKIT_{name.upper()}", "")
    if name == "home":
        assert load_settings().home == user_data_path("ehtoolkit", appauthor=False)
    else:
        assert load_settings() == expected


def test_an_unknown_language_is_answered_with_all_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHTOOLKIT_LANGUAGE", "it")
    with pytest.raises(errors.SettingInvalid) as refused:
        load_settings()
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.error(refused.value) == texts.get("error.setting_invalid.language")
        assert set(re.findall(r"\w+", texts.next_step(refused.value))) >= set(LANGUAGES)


@pytest.mark.parametrize("card", ["pkcs11:", "pkcs11", "pkcs11:/opt/module.so#Reader"])
def test_a_shared_server_has_no_card_in_a_reader(card: str, tmp_path: Path) -> None:
    with pytest.raises(errors.SettingInvalid) as refused:
        load_settings(shared=True, card=card)
    texts = Translator("en")
    assert texts.error(refused.value) == texts.get("error.setting_invalid.shared_card")
    assert load_settings(shared=True, card="training:peeters").shared
    with (
        ehtoolkit.connect(home=tmp_path, shared=True) as eh,
        pytest.raises(errors.SettingInvalid) as refused,
    ):
        eh.read_card(card)
    assert refused.value.facts == {"setting": "card", "reason": "shared_card"}


@pytest.mark.parametrize(
    ("given", "kept"), [("", "/"), ("/", "/"), ("room", "/room/"), ("/user/els/x", "/user/els/x/")]
)
def test_a_prefix_stands_between_slashes(given: str, kept: str) -> None:
    assert load_settings(base_url=given).base_url == kept


def test_hosts_are_taken_apart() -> None:
    assert load_settings(allowed_hosts="Pages.example.be, other.example:8443,").hosts == {
        "pages.example.be",
        "other.example:8443",
    }


@pytest.mark.parametrize("text", ["{osteopath: 7}", '{"osteopath": 7}', '["osteopath"]'])
def test_types_of_providers_that_are_miswritten(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """No fault of ours: the sentence names the variable, and says how it is written."""
    monkeypatch.setenv("EHTOOLKIT_PROVIDER_TYPES", text)
    with pytest.raises(errors.SettingInvalid) as refused:
        load_settings()
    assert refused.value.facts == {"setting": "provider_types"}
    assert "EHTOOLKIT_PROVIDER_TYPES" in Translator("en").error(refused.value)


@pytest.mark.parametrize("name", ["home", "keystore_folder", "trace"])
def test_an_empty_path_is_no_folder(name: str) -> None:
    """Else it would be the one that the user is in."""
    with pytest.raises(errors.SettingInvalid) as refused:
        load_settings(**{name: ""})
    assert refused.value.facts == {"setting": name}
