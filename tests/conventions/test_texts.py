"""Every text is there in four languages with the same placeholders; every error has a sentence and a step."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from ehtoolkit import errors
from ehtoolkit.finding import Severity, told
from ehtoolkit.i18n import LANGUAGES, TELLING, Translator, language_of
from ehtoolkit.keystore.storage.backups import FOLDER
from ehtoolkit.settings import LanguageName
from tests.support.catalogues import DOMAINS, ERRORS, PACKAGE, error_classes, messages, placeholders


def documented_facts(error: type[errors.EhToolkitError]) -> set[str]:
    """The facts that the docstring names: ``(facts: kind, reason = length | date)``."""
    found = re.search(r"\(facts: (.*?)\)", error.__doc__ or "", re.DOTALL)
    return set() if found is None else {re.split(r"[\s=]", part.strip())[0] for part in found[1].split(",")}


def test_every_error_has_a_key_of_its_own() -> None:
    assert len(list(error_classes())) == len(ERRORS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(ERRORS))
def test_an_error_says_what_happened_and_what_to_do(key: str, language: LanguageName) -> None:
    error = ERRORS[key](**dict.fromkeys(documented_facts(ERRORS[key]), "7"))
    texts = Translator(language)
    for sentence in (texts.error(error), texts.next_step(error)):
        assert sentence.rstrip()[-1] in ".7"
        assert "{" not in sentence
    assert texts.error(error) != texts.next_step(error)


@pytest.mark.parametrize("language", LANGUAGES)
def test_error_texts_belong_to_an_error_and_ask_for_its_facts_only(language: str) -> None:
    for key, text in messages("error", language).items():
        domain, name, *_ = key.split(".")
        assert domain == "error"
        assert placeholders(text) <= documented_facts(ERRORS[name]), key


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_four_languages_have_the_same_texts(domain: str) -> None:
    reference = messages(domain, "fr")
    assert reference
    for language in LANGUAGES:
        catalogue = messages(domain, language)
        assert catalogue.keys() == reference.keys(), language
        for key, text in catalogue.items():
            assert text.strip(), (language, key)
            assert placeholders(text) == placeholders(reference[key]), (language, key)
            assert key.partition(".")[0] == domain


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_can_be_filled_in(domain: str, language: LanguageName) -> None:
    texts = Translator(language)
    for key, text in messages(domain, language).items():
        filled = texts.get(key, **{name: f"<{name}>" for name in placeholders(text)})
        assert all(f"<{name}>" in filled for name in placeholders(text)), key


Raised = tuple[str, type[errors.EhToolkitError], dict[str, ast.expr]]


def raised() -> Iterator[Raised]:
    """Each ``errors.<Class>(fact=…)`` of the package: where, what, and the expressions of its facts."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "errors"):
                continue
            facts = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
            if len(facts) == len(node.keywords):  # else facts of another error, handed on
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", getattr(errors, node.func.attr), facts


COMPUTED = {
    (
        "not_a_keystore",
        "kind",
    ): "empty zeros jks jceks bks uber bcfks pem base64 certificate private_key cms unknown",
    ("identifier_invalid", "kind"): "niss nihii cbe identifier",
    ("request_refused", "code"): "CERT_REFUSED CERT_VALIDATION_EXPIRED",
    # The finding says why; the sentence names the kind of the key.
    ("key_unfit", "reason"): "",
    ("key_unfit", "kind"): "",
    ("platform_unreachable", "reason"): "connect name tls proxy proxy_login proxy_gateway",
    ("platform_untrusted", "reason"): "issuer unknown_issuer expired not_yet_valid hostname",
    # Of other operations the general sentence speaks.
    ("assertion_untrusted", "reason"): "wrapping signature",
    ("answer_lost", "operation"): "generateCertificate submitCSRForForeigner revoke",
    ("signature_invalid", "reason"): "value certificate",
    ("state_unfit", "state"): "no_etk prepared expired revoked",
    ("keystore_unfit", "reason"): "other waiting no_etk expired environment",
    ("not_revocable", "state"): "revoked expired waiting refused",
    ("environment_differs", "kind"): "training acceptance production",
    ("setting_invalid", "setting"): "",  # any setting; the general sentence names it
    ("card_fault", "code"): "",  # any code of PKCS#11; the general sentence names it
    ("platform_fault", "code"): "",  # any code of the platform; the general sentence names it
    ("platform_refused", "code"): "",  # the same
    ("delivery_failed", "code"): "",  # any code of a mail server, any status of a web server
    ("registry_fault", "code"): "",  # any code of a database; the general sentence names it
    ("recipient_unusable", "reason"): "expired early",
    ("sender_unusable", "reason"): "expired early usage unfit",
    ("unexpected", "kind"): "",  # the class of an exception, for the report
}
"""What a fact can be where the code does not say it on the spot."""

