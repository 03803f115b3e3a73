"""Record training-exchanges.json.xz anew: ``python -m tests.data.record_exchanges``.

Our own clients talk to a training platform whose clock and random numbers are fixed. What they send, what trainers do
meanwhile and what the platform answers is kept; `tests/training/test_replay.py` repeats it. Record with the code whose
answers are the right ones: a recording by other code proves nothing about it.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.ehealth.certra import certificate_request, public_key_identifier
from ehtoolkit.ehealth.contract import Contract, RevocationReason
from ehtoolkit.ehealth.etk import TokenName
from ehtoolkit.ehealth.platform import STS_PATH, Platform, base_url_of, platform_at
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.ehealth.soap.xml import SAML, SAML_PROTOCOL, serialise, unwrap
from ehtoolkit.ehealth.sts.claims import Claim, Quality, claims_of
from ehtoolkit.ehealth.sts.service import (
    issue_request,
    secured,
)
from ehtoolkit.identity import DistinguishedName, Environment, Identifier, Organisation
from ehtoolkit.training import Scenario, TrainingPlatform
from ehtoolkit.training.state.invented_people import FOREIGNER
from tests.support.sts_messages import challenge_response, renew_request
from tests.support.training_exchanges import Outcome, Recording, SetClock, Step, open_platform, perform
from tests.training.conftest import CONTACT, Client

CAPTURED = Path(__file__).with_name("captured-messages")
PHARMACY = Organisation(Identifier("NIHII-PHARMACY", "71452079"), "Pharmacie de l'Été & fils")
OLDER_PATH = "/IAM/Saml11TokenService/v1"
SSIN = Identifier("SSIN", "79031421872")


class Keys(dict[int, rsa.RSAPrivateKey]):
    """RSA keys by number, each made on first use."""

    def __missing__(self, number: int) -> rsa.RSAPrivateKey:
        self[number] = rsa.generate_private_key(65537, 2048)
        return self[number]


KEYS = Keys()


@dataclass
class Recorder:
    """Performs steps and keeps them; our clients use it as their transport."""

    training: TrainingPlatform
    clock: SetClock
    note: str = ""
    steps: list[tuple[Step, Outcome]] = field(default_factory=list)

    def do(self, kind: str, **step: Any) -> Outcome:
        full = {"kind": kind, "note": self.note, "moment": self.clock.moment.isoformat(), **step}
        outcome = perform(self.training, self.clock, len(self.steps), full)
        self.steps.append((full, outcome))
        return outcome

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        return self.send(urlsplit(url).path, body)

    def send(self, path: str, body: bytes, **more: Any) -> Response:
        outcome = self.do("post", path=path, body=body.decode("utf-8", "surrogateescape"), **more)
        if "error" in outcome:
            raise errors.PlatformUnreachable(host="training.invalid", reason="cut", sent=True)
        return Response(outcome["status"], outcome["headers"], outcome["body"].encode())

    def try_(self, call: Callable[[], object]) -> None:
        """Call what the platform perhaps refuses."""
        with suppress(errors.EhToolkitError):
            call()

    def switch(self, name: Scenario, on: bool, person: str | None = "elise", **more: Any) -> None:
        self.do("switch", name=name.value, on=on, person=person, **more)

    def forward(self, **by: float) -> None:
        self.clock.moment += timedelta(**by)


@dataclass
class Class:
    """The platform, the recorder in front of it, and the clients of its people."""

    recorder: Recorder
    platform: Platform

    def client(self, name: str, first: int) -> Client:
        card = self.recorder.training.card(name)
        return Client(self.recorder.training, self.platform, card, KEYS[first], KEYS[first + 1])

    def deliver(self, person: Client, contract: Contract | None = None) -> str:
        key_id = person.request(contract).key_id
        self.recorder.try_(lambda: self.platform.certra.get_certificate(key_id))
        self.recorder.forward(hours=2)
        person.chain = self.platform.certra.get_certificate(key_id)
        return key_id

    def revoke(self, person: Client, reason: RevocationReason = RevocationReason.SUPERSEDED) -> None:
        key_id = public_key_identifier(person.key.public_key())
        contract = self.platform.certra.generate_revocation_contract(key_id, person.person, reason)
        self.platform.certra.revoke(key_id, contract, person.signer(CardKey.SIGNATURE))


def record(folder: Path) -> Recording:
    clock = SetClock()
    recorder = Recorder(open_platform(folder, clock), clock)
    school = Class(recorder, platform_at(recorder, base_url_of(Environment.TRAINING), clock))
    certificates = (open_questions, captured, life, organisation, elliptic, renewal, foreigners)
    for scene in (
        *certificates,
        *(sessions, older_sessions, revocation, status, scenarios, session_scenarios, malformed),
    ):
        recorder.note = scene.__name__
        scene(school)
        recorder.do("certificates")
        recorder.do("mails")
    files = {path.name: path.read_text() for path in sorted((folder / "ca").iterdir())}
    recorder.training.close()
    return Recording(files, recorder.steps)


# ── certificates and tokens ──────────────────────────────────────────────────────────────────────────────
def open_questions(school: Class) -> None:
    certra, depot, recorder = school.platform.certra, school.platform.depot, school.recorder
    certra.get_generic_organization_types()
    certra.get_existing_application_ids(PHARMACY.identifier)
    recorder.try_(lambda: certra.get_certificate("0123456789ABCDEF0123456789ABCDEF01234567"))
    depot.search(TokenName("SSIN", SSIN.value, None))
    depot.search(TokenName(PHARMACY.identifier.type, PHARMACY.identifier.value), any_application=True)


def life(school: Class) -> None:
    recorder, certra = school.recorder, school.platform.certra
    elise, other, bram = school.client("elise", 0), school.client("elise", 2), school.client("bram", 20)
    card = elise.signer(CardKey.AUTHENTICATION)
    certra.get_actor_qualities(elise.person, card)
    recorder.try_(lambda: certra.get_actor_qualities(bram.person, card))
    recorder.try_(lambda: certra.get_actor_qualities(elise.person, elise.signer(CardKey.SIGNATURE)))
    certra.get_certificate_info_for_citizen(card)
    contract = elise.contract()
    recorder.try_(lambda: elise.request(contract, CardKey.AUTHENTICATION))
    recorder.try_(lambda: elise.request(replace(contract, texts={"fr": "x", "nl": "y"})))
    recorder.try_(lambda: elise.request(bram.contract()))
    school.deliver(elise, contract)
    again(recorder, "GenerateCertificateRequest")
    recorder.try_(lambda: other.request())
    recorder.try_(lambda: certra.get_certificate_info(elise.signer(CardKey.AUTHENTICATION)))
    certra.get_certificate_info(elise.holder)
    recorder.try_(lambda: school.platform.etkra.activate(elise.holder))
    elise.serial()
    again(recorder, "StartETKRegistrationRequest")
    recorder.try_(
        lambda: school.platform.etkra.complete_registration(elise.encryption_certificate(7), elise.holder)
    )
    recorder.try_(lambda: school.platform.etkra.complete_registration(b"no certificate", elise.holder))
    elise.register()
    again(recorder, "CompleteETKRegistrationRequest")
    school.platform.etkra.activate(elise.holder)
    again(recorder, "ActivateETKRequest")
    certra.get_certificate_info(elise.holder)
    certra.get_certificate_info_for_citizen(card)
    school.platform.depot.search(TokenName("SSIN", SSIN.value, None))
    secretary = school.client("wim", 22)
    key_id = secretary.request().key_id
    recorder.do("decide", key_id=key_id, deliver=False)
    recorder.try_(lambda: certra.get_certificate(key_id))


def again(recorder: Recorder, name: str) -> None:
    """Send the last message of that name once more."""
    step = next(
        step for step, _ in reversed(recorder.steps) if step["kind"] == "post" and name in step["body"]
    )
    recorder.send(step["path"], step["body"].encode())


def organisation(school: Class) -> None:
    recorder, certra = school.recorder, school.platform.certra
    pharmacist, second = school.client("ines", 24), school.client("ines", 26)
    certra.get_actor_qualities(pharmacist.person, pharmacist.signer(CardKey.AUTHENTICATION))
    for client, application_id in ((pharmacist, None), (second, "APP-1")):
        school.deliver(client, client.contract(PHARMACY, application_id))
        client.register()
    certra.get_existing_application_ids(PHARMACY.identifier)
    school.platform.depot.search(
        TokenName(PHARMACY.identifier.type, PHARMACY.identifier.value), any_application=True
    )
    school.platform.depot.search(TokenName(PHARMACY.identifier.type, PHARMACY.identifier.value, "APP-1"))
    recorder.try_(lambda: pharmacist.contract(PHARMACY, "not allowed!"))
    names = ["Pharmacie de l'Été & fils", "Apotheek De Zomer & zonen"]
    mandate = {"identifier": [PHARMACY.identifier.type, PHARMACY.identifier.value], "names": names}
    recorder.do("mandate", person="karl", held=True, **mandate)
    karl = school.client("karl", 30)
    certra.get_actor_qualities(karl.person, karl.signer(CardKey.AUTHENTICATION))
    certra.get_certificate_info_for_citizen(karl.signer(CardKey.AUTHENTICATION))
    recorder.do("mandate", person="karl", held=False, **mandate)


def elliptic(school: Class) -> None:
    school.deliver(school.client("claire", 28))
    school.deliver(school.client("karl", 30))


def renewal(school: Class) -> None:
    recorder, certra = school.recorder, school.platform.certra
    old, new = school.client("elise", 0), school.client("elise", 2)
    old.chain = certra.get_certificate(public_key_identifier(old.key.public_key()))
    recorder.forward(days=34 * 30.5)
    certra.get_certificate_info(old.holder)
    school.deliver(new)
    new.register()
    certra.get_certificate_info(new.holder)
    certra.get_certificate_info_for_citizen(new.signer(CardKey.AUTHENTICATION))
    school.platform.depot.search(TokenName("SSIN", SSIN.value, None))
    school.platform.etkra.activate(new.holder)
    school.platform.depot.search(TokenName("SSIN", SSIN.value, None))
    recorder.forward(days=70)
    recorder.try_(lambda: old.serial())
    certra.get_certificate_info(old.holder)


def foreigners(school: Class) -> None:
    recorder, certra = school.recorder, school.platform.certra
    csr = certificate_request(KEYS[33], DistinguishedName.for_person(FOREIGNER))
    asked = certra.submit_csr_for_foreigner(FOREIGNER, CONTACT, csr)
    again(recorder, "SubmitCSRForForeignerRequest")
    step, _ = recorder.steps[-1]
    recorder.send(
        step["path"], step["body"].encode(), headers={"Host": "class.example", "X-Forwarded-Proto": "https"}
    )
    recorder.do("confirm", wanted="nothing")
    recorder.do("confirm", wanted=asked.validation_url)
    recorder.do("confirm", wanted=public_key_identifier(KEYS[33].public_key()).lower())
    recorder.forward(hours=2)
    certra.get_certificate(public_key_identifier(KEYS[33].public_key()))
    elise = school.client("elise", 0).person
    recorder.try_(lambda: certra.submit_csr_for_foreigner(elise, CONTACT, csr))
    late = certificate_request(KEYS[35], DistinguishedName.for_person(FOREIGNER))
    recorder.try_(lambda: certra.submit_csr_for_foreigner(FOREIGNER, CONTACT, late))


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────
def current(school: Class, number: int = 2) -> Client:
    """Élise, with the certificate of that key: by default the one that renewed her first."""
    elise = school.client("elise", number)
    elise.chain = school.platform.certra.get_certificate(public_key_identifier(elise.key.public_key()))
    return elise


def sessions(school: Class) -> None:
    recorder, elise = school.recorder, current(school)
    now, holder, card = recorder.clock.now(), elise.holder, elise.signer(CardKey.AUTHENTICATION)
    text = issue_request("urn:uuid:1", claims_of(Quality.PHYSIOTHERAPIST, SSIN), holder.chain[0], now)
    issued = recorder.send(STS_PATH, secured(text, holder, now))
    assertion = re.search(rb"<Assertion.*</Assertion>", issued.body, re.DOTALL)
    assert assertion is not None
    for changed in (
        re.sub(rb"<wst:UseKey>.*</wst:UseKey>", b"", text),
        re.sub(rb"<wst:Lifetime>.*</wst:Lifetime>", b"", text),
        text.replace(b"/wstrust/", b"/ws-trust/"),
        text.replace(b' Context="urn:uuid:1"', b""),
        text.replace(b"</wst:Claims>", b'<auth:ClaimType Uri="urn:x:unknown"/></wst:Claims>'),
        re.sub(rb"(<wsu:Expires>[^<]*)\.\d+Z", rb"\1.1234567+01:00", text),
        text.replace(b"200512/Issue", b"200512/Cancel"),
        text.replace(b"PublicKey<", b"SymmetricKey<"),
        text.replace(b"#SAMLV1.1<", b"#SAMLV2.0<"),
        text.replace(b"RequestSecurityToken", b"RequestSomething"),
        re.sub(rb"(<wsu:Expires>)20..", rb"\g<1>2001", text),
        re.sub(rb"<wst:RequestType>[^<]*</wst:RequestType>", b"", text),
        re.sub(rb"(X509Certificate>)MII", rb"\1!!!", text),
        re.sub(rb"(<wsu:Expires>)[^<]*", rb"\1yesterday", text),
        renew_request("urn:uuid:2", assertion[0]),
        renew_request("urn:uuid:2", assertion[0].replace(b"true", b"false", 1)),
    ):
        recorder.send(STS_PATH, secured(changed, holder, now))
    for claims in (
        (Claim("urn:be:fgov:person:ssin", "85110230740"),),
        claims_of(Quality.HOSPITAL, Identifier("NIHII-HOSPITAL", "72201355")),
        tuple(Claim(f"urn:x:{number}") for number in range(101)),
    ):
        recorder.send(
            STS_PATH, secured(issue_request("urn:uuid:3", claims, holder.chain[0], now), holder, now)
        )
    for moment in (now - timedelta(hours=25), now + timedelta(hours=1)):
        recorder.send(STS_PATH, secured(text, holder, moment))
    for signer in (card, holder, card, card):  # by the wrong key, when it is gone, and by the right one
        asked = recorder.send(STS_PATH, secured(text, card, now))
        answer = challenge_response(unwrap(asked.body), "urn:uuid:1")
        recorder.send(STS_PATH, secured(answer, signer, now))
        recorder.send(STS_PATH, secured(answer.replace(b"urn:uuid:1", b"urn:uuid:9"), holder, now))
    body = secured(text, holder, now)
    for changed in (
        b"<x/>",
        body[: len(body) // 2],
        body.replace(b"MII", b"!!!", 1),
        body.replace(b"soap:Envelope", b"soap:Envelop"),
        body.replace(b"physiotherapist", b"doctor"),
        re.sub(rb"<wsu:Created>[^<]*", b"<wsu:Created>yesterday", body, count=1),
        re.sub(rb"<ds:Signature.*</ds:Signature>", b"", body, flags=re.DOTALL),
    ):
        recorder.send(STS_PATH, changed)
    pharmacist = school.client("ines", 24)
    key_id = public_key_identifier(pharmacist.key.public_key())
    pharmacist.chain = school.platform.certra.get_certificate(key_id)
    recorder.forward(days=5)


def older_sessions(school: Class) -> None:
    recorder, elise = school.recorder, current(school)
    now, holder = recorder.clock.now(), elise.holder
    names = [claim.uri for claim in claims_of(Quality.PHYSIOTHERAPIST, SSIN)]
    asked = "".join(f'<s:AttributeDesignator AttributeName="{name}"/>' for name in names)
    asserted = (
        '<s:Attribute AttributeName="urn:be:fgov:person:ssin">'
        f"<s:AttributeValue>{SSIN.value}</s:AttributeValue></s:Attribute>"
    )
    message = (
        f'<p:Request xmlns:p="{SAML_PROTOCOL}" xmlns:s="{SAML}" RequestID="request-1"><p:AttributeQuery>'
        f"<s:Subject><s:SubjectConfirmation>{asserted}</s:SubjectConfirmation></s:Subject>{asked}"
        "</p:AttributeQuery></p:Request>"
    ).encode()
    recorder.send(OLDER_PATH, secured(message, holder, now))
    recorder.send(f"{OLDER_PATH.removesuffix('v1')}Legacy/v1", secured(message, holder, now))
    recorder.send(STS_PATH, secured(message, holder, now))
    recorder.send(OLDER_PATH, secured(message.replace(SSIN.value.encode(), b"85110230740"), holder, now))
    recorder.send(OLDER_PATH, secured(message.replace(b"SubjectConfirmation", b"Subjects"), holder, now))


# ── revocation, and the status of certificates ───────────────────────────────────────────────────────────
def revocation(school: Class) -> None:
    recorder, certra, elise = school.recorder, school.platform.certra, current(school)
    bram, key_id = school.client("bram", 20), public_key_identifier(KEYS[2].public_key())
    ask = certra.generate_revocation_contract
    recorder.try_(
        lambda: ask("0123456789ABCDEF0123456789ABCDEF01234567", elise.person, RevocationReason.SUPERSEDED)
    )
    recorder.try_(lambda: ask(key_id, bram.person, RevocationReason.SUPERSEDED))
    contract = ask(key_id, elise.person, RevocationReason.SUPERSEDED)
    recorder.try_(lambda: certra.revoke(key_id, contract, bram.signer(CardKey.SIGNATURE)))
    recorder.try_(lambda: certra.revoke(key_id, contract, elise.signer(CardKey.AUTHENTICATION)))
    other = public_key_identifier(KEYS[0].public_key())
    recorder.try_(lambda: certra.revoke(other, contract, elise.signer(CardKey.SIGNATURE)))
    certra.revoke(key_id, contract, elise.signer(CardKey.SIGNATURE))
    again(recorder, "RevokeRequest")
    recorder.try_(lambda: school.revoke(elise))
    certra.get_certificate_info(elise.holder)
    recorder.try_(lambda: elise.serial())
    now = recorder.clock.now()
    text = issue_request("urn:uuid:1", claims_of(Quality.PHYSIOTHERAPIST, SSIN), elise.chain[0], now)
    recorder.send(STS_PATH, secured(text, elise.holder, now))
    school.platform.depot.search(TokenName("SSIN", SSIN.value, None))
    school.deliver(school.client("elise", 36))


def status(school: Class) -> None:
    recorder, certra = school.recorder, school.platform.certra
    chains = [
        certra.get_certificate(public_key_identifier(KEYS[number].public_key())) for number in (2, 36, 28)
    ]
    leaf, issuer = chains[0]
    for chain in chains:
        for digest in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303  # as real requests have it
            asked = ocsp.OCSPRequestBuilder().add_certificate(chain[0], chain[1], digest).build()
            _ask_status(recorder, "/ocsp", asked.public_bytes(Encoding.DER))
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256())
    nonce = builder.add_extension(x509.OCSPNonce(b"0123456789abcdef"), critical=False).build()
    _ask_status(recorder, "/ocsp", nonce.public_bytes(Encoding.DER))
    foreign = ocsp.OCSPRequestBuilder().add_certificate(issuer, leaf, hashes.SHA256()).build()
    _ask_status(recorder, "/ocsp", foreign.public_bytes(Encoding.DER))
    _ask_status(recorder, "/ocsp", b"no request")
    in_path = base64.b64encode(nonce.public_bytes(Encoding.DER)).decode().replace("/", "%2F")
    for path in (
        *(
            f"/ocsp/{in_path}",
            "/ocsp/!",
            "/ocsp",
            "/crl/001.crl",
            "/crl/002.crl",
            "/crt/001.crt",
            "/crt/002.crt",
        ),
        *("/crl/009.crl", "/crl/001.crt", "/elsewhere"),
    ):
        _ask_status(recorder, path, None)


def _ask_status(recorder: Recorder, path: str, body: bytes | None) -> None:
    recorder.do("status", path=path, body=None if body is None else base64.b64encode(body).decode())


# ── scenarios ────────────────────────────────────────────────────────────────────────────────────────────
def scenarios(school: Class) -> None:
    recorder, certra, bram = school.recorder, school.platform.certra, school.client("bram", 46)
    card = bram.signer(CardKey.AUTHENTICATION)
    for scenario in (
        *(Scenario.PLATFORM_DOWN, Scenario.SOAP_FAULT, Scenario.GARBAGE, Scenario.CUT_ANSWER),
        *(Scenario.ANSWER_LOST, Scenario.CLOCK_WRONG),
    ):
        recorder.switch(scenario, True, "bram")
        recorder.try_(lambda: certra.get_actor_qualities(bram.person, card))
        recorder.try_(lambda: bram.contract())
        recorder.try_(
            lambda: school.platform.depot.search(
                TokenName(bram.person.identifier.type, bram.person.identifier.value), any_application=True
            )
        )
        recorder.switch(scenario, False, "bram")
    recorder.switch(Scenario.SLOW, True, None, seconds=2)
    recorder.try_(lambda: certra.get_generic_organization_types())
    recorder.switch(Scenario.SLOW, False, None)
    pharmacist = school.client("ines", 24)
    of_pharmacist = pharmacist.signer(CardKey.AUTHENTICATION)
    for scenario in (Scenario.ONLY_EC, Scenario.UNKNOWN_ORGANISATIONS, Scenario.ONLY_RSA):
        recorder.switch(scenario, True, None)
        recorder.try_(lambda: bram.request())
        recorder.try_(lambda: certra.get_actor_qualities(pharmacist.person, of_pharmacist))
        recorder.switch(scenario, False, None)
    for number, scenario in ((40, Scenario.NOT_YET_DELIVERED), (42, Scenario.MANUAL_VALIDATION)):
        recorder.switch(scenario, True, "ines")
        ines = school.client("ines", number)
        asked = ines.request(ines.contract(PHARMACY, f"APP-{number}"))
        recorder.forward(hours=2)
        recorder.try_(lambda key_id=asked.key_id: certra.get_certificate(key_id))  # type: ignore[misc]
        recorder.do("certificates")
        recorder.do("mails")
        recorder.do("decide", key_id=asked.key_id, deliver=True)
        recorder.switch(scenario, False, "ines")
        recorder.try_(lambda key_id=asked.key_id: certra.get_certificate(key_id))  # type: ignore[misc]
    recorder.switch(Scenario.REFUSED, True, "lina")
    recorder.try_(lambda: school.deliver(school.client("lina", 44)))
    recorder.switch(Scenario.REFUSED, False, "lina")
    revoked_first(school)


def revoked_first(school: Class) -> None:
    """A token after a revocation waits for its activation where a trainer wants it."""
    recorder, first, second = school.recorder, school.client("elise", 36), school.client("elise", 48)
    first.chain = school.platform.certra.get_certificate(public_key_identifier(first.key.public_key()))
    first.register()
    school.revoke(first)
    recorder.switch(Scenario.ACTIVATION_AFTER_REVOCATION, True)
    school.deliver(second)
    second.register()
    recorder.switch(Scenario.ACTIVATION_AFTER_REVOCATION, False)


def session_scenarios(school: Class) -> None:
    recorder, elise = school.recorder, current(school, 48)
    now = recorder.clock.now()
    text = issue_request("urn:uuid:1", claims_of(Quality.PHYSIOTHERAPIST, SSIN), elise.chain[0], now)
    body = secured(text, elise.holder, now)
    for scenario in (
        *(Scenario.STS_DOWN, Scenario.STS_NOT_AUTHORISED, Scenario.STS_ONLY_RSA, Scenario.STS_OTHER_KEY),
        *(Scenario.STS_SIGNER_ENDED, Scenario.RIGHT_MISSING, Scenario.ANSWER_LOST, Scenario.CLOCK_WRONG),
    ):
        recorder.switch(scenario, True)
        recorder.try_(lambda: recorder.send(STS_PATH, body))
        recorder.switch(scenario, False)


# ── messages of another client, and what is no message ───────────────────────────────────────────────────
def captured(school: Class) -> None:
    """The requests of the Java connector, whose card's root is not trusted, and then is."""
    recorder = school.recorder
    files = sorted(CAPTURED.glob("[0-9]*Request.soap.xml"))
    first = next(file for file in files if "GetActorQualities" in file.name)
    for trusted in (False, True):
        if trusted:
            tokens = unwrap(first.read_bytes()).iter("{http://www.w3.org/2000/09/xmldsig#}X509Certificate")
            root = x509.load_der_x509_certificate(
                base64.b64decode([token.text or "" for token in tokens][-1])
            )
            recorder.do("trust", certificate=root.public_bytes(Encoding.PEM).decode())
        for file in files[:14]:
            line = file.with_name(file.name.replace(".soap.xml", ".headers")).read_text().splitlines()[0]
            recorder.send(line.split()[1], file.read_bytes())
    recorder.do("trust", certificate="no certificate")


