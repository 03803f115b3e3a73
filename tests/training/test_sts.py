"""The training STS: what it takes from clients that differ, what it refuses, and what its scenarios do."""

from __future__ import annotations

import dataclasses
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, CardSigner
from ehtoolkit.clock import SystemClock
from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.ehealth.platform import STS_PATH, Platform, base_url_of, platform_at
from ehtoolkit.ehealth.soap.client import fault
from ehtoolkit.ehealth.soap.signature import KeySigner, canonical
from ehtoolkit.ehealth.soap.transport import LastExchange
from ehtoolkit.ehealth.soap.xml import (
    SAML,
    SAML_PROTOCOL,
    SECURITY,
    SIGNATURE,
    SOAP,
    TRUST,
    UTILITY,
    Element,
    parse,
    serialise,
    unwrap,
)
from ehtoolkit.ehealth.sts.claims import Claim, Quality, claims_of
from ehtoolkit.ehealth.sts.service import (
    ID,
    issue_request,
    read_response,
    secured,
)
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.identity import DistinguishedName, Environment, Identifier, Nihii
from ehtoolkit.procedures.sts_session import verdict_of
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.state.invented_people import PEOPLE, TrainingPerson
from ehtoolkit.training.sts.assertion import rfc1779
from ehtoolkit.training.sts.service import OLDER_PATH
from tests.support.cards import IDENTITY, Authorities, make_authorities, make_profile
from tests.support.sts_messages import challenge_response, renew_request
from tests.training.scenario_room import Room, holder_of

PHYSIOTHERAPIST = "urn:be:fgov:person:ssin:ehealth:1.0:professional:physiotherapist:boolean"
NUMBER = "79031421872"


@pytest.fixture
def holder(training: TrainingPlatform, keys: tuple[rsa.RSAPrivateKey, ...]) -> KeySigner:
    """Élise's keystore, as the authority would have issued it."""
    return issue(training, keys[0], Identifier("SSIN", NUMBER))


def issue(
    training: TrainingPlatform,
    key: rsa.RSAPrivateKey,
    identifier: Identifier,
    *,
    begin: int = -30,
    end: int = 30,
) -> KeySigner:
    now = training.clock.now()
    name = DistinguishedName(identifier, "VANDAMME ELISE MARIE").to_name()
    validity = (now + timedelta(days=begin), now + timedelta(days=end))
    issuing = training.authorities.issuing
    return KeySigner(key, (issuing.issue(name, key.public_key(), validity), *issuing.chain))


def post(training: TrainingPlatform, body: bytes, path: str = STS_PATH) -> Element:
    return unwrap(training.transport().post(f"https://x{path}", body, {}).body)


def refusal(training: TrainingPlatform, body: bytes, path: str = STS_PATH) -> str:
    message = post(training, body, path)
    assert message.tag == SOAP("Fault"), etree.tostring(message)
    return str(fault(message).facts["code"])


def request(training: TrainingPlatform, holder: KeySigner, *claims: Claim) -> bytes:
    asked = claims or claims_of(Quality.PHYSIOTHERAPIST, Identifier("SSIN", NUMBER))
    return issue_request("urn:uuid:1", asked, holder.chain[0], training.clock.now())


def values(message: Element) -> dict[str, str]:
    assert message.tag == TRUST("RequestSecurityTokenResponse"), etree.tostring(message)
    found = read_response(message, message.get("Context") or "")
    assert isinstance(found, etree._Element)
    return {
        element.get("AttributeName", ""): "".join(map(str, element.itertext()))
        for element in found.iter("{urn:oasis:names:tc:SAML:1.0:assertion}Attribute")
    }