HANDED_ON = {"message_invalid": "answer_invalid"}
"""An error that reaches people as another one, with the same facts."""

GENERAL = {
    # The sentence of the number's kind tells its length, its form and its check digits.
    ("identifier_invalid", "length"),
    ("identifier_invalid", "characters"),
    ("identifier_invalid", "check_digits"),
    ("identifier_invalid", "first_digit"),
    # A type whose rule is not public: that the number does not have its form is all there is to say.
    ("identifier_invalid", "identifier"),
    # What the general sentence says, word for word.
    ("distinguished_name_invalid", "form"),
    # Only a programmer who makes a signer of his own meets it.
    ("input_invalid", "key_type"),
    # The training server says so to the maker of a client; what matters to people is that it does not hold.
    ("signature_invalid", "missing"),
    ("signature_invalid", "wrapping"),
    ("signature_invalid", "form"),
    ("signature_invalid", "algorithm"),
    ("signature_invalid", "certificate"),
    ("signature_invalid", "value"),
}
"""Cases for which the general sentence of their error is the right one, and why."""


def cases(error: type[errors.EhToolkitError], name: str, value: ast.expr) -> set[str]:
    """The values that the fact ``name`` can have; of a choice (``a if … else b``) both sides."""
    if isinstance(value, ast.IfExp):
        return cases(error, name, value.body) | cases(error, name, value.orelse)
    if isinstance(value, ast.Constant):
        return {value.value} - {""} if isinstance(value.value, str) else set()
    return set(COMPUTED[error.key, name].split())


def test_every_case_has_a_sentence_of_its_own_or_a_reason_to_have_none() -> None:
    found = {
        (HANDED_ON.get(error.key, error.key), case)
        for _, error, facts in raised()
        for name in facts.keys() & set(TELLING)
        for case in cases(error, name, facts[name])
    }
    assert found >= GENERAL
    for language in LANGUAGES:
        texts = Translator(language)
        without = {(key, case) for key, case in found if not texts.has(f"error.{key}.{case}")}
        assert without == GENERAL, language


def test_whoever_raises_an_error_gives_the_facts_that_its_sentence_needs() -> None:
    texts = messages("error", "en")
    missing = []
    for where, error, facts in raised():
        told = [case for name in TELLING if name in facts for case in cases(error, name, facts[name])]
        variants = {f"error.{error.key}.{case}" for case in told} & texts.keys()
        for key in variants or {f"error.{error.key}"}:
            lacking = placeholders(texts[key] + texts.get(f"{key}.next", "")) - facts.keys()
            if lacking:
                missing.append(f"{where}: {error.__name__} without {', '.join(sorted(lacking))}")
    assert not missing


SEVERAL = {
    "audit.certificate_renewable": "the usual months of all certificates",
    "doctor.looked.card": "card and computer are looked at line by line",
    "password.copies.delete": "one has texts of its own: password.copy",
    "request.before.waiting.many": "one has a text of its own: request.before.waiting",
    "doctor.tries_fewer": "one has a sentence of its own: tries_last",
}
"""Texts whose number is never one, and why."""
COUNTED = re.compile(
    r"\{(count|days|hours|minutes|months|keystores|providers|records|rows|files|findings|tries)\} [a-zé]+s\b"
)


