"""The card: kind, dates, certificates and tries, from software cards, SoftHSM2 and a scripted worker."""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import Card, CardKey
from ehtoolkit.card.readers import ATR_1_7, ATR_1_8, ReaderProbe
from ehtoolkit.card.trust import error, info, warning
from ehtoolkit.doctor import CheckResult
from ehtoolkit.doctor.card import check_card_readiness, check_pin
from ehtoolkit.finding import Topic
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.pin_tries import PinTries
from ehtoolkit.training.card.profile import CardProfile, save_profile
from ehtoolkit.training.card.software import SoftwareCard
from tests.doctor.conftest import keys, one
from tests.doctor.scripted_probe import NOWHERE, SCRIPTED
from tests.support.card_fixtures import SoftHsmFactory
from tests.support.cards import END, IDENTITY
from tests.support.pcsc_daemon import Slot, pcsc_daemon

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BLIND = ReaderProbe(environment=NOWHERE)
PIN, WRONG = Secret("1234"), Secret("4321")

Profiles = Mapping[str, CardProfile]


def software(folder: Path, profile: CardProfile) -> SoftwareCard:
    save_profile(folder, profile)
    return SoftwareCard(folder)


def look(card: Card, now: datetime = NOW) -> list[CheckResult]:
    return list(check_card_readiness(lambda: card, now, BLIND))


def test_what_a_card_does_not_prove_is_a_line_unless_another_line_says_it(
    profiles: Profiles, tmp_path: Path
) -> None:
    said = [
        error("certificate_revoked", certificate="Signature", date=NOW).about(Topic.CERTIFICATE),
        warning("register_expired", date=NOW),
        error("card_certificate_missing", certificate="Signature").about(Topic.VALIDITY),
        info("revocation_training"),
    ]
    card = software(tmp_path / "card", profiles["rsa"])
    lines = list(check_card_readiness(lambda: card, NOW, BLIND, lambda _: said))
    assert set(keys(lines)) - set(keys(look(card))) == {
        ("certificates", "error", "certificate_revoked"),
        ("card", "warning", "register_expired"),
    }
    revoked = one(lines, "certificate_revoked")
    for language in LANGUAGES:
        assert revoked.message(Translator(language))
        assert revoked.next_step(Translator(language))


def aged(profile: CardProfile, *, born: date, issued: date, until: date | None = None) -> CardProfile:
    identity = replace(
        profile.identity, birth_date=born, valid_from=issued, valid_until=until or IDENTITY.valid_until
    )
    return replace(profile, identity=identity)


def test_a_card_that_is_in_order(profiles: Profiles, tmp_path: Path) -> None:
    lines = look(software(tmp_path / "card", profiles["rsa"]))
    assert keys(lines) == [
        ("card", "ok", "card_eid"),
        ("card", "ok", "card_valid"),
        ("certificates", "ok", "certificate_active"),
        ("certificates", "ok", "certificate_active"),
        ("pin", "ok", "tries_full"),
    ]
    assert "RSA 2048" in lines[0].message(Translator("fr"))


def test_no_line_names_the_card_holder(profiles: Profiles, tmp_path: Path) -> None:
    lines = look(software(tmp_path / "card", profiles["ec"]))
    sentences = " ".join(line.message(Translator(language)) for line in lines for language in LANGUAGES)
    for private in (IDENTITY.niss.digits, IDENTITY.surname, "Véronique", IDENTITY.card_number):
        assert private not in sentences
    assert "EC secp384r1" in sentences


def test_a_signature_that_was_never_activated(profiles: Profiles, tmp_path: Path) -> None:
    lines = look(software(tmp_path / "card", profiles["dormant"]))
    line = one(lines, "signature_dormant")
    for language, municipality in zip(
        LANGUAGES, ("commune", "gemeente", "Gemeinde", "municipality"), strict=True
    ):
        assert municipality in line.next_step(Translator(language))
    assert keys(lines)[-1] == ("pin", "ok", "tries_full")


