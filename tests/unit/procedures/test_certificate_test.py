"""The lines of a certificate test, by the situation, what the keystore has proven, and the session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ehtoolkit import errors
from ehtoolkit.crypto.keys import EC, RSA, KeyKind
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.sts.claims import Quality
from ehtoolkit.finding import Finding, FindingFactory, Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State
from ehtoolkit.procedures.certificate_test import CertificateTest, CheckedPart, Colour, judge
from ehtoolkit.procedures.keystore_self_test import TEST, KeystoreProof
from ehtoolkit.procedures.state.requests import KeyAnswer, RequestStatus
from ehtoolkit.procedures.state.situation import Situation, TokenMatch
from ehtoolkit.procedures.sts_session import SessionAnswer, SessionReport, SessionRequest, SessionVerdict
from ehtoolkit.settings import LanguageName
from tests.support.situations import (
    HOLDER,
    REFUSED,
    UNREACHABLE,
    info,
    installed,
    requested,
    successor,
    token,
)

SESSION = FindingFactory("session")
ISSUED, RIGHT, DENIED = (
    SESSION.ok("issued"),
    SESSION.warning("right_missing"),
    SESSION.error("no_session_right"),
)
PROOF = KeystoreProof(
    KeyKind(RSA, 2048),
    *(TEST.ok("certificate_valid"), TEST.ok("signing_good"), TEST.ok("decryption_good")),
    *(TEST.ok("message_opened"), TEST.ok("older_none")),
)
NOT_OURS = replace(PROOF, message=Finding("not_for_this_keystore", Severity.ERROR, {}, "message"))
WAITS = info(etk="WAIT_FOR_ACTIVATION")
OURS, OLD, OTHER, NONE = map(token, TokenMatch)
NEWER = (successor(State.COMPLETE, aliases=("7",)),)
UNTRUSTED = errors.ResponseUntrusted(reason="key")
OFFLINE = installed()


def report(
    verdict: SessionVerdict, *findings: Finding, failure: errors.PlatformError | None = None
) -> SessionReport:
    session_request = SessionRequest(HOLDER, Quality.PHYSIOTHERAPIST, (), KeySigner(None, ()))  # type: ignore[arg-type]
    return SessionReport(session_request, verdict, findings, failure=failure)


FINE = report(SessionVerdict.FINE, ISSUED)


def not_green(found: CertificateTest) -> dict[str, tuple[str, str]]:
    return {
        str(line.thing): (str(line.colour), line.finding.key)
        for line in found.lines
        if line.colour is not Colour.GREEN
    }


def test_all_green() -> None:
    found = judge(installed(info(), token=OURS), PROOF, FINE)
    assert (not_green(found), found.verdict, found.state, found.remarks) == ({}, "green", State.ACTIVE, ())
    assert [line.thing.part for line in found.lines] == [
        *[CheckedPart.KEYS] * 4,
        *[CheckedPart.MESSAGES] * 2,
        *[CheckedPart.PLATFORM] * 2,
    ]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (OFFLINE, {
            "depot": ("amber", "depot_not_asked"),
            "known": ("amber", "known_not_asked"),
            "session": ("amber", "session_not_asked"),
        }),
        (installed(UNREACHABLE), {
            "depot": ("amber", "depot_unanswered"),
            "known": ("amber", "known_unanswered"),
            "session": ("amber", "session_unanswered"),
        }),
        (requested(RequestStatus(KeyAnswer.KNOWN)), {
            "depot": ("amber", "depot_waits"),
            "known": ("amber", "known_waits"),
            "session": ("amber", "session_waits"),
        }),
    ],
)  # fmt: skip
def test_without_a_session(seen: Situation, expected: dict[str, tuple[str, str]]) -> None:
    assert not_green(judge(seen, PROOF)) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (installed(info(), token=UNREACHABLE), {"depot": ("amber", "depot_unanswered")}),
        (installed(info(), token=UNTRUSTED), {"depot": ("red", "depot_untrusted")}),
        (installed(UNTRUSTED, token=OURS), {"known": ("amber", "known_unanswered")}),
        (installed(WAITS, token=OLD), {"depot": ("amber", "depot_to_activate")}),
        (installed(WAITS, token=NONE), {"depot": ("amber", "depot_none_yet")}),
        (installed(info(), token=OLD), {"depot": ("amber", "depot_older")}),
        (installed(info(), token=OTHER), {"depot": ("red", "depot_other")}),
        (installed(info(), token=NONE), {"depot": ("red", "depot_none")}),
        (installed(REFUSED, token=OURS), {"known": ("red", "unknown")}),
        (installed(info("SUSPENDED"), token=OURS), {"known": ("amber", "known_other")}),
        (
            installed(info("REVOKED", "REVOKED"), token=NONE),
            {"known": ("red", "revoked"), "depot": ("red", "depot_none")},
        ),
        (
            installed(info("REVOKED", "REVOKED"), token=OTHER, newer=NEWER),
            {"known": ("red", "revoked"), "depot": ("red", "depot_other")},
        ),
    ],
)
def test_platform_and_depot(seen: Situation, expected: dict[str, tuple[str, str]]) -> None:
    assert not_green(judge(seen, PROOF, FINE)) == expected


@pytest.mark.parametrize(
    ("session", "expected", "remarks"),
    [
        (FINE, {}, []),
        (report(SessionVerdict.RIGHT, RIGHT, ISSUED), {"session": ("amber", "right_missing")}, ["issued"]),
        (
            report(SessionVerdict.RIGHT, DENIED, failure=REFUSED),
            {"session": ("amber", "no_session_right")},
            [],
        ),
        (
            report(SessionVerdict.CERTIFICATE, SESSION.error("no_session_certificate"), failure=REFUSED),
            {"session": ("red", "no_session_certificate")},
            [],
        ),
        (
            errors.ClaimsUnfit(quality="hospital", type="SSIN"),
            {"session": ("amber", "session_claims_unknown")},
            [],
        ),
    ],
)
def test_sessions(session: SessionAnswer, expected: dict[str, tuple[str, str]], remarks: list[str]) -> None:
    found = judge(installed(info(), token=OURS), PROOF, session)
    assert not_green(found) == expected
    assert [remark.key for remark in found.remarks] == remarks


def test_the_keystore_that_was_renewed() -> None:
    """The depot gives out the token of the newer keystore: the verdict names that one, and it is no remark."""
    found = judge(installed(info(), token=OTHER, newer=NEWER), NOT_OURS, FINE)
    assert not_green(found) == {"depot": ("red", "depot_newer"), "message": ("red", "message_newer")}
    assert found.newer is not None
    assert (found.newer.key, found.remarks) == ("newer", ())


def test_before_the_newer_keystore_is_activated() -> None:
    found = judge(installed(info(), token=OURS, newer=NEWER), PROOF, FINE)
    assert (not_green(found), found.newer) == ({}, None)
    assert [remark.key for remark in found.remarks] == ["newer"]


@pytest.mark.parametrize(
    ("language", "activate", "load"),
    [("en", "Activ", "load"), ("fr", "Activ", "charg"), ("nl", "Activ", "laad"), ("de", "Aktiv", "laden")],
)
def test_activation_comes_before_loading(language: LanguageName, activate: str, load: str) -> None:
    step = judge(installed(WAITS, token=OLD), PROOF, FINE).lines[3].finding.next_step(Translator(language))
    assert 0 <= step.find(activate) < step.find(load)


def test_a_message_for_an_unknown_key_stays_as_it_is() -> None:
    found = judge(installed(info(), token=OTHER), NOT_OURS, FINE)
    assert not_green(found)["message"] == ("red", "not_for_this_keystore")


def test_a_token_that_senders_refuse() -> None:
    refusal = errors.RecipientUnusable(reason="expired", recipient="x")
    refused = replace(PROOF, message=TEST.error("token_refused", serial="7"), refusal=refusal)
    found = judge(installed(info(), token=OURS), refused, FINE)
    assert not_green(found) == {"message": ("red", "token_refused")}
    assert found.lines[4].failure is refusal


def test_the_kind_of_the_key_is_a_remark() -> None:
    elliptic = replace(PROOF, kind=KeyKind(EC, curve="P-384"))
    assert [remark.key for remark in judge(OFFLINE, elliptic).remarks] == ["key_elliptic"]


@pytest.mark.parametrize("severity", [Severity.OK, Severity.ERROR, Severity.INFO])
def test_the_issuer_has_a_line(severity: Severity) -> None:
    answer = Finding("revocation", severity)
    found = judge(installed(info(), token=OURS), PROOF, FINE, answer)
    assert [line.finding for line in found.lines if line.thing == "revocation"] == [answer]
    assert found.lines[-1].thing == "session"
