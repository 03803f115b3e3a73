"""Revocation, asked of responders and lists on this computer: what is believed, and what is not."""

from __future__ import annotations

import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ehtoolkit.ehealth.revocation import RevocationChecker, check_revocation
from ehtoolkit.ehealth.revocation_answers import (
    OCSP_LIMIT,
    Inconclusive,
    OcspQuestion,
    RevocationResult,
    RevocationStatus,
    read_list,
    revocation_finding,
)
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.settings import Settings
from ehtoolkit.training.authority.pki import Issuer
from tests.ehealth.responders import (
    NOW,
    REVOKED_AT,
    Reply,
    Server,
    authority,
    crl_reply,
    issue,
    make_root,
    name,
    ocsp_reply,
    responder_of,
    server,
)

__all__ = ["authority", "server"]

DAY = timedelta(days=1)
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


class FixedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture(scope="module")
def leaf(server: Server, authority: Issuer) -> x509.Certificate:
    return issue(authority, "Leaf", ocsp_url=f"{server.url}/ocsp", crl_url=f"{server.url}/crl").certificate


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[HttpTransport]:
    settings = Settings(home=tmp_path, platform_token="secret-token", platform_url="http://127.0.0.1:1")
    with HttpTransport(settings) as transport:
        yield transport


@pytest.fixture
def check(
    server: Server, wire: HttpTransport, authority: Issuer, leaf: x509.Certificate
) -> Callable[..., RevocationResult]:
    """Asks about the leaf where responder and list answer so; None: 404."""

    def ask(by_ocsp: Callable[[bytes], Reply] | None = None, by_crl: object = None) -> RevocationResult:
        server.asked.clear()
        replies = {"/ocsp": by_ocsp, "/crl": by_crl}
        server.replies = {path: reply for path, reply in replies.items() if reply is not None}  # type: ignore[misc]
        return RevocationChecker(wire, FixedClock()).check(leaf, authority.certificate)

    return ask


Check = Callable[..., RevocationResult]


def host(server: Server) -> str:
    return server.url.removeprefix("http://")


@pytest.mark.parametrize("nonce", [True, False])
def test_good(check: Check, server: Server, authority: Issuer, leaf: x509.Certificate, nonce: bool) -> None:
    for signer in (None, responder_of(authority)):
        reply = ocsp_reply(leaf, authority, signer=signer, nonce=nonce)
        assert check(reply) == RevocationResult(RevocationStatus.GOOD, host(server))
        ((method, path, headers),) = server.asked
        assert (method, path, headers["content-type"]) == ("POST", "/ocsp", "application/ocsp-request")
        assert "authorization" not in headers


def test_revoked(check: Check, server: Server, authority: Issuer, leaf: x509.Certificate) -> None:
    verdict = check(ocsp_reply(leaf, authority, status=REVOKED))
    assert verdict == RevocationResult(RevocationStatus.REVOKED, host(server), REVOKED_AT)


@pytest.mark.parametrize(
    ("reason", "compromised"),
    [
        (x509.ReasonFlags.key_compromise, True),
        (x509.ReasonFlags.ca_compromise, True),
        (x509.ReasonFlags.superseded, False),
        (x509.ReasonFlags.certificate_hold, False),
    ],
)
def test_a_compromised_key_is_known_from_responder_and_list(
    check: Check, authority: Issuer, leaf: x509.Certificate, reason: x509.ReasonFlags, compromised: bool
) -> None:
    assert check(ocsp_reply(leaf, authority, status=REVOKED, reason=reason)).compromised is compromised
    assert check(None, crl_reply(authority, leaf, reason=reason)).compromised is compromised


def test_a_list_need_not_give_a_reason(check: Check, authority: Issuer, leaf: x509.Certificate) -> None:
    verdict = check(None, crl_reply(authority, leaf, reason=None))
    assert (verdict.status, verdict.compromised) == (RevocationStatus.REVOKED, False)


def test_unknown_and_then_the_list(check: Check, authority: Issuer, leaf: x509.Certificate) -> None:
    unknown = ocsp_reply(leaf, authority, status=UNKNOWN)
    assert check(unknown).status is RevocationStatus.UNKNOWN
    assert check(unknown, crl_reply(authority)).status is RevocationStatus.GOOD
    assert check(unknown, crl_reply(authority, leaf)).status is RevocationStatus.REVOKED