# ── tolerant ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "changed",
    [
        lambda text: re.sub(rb"<wst:UseKey>.*</wst:UseKey>", b"", text),
        lambda text: re.sub(rb"<wst:Lifetime>.*</wst:Lifetime>", b"", text),
        lambda text: text.replace(b"/wstrust/", b"/ws-trust/"),
        lambda text: text.replace(b' Context="urn:uuid:1"', b""),
        lambda text: text.replace(b"wst:", b"t:").replace(b"xmlns:wst", b"xmlns:t"),
        lambda text: re.sub(rb"(<wsu:Expires>[^<]*)Z", rb"\1+0000", text),
        lambda text: re.sub(rb"(<wsu:Expires>[^<]*)\.\d+Z", rb"\1.1234567+01:00", text),
        lambda text: text.replace(b"</wst:Claims>", b'<auth:ClaimType Uri="urn:x:unknown"/></wst:Claims>'),
    ],
)
def test_what_clients_do_otherwise(
    training: TrainingPlatform, holder: KeySigner, changed: Callable[[bytes], bytes]
) -> None:
    text = request(training, holder)
    asked = changed(text)
    assert asked != text
    found = values(post(training, secured(asked, holder, training.clock.now())))
    assert found[PHYSIOTHERAPIST] == "true"
    assert "urn:x:unknown" not in found


def test_a_certificate_that_java_has_folded(training: TrainingPlatform, holder: KeySigner) -> None:
    """With CR LF in it, which belongs to the digest; signed by hand over what is sent."""
    envelope = parse(secured(request(training, holder), holder, training.clock.now()))
    security = envelope[0][0]
    token = security.find(SECURITY("BinarySecurityToken"))
    assert token is not None
    token.text = "\r\n".join(re.findall(".{1,76}", token.text or ""))
    assert "+" not in (found := values(post(training, signed_again(envelope, holder))))
    assert found[PHYSIOTHERAPIST] == "true"


def signed_again(envelope: Element, holder: KeySigner, *, sha_1: bool = False) -> bytes:
    """The same message with the digests and the signature of what it is now."""
    import base64
    import hashlib

    signature = envelope[0][0].find(SIGNATURE("Signature"))
    assert signature is not None
    by_id = {element.get(ID): element for element in envelope.iter("*") if element.get(ID)}
    for reference in signature.iter(SIGNATURE("Reference")):
        data = canonical(by_id[(reference.get("URI") or "")[1:]])
        digest = sha1(data).digest() if sha_1 else hashlib.sha256(data).digest()  # noqa: S324  # to be refused
        reference[-1].text = base64.b64encode(digest).decode()
        if sha_1:
            reference[-2].set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")
    if sha_1:
        signature[0][1].set("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")
    key = holder.key
    assert isinstance(key, rsa.RSAPrivateKey)
    algorithm = hashes.SHA1() if sha_1 else hashes.SHA256()  # noqa: S303
    value = key.sign(canonical(signature[0]), padding.PKCS1v15(), algorithm)
    signature[1].text = base64.b64encode(value).decode()
    return serialise(envelope)


# ── strict ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_body_that_was_wrapped(training: TrainingPlatform, holder: KeySigner) -> None:
    """The signed body is moved into the header, and another stands in its place: xmlsec1 and WSS4J say yes to it."""
    envelope = parse(secured(request(training, holder), holder, training.clock.now()))
    header, body = envelope
    forged = parse(serialise(body).replace(b"physiotherapist", b"doctor"))
    envelope.replace(body, forged)
    forged.set(UTILITY("Id"), "id-forged")
    header.append(body)
    assert refusal(training, serialise(envelope)) == "SOA-01001"


def test_two_elements_of_one_id(training: TrainingPlatform, holder: KeySigner) -> None:
    envelope = parse(secured(request(training, holder), holder, training.clock.now()))
    copy = parse(serialise(envelope[1]))
    envelope[0].append(copy)
    assert refusal(training, serialise(envelope)) == "SOA-01001"


@pytest.mark.parametrize("part", ["id-", "TS-"])
def test_a_part_that_was_not_signed(training: TrainingPlatform, holder: KeySigner, part: str) -> None:
    envelope = parse(secured(request(training, holder), holder, training.clock.now()))
    for reference in list(envelope.iter(SIGNATURE("Reference"))):
        if (reference.get("URI") or "").startswith(f"#{part}"):
            parent = reference.getparent()
            assert parent is not None
            parent.remove(reference)
    assert refusal(training, signed_again(envelope, holder)) == "SOA-01001"