def malformed(school: Class) -> None:
    """Of each operation the first message of ours: without its last element, changed after it was signed, elsewhere."""
    recorder = school.recorder
    found: dict[str, Step] = {}
    for step, outcome in list(recorder.steps):
        if step["kind"] == "post" and step["note"] != "captured" and outcome.get("status") == 200:
            with suppress(errors.MessageInvalid):
                found.setdefault(unwrap(step["body"].encode()).tag, step)
    for step in found.values():
        path, body = step["path"], step["body"].encode()
        envelope = unwrap(body).getroottree().getroot()
        message = envelope[-1][0]
        if len(message):
            message.remove(message[-1])
        recorder.send(path, serialise(envelope))
        recorder.send("/EtkDepot/v1" if "CertRa" in path else "/CertRa/v2", body)
        recorder.send(path, body.replace(b"IssueInstant=", b"Issued=") if b"IssueInstant=" in body else b"")
        recorder.send(path, re.sub(rb"(SSIN[^<]*>)\d", rb"\1x", body))
    for path in ("/CertRa/v2", "/EtkRa/v2/", "/EtkDepot/v1", "/nothing", STS_PATH):
        for body in (
            b"",
            b"\xff",
            b"<x/>",
            b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
            b"<x>" + b" " * 1_000 + b"</x>",
        ):
            recorder.send(path, body)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        recording = record(Path(made) / "training")
    recording.write()
    print(len(recording.steps), "steps,", datetime.now(UTC).date())