DOUBTFUL: dict[str, tuple[Callable[[x509.Certificate, Issuer], Callable[[bytes], Reply]], str]] = {
    "over": (lambda leaf, ca: ocsp_reply(leaf, ca, at=NOW - 3 * DAY, until=NOW - DAY), "time"),
    "old without an end": (lambda leaf, ca: ocsp_reply(leaf, ca, at=NOW - 2 * DAY, until=None), "time"),
    "from the future": (lambda leaf, ca: ocsp_reply(leaf, ca, at=NOW + DAY, until=NOW + 2 * DAY), "time"),
    "a stranger": (lambda leaf, ca: ocsp_reply(leaf, ca, signer=responder_of(make_root("Root"))), "signer"),
    "a holder of the same authority": (
        lambda leaf, ca: ocsp_reply(leaf, ca, signer=issue(ca, "Somebody")),
        "signer",
    ),
    "a responder whose right is over": (
        lambda leaf, ca: ocsp_reply(leaf, ca, signer=responder_of(ca, until=NOW - DAY)),
        "signer",
    ),
    "another issuer's key": (
        lambda leaf, ca: ocsp_reply(leaf, ca, signer=make_root("Citizen CA"), attach=False),
        "signature",
    ),
    "another certificate": (lambda leaf, ca: ocsp_reply(issue(ca, "Other").certificate, ca), "serial"),
    "another nonce": (lambda leaf, ca: ocsp_reply(leaf, ca, nonce=b"0123456789abcdef"), "nonce"),
    "try later": (
        lambda leaf, ca: (
            lambda _: (
                200,
                ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
                    Encoding.DER
                ),
            )
        ),
        "refused",
    ),
    "a page": (lambda leaf, ca: lambda _: (200, b"<html>Please log in</html>"), "form"),
    "nothing": (lambda leaf, ca: lambda _: (200, b""), "form"),
    "huge": (lambda leaf, ca: lambda _: (200, bytes(OCSP_LIMIT + 1)), "too_large"),
}


@pytest.mark.parametrize("what", DOUBTFUL)
def test_an_answer_that_is_not_believed(
    what: str, check: Check, authority: Issuer, leaf: x509.Certificate
) -> None:
    make, reason = DOUBTFUL[what]
    reply = make(leaf, authority)
    verdict = check(reply)
    assert (verdict.status, verdict.reason) == (RevocationStatus.UNTRUSTED, reason)
    assert check(reply, crl_reply(authority)).status is RevocationStatus.GOOD
    assert check(reply, crl_reply(authority, leaf)).status is RevocationStatus.REVOKED


def test_a_revocation_by_an_untrusted_signer(check: Check, authority: Issuer, leaf: x509.Certificate) -> None:
    reply = ocsp_reply(leaf, authority, status=REVOKED, signer=responder_of(make_root("Citizen CA")))
    assert check(reply).status is RevocationStatus.UNTRUSTED


def test_the_list_alone(check: Check, server: Server, authority: Issuer, leaf: x509.Certificate) -> None:
    assert check(None, crl_reply(authority)) == RevocationResult(RevocationStatus.GOOD, host(server))
    assert [(method, path) for method, path, _ in server.asked] == [("POST", "/ocsp"), ("GET", "/crl")]
    assert check(None, crl_reply(authority, leaf)) == RevocationResult(
        RevocationStatus.REVOKED, host(server), REVOKED_AT
    )


def point(**only: bool) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    fields = {
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    full = [x509.UniformResourceIdentifier("http://127.0.0.1/crl")]
    value = x509.IssuingDistributionPoint(full, None, only_some_reasons=None, **{**fields, **only})
    return ((value, True),)


STRANGE = ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),)
LISTS: dict[str, tuple[Callable[[Issuer], Callable[[bytes], Reply]], str]] = {
    "over": (lambda ca: crl_reply(ca, at=NOW - 9 * DAY, until=NOW - DAY), "time"),
    "of somebody else": (lambda ca: crl_reply(make_root("Other CA")), "signer"),
    "forged": (lambda ca: crl_reply(ca, signer=make_root("Citizen CA")), "signature"),
    "of authorities": (lambda ca: crl_reply(ca, extensions=point(only_contains_ca_certs=True)), "scope"),
    "indirect": (lambda ca: crl_reply(ca, extensions=point(indirect_crl=True)), "scope"),
    "of changes": (lambda ca: crl_reply(ca, extensions=((x509.DeltaCRLIndicator(1), True),)), "scope"),
    "with something new": (lambda ca: crl_reply(ca, extensions=STRANGE), "critical"),
    "a page": (lambda ca: lambda _: (200, b"<html></html>"), "form"),
}


@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_is_not_believed(what: str, check: Check, authority: Issuer) -> None:
    make, reason = LISTS[what]
    verdict = check(None, make(authority))
    assert (verdict.status, verdict.reason) == (RevocationStatus.UNTRUSTED, reason)


