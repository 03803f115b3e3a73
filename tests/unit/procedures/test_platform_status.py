"""How a certificate stands, by its situation."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import pytest

from ehtoolkit import errors
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.standing import MEANINGS, Action
from ehtoolkit.keystore.state import State, state_at, with_platform_word
from ehtoolkit.procedures.result import Validation
from ehtoolkit.procedures.state.platform_status import platform_status_of
from ehtoolkit.procedures.state.requests import KeyAnswer, RequestStatus
from ehtoolkit.procedures.state.situation import Situation, TokenMatch
from tests.support.situations import (
    DAY,
    FOREIGNER,
    NOW,
    REFUSED,
    UNREACHABLE,
    certificate,
    info,
    installed,
    requested,
    successor,
    token,
)

UNTRUSTED = errors.ResponseUntrusted(reason="etk")
WAITS = info(etk="WAIT_FOR_ACTIVATION")
OURS, OLD, OTHER, NONE = map(token, TokenMatch)
WAITING = RequestStatus(KeyAnswer.KNOWN)
DELIVERED = RequestStatus(KeyAnswer.KNOWN, delivered=True, chain=(certificate(NOW + DAY),))
ENDED = RequestStatus(KeyAnswer.KNOWN, delivered=True, chain=(certificate(NOW - 2 * DAY),))
UNKNOWN_KEY = RequestStatus(KeyAnswer.NOT_KNOWN, refusal="CERT_UNKNOWN")
UNCLEAR = RequestStatus(KeyAnswer.NOT_UNDERSTOOD, refusal="X_4711 Later.")
REFUSED_REQUEST = RequestStatus(KeyAnswer.REFUSED, refusal="CERT_REFUSED No.")
IN_TIME, OVERDUE = Validation("https://example.be", NOW + DAY), Validation("https://example.be", NOW - DAY)


def described(seen: Situation) -> tuple[State, Action | None, list[str]]:
    platform_status = platform_status_of(seen)
    return platform_status.state, platform_status.next, [finding.key for finding in platform_status.findings]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (installed(info(), token=OURS), ("active", "use", ["depot_ours"])),
        (installed(info(replaceable=True), token=OURS), ("renewable", "renew", ["depot_ours"])),
        (
            installed(info(replaceable=True), token=OURS, holder=FOREIGNER),
            ("renewable", "request", ["depot_ours"]),
        ),
        (installed(info(), token=OLD), ("active", "use", ["depot_old"])),
        (installed(info(), token=OTHER), ("active", "use", ["depot_other"])),
        (installed(info(), token=NONE), ("active", "use", ["depot_empty"])),
        (installed(info(), token=UNTRUSTED), ("active", "use", ["depot_untrusted"])),
        (installed(info(), token=UNREACHABLE), ("active", "use", ["depot_unchecked"])),
        (installed(WAITS, token=OLD), ("to_activate", "activate", ["etk_to_activate", "depot_old"])),
        (installed(WAITS, token=NONE), ("to_activate", "activate", ["etk_to_activate"])),
        (installed(info(etk="NOT_REQUESTED"), token=NONE), ("no_etk", "complete", ["etk_missing"])),
        (installed(info(etk="REVOKED"), token=NONE), ("no_etk", "complete", ["etk_over"])),
        (
            installed(info(), token=OTHER, has_encryption_key=False),
            ("no_etk", "complete", ["etk_key_missing", "depot_other"]),
        ),
        (installed(info("REVOKED", "REVOKED")), ("revoked", "request", ["revoked"])),
        (installed(info("SUSPENDED")), ("unknown", "troubleshoot", ["words"])),
        (installed(info(etk="ASLEEP"), token=OURS), ("unknown", "troubleshoot", ["words", "depot_ours"])),
        (installed(REFUSED), ("unknown", "troubleshoot", ["unknown"])),
        (
            installed(REFUSED, file_state=State.EXPIRED, not_after=NOW - DAY),
            ("expired", "request", ["unknown", "state_expired"]),
        ),
        (
            installed(info("EXPIRED"), file_state=State.EXPIRED, not_after=NOW - DAY),
            ("expired", "request", ["state_expired"]),
        ),
        # The computer's clock does not know yet that the certificate has expired.
        (installed(info("EXPIRED")), ("expired", "request", [])),
    ],
)
def test_installed(seen: Situation, expected: tuple[str, str | None, list[str]]) -> None:
    assert described(seen) == expected
    assert platform_status_of(seen).checked


@pytest.mark.parametrize(
    ("state", "replaceable", "expected"),
    [
        (State.PREPARED, True, ("renewal_unsent", Severity.WARNING)),
        (State.WAITING, True, ("renewal_waiting", Severity.INFO)),
        (State.NO_ETK, False, ("renewal_ready", Severity.WARNING)),
        (State.COMPLETE, False, ("newer", Severity.WARNING)),
        (State.COMPLETE, True, None),  # it was revoked, since the platform lets the old one be replaced
    ],
)
def test_a_newer_keystore(state: State, replaceable: bool, expected: tuple[str, Severity] | None) -> None:
    seen = installed(info(replaceable=replaceable), token=OURS, newer=(successor(state),))
    found = [
        (finding.key, finding.severity)
        for finding in platform_status_of(seen).findings
        if finding.key != "depot_ours"
    ]
    assert found == ([] if expected is None else [expected])


def test_the_token_of_a_newer_keystore() -> None:
    newer = (successor(State.COMPLETE, aliases=("7",)),)
    (found, _) = platform_status_of(installed(info(), token=OTHER, newer=newer)).findings
    assert (found.key, found.severity, found.facts) == (
        *("depot_newer", Severity.ERROR),
        {"serial": "7", "file": "newer.p12"},
    )


@pytest.mark.parametrize("newer", [errors.FileUnreadable(path="folder"), UNREACHABLE])
def test_unknown_newer_keystores_do_not_matter(newer: errors.FileUnreadable | errors.PlatformError) -> None:
    assert described(installed(info(), token=OURS, newer=newer)) == ("active", "use", ["depot_ours"])


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (requested(WAITING), ("waiting", "complete", [])),
        (replace(requested(WAITING), validation=IN_TIME), ("waiting", "complete", ["to_confirm"])),
        (
            replace(requested(WAITING), validation=Validation()),
            ("waiting", "complete", ["to_confirm_by_mail"]),
        ),
        (replace(requested(WAITING), validation=OVERDUE), ("waiting", "complete", [])),
        (requested(UNKNOWN_KEY), ("prepared", "resume", ["never_sent"])),
        (replace(requested(UNKNOWN_KEY), validation=OVERDUE), ("refused", "request", ["overdue"])),
        (requested(REFUSED_REQUEST), ("refused", "request", ["refused"])),
        (requested(UNCLEAR), ("unknown", "complete", ["request_unclear"])),
        (
            replace(requested(UNCLEAR), validation=IN_TIME),
            ("unknown", "complete", ["request_unclear_foreign"]),
        ),
        (
            replace(requested(UNCLEAR), validation=OVERDUE),
            ("unknown", "complete", ["request_unclear_foreign"]),
        ),
        (requested(DELIVERED, info()), ("waiting", "complete", ["ready"])),
        (requested(DELIVERED, REFUSED), ("waiting", "complete", ["ready"])),
        (requested(DELIVERED, info("REVOKED")), ("revoked", "request", ["revoked_before"])),
        (requested(ENDED), ("expired", "request", ["state_expired"])),
    ],
)
def test_before_installation(seen: Situation, expected: tuple[str, str, list[str]]) -> None:
    assert described(seen) == expected
    assert platform_status_of(seen).info is None


def test_what_the_platform_named_is_in_the_outcome() -> None:
    start = NOW + timedelta(hours=1)
    waiting = replace(requested(replace(WAITING, not_before=start)), validation=IN_TIME)
    outcome = platform_status_of(waiting).outcome
    assert (outcome.not_before, outcome.validation) == (start, IN_TIME)
    assert platform_status_of(requested(ENDED)).not_after == NOW - 2 * DAY


@pytest.mark.parametrize(
    ("begins", "ends", "etk", "expected"),
    [
        (-1, 900, True, ("complete", "use", ["unchecked", "state_complete"])),
        (-1, 900, False, ("no_etk", "complete", ["unchecked", "state_no_etk"])),
        (1, 900, True, ("not_yet_valid", None, ["unchecked", "state_not_yet_valid"])),
        (-900, 60, True, ("renewable", "renew", ["unchecked", "state_renewable"])),
        (-900, -1, True, ("expired", "request", ["state_expired", "unchecked"])),
    ],
)
@pytest.mark.parametrize("word", [None, *State])
def test_unchecked(
    begins: int, ends: int, etk: bool, expected: tuple[str, str, list[str]], word: State | None
) -> None:
    """What the platform said before stays; what it says of a file that shows more changes nothing."""
    begin, end = NOW + begins * DAY, NOW + ends * DAY
    file_state = state_at(NOW, begin, end, has_encryption_key=etk)
    seen = installed(UNREACHABLE, file_state=file_state, has_encryption_key=etk, not_after=end)
    seen = replace(seen, not_before=begin, last_word=word)
    merged = with_platform_word(file_state, word)
    platform_status = platform_status_of(seen)
    if merged is not file_state:
        (said,) = (finding for finding in platform_status.findings if finding.key == "last_word")
        assert said.message(Translator("en")).endswith(f" {Translator('en').get(f'export.state.{merged}')}.")
        assert said.severity is MEANINGS[merged].severity
        assert (platform_status.state, platform_status.next) == (merged, MEANINGS[merged].action)
        assert {finding.key for finding in platform_status.findings} == {"unchecked", "last_word"} | {
            key for key in expected[2] if key != "state_complete" or merged.serves
        }
        return
    if word is State.UNKNOWN and expected[1] in ("use", "renew", "complete"):
        expected = (expected[0], "troubleshoot", expected[2])
    assert described(seen) == expected
    assert (platform_status.checked, platform_status.unchecked, platform_status.info) == (
        False,
        UNREACHABLE,
        None,
    )


def test_an_unchecked_request_is_completed() -> None:
    expected = ("prepared", "complete", ["unchecked", "state_prepared"])
    assert described(requested(UNREACHABLE)) == expected
    assert described(requested(DELIVERED, UNREACHABLE)) == expected


def test_a_refusal_by_a_wrong_clock_checks_nothing() -> None:
    refused = errors.PlatformRefused(code="SIGNER_EXPIRED", detail="", reason="clock")
    assert described(installed(refused)) == ("complete", "use", ["unchecked", "state_complete"])


@pytest.mark.parametrize("code", ["CERT_UNKNOWN", "CERT_REFUSED"])
def test_a_refusal_of_the_key_counts_with_a_wrong_clock(code: str) -> None:
    by_clock, plain = (
        errors.PlatformRefused(code=code, detail="", reason=reason) for reason in ("clock", None)
    )
    assert described(installed(by_clock)) == described(installed(plain))
    assert "unchecked" not in described(installed(by_clock))[2]


@pytest.mark.parametrize("seen", [installed(info(), token=OLD), requested(DELIVERED), requested(UNREACHABLE)])
def test_a_standing_can_be_pickled(seen: Situation) -> None:
    platform_status = platform_status_of(seen)
    copy = pickle.loads(pickle.dumps(platform_status))  # noqa: S301  # ours
    assert (copy.outcome, copy.findings, copy.info) == (
        platform_status.outcome,
        platform_status.findings,
        platform_status.info,
    )
    assert type(copy.unchecked) is type(platform_status.unchecked)