def test_sha_1(training: TrainingPlatform, holder: KeySigner) -> None:
    envelope = parse(secured(request(training, holder), holder, training.clock.now()))
    assert refusal(training, signed_again(envelope, holder, sha_1=True)) == "SOA-01001"


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: b"",
        lambda text: b"<x/>",
        lambda text: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + text,
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"MII", b"!!!", 1),
        lambda text: re.sub(rb"<wsu:Created>[^<]*", b"<wsu:Created>yesterday", text, count=1),
        lambda text: text.replace(b"soap:Envelope", b"soap:Envelop"),
    ],
)
def test_what_cannot_be_read_is_a_fault_and_no_crash(
    training: TrainingPlatform, holder: KeySigner, changed: Callable[[bytes], bytes]
) -> None:
    body = secured(request(training, holder), holder, training.clock.now())
    assert refusal(training, changed(body)) in ("SOA-01001", "SOA-03001")


@pytest.mark.parametrize(("begin", "end"), [(1, 30), (-30, -1)])
def test_a_certificate_out_of_its_days(
    training: TrainingPlatform, keys: tuple[rsa.RSAPrivateKey, ...], begin: int, end: int
) -> None:
    holder = issue(training, keys[0], Identifier("SSIN", NUMBER), begin=begin, end=end)
    body = secured(request(training, holder), holder, training.clock.now())
    assert refusal(training, body) == "SOA-01001"


@pytest.mark.parametrize(
    "claims",
    [
        (Claim("urn:be:fgov:person:ssin", "85110230740"),),
        claims_of(Quality.HOSPITAL, Identifier("NIHII-HOSPITAL", "72201355")),
        (Claim("urn:be:fgov:ehealth:1.0:hospital:nihii-number:recognisedhospital:nihii11"),),
        (Claim("urn:be:fgov:ehealth:1.0:certificateholder:recognisedorganization:boolean"),),
        (Claim("urn:be:fgov:ehealth:1.0:campus:site-number"),),
    ],
)
def test_claims_that_are_not_the_holders(
    training: TrainingPlatform, holder: KeySigner, claims: tuple[Claim, ...]
) -> None:
    body = secured(request(training, holder, *claims), holder, training.clock.now())
    assert refusal(training, body) == "SOA-01002"


def test_a_person_asks_for_a_claim_of_every_holder(training: TrainingPlatform, holder: KeySigner) -> None:
    """The platform leaves out what it does not know, and answers the rest."""
    for value in (None, "insurability;tarification", NUMBER):
        service = Claim("urn:be:fgov:ehealth:1.0:servicename:external", value)
        own = claims_of(Quality.PHYSIOTHERAPIST, Identifier("SSIN", NUMBER))
        body = request(training, holder, *own, service)
        found = values(post(training, secured(body, holder, training.clock.now())))
        assert found[PHYSIOTHERAPIST] == "true"
        assert service.uri not in found


@pytest.mark.parametrize("value", ["false", "true", "NOIRHOMME", "insurability;tarification"])
def test_what_is_no_number_is_answered_from_the_registers(
    training: TrainingPlatform, holder: KeySigner, value: str
) -> None:
    """A request cannot make its holder a doctor, or give them another name."""
    asked = (
        Claim("urn:be:fgov:person:ssin", NUMBER),
        Claim("urn:be:fgov:person:ssin:ehealth:1.0:surname", value),
        Claim("urn:be:fgov:person:ssin:doctor:boolean", value),
    )
    body = request(training, holder, *asked)
    found = values(post(training, secured(body, holder, training.clock.now())))
    assert list(found.values()) == [NUMBER, "Vandamme", "false"]


def older_request(certificate: x509.Certificate, *claims: Claim) -> bytes:
    """The samlp variant of `request`."""
    der = b64encode(certificate.public_bytes(Encoding.DER)).decode()
    asked = "".join(f'<s:AttributeDesignator AttributeName="{claim.uri}"/>' for claim in claims)
    return (
        f'<p:Request xmlns:p="{SAML_PROTOCOL}" xmlns:s="{SAML}" xmlns:d="{SIGNATURE}" RequestID="request-1">'
        f"<p:AttributeQuery><s:Subject><s:SubjectConfirmation><d:KeyInfo><d:X509Data><d:X509Certificate>{der}"
        "</d:X509Certificate></d:X509Data></d:KeyInfo></s:SubjectConfirmation></s:Subject>"
        f"{asked}</p:AttributeQuery></p:Request>"
    ).encode()


CLAIRE = DistinguishedName(Identifier("SSIN", "01072314243"), "NOIRHOMME CLAIRE NOELLE")
"""Another person, for whom nobody issued a certificate."""