def test_a_number_that_may_be_one_stands_beside_no_plural() -> None:
    """It comes after a colon (“Keystores: 1”), or one has a text of its own; the others follow the English one."""
    texts = {key: text for domain in DOMAINS for key, text in messages(domain, "en").items()}
    plural = {key for key, text in texts.items() if COUNTED.search(text)}
    for key in plural - SEVERAL.keys():
        assert key.endswith(".many"), key
        assert f"{key.removesuffix('.many')}.one" in texts, key
    assert SEVERAL.keys() <= plural


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_with_its_severity(language: LanguageName) -> None:
    """In French a colon has a blank before it that does not break."""
    texts = Translator(language)
    line = told(Severity.ERROR, "x {y}", texts)
    colon = "\u00a0: " if language == "fr" else ": "
    assert line == texts.get("cli.severity.error") + colon + "x {y}"


def test_a_copy_is_looked_for_where_copies_are() -> None:
    for language in LANGUAGES:
        for key, text in messages("error", language).items():
            assert (FOLDER in text) or (".bak" not in text), (language, key)


def test_the_contact_centre_and_the_municipality_are_named() -> None:
    for language, municipality in {
        "fr": "commune",
        "nl": "gemeente",
        "de": "Gemeinde",
        "en": "municipality",
    }.items():
        texts = Translator(language_of(language))
        assert municipality in texts.next_step(errors.PinBlocked())
        assert municipality in texts.next_step(errors.CardCertificateMissing(certificate="Signature"))
        assert "02 788 51 55" in texts.next_step(
            errors.PlatformUnreachable(host="platform.invalid", reason="")
        )


def test_a_variant_is_chosen_by_what_the_facts_say() -> None:
    texts = Translator("en")
    assert "Tries left: 2." in texts.error(errors.PinWrong(tries_left=2))
    assert "single try" in texts.error(errors.PinWrong(tries_left=1, reason="last_try"))
    assert "does not tell" in texts.error(errors.PinWrong(tries_left=None, reason="unknown_tries"))
    assert "e-mail" in texts.error(errors.ContactInvalid(field="email"))
    assert "NIHII" in texts.error(errors.IdentifierInvalid(kind="nihii", reason="check_digits"))
    assert "type" in texts.error(errors.IdentifierInvalid(kind="nihii", reason="type"))
    assert "busy" in texts.error(
        errors.PlatformFault(code="SOA-02002", origin="", detail="", correlation_id=None)
    )
    assert "complete already" in texts.error(errors.WrongState(path="a.p12", state="complete"))
    assert "ehtoolkit[card]" in texts.next_step(errors.ModuleMissing(module="PyKCS11", reason="extra"))
    assert "no longer fit" in texts.error(errors.KeystoreDamaged(path="a.p12", reason="structure"))
    assert "--trace" in texts.next_step(errors.SettingInvalid(setting="trace"))
    assert "CKR_GENERAL_ERROR" in texts.error(errors.CardFault(code="CKR_GENERAL_ERROR"))
    assert "expired" in texts.error(errors.PlatformUntrusted(host="h", issuer="Acme", reason="expired"))


def test_a_fact_that_is_known_this_time_is_told() -> None:
    texts = Translator("fr")
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert "25 novembre 2026 à 00:30" in texts.error(errors.NotYetDelivered(not_before=moment))
    assert "pas encore prêt" in texts.error(errors.NotYetDelivered(not_before=None))
    assert "Acme Proxy" in texts.error(errors.PlatformUntrusted(host="h", issuer="Acme Proxy"))
    assert "None" not in texts.error(errors.PlatformUntrusted(host="h", issuer=None))


def test_a_variant_without_a_step_of_its_own_has_the_general_one() -> None:
    texts = Translator("nl")
    general = texts.next_step(errors.ResponseUntrusted(reason="something new"))
    assert texts.next_step(errors.ResponseUntrusted(reason="key")) == general


