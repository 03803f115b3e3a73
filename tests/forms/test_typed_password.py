"""A password that was not typed is asked for; one that does not open is told as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.page_errors import describe_error
from ehtoolkit.forms.steps.new_password import field_of
from ehtoolkit.forms.steps.opened_keystore import opening
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.storage.keystore_file import read_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.keystore.conftest import KeystoreMaker
from tests.support.keystores import create_keystore


def refuse(password: Secret) -> None:
    raise errors.KeystorePasswordWrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_typed_is_no_wrong_password(language: LanguageName, tmp_path: Path) -> None:
    texts = Translator(language, on_pages=True)
    with pytest.raises(errors.KeystorePasswordWrong) as empty:
        opening(refuse, Secret(""))
    with pytest.raises(errors.KeystorePasswordWrong) as wrong:
        opening(refuse, Secret("Another-1"))
    asked, refused = (
        describe_error(empty.value, texts, tmp_path),
        describe_error(wrong.value, texts, tmp_path),
    )
    assert asked.sentence == texts.get("error.keystore_password_wrong.empty")
    assert asked.next_step == texts.get("error.keystore_password_wrong.empty.next")
    assert refused.sentence == texts.get("error.keystore_password_wrong")
    assert asked.next_step != refused.next_step


@pytest.mark.parametrize(
    ("of_file", "typed", "reason"),
    [
        ("Kine-2026", " Kine-2026", "trimmed"),
        ("Kine-2026", "Kine-2026\t ", "trimmed"),
        ("Kine-2026 ", "Kine-2026", "blank"),
        (" Kine-2026", "Kine-2026", "blank"),
        ("Kine-2026", "Another-1", None),
        ("Kine-2026", " Another-1", None),
    ],
)
def test_a_blank_that_was_pasted_is_named(
    of_file: str, typed: str, reason: str | None, keystore_maker: KeystoreMaker, tmp_path: Path
) -> None:
    """A file that got such a password is opened with it, and who types it without the blank hears of that."""
    path = tmp_path / "k.p12"
    create_keystore(path, keystore_maker.complete.contents, Secret(of_file))
    assert opening(lambda password: read_keystore(path, password), Secret(of_file), path).keys
    with pytest.raises(errors.KeystorePasswordWrong) as raising:
        opening(lambda password: read_keystore(path, password), Secret(typed), path)
    assert raising.value.facts.get("reason") == reason
    for language in LANGUAGES:
        problem = describe_error(raising.value, Translator(language, on_pages=True), tmp_path)
        suffix = "" if reason is None else f".{reason}"
        assert problem.sentence == Translator(language).get(f"error.keystore_password_wrong{suffix}")


def test_an_empty_password_that_is_right_opens() -> None:
    assert opening(lambda password: password.reveal() + "!", Secret("")) == "!"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pin_that_was_not_typed_is_asked_for_in_words_of_the_page(
    language: LanguageName, tmp_path: Path
) -> None:
    problem = describe_error(errors.PinNeeded(), Translator(language, on_pages=True), tmp_path)
    assert "--" not in problem.next_step
    assert "PIN" in problem.next_step.upper()


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (errors.PasswordsDiffer(), "second"),
        (errors.PasswordNotAllowed(reason="short"), "first"),
        (errors.PasswordReused(path="SSIN=1.p12", kind="personal"), "first"),
        (errors.PlatformUnreachable(host="platform", reason="connect", sent=False), None),
        (errors.FileBusy(path="SSIN=1.p12", reason="changed"), None),
    ],
)
def test_an_error_is_at_the_password_that_it_is_about(
    error: errors.EhToolkitError, field: str | None
) -> None:
    assert field_of(error) == field