@pytest.mark.parametrize("path", [STS_PATH, OLDER_PATH])
@pytest.mark.parametrize(
    ("certified", "code"),
    [
        ("by herself, as another", "SOA-01001"),
        ("by herself, as herself", "SOA-01001"),
        ("by the platform, as another", "SOA-01001"),
        ("by the platform, in the past", "SOA-01001"),
        ("by the platform, again", None),
    ],
)
def test_a_session_is_for_a_certificate_that_was_checked(
    training: TrainingPlatform, holder: KeySigner, path: str, certified: str, code: str | None
) -> None:
    """The certificate of the token has the key that signed, but was issued by nobody, or to another name."""
    key, now = holder.key, training.clock.now()
    validity = (now - timedelta(days=20), now + timedelta(days=-10 if "past" in certified else 20))
    name = CLAIRE.to_name() if "another" in certified else holder.chain[0].subject
    if "herself," in certified:
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, *validity)
        assert isinstance(key, rsa.RSAPrivateKey)
        bound = builder.sign(key, hashes.SHA256())
    else:
        bound = training.authorities.issuing.issue(name, key.public_key(), validity)
    claims = (Claim("urn:be:fgov:person:ssin:ehealth:1.0:surname"),)
    newer, older = issue_request("urn:uuid:1", claims, bound, now), older_request(bound, *claims)
    body = secured(newer if path == STS_PATH else older, holder, now)
    if code is not None:
        assert refusal(training, body, path) == code
        return
    (assertion,) = post(training, body, path).iter(SAML("Assertion"))
    assert [element.text for element in assertion.iter(SAML("AttributeValue"))] == ["Vandamme"]


def test_what_is_not_offered(training: TrainingPlatform, holder: KeySigner) -> None:
    text = request(training, holder)
    for changed in (
        text.replace(b"200512/Issue", b"200512/Cancel"),
        text.replace(b"PublicKey<", b"SymmetricKey<"),
        text.replace(b"#SAMLV1.1<", b"#SAMLV2.0<"),
        text.replace(b"RequestSecurityToken", b"RequestSomething"),
    ):
        assert changed != text
        assert refusal(training, secured(changed, holder, training.clock.now())) == "ws-trust:InvalidRequest"


def test_a_hundred_claims_and_no_more(training: TrainingPlatform, holder: KeySigner) -> None:
    """In both variants: what would be cut off silently would look as if the registers did not know it."""
    now = training.clock.now()

    def older(count: int) -> bytes:
        asked = "".join(f'<s:AttributeDesignator AttributeName="urn:x:{index}"/>' for index in range(count))
        message = (
            f'<p:Request xmlns:p="{SAML_PROTOCOL}" xmlns:s="{SAML}" RequestID="request-1"><p:AttributeQuery>'
            f"<s:Subject><s:SubjectConfirmation/></s:Subject>{asked}</p:AttributeQuery></p:Request>"
        )
        return secured(message.encode(), holder, now)

    def newer(count: int) -> bytes:
        claims = (Claim(f"urn:x:{index}") for index in range(count))
        return secured(request(training, holder, *claims), holder, now)

    for made, path in ((newer, STS_PATH), (older, OLDER_PATH)):
        assert list(post(training, made(100), path).iter(SAML("Assertion")))
        assert refusal(training, made(101), path) == "ws-trust:InvalidRequest"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("NAME", "OU=NAME"),
        ("SSIN=79031421872", 'OU="SSIN=79031421872"'),
        ("A\\B", 'OU="A\\\\B"'),
        ('A "B"', 'OU="A \\"B\\""'),
        (" A", 'OU=" A"'),
    ],
)
def test_a_name_as_rfc_1779_has_it(value: str, text: str) -> None:
    attribute = x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, value)
    assert rfc1779(x509.Name([attribute])) == text


# ── the challenge, and renewal ───────────────────────────────────────────────────────────────────────────
def test_a_card_asks_and_the_keystore_signs_the_challenge(
    training: TrainingPlatform, holder: KeySigner, room: Room
) -> None:
    card = CardSigner(training.card("elise"), CardKey.AUTHENTICATION, Secret("1234"))
    now = training.clock.now()
    first = post(training, secured(request(training, holder), card, now))
    answer = challenge_response(first, "urn:uuid:1")
    assert refusal(training, secured(answer, card, now)) == "ws-trust:FailedAuthentication"  # by another key
    assert (
        refusal(training, secured(answer, holder, now)) == "ws-trust:FailedAuthentication"
    )  # and now it is gone
    first = post(training, secured(request(training, holder), card, now))
    answer = challenge_response(first, "urn:uuid:1")
    assert values(post(training, secured(answer, holder, now)))[PHYSIOTHERAPIST] == "true"


