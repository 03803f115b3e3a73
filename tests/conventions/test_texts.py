"""Every text is there in four languages with the same placeholders; every error has a sentence and a step."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from docs import translations
from ehtoolkit import errors
from ehtoolkit.finding import Severity, with_severity
from ehtoolkit.i18n import LANGUAGES, VARIANT_FACTS, Translator, language_of
from ehtoolkit.keystore.storage.backups import BACKUP_FOLDER
from ehtoolkit.settings import LanguageName
from hatch_build import read_catalogues
from tests.support.catalogues import (
    CLICK,
    DOMAINS,
    ERRORS,
    LOCALE,
    choices,
    error_classes,
    facts_of,
    messages,
    placeholders,
)


def test_every_error_has_a_key_of_its_own() -> None:
    assert len(list(error_classes())) == len(ERRORS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(ERRORS))
def test_an_error_says_what_happened_and_what_to_do(key: str, language: LanguageName) -> None:
    error = ERRORS[key](**dict.fromkeys(facts_of(ERRORS[key]), "7"))
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
        assert placeholders(text) <= facts_of(ERRORS[name]).keys(), key


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


ADDED = {
    ("certificate_in_force", "path"),  # else the reason is elsewhere
    ("folder_missing", "folder"),  # else the reason is unnamed
    ("practice_unknown", "known"),  # else the reason is registry or empty
    ("recipient_unusable", "recipient"),  # else the reason is missing
    ("request_waiting", "path"),  # else the reason is elsewhere
}
"""Facts of general sentences that an error may lack where it has a variant."""

GENERAL = {
    # The sentence of the number's kind tells its length, its form and its check digits.
    ("identifier_invalid", "length"),
    ("identifier_invalid", "characters"),
    ("identifier_invalid", "check_digits"),
    ("identifier_invalid", "first_digit"),
    # What the general sentence says, word for word.
    ("distinguished_name_invalid", "form"),
    # The training server says so to the maker of a client; what matters to people is that it does not hold.
    ("signature_invalid", "missing"),
    ("signature_invalid", "wrapping"),
    ("signature_invalid", "form"),
    ("signature_invalid", "algorithm"),
    ("signature_invalid", "certificate"),
    ("signature_invalid", "value"),
}
"""Cases for which the general sentence of their error is the right one, and why."""


def test_every_case_has_a_sentence_of_its_own_or_a_reason_to_have_none() -> None:
    found = {
        (error.key, case)
        for error in {*ERRORS.values()} - {errors.MessageInvalid}  # reaches people as one of its two kinds
        for name, hint in facts_of(error).items()
        for case in (choices(hint) if name in VARIANT_FACTS else ())
    }
    assert found >= GENERAL
    for language in LANGUAGES:
        texts = Translator(language)
        without = {(key, case) for key, case in found if not texts.has(f"error.{key}.{case}")}
        assert without == GENERAL, language


def test_the_general_sentence_asks_for_facts_that_every_error_has() -> None:
    texts = messages("error", "en")
    lacking = {
        (key, name)
        for key, error in ERRORS.items()
        for name in placeholders(texts[f"error.{key}"] + texts[f"error.{key}.next"])
        if getattr(error, name).optional
    }
    assert lacking == ADDED


def test_a_variant_with_missing_facts_is_not_chosen() -> None:
    texts = Translator("en")
    error = errors.PasswordTableInvalid(path="a.csv", reason="pattern", line=7, limit=200)
    assert texts.error(error) == texts.get("error.password_table_invalid.pattern", **error.facts)
    del error.facts["line"]
    assert texts.error(error) == texts.get("error.password_table_invalid", path="a.csv")


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
    line = with_severity(Severity.ERROR, "x {y}", texts)
    colon = "\u00a0: " if language == "fr" else ": "
    assert line == texts.get("cli.severity.error") + colon + "x {y}"


def test_a_copy_is_looked_for_where_copies_are() -> None:
    for language in LANGUAGES:
        for key, text in messages("error", language).items():
            assert (BACKUP_FOLDER in text) or (".bak" not in text), (language, key)


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
        unreachable = errors.PlatformUnreachable(host="platform.invalid", reason="connect", sent=False)
        assert "02 788 51 55" in texts.next_step(unreachable).replace("\u00a0", " ")


def test_a_variant_is_chosen_by_what_the_facts_say() -> None:
    texts = Translator("en")
    assert "Tries left: 2." in texts.error(errors.PinWrong(tries_left=2))
    assert "Only one try" in texts.error(errors.PinWrong(tries_left=1, reason="last_try"))
    assert "does not show" in texts.error(errors.PinWrong(tries_left=None, reason="unknown_tries"))
    assert "e-mail" in texts.error(errors.ContactInvalid(field="email"))
    assert "NIHII" in texts.error(errors.IdentifierInvalid(kind="nihii", reason="check_digits"))
    assert "type" in texts.error(errors.IdentifierInvalid(kind="nihii", reason="type"))
    assert "busy" in texts.error(
        errors.PlatformFault(code="SOA-02002", origin="", detail="", correlation_id=None)
    )
    assert "already complete" in texts.error(errors.WrongState(path="a.p12", state="complete"))
    assert '".[card]"' in texts.next_step(errors.ModuleMissing(module="PyKCS11", reason="extra"))
    assert "do not match" in texts.error(errors.KeystoreDamaged(path="a.p12", reason="structure"))
    assert "--trace" in texts.next_step(errors.SettingInvalid(setting="trace"))
    assert "CKR_GENERAL_ERROR" in texts.error(errors.CardFault(code="CKR_GENERAL_ERROR"))
    assert "expired" in texts.error(errors.PlatformUntrusted(host="h", issuer="Acme", reason="expired"))


def test_a_known_fact_is_in_the_text() -> None:
    texts = Translator("fr")
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert "25 novembre 2026 à 00:30" in texts.error(errors.NotYetDelivered(not_before=moment))
    assert "pas encore prêt" in texts.error(errors.NotYetDelivered(not_before=None))
    assert "Acme Proxy" in texts.error(
        errors.PlatformUntrusted(host="h", issuer="Acme Proxy", reason="issuer")
    )
    assert "None" not in texts.error(errors.PlatformUntrusted(host="h", issuer=None, reason="unknown_issuer"))


def test_a_variant_without_a_step_of_its_own_has_the_general_one() -> None:
    texts = Translator("nl")
    general = texts.get("error.answer_untrusted.next")
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
        errors.CardCertificateExpired(certificate="Signature", date=datetime(2026, 11, 24, tzinfo=UTC))
    )


@pytest.mark.parametrize(
    ("language", "none", "singular", "two"),
    [
        ("en", "0 days", "1 day", "2 days"),
        ("fr", "0 jour", "1 jour", "2 jours"),
        ("nl", "0 dagen", "1 dag", "2 dagen"),
        ("de", "0 Tage", "1 Tag", "2 Tage"),
    ],
)
def test_a_count_has_the_form_of_its_language(
    language: LanguageName, none: str, singular: str, two: str
) -> None:
    texts = Translator(language)
    assert [texts.counted("trainer.clock.days", count) for count in (0, 1, 2)] == [none, singular, two]
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
    labelled = {language: Translator(language).labelled("Claire", "OK") for language in LANGUAGES}
    assert labelled == {"fr": "Claire\u00a0: OK", "nl": "Claire: OK", "de": "Claire: OK", "en": "Claire: OK"}


def test_language_tags_give_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
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


# ── one text under several keys ──────────────────────────────────────────────────────────────────────────────
def test_a_sentence_is_written_once() -> None:
    """A second key says ``=KEY``, unless another language needs two sentences, as for two genders."""
    written: dict[tuple[str, ...], list[str]] = defaultdict(list)
    files = {language: own_texts(language) for language in LANGUAGES}
    for key, text in files["en"].items():
        if len(text.split()) > 3:
            written[tuple(files[language][key] for language in LANGUAGES)].append(key)
    assert [keys for keys in written.values() if len(keys) > 1] == []


def own_texts(language: LanguageName) -> dict[str, str]:
    """Return what the files of a language say, with ``=KEY`` as it stands there."""
    found: dict[str, str] = {}
    for path in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        if path.stem != CLICK:
            with path.open("rb") as source:
                found |= {str(message.id): str(message.string) for message in read_po(source) if message.id}
    return found


@pytest.mark.parametrize("reference", ["=b.none", "=a.second"], ids=["unknown", "of another"])
def test_a_reference_to_no_text_ends_the_build(tmp_path: Path, reference: str) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    texts = {"a.first": reference, "a.second": "=b.third", "b.third": "It is done."}
    messages = "".join(f'\nmsgid "{key}"\nmsgstr "{text}"\n' for key, text in texts.items())
    (folder / "a.po").write_text(head + messages, encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.first"):
        read_catalogues(folder)
    (folder / "a.po").write_text((head + messages).replace(reference, "=b.third"), encoding="utf-8")
    (catalogue,) = read_catalogues(folder).values()
    assert {str(message.string) for message in catalogue if message.id} == {"It is done."}


# ── the English text beside each message ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_the_english_text_stands_beside_each_message(language: str) -> None:
    for path in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        if path.stem != CLICK:
            text = path.read_text(encoding="utf-8")
            wanted = translations.commented(text, translations.english(path.stem), text)
            assert text == wanted, "run docs/translations.py"
            assert translations.REVIEW not in text, "compare with the English text, and delete the mark"


def test_a_message_with_a_changed_english_text_is_marked() -> None:
    before = '#. Choose a file.\nmsgid "a.b"\nmsgstr "Kies een bestand."\n'
    marked = translations.commented(before, {"a.b": "Choose one file."}, before)
    assert marked == '#. Choose one file.\n#. to review\nmsgid "a.b"\nmsgstr "Kies een bestand."\n'
    assert translations.commented(marked, {"a.b": "Choose one file."}, before) == marked
    changed = before.replace("een", "één")
    assert translations.REVIEW not in translations.commented(changed, {"a.b": "Choose one file."}, before)