def test_a_list_of_holders_settles_a_holder(check: Check, authority: Issuer, leaf: x509.Certificate) -> None:
    extensions = point(only_contains_user_certs=True)
    assert check(None, crl_reply(authority, extensions=extensions)).status is RevocationStatus.GOOD


def test_a_huge_list(
    check: Check, authority: Issuer, leaf: x509.Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ehtoolkit.ehealth.revocation.LIST_LIMIT", 200)
    verdict = check(None, crl_reply(authority, leaf))
    assert (verdict.status, verdict.reason) == (RevocationStatus.UNTRUSTED, "too_large")


def test_an_unreachable_responder(wire: HttpTransport, authority: Issuer) -> None:
    """Every certificate of the card names the same host: it is tried once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"  # bound, and nobody listens
        first, other = (
            issue(authority, text, ocsp_url=f"http://{place}/ocsp").certificate for text in ("A", "B")
        )
        checker = RevocationChecker(wire, FixedClock())
        assert checker.check(first, authority.certificate) == RevocationResult(RevocationStatus.SILENT, place)
        assert checker.check(other, authority.certificate) == RevocationResult(RevocationStatus.SILENT, place)


def test_a_responder_without_an_answer(authority: Issuer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        place = f"127.0.0.1:{mute.getsockname()[1]}"
        certificate = issue(authority, "A", ocsp_url=f"http://{place}/").certificate
        with HttpTransport(Settings(home=tmp_path, platform_timeout=0.2)) as transport:
            verdict = RevocationChecker(transport, FixedClock()).check(certificate, authority.certificate)
    assert verdict == RevocationResult(RevocationStatus.SILENT, place)


def test_no_address(wire: HttpTransport, authority: Issuer) -> None:
    checker = RevocationChecker(wire, FixedClock())
    for url in (None, "ldap://directory.invalid/cn=ca", "file:///etc/passwd", "http://[::1", "http://"):
        certificate = issue(authority, "Leaf", ocsp_url=url, crl_url=url).certificate
        assert checker.check(certificate, authority.certificate) == RevocationResult(RevocationStatus.NOWHERE)


@pytest.mark.parametrize("broken", ["1.3.6.1.5.5.7.1.1", "2.5.29.31", "2.5.29.17"])
def test_an_extension_that_cannot_be_read(wire: HttpTransport, authority: Issuer, broken: str) -> None:
    """Addresses of responders or lists, or something else: a file of a stranger may have such a certificate."""
    garbage = x509.UnrecognizedExtension(x509.ObjectIdentifier(broken), b"\x30\x03abc")
    key = authority.key.public_key()
    certificate = authority.issue(name("Leaf"), key, (NOW - DAY, NOW + DAY), [(garbage, False)])
    checker = RevocationChecker(wire, FixedClock())
    assert checker.check(certificate, authority.certificate) == RevocationResult(RevocationStatus.NOWHERE)
    found = check_revocation((certificate, authority.certificate), checker)
    assert revocation_finding(found).key == "revocation_unaskable"


def test_mutated_answers(request: pytest.FixtureRequest, authority: Issuer, leaf: x509.Certificate) -> None:
    """Nothing but `Inconclusive` leaves the two readers, and no mutation makes a revoked certificate a good one."""
    chance = random.Random(20261125)  # noqa: S311
    question = OcspQuestion(leaf, authority.certificate)
    answers = {
        "ocsp": ocsp_reply(leaf, authority, status=REVOKED, signer=responder_of(authority))(question.body)[1],
        "crl": crl_reply(authority, leaf)(b"")[1],
    }
    counts: Counter[str] = Counter()
    answered = 6_000 if request.config.getoption("--all") else 2_400
    for number in range(answered):
        kind = ("ocsp", "crl")[number % 2]
        content = bytearray(answers[kind])
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(content))
            if chance.random() < 0.8:
                content[place] = chance.randrange(256)
            else:
                del content[place : place + chance.randint(1, 9)]
        try:
            if kind == "ocsp":
                standing = question.read(bytes(content), NOW).status
            else:
                standing = read_list(bytes(content), leaf, authority.certificate, NOW).status
        except Inconclusive as doubt:
            counts[f"{kind} {doubt.reason}"] += 1
        else:
            assert standing is RevocationStatus.REVOKED, number
            counts[f"{kind} {standing}"] += 1
    print(f"\n{answered} mutated answers: {dict(counts.most_common())}")
    assert counts["ocsp signature"] > 100
    assert counts["crl signature"] > 100