def foreign_card(training: TrainingPlatform) -> tuple[KeySigner, Authorities]:
    """Élise's, of an authority below a root that this platform does not know."""
    authorities = make_authorities(ec.SECP256R1())
    elise = next(person.person for person in training.people() if person.name == "elise")
    identity = dataclasses.replace(
        IDENTITY, niss=elise.niss, surname=elise.name, first_names=elise.first_names
    )
    profile = make_profile(authorities, "ec", identity=identity)
    key = CardKey.AUTHENTICATION
    chain = (profile.certificates[key], authorities.citizen_ca, authorities.root)
    return KeySigner(profile.keys[key], chain), authorities


def challenged(training: TrainingPlatform, holder: KeySigner, card: KeySigner) -> bool:
    """Whether a session is offered to ``holder`` for a header with the card's certificate alone."""
    alone = KeySigner(card.key, card.chain[:1])
    message = post(training, secured(request(training, holder), alone, training.clock.now()))
    return message.tag == TRUST("RequestSecurityTokenResponse")


def test_a_card_under_a_root_that_was_added(
    training: TrainingPlatform, holder: KeySigner, platform: Platform
) -> None:
    """The authority between them is known from an earlier request, which brought the chain."""
    card, authorities = foreign_card(training)
    training.trust(authorities.root)
    assert not challenged(training, holder, card)
    elise = next(person.person for person in training.people() if person.name == "elise")
    assert platform.certra.get_actor_qualities(elise, card).natural_person
    assert challenged(training, holder, card)


def test_a_card_under_an_authority_that_was_added(training: TrainingPlatform, holder: KeySigner) -> None:
    card, authorities = foreign_card(training)
    assert not challenged(training, holder, card)
    training.trust(authorities.citizen_ca)
    assert challenged(training, holder, card)


def test_a_session_is_renewed(training: TrainingPlatform, holder: KeySigner, room: Room) -> None:
    issued = post(training, secured(request(training, holder), holder, training.clock.now()))
    assertion = serialise(read_response(issued, "urn:uuid:1"))
    training.clock.move("+20h")
    now, message = training.clock.now(), renew_request("urn:uuid:1", assertion)
    renewed = post(training, secured(message, holder, now))
    assert values(renewed) == values(issued)
    other = holder_of(room.file(completed(room, "bram")))
    assert refusal(training, secured(message, other, now)) == "ws-trust:UnableToRenew"


def test_a_session_that_has_ended_is_not_renewed(training: TrainingPlatform, holder: KeySigner) -> None:
    issued = post(training, secured(request(training, holder), holder, training.clock.now()))
    assertion = serialise(read_response(issued, "urn:uuid:1"))
    training.clock.move("+25h")
    now, message = training.clock.now(), renew_request("urn:uuid:1", assertion)
    assert refusal(training, secured(message, holder, now)) == "ws-trust:UnableToRenew"
    assert values(post(training, secured(request(training, holder), holder, now)))


# ── revoked, and the scenarios, in this process and over HTTP ────────────────────────────────────────────
def completed(room: Room, name: str = "elise") -> Path:
    outcome = room.ask(name)
    room.wait()
    return room.complete(outcome).keystore


def test_a_certificate_that_was_revoked(room: Room) -> None:
    holder = holder_of(room.file(completed(room)))
    claims = claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
    assert room.platform.sts.issue(holder, claims)
    key_id = room.trainer.certificates()[0].key_id
    certra = room.platform.certra
    person = room.requested().signer
    contract = certra.generate_revocation_contract(key_id, person, RevocationReason.SUPERSEDED)
    certra.revoke(key_id, contract, room.signer(key=CardKey.SIGNATURE))
    with pytest.raises(errors.PlatformFault) as caught:
        room.platform.sts.issue(holder, claims)
    assert verdict_of(caught.value) == "certificate"


