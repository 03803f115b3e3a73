"""Findings: their order, and a sentence and a next step for each in four languages."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ehtoolkit.finding import Finding, MessageKey, Severity, error, info, ok, sort_by_severity, warning
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.file_rules import DAMAGES, OTHER_FILES
from ehtoolkit.settings import LanguageName
from tests.support.catalogues import messages, placeholders

PACKAGE = Path(__file__).resolve().parents[2] / "ehtoolkit"
SAYERS = {"error", "warning", "info", "ok", "say"}
LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
VARIANTS = (
    *(
        "password_needed.tried",
        "key_password_other.given",
        "state_not_yet_valid.training",
        "unsupported.partly",
    ),
)
"""Other sentences of a finding, for where it is seen from elsewhere or beside others: `cli.keystore.inspected_files`,
`keystore.diagnosis`."""
WORDS = ("label", "severity", "state", "word")


def emitted() -> dict[str, set[str]]:
    """Every finding that the code makes, with the names of its facts."""
    found: dict[str, set[str]] = {f"file_{kind}": set() for kind in OTHER_FILES}
    found |= {f"damaged_{reason}": set() for reason in DAMAGES}
    asking = PACKAGE / "ehealth" / "revocation_answers.py"  # it adds to a diagnosis what others say
    for path in (*sorted((PACKAGE / "keystore" / "diagnosis").rglob("*.py")), asking):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _says(node.func) and node.args:
                key, variants = node.args[0], _texts(node.args[1]) if len(node.args) > 1 else [""]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    facts = {str(keyword.arg) for keyword in node.keywords}
                    for variant in variants:
                        name = f"{key.value}.{variant}".removesuffix(".")
                        assert found.setdefault(name, facts) == facts, name
    return found


def _texts(argument: ast.expr) -> list[str]:
    """Return what a variant may be: a text, or one of two."""
    if isinstance(argument, ast.IfExp):
        return _texts(argument.body) + _texts(argument.orelse)
    assert isinstance(argument, ast.Constant), ast.unparse(argument)
    return [str(argument.value)]


def _says(function: ast.expr) -> bool:
    if isinstance(function, ast.IfExp):  # (error if … else info)("key", …)
        return _says(function.body)
    return isinstance(function, ast.Name) and function.id in SAYERS


def catalogue(language: LanguageName) -> dict[str, str]:
    return messages("finding", language)


def test_every_finding_has_a_sentence_and_a_step_and_no_other_text_is_kept() -> None:
    texts = catalogue("en")
    keys = {f"finding.{key}{end}" for key in (*emitted(), *VARIANTS) for end in ("", ".next")}
    words = {key for key in texts if key.split(".")[1] in WORDS}
    assert {key for key in texts if not key.endswith(".page")} == keys | words
    assert len(emitted()) > 90


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_use_facts_that_the_finding_has(language: LanguageName) -> None:
    texts = catalogue(language)
    for key, facts in emitted().items():
        for end in ("", ".next"):
            assert placeholders(texts[f"finding.{key}{end}"]) <= facts, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_address_the_reader_formally_and_end(language: LanguageName) -> None:
    familiar = {
        "fr": (" tu ", " ton ", " ta "),
        "nl": (" je ", " jij ", " jouw "),
        "de": (" du ", " dein "),
        "en": (),
    }
    for key, text in catalogue(language).items():
        assert not any(word in f" {text.lower()} " for word in familiar[language]), key
        if key.split(".")[1] not in WORDS:
            assert text.endswith((".", "}")), key


def test_every_severity_state_and_environment_has_a_word() -> None:
    texts = Translator("nl")
    for severity in Severity:
        assert texts.get(f"finding.severity.{severity}")
    for environment in Environment:
        assert texts.get(f"finding.word.{environment}")


def test_worst_first_and_else_as_found() -> None:
    findings = (ok("a"), info("b"), error("c"), warning("d"), error("e"))
    assert [finding.key for finding in sort_by_severity(findings)] == ["c", "e", "d", "b", "a"]
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3]


def test_a_finding_is_a_value() -> None:
    assert info("a", count=1) == Finding("a", Severity.INFO, {"count": 1})
    assert info("a", count=1) != info("a", count=2)
    assert len({info("a", count=1), info("a", count=1)}) == 1


@pytest.mark.parametrize(
    ("finding", "language", "expected"),
    [
        (error("state_expired", date=LATE, days=2), "fr", "24 novembre 2026 à 00:30"),
        (error("state_expired", date=date(2026, 11, 24), days=2), "nl", "24 november 2026"),
        (error("state_expired", date=LAST, days=2), "de", "31. Dezember 9999"),
        (ok("size_tells_nothing", size=9.9), "de", "9,9\u00a0kB"),
        (ok("size_tells_nothing", size=9.9), "en", "9.9 kB"),
        (warning("iterations_high", iterations=600_000, limit=300_000), "en", "600,000"),
        (warning("iterations_high", iterations=600_000, limit=300_000), "fr", "600\u00a0000"),
        (info("environment_test", environment=Environment.ACCEPTANCE), "nl", "acceptatie"),
        (warning("beside_older", others=("a", "b")), "en", "a, b"),
        (warning("beside_older", others=tuple("abcdefgh")), "en", "a, b, c, d, e, + 3"),
    ],
)  # fmt: skip
def test_facts_are_written_as_people_read_them(
    finding: Finding, language: LanguageName, expected: str
) -> None:
    assert expected in finding.message(Translator(language))


def test_a_word_is_shown_in_the_language_of_the_sentence() -> None:
    doctor = Finding(
        "period_none", Severity.WARNING, {"type": MessageKey("registry.type.doctor")}, "registry"
    )
    assert "Médecin" in doctor.message(Translator("fr"))
    assert "Arts" in doctor.message(Translator("nl"))
    unknown = Finding(
        "period_none", Severity.WARNING, {"type": MessageKey("registry.type.osteopath")}, "registry"
    )
    assert "osteopath" in unknown.message(Translator("de"))
    assert "registry" not in unknown.message(Translator("de"))


def test_facts_hold_no_secret_by_name() -> None:
    for facts in emitted().values():
        assert not facts & {"password", "secret", "pin", "text", "key"}