AT = {"en": "at 10:12", "fr": "à 10:12", "nl": "om 10:12", "de": "um 10:12 Uhr"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "24 novembre 2026"),
        ("nl", "24 november 2026"),
        ("de", "24. November 2026"),
        ("en", "24 November 2026"),
    ],
)
def test_dates_are_written_out(language: LanguageName, expected: str) -> None:
    texts = Translator(language)
    assert texts.date(date(2026, 11, 24)) == expected
    assert texts.date(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == expected
    assert texts.moment(datetime(2026, 11, 24, 9, 12, tzinfo=UTC)) == f"{expected} {AT[language]}"
    assert expected in texts.error(
        errors.CardCertificateExpired(certificate="Signature", date=date(2026, 11, 24))
    )


@pytest.mark.parametrize(
    ("language", "none", "one", "two"),
    [
        ("en", "0 days", "1 day", "2 days"),
        ("fr", "0 jour", "1 jour", "2 jours"),
        ("nl", "0 dagen", "1 dag", "2 dagen"),
        ("de", "0 Tage", "1 Tag", "2 Tage"),
    ],
)
def test_a_count_has_the_form_of_its_language(language: LanguageName, none: str, one: str, two: str) -> None:
    texts = Translator(language)
    assert [texts.counted("trainer.clock.days", count) for count in (0, 1, 2)] == [none, one, two]
    for key in ("complete.wait.minutes", "complete.wait.seconds", "trainer.clock.hours"):
        assert [texts.counted(key, count).split()[0] for count in (0, 1, 2)] == ["0", "1", "2"]
    assert [texts.counted("pin.tries", left, left=left) for left in (1, 2)] == [
        texts.get("pin.tries.one", left=1),
        texts.get("pin.tries.many", left=2),
    ]


def test_the_first_of_a_month_is_counted_in_french() -> None:
    assert Translator("fr").date(date(2026, 6, 1)) == "1er juin 2026"
    assert Translator("fr").date(date(2026, 6, 11)) == "11 juin 2026"
    assert Translator("nl").date(date(2026, 6, 1)) == "1 juni 2026"


def test_an_unknown_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Translator("en").get("error.no_such_thing")
    assert not Translator("en").has("error.no_such_thing")


def test_a_label_has_the_colon_of_its_language() -> None:
    labelled = {one: Translator(one).labelled("Claire", "OK") for one in LANGUAGES}
    assert labelled == {"fr": "Claire\u00a0: OK", "nl": "Claire: OK", "de": "Claire: OK", "en": "Claire: OK"}


def test_the_language_of_a_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language_of("nl-BE") == "nl"
    assert language_of(None, "fr_BE.UTF-8") == "fr"
    assert language_of("es,de;q=0.8") == "de"
    assert language_of("es") == "en"
    monkeypatch.setenv("LANG", "de_BE.UTF-8")
    assert language_of(None) == "de"


def test_a_catalogue_that_is_not_there_has_no_key() -> None:
    """The frame of a notebook that is none of ours asks for its title."""
    assert not Translator("nl").has("proof.caption")
    with pytest.raises(KeyError):
        Translator("nl").get("proof.caption")


# ── French signs ─────────────────────────────────────────────────────────────────────────────────────────
_ALONE = re.compile(
    r"(?<!\u00a0)[;?!»]"  # without the blank that does not break, or with another one
    r"|«(?!\u00a0)"
    r"|(?<!\u00a0)(?<!pkcs11)(?<!training):(?=\s|$)"  # not of an address, a time, or a value that is typed
    r"|\s:"
)
"""A sign that may begin a line alone, or end one."""


def _breaks(text: str) -> bool:
    return any(found[0] != "\u00a0:" for found in _ALONE.finditer(text))


def test_signs_that_may_begin_a_line_are_found() -> None:
    for sound in (
        "Où\u00a0?",
        "«\u00a0Fichier\u00a0»",
        "à 12:30\u00a0: http://127.0.0.1:80",
        "la valeur pkcs11: ou",
    ):
        assert not _breaks(sound), sound
    for broken in (
        "Où ?",
        "Où?",
        "« Fichier\u00a0»",
        "«\u00a0Fichier »",
        "ceci : cela",
        "ceci: cela",
        "fin ;",
    ):
        assert _breaks(broken), broken


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_french_sign_stays_on_the_line_of_its_word(domain: str) -> None:
    assert {key: text for key, text in messages(domain, "fr").items() if _breaks(text)} == {}