def test_a_card_of_a_minor(profiles: Profiles, tmp_path: Path) -> None:
    profile = aged(profiles["young"], born=date(2008, 5, 2), issued=date(2024, 3, 1))
    lines = look(software(tmp_path / "card", profile))
    one(lines, "signature_young")


def test_a_birthday_makes_the_difference(profiles: Profiles, tmp_path: Path) -> None:
    grown = aged(profiles["young"], born=date(2006, 3, 1), issued=date(2024, 3, 1))
    one(look(software(tmp_path / "grown", grown)), "signature_dormant")
    young = aged(profiles["young"], born=date(2006, 3, 2), issued=date(2024, 3, 1))
    one(look(software(tmp_path / "young", young)), "signature_young")


def test_an_old_card_is_replaced_and_not_renewed(profiles: Profiles, tmp_path: Path) -> None:
    """Trying to put new certificates on a card from before July 2017 may revoke those that are there."""
    profile = aged(profiles["young"], born=date(1979, 3, 14), issued=date(2017, 6, 30))
    lines = look(software(tmp_path / "card", profile))
    assert "new card" in one(lines, "certificate_missing_old").next_step(Translator("en"))
    over = aged(profiles["rsa"], born=date(1979, 3, 14), issued=date(2017, 6, 30))
    expired = look(software(tmp_path / "over", over), END + timedelta(days=1))
    assert [key for _, _, key in keys(expired)].count("certificate_over_old") == 2
    newer = aged(profiles["rsa"], born=date(1979, 3, 14), issued=date(2017, 7, 1))
    found = look(software(tmp_path / "newer", newer), END + timedelta(days=1))
    assert [key for _, _, key in keys(found)].count("card_certificate_expired") == 2


def test_certificates_may_end_before_the_card(profiles: Profiles, tmp_path: Path) -> None:
    profile = aged(profiles["rsa"], born=date(1949, 3, 14), issued=date(2024, 3, 1), until=date(2054, 3, 1))
    card = software(tmp_path / "card", profile)
    soon = look(card, END - timedelta(days=30))
    assert [key for _, _, key in keys(soon)] == [
        *("card_eid", "card_valid", "certificate_ending", "certificate_ending", "tries_full")
    ]
    assert "Days left: 30." in soon[2].message(Translator("en"))
    after = look(card, END + timedelta(days=1))
    assert [(severity, key) for _, severity, key in keys(after)][1:4] == [
        ("ok", "card_valid"),
        ("error", "card_certificate_expired"),
        ("error", "card_certificate_expired"),
    ]


@pytest.mark.parametrize(
    ("until", "severity", "key"),
    [
        (date(2026, 11, 23), "error", "card_over"),
        (date(2026, 11, 24), "warning", "card_ending"),
        (date(2027, 1, 4), "warning", "card_ending"),
        (date(2027, 2, 22), "warning", "card_ending"),
        (date(2027, 2, 23), "ok", "card_valid"),
        (None, "info", "card_validity_unknown"),
    ],
)
def test_the_end_of_the_card(
    until: date | None, severity: str, key: str, profiles: Profiles, tmp_path: Path
) -> None:
    profile = profiles["rsa"]
    ending = replace(profile, identity=replace(profile.identity, valid_until=until))
    lines = look(software(tmp_path / "card", ending))
    assert keys(lines)[1] == ("card", severity, key)
    one(lines, key)


def test_the_last_day_of_a_card_ends_at_midnight_in_belgium(profiles: Profiles, tmp_path: Path) -> None:
    card = software(tmp_path / "card", profiles["rsa"])
    midnight = datetime(2034, 3, 1, 23, tzinfo=UTC)
    one(look(card, midnight - timedelta(minutes=1)), "card_ending")
    one(look(card, midnight), "card_over")