def test_the_scenarios_of_sessions(room: Room) -> None:
    """One keystore, one scenario after the other; nobody else is concerned."""
    holder = holder_of(room.file(completed(room)))
    other = holder_of(room.file(completed(room, "claire")))  # a P-384 key
    claims = claims_of(Quality.PHYSIOTHERAPIST, Identifier("SSIN", NUMBER))
    others = claims_of(Quality.LOGOPEDIST, Identifier("SSIN", "01072314243"))

    def outcome() -> tuple[str, str]:
        try:
            found = room.platform.sts.issue(holder, claims)
        except errors.PlatformError as error:
            return verdict_of(error).value, str(error.facts.get("code", error.facts.get("reason")))
        return "fine" if not found.refused else "right", ""

    outcomes = {}
    for name in (
        "right-missing",
        "sts-down",
        "sts-not-authorised",
        "sts-other-key",
        "sts-signer-ended",
        "clock-wrong",
    ):
        room.on(name)
        outcomes[name] = outcome()
        assert room.platform.sts.issue(other, others).refused == ()
        room.off(name)
    assert outcomes == {
        "right-missing": ("right", ""),
        "sts-down": ("platform", "SOA-02001"),
        "sts-not-authorised": ("right", "SOA-01002"),
        "sts-other-key": ("platform", "key"),
        "sts-signer-ended": ("platform", "signer_ended"),
        "clock-wrong": ("clock", "SOA-01001"),
    }
    assert outcome() == ("fine", "")
    room.on("sts-only-rsa", None)
    assert outcome() == ("fine", "")
    with pytest.raises(errors.PlatformFault) as caught:
        room.platform.sts.issue(other, others)
    assert (verdict_of(caught.value), "RSA" in str(caught.value.facts["detail"])) == ("software", True)
    room.off("sts-only-rsa", None)


@pytest.mark.parametrize("room", ["over HTTP"], indirect=True)  # in one process there is one clock
def test_a_server_with_a_moved_clock(room: Room) -> None:
    """A class's clients do not know the training clock of the server; its answer tells it."""
    assert room.url is not None
    holder = holder_of(room.file(completed(room)))
    claims = claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
    room.trainer.clock.move("+3mo")
    with HttpTransport(load_settings(platform_url=room.url)) as transport:
        address = base_url_of(Environment.TRAINING, room.url)
        client = platform_at(transport, address, SystemClock(), compare_clock=False)
        assert client.sts.issue(holder, claims).not_before > SystemClock().now() + timedelta(days=80)


def test_nothing_of_an_assertion_is_remembered(training: TrainingPlatform, holder: KeySigner) -> None:
    last = LastExchange(training.transport())
    body = secured(request(training, holder), holder, training.clock.now())
    answer = last.post(f"https://x{STS_PATH}", body, {})
    (message,) = last.messages
    assert b"SignatureValue" in answer.body
    assert message.operation == "requestSecurityToken"
    assert b"Assertion" in message.answer
    assert b"SignatureValue" not in message.answer
    assert NUMBER.encode() not in message.answer


# ── what the registers say ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_the_attributes_of_the_people(
    training: TrainingPlatform, keys: tuple[rsa.RSAPrivateKey, ...], person: TrainingPerson
) -> None:
    quality = {
        "physiotherapist": Quality.PHYSIOTHERAPIST,
        "nurse": Quality.NURSE,
        "speech_therapist": Quality.LOGOPEDIST,
        "general_practitioner": Quality.DOCTOR,
        "pharmacist": Quality.PHARMACIST,
    }.get(str(person.profession))
    identifier = Identifier("SSIN", person.person.niss.digits)
    holder = issue(training, keys[0], identifier)
    asked = claims_of(quality or Quality.NURSE, identifier)
    found = values(post(training, secured(request(training, holder, *asked), holder, training.clock.now())))
    flags = {
        uri: value for uri, value in found.items() if uri.endswith(":boolean") and "usersession" not in uri
    }
    assert set(flags.values()) == ({"true"} if quality else {"false"})
    numbers = [value for uri, value in found.items() if uri.endswith("nihii11")]
    assert bool(numbers) == bool(quality)
    assert all(Nihii.parse(number).competence_code for number in numbers)
    assert found["urn:be:fgov:person:ssin:ehealth:1.0:surname"] == person.person.name


