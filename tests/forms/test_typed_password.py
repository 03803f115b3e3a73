"""A password that was not typed is asked for; one that does not open is told as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.forms.engine.error_boundary import describe_error
from ehtoolkit.forms.steps.keystore import opening
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName


def refuse(password: Secret) -> None:
    raise errors.KeystorePasswordWrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_typed_is_no_wrong_password(language: LanguageName, tmp_path: Path) -> None:
    texts = Translator(language, on_pages=True)
    with pytest.raises(errors.KeystorePasswordWrong) as empty:
        opening(refuse, Secret(""))
    with pytest.raises(errors.KeystorePasswordWrong) as wrong:
        opening(refuse, Secret("Another-1"))
    asked, told = describe_error(empty.value, texts, tmp_path), describe_error(wrong.value, texts, tmp_path)
    assert asked.sentence == texts.get("error.keystore_password_wrong.empty")
    assert asked.next_step == texts.get("error.keystore_password_wrong.empty.next")
    assert told.sentence == texts.get("error.keystore_password_wrong")
    assert asked.next_step != told.next_step


def test_an_empty_password_that_is_right_opens() -> None:
    assert opening(lambda password: password.reveal() + "!", Secret("")) == "!"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pin_that_was_not_typed_is_asked_for_in_words_of_the_page(
    language: LanguageName, tmp_path: Path
) -> None:
    problem = describe_error(errors.PinNeeded(), Translator(language, on_pages=True), tmp_path)
    assert "--" not in problem.next_step
    assert "PIN" in problem.next_step.upper()