@pytest.mark.parametrize(
    ("wrong", "severity", "key"),
    [(1, "warning", "tries_fewer"), (2, "warning", "tries_last"), (3, "error", "pin_blocked")],
)
def test_the_tries_of_the_pin(
    wrong: int, severity: str, key: str, profiles: Profiles, tmp_path: Path
) -> None:
    card = software(tmp_path / "card", profiles["rsa"])
    for _ in range(wrong):
        with pytest.raises(errors.PinError):
            card.sign(CardKey.AUTHENTICATION, b"", WRONG)
    lines = look(card)
    assert keys(lines)[-1] == ("pin", severity, key)
    assert PinTries(tmp_path / "card").tries_left == 3 - wrong


def test_a_card_that_is_out(profiles: Profiles, tmp_path: Path) -> None:
    card = software(tmp_path / "card", profiles["rsa"])
    card.unplug()
    assert keys(look(card)) == [("card", "error", "card_absent")]


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_token_behind_pkcs11(kind: str, profiles: Profiles, softhsm_token: SoftHsmFactory) -> None:
    softhsm = softhsm_token(profiles[kind])
    lines = look(Pkcs11Card(softhsm.module, environment=softhsm.environment, timeout=10.0))
    assert [key for _, _, key in keys(lines)] == [
        *("card_eid", "card_valid", "certificate_active", "certificate_active", "tries_unknown")
    ]
    one(lines, "tries_unknown")


def test_a_token_without_identity_files(profiles: Profiles, softhsm_token: SoftHsmFactory) -> None:
    softhsm = softhsm_token(profiles["rsa"], data_objects=False)
    lines = look(Pkcs11Card(softhsm.module, environment=softhsm.environment, timeout=10.0))
    assert keys(lines)[1] == ("card", "info", "card_validity_unknown")


def behind_script(folder: Path, **calls: object) -> Pkcs11Card:
    """A card whose worker says what it is told to."""
    script = folder / "card.json"
    script.write_text(json.dumps(calls))
    path = os.pathsep.join([str(SCRIPTED.parents[2]), os.environ.get("PYTHONPATH", "")])
    command = (sys.executable, str(SCRIPTED), str(script))
    return Pkcs11Card("module", command=command, environment={"PYTHONPATH": path}, timeout=5.0)


@pytest.mark.parametrize(
    ("step", "severity", "key"),
    [
        ({"error": "CardAbsent"}, "error", "card_absent"),
        ({"error": "SmartCardServiceMissing"}, "warning", "card_unseen"),
        ({"error": "ModuleMissing", "facts": {"module": "m"}}, "warning", "card_unseen"),
        ({"error": "NotAnEid", "facts": {"reader": "ACS"}}, "error", "card_foreign"),
        ({"error": "CardFault", "facts": {"code": "CKR_GENERAL_ERROR"}}, "error", "card_fault"),
        ({"error": "CardRemoved"}, "error", "card_removed"),
        ({"sleep": 20}, "error", "card_timeout"),
        ({"exit": 9}, "error", "card_fault"),
    ],
)
def test_what_a_module_may_answer(step: object, severity: str, key: str, tmp_path: Path) -> None:
    lines = look(behind_script(tmp_path, present=[step]))
    assert keys(lines) == [("card", severity, key)]
    assert lines[0].next_step(Translator("fr"))


@pytest.mark.parametrize(("atr", "key"), [(ATR_1_8, "card_new_chip"), (ATR_1_7, "card_unread")])
def test_an_eid_that_the_module_does_not_know(atr: str, key: str, short: Path, tmp_path: Path) -> None:
    """PC/SC sees an eID where the module sees another kind of card: then the module is to be renewed."""
    foreign = {"error": "NotAnEid", "facts": {"reader": "ACS ACR39U 00 00"}}
    with pcsc_daemon(short, Slot("ACS ACR39U 00 00", bytes.fromhex(atr))) as daemon:
        card, probe = behind_script(tmp_path, present=[foreign]), ReaderProbe(environment=daemon.environment)
        lines = list(check_card_readiness(lambda: card, NOW, probe))
    assert keys(lines) == [("card", "error", key)]
    assert "ACS ACR39U" in one(lines, key).message(Translator("nl"))


