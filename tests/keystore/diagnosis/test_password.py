"""Hints about a password that does not open the file: what it looks like, never what it might be."""

from __future__ import annotations

import pytest

from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import describe_diagnosis
from ehtoolkit.keystore.diagnosis.protection_rules import right_password, wrong_password
from ehtoolkit.keystore.html import diagnosis_html
from ehtoolkit.secret import Secret
from tests.keystore.diagnosis.conftest import NAME, Maker


@pytest.mark.parametrize(
    ("typed", "hints"),
    [
        ("", {"empty"}),
        ("bcd ", {"blanks"}),
        ("bcd\n", {"blanks"}),
        ("BCD-123", {"capitals"}),
        ("bCD-123", {"capitals"}),
        ("bcd-azerty", {"keyboard"}),
        ("bcdé", {"accents"}),
        ("bcd-123", set()),
        ("B", set()),
        (" KINE-WQ2026", {"blanks", "capitals", "keyboard"}),
    ],
)
def test_hints(typed: str, hints: set[str]) -> None:
    keys = [finding.key for finding in wrong_password(Secret(typed))]
    assert keys[0] == "password_wrong"
    assert {key.removeprefix("password_hint_") for key in keys[1:]} == hints


def test_a_portable_password_is_not_mentioned() -> None:
    assert list(right_password(Secret("Kine-2026 & co"))) == []


def test_no_finding_has_a_password(maker: Maker, complete: bytes) -> None:
    for password in (maker.password, Secret(f" {maker.password.reveal().upper()}x")):
        diagnosis = diagnose(complete, password, maker.now, name=NAME)
        said = repr(diagnosis)
        for language in LANGUAGES:
            said += repr(describe_diagnosis(diagnosis, Translator(language))) + diagnosis_html(
                diagnosis, Translator(language)
            )
        assert password.reveal() not in said


def test_only_the_password_that_was_given_is_tried(maker: Maker, complete: bytes) -> None:
    near = (f"{maker.password.reveal()} ", maker.password.reveal().swapcase(), "")
    for password in map(Secret, near):
        diagnosis = diagnose(complete, password, maker.now)
        assert not diagnosis.opened
        assert diagnosis.has("password_wrong")
        assert diagnosis.certificates is None
