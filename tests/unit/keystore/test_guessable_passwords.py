"""New passwords that are guessed first are refused; what the field uses as examples is not."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.guessable_passwords import guess_of
from ehtoolkit.keystore.passwords import check_new_password
from ehtoolkit.secret import Secret

KNOWN = (
    "VANDAMME ÉLISE MARIE",
    "79.03.14-218.72",
    "1-14527-07-527",
    "SSIN=79031421872 20261124-130000",
    "Praktijk De Linde",
)

REFUSED = {
    "common": (
        *("password", "Password1", "P@ssw0rd!", "passw0rd2026", "letmein1", "iloveyou2"),
        *("motdepasse", "Bonjour123", "soleil2026!", "Bienvenue1"),
        *("wachtwoord", "Welkom2026!", "Geheim-2026", "Zomer2025"),
        *("passwort", "Kennwort1", "Sommer2026", "hallo-1234"),
        *("1q2w3e4r", "qazwsxedc", "Certificaat1"),
    ),
    "pattern": (
        *("12345678", "87654321", "0123456789", "aaaaaaaa", "11111111", "abcdefgh", "abcd1234", "aaaabbbb"),
        *("abcabcabc", "kinekine", "12121212", "qwertyui", "azerty12", "qwertz12", "AZERTYuiop"),
    ),
    "personal": (
        *("79031421872", "790314-Abc", "x-21872-yz", "11452707527", "Inami52707"),
        *("Vandamme1", "elise.marie", "Linde-2026", "my-SSIN-key", "de20261124!"),
    ),
}
ALLOWED = (
    *("Kine-2026", "Kine-2027", "Nieuw-2027!", "Praxis-2026", "Kine-2026 & co", "Oefening-2026"),
    *("Zo-Geheim_42", "Test-Pass1", "Grenz-2026", "Apotheke-2026", "correct horse battery", "xK4-9qpz!mv"),
    *("regen fiets boterham", "zomer regen fiets", "86420-97531", "2026-11-23-14h"),
)


@pytest.mark.parametrize(
    ("reason", "password"), [(reason, each) for reason, all_ in REFUSED.items() for each in all_]
)
def test_a_guessable_password_is_refused_with_the_reason(reason: str, password: str) -> None:
    assert guess_of(Secret(password), KNOWN) == reason
    with pytest.raises(errors.PasswordNotAllowed) as refusal:
        check_new_password(Secret(password), KNOWN)
    assert refusal.value.facts == {"reason": reason}
    check_new_password(Secret(password), KNOWN, kept=True)
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.error(refusal.value) != texts.get("error.password_unfit")
        assert texts.next_step(refusal.value) != texts.get("error.password_unfit.next")


@pytest.mark.parametrize("password", ALLOWED)
def test_another_one_is_taken(password: str) -> None:
    check_new_password(Secret(password), KNOWN)


def test_short_words_and_nothing_known_refuse_nothing() -> None:
    assert guess_of(Secret("de-li-xx-22"), ("De Li", "", "SSIN")) is None
    assert guess_of(Secret("Vandamme1")) is None