def test_opensc_cannot_sign_with_this_card(tmp_path: Path, profiles: Profiles) -> None:

    shown = {"reader": "ACS", "serial": "1", "protected": False, "kind": "opensc"}
    certificates = {
        str(key): b64encode(found.public_bytes(Encoding.DER)).decode()
        for key, found in profiles["rsa"].certificates.items()
    }
    card = behind_script(
        tmp_path,
        present=[{"result": shown}],
        certificates=[{"result": certificates}],
        data=[{"result": {}}],
        tries=[{"result": {"tries_left": None}}],
    )
    lines = look(card)
    assert ("certificates", "error", "signing_unsupported") in keys(lines)


# ── the PIN ──────────────────────────────────────────────────────────────────────────────────────────────


class Prompt:
    """Gives a PIN, and counts how often it was asked for."""

    def __init__(self, pin: Secret | None) -> None:
        self.pin = pin
        self.times = 0

    def __call__(self, key: CardKey) -> Secret | None:
        self.times += 1
        return self.pin


def test_a_right_pin_is_tried_once(profiles: Profiles, tmp_path: Path) -> None:
    prompt = Prompt(PIN)
    line = check_pin(software(tmp_path / "card", profiles["rsa"]), prompt, lambda: False)
    assert (line.key, prompt.times) == ("pin_right", 1)


def test_a_wrong_pin_is_never_tried_twice(profiles: Profiles, tmp_path: Path) -> None:
    card, prompt = software(tmp_path / "card", profiles["rsa"]), Prompt(WRONG)
    line = check_pin(card, prompt, lambda: False)
    assert (line.key, line.facts["tries_left"], prompt.times) == ("pin_wrong", 2, 1)
    assert card.pin_tries_left() == 2


def test_the_last_try_is_not_burnt_unasked(profiles: Profiles, tmp_path: Path) -> None:
    card, prompt = software(tmp_path / "card", profiles["rsa"]), Prompt(WRONG)
    for _ in range(2):
        check_pin(card, Prompt(WRONG), lambda: False)
    line = check_pin(card, prompt, lambda: False)
    assert (line.key, prompt.times, card.pin_tries_left()) == ("pin_not_dared", 0, 1)
    one([line], "pin_not_dared")
    assert check_pin(card, Prompt(PIN), lambda: True).key == "pin_right"
    assert card.pin_tries_left() == 3


def test_a_blocked_pin_is_not_asked_for(profiles: Profiles, tmp_path: Path) -> None:
    card, prompt = software(tmp_path / "card", profiles["rsa"]), Prompt(PIN)
    for _ in range(3):
        check_pin(card, Prompt(WRONG), lambda: True)
    assert (check_pin(card, prompt, lambda: True).key, prompt.times) == ("pin_blocked", 0)


def test_a_pin_that_cannot_be_one_costs_no_try(profiles: Profiles, tmp_path: Path) -> None:
    card = software(tmp_path / "card", profiles["rsa"])
    assert check_pin(card, Prompt(Secret("12")), lambda: False).key == "pin_malformed"
    assert card.pin_tries_left() == 3


def test_a_platform_that_is_down_does_not_make_a_pin_wrong(profiles: Profiles, tmp_path: Path) -> None:
    def sign_and_ask(card: Card, pin: Secret | None) -> None:
        card.sign(CardKey.AUTHENTICATION, b"question", pin)
        raise errors.PlatformTimeout(host="h", seconds=1, sent=True)

    card = software(tmp_path / "card", profiles["rsa"])
    assert check_pin(card, Prompt(PIN), lambda: False, sign_and_ask).key == "pin_right"
    assert check_pin(card, Prompt(WRONG), lambda: False, sign_and_ask).key == "pin_wrong"