@pytest.mark.parametrize(
    ("identifier", "known"),
    [
        (Identifier("NIHII-HOSPITAL", "72201355"), True),
        (Identifier("NIHII-PHARMACY", "71452079"), True),
        (Identifier("CBE", "0486132722"), True),
        (Identifier("NIHII-HOSPITAL", "71000436"), False),
    ],
)
def test_the_attributes_of_organisations(
    training: TrainingPlatform, keys: tuple[rsa.RSAPrivateKey, ...], identifier: Identifier, known: bool
) -> None:
    from ehtoolkit.ehealth.sts.claims import quality_of

    holder = issue(training, keys[0], identifier)
    asked = claims_of(quality_of(identifier), identifier)
    found = values(post(training, secured(request(training, holder, *asked), holder, training.clock.now())))
    flags = [value for uri, value in found.items() if ":recognised" in uri and uri.endswith(":boolean")]
    assert flags == ["true" if known else "false"] * len(flags)
    assert flags


def test_an_untrusted_certificate(training: TrainingPlatform, keys: tuple[rsa.RSAPrivateKey, ...]) -> None:
    """With a signature that holds, of an authority that nobody knows."""
    now = training.clock.now()
    name = DistinguishedName(Identifier("SSIN", NUMBER), "VANDAMME").to_name()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(training.authorities.issuing.certificate.subject)
        .public_key(keys[0].public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(keys[1], hashes.SHA256())
    )
    holder = KeySigner(keys[0], (certificate,))
    assert refusal(training, secured(request(training, holder), holder, now)) == "SOA-01001"


def shapes(envelope: bytes) -> list[bytes]:
    """The message without each of its elements, with each of them twice, each emptied, each without its attributes."""
    made = []
    count = len(list(parse(envelope).iter("*")))
    for number in range(1, count):
        for defect in ("remove", "double", "empty", "bare", "nest"):
            root = parse(envelope)
            element = list(root.iter("*"))[number]
            parent = element.getparent()
            assert parent is not None
            if defect == "remove":
                parent.remove(element)
            elif defect == "double":
                element.addnext(parse(serialise(element)))
            elif defect == "empty":
                for child in list(element):
                    element.remove(child)
                element.text = None
            elif defect == "bare":
                element.attrib.clear()
            else:
                element.append(parse(serialise(element)))
            made.append(serialise(root))
    return made


def signed_parts(envelope: bytes) -> list[bytes]:
    root = parse(envelope)
    return [canonical(element) for element in (root[1], root[0][0][0], root[0][0][1])]


def test_no_shape_of_a_request_breaks_the_service(training: TrainingPlatform, holder: KeySigner) -> None:
    """Each is refused as its sender's mistake, and nothing is a fault of ours (SOA-02001). A token is given only where
    body, timestamp and certificate are what was signed."""
    body = secured(request(training, holder), holder, training.clock.now())
    codes, given = set(), 0
    tried = [shape for shape in shapes(body) if shape != serialise(parse(body))]
    for shape in tried:
        message = post(training, shape)
        if message.tag == SOAP("Fault"):
            codes.add(str(fault(message).facts["code"]))
        else:
            given += 1
            assert signed_parts(shape) == signed_parts(body)
    assert len(tried) > 150
    assert codes == {"SOA-01001", "SOA-03001"}
    assert given < len(tried) / 10


def test_no_shape_of_a_body_that_is_signed_breaks_the_service(
    training: TrainingPlatform, holder: KeySigner
) -> None:
    """The same for what its sender has signed himself, renewals too: a token or a refusal."""
    now = training.clock.now()
    issued = post(training, secured(request(training, holder), holder, now))
    found = read_response(issued, "urn:uuid:1")
    assert isinstance(found, etree._Element)
    codes = set()
    for whole in (request(training, holder), renew_request("urn:uuid:1", serialise(found))):
        for shape in shapes(b"<x>" + whole + b"</x>")[::3]:  # some of each deed
            inner = parse(shape)
            if len(inner) == 1:
                message = post(training, secured(serialise(inner[0]), holder, now))
                if message.tag == SOAP("Fault"):
                    codes.add(str(fault(message).facts["code"]))
    assert codes == {"SOA-01001", "SOA-03001", "ws-trust:UnableToRenew"}
