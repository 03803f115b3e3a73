"""Sessions as a client asks for them, and every answer that it must not believe."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.client import SoapClient
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.ehealth.soap.transport import ClockCheck, Response
from ehtoolkit.ehealth.soap.xml import SAML, TRUST, parse, serialise, wrap
from ehtoolkit.ehealth.sts.assertion import PLATFORM_NUMBER, Assertion, SessionSigner
from ehtoolkit.ehealth.sts.claims import Quality, claims_of
from ehtoolkit.ehealth.sts.service import SecurityTokenService
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.sts_session import SessionVerdict, verdict_of
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.training.authority import STS_NUMBER
from ehtoolkit.training.authority.pki import Authorities, Issuer, open_authorities
from ehtoolkit.training.sts.assertion import NewAssertion
from tests.conftest import DATA
from tests.support.faulty_servers import Behave, endless, hang, hang_up, reply, serving

VECTORS = DATA / "token-requests"
MANIFEST: dict[str, Any] = (
    json.loads((VECTORS / "manifest.json").read_text(encoding="utf-8")) if VECTORS.is_dir() else {}
)
GOOD = [request for request in MANIFEST.get("requests", []) if request.get("answer_signature_good")]
GOOD = [
    request for request in GOOD if "legacy" not in request["file"]
]  # the older service is not asked by us
BAD = {Path(answer["file"]).stem: answer for answer in MANIFEST.get("answers", [])}
JUDGED = {
    "badsig-person": "signature",
    "expired-person": "ended",
    "otherkey-person": "key",
    "notoken-person": "no_token",
}
OWNERS = {"noor-ec": "90021412303", "bram": "85110230740", "elise-3": "79031421872", "karl": "68053041155"}
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NUMBER = "79031421872"


@dataclass
class OneClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Sts:
    """The far end of the wire: answers with what a test wants, for whatever context it is asked in."""

    answers: list[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        self.asked.append((body, headers))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        context = re.search(rb'Context="[^"]*"', body)
        assert context is not None
        return Response(self.status, self.headers, re.sub(rb'Context="[^"]*"', context[0], answer))


def service(
    sts: Sts,
    authorities: tuple[x509.Certificate, ...],
    moment: datetime = NOW,
    *,
    compared: bool = False,
    number: str = STS_NUMBER,
) -> SecurityTokenService:
    clock = OneClock(moment)
    exchange = SoapClient(sts, "https://sts.example", ClockCheck(clock if compared else None))
    return SecurityTokenService(exchange, clock, lambda: authorities, SessionSigner(number=number))


# ── what other software was answered ─────────────────────────────────────────────────────────────────────
def keystore(number: str) -> KeySigner:
    name = next((name for name, digits in OWNERS.items() if digits == number), "hospital")
    opened = KeystoreFile.open(VECTORS / "keystores" / f"{name}.p12", Secret("s3cret-pw")).keystore
    return KeySigner(opened.authentication.key, opened.chain)


def ask_vector(path: Path, status: int = 200) -> Assertion:
    answer = path.read_bytes()
    number = next(iter(re.findall(rb"SSIN=(\d{11})", answer)), b"").decode()
    if not number and "hospital" not in path.name:
        number = "68053041155"
    signer = keystore(number)
    identifier = DistinguishedName.of_subject(signer.chain[0].subject).identifier
    quality = Quality.PHYSIOTHERAPIST if identifier.is_person else Quality.HOSPITAL
    moment = datetime(2026, 11, 27, 1, 38, tzinfo=UTC)
    authority = x509.load_pem_x509_certificate((VECTORS / "authorities" / "issuing.pem").read_bytes())
    return service(Sts([answer], status), (authority,), moment).issue(signer, claims_of(quality, identifier))


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: Path(vector["file"]).stem)
def test_a_good_answer(data_folder: Path, vector: dict[str, Any]) -> None:
    assertion = ask_vector(data_folder / "token-requests" / vector["stub_answer"])
    assert assertion.proven
    assert assertion.refused == ()


def test_the_vectors_are_there(data_folder: Path) -> None:
    assert len(GOOD) >= 6
    assert {*JUDGED, "fault-soap", "fault-system"} == set(BAD), "each of those that were changed is judged"


def test_an_answer_of_the_older_service_is_no_session(data_folder: Path) -> None:
    """It is good by its own protocol, which is not the one that was asked."""
    with pytest.raises(errors.ResponseInvalid) as caught:
        ask_vector(data_folder / "token-requests" / "answers" / "legacy-person-rsa.xml")
    assert caught.value.facts["reason"] == "other_message"


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_an_answer_that_the_connector_takes(data_folder: Path, name: str) -> None:
    with pytest.raises(errors.AssertionUntrusted) as caught:
        ask_vector(data_folder / "token-requests" / "answers" / f"{name}.xml")
    assert caught.value.facts["reason"] == JUDGED[name]
    assert verdict_of(caught.value) is SessionVerdict.PLATFORM


@pytest.mark.parametrize(
    ("name", "code", "detail"),
    [
        ("fault-soap", "SOAP-ENV:Client", "The security token could not be authenticated or authorized"),
        ("fault-system", "SOA-02001", "Service not available. Please contact service desk."),
    ],
)
def test_a_fault_of_the_vectors(data_folder: Path, name: str, code: str, detail: str) -> None:
    with pytest.raises(errors.PlatformFault) as caught:
        ask_vector(data_folder / "token-requests" / "answers" / f"{name}.xml", 500)
    assert (caught.value.facts["code"], caught.value.facts["detail"]) == (code, detail)


# ── what nobody should believe ───────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    return open_authorities(tmp_path_factory.mktemp("sts") / "ca")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def issued(
    issuer: Issuer, key: rsa.RSAPrivateKey, number: str = NUMBER, *, days: int = 30
) -> x509.Certificate:
    name = DistinguishedName(Identifier("SSIN", number), "VANDAMME ELISE MARIE").to_name()
    return issuer.issue(name, key.public_key(), (NOW - days * DAY, NOW + 30 * DAY))


@dataclass(frozen=True)
class AssertionMaker:
    """A holder, and what an STS could answer."""

    authorities: Authorities
    key: rsa.RSAPrivateKey
    holder: x509.Certificate

    def signer(self) -> KeySigner:
        return KeySigner(self.authorities.sts_signer.key, (self.authorities.sts_signer.certificate,))

    def assertion(
        self,
        *,
        signer: KeySigner | None = None,
        holder: x509.Certificate | None = None,
        number: str = NUMBER,
        issued: datetime = NOW,
        life: timedelta = DAY,
    ) -> bytes:
        claimed = ("urn:be:fgov:ehealth:1.0:certificateholder:person:ssin", "urn:be:fgov:person:ssin")
        attributes = dict.fromkeys(claimed, number)
        new = NewAssertion(holder or self.holder, attributes, issued, issued + life)
        return new.signed(signer or self.signer())

    def ask(self, answer: bytes, *, authorities: tuple[x509.Certificate, ...] | None = None) -> Assertion:
        known = self.authorities.sts_signer.chain[1:] if authorities is None else authorities
        holder = KeySigner(self.key, (self.holder,))
        claims = claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
        return service(Sts([answer]), known).issue(holder, claims)

    def refusal(self, answer: bytes, **more: Any) -> str:
        with pytest.raises(errors.AssertionUntrusted) as caught:
            self.ask(answer, **more)
        assert "<" not in str(caught.value)  # nothing of the assertion is in what is logged
        return str(caught.value.facts["reason"])


def answered(assertion: bytes, *, beside: bytes = b"") -> bytes:
    return wrap(
        f'<wst:RequestSecurityTokenResponse xmlns:wst="{TRUST}" Context="">'.encode()
        + b"<wst:RequestedSecurityToken>"
        + assertion
        + b"</wst:RequestedSecurityToken>"
        + beside
        + b"</wst:RequestSecurityTokenResponse>"
    )


@pytest.fixture(scope="module")
def maker(authorities: Authorities, key: rsa.RSAPrivateKey) -> AssertionMaker:
    return AssertionMaker(authorities, key, issued(authorities.issuing, key))


def test_one_to_believe(maker: AssertionMaker) -> None:
    assertion = maker.ask(answered(maker.assertion()))
    assert (assertion.proven, assertion.not_on_or_after) == (True, NOW + DAY)
    assert "AssertionID" in assertion.xml.reveal()
    assert "AssertionID" not in f"{assertion} {assertion.xml}"


def unsigned(maker: AssertionMaker) -> bytes:
    element = parse(maker.assertion())
    element.remove(element[-1])
    return serialise(element)


def untrusted_signer(maker: AssertionMaker) -> bytes:
    """An authority of the right name, made at home."""
    key = rsa.generate_private_key(65537, 2048)
    made = Issuer(
        key,
        (
            maker.authorities.issuing.issue(
                maker.authorities.issuing.certificate.subject, key.public_key(), (NOW - DAY, NOW + DAY)
            ),
        ),
    )
    certificate = made.issue(
        maker.authorities.sts_signer.certificate.subject, key.public_key(), (NOW - DAY, NOW + DAY)
    )
    return maker.assertion(signer=KeySigner(key, (certificate,)))


def unknown_authority(maker: AssertionMaker) -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.OID_COMMON_NAME, "Home made CA")])
    self_made = Issuer(
        key, (maker.authorities.issuing.issue(name, key.public_key(), (NOW - DAY, NOW + DAY)),)
    )
    certificate = self_made.issue(
        maker.authorities.sts_signer.certificate.subject, key.public_key(), (NOW - DAY, NOW + DAY)
    )
    return maker.assertion(signer=KeySigner(key, (certificate,)))


def by_a_holder(maker: AssertionMaker) -> bytes:
    """A holder, with a certificate of the same authority."""
    return maker.assertion(signer=KeySigner(maker.key, (maker.holder,)))


def by_an_organisation(maker: AssertionMaker, application: str) -> bytes:
    """An organisation may call its application as it likes."""
    name = DistinguishedName(Identifier("CBE", "0486132722"), "CABINET LES TILLEULS", application)
    certificate = maker.authorities.issuing.issue(
        name.to_name(), maker.key.public_key(), (NOW - DAY, NOW + DAY)
    )
    return maker.assertion(signer=KeySigner(maker.key, (certificate,)))


def signer_over(maker: AssertionMaker) -> bytes:
    signer = maker.authorities.sts_signer
    certificate = maker.authorities.issuing.issue(
        signer.certificate.subject, signer.key.public_key(), (NOW - 9 * DAY, NOW - DAY)
    )
    return maker.assertion(signer=KeySigner(signer.key, (certificate,)))


def another_key(maker: AssertionMaker) -> bytes:
    other = rsa.generate_private_key(65537, 2048)
    return maker.assertion(holder=issued(maker.authorities.issuing, other))


def number_changed(maker: AssertionMaker) -> bytes:
    return maker.assertion().replace(b">79031421872</AttributeValue>", b">85110230740</AttributeValue>")


def another_issuer(maker: AssertionMaker) -> bytes:
    """Signed by the right key, in the name of something else."""
    from ehtoolkit.ehealth.soap.signature import sign_element

    element = parse(unsigned(maker))
    element.set("Issuer", "urn:be:fgov:ehealth:sso:1_0")
    return serialise(sign_element(element, maker.signer(), "AssertionID"))


def no_confirmation(maker: AssertionMaker) -> bytes:
    from ehtoolkit.ehealth.soap.signature import sign_element

    element = parse(unsigned(maker))
    for confirmation in list(element.iter(SAML("SubjectConfirmation"))):
        parent = confirmation.getparent()
        assert parent is not None
        parent.remove(confirmation)
    return serialise(sign_element(element, maker.signer(), "AssertionID"))


def two_ids(maker: AssertionMaker) -> bytes:
    """The signed assertion inside one of our own that has its Id."""
    signed = maker.assertion()
    identifier = re.search(rb'AssertionID="([^"]+)"', signed)
    assert identifier is not None
    return signed.replace(b"<Conditions", b'<Advice Id="' + identifier[1] + b'"/><Conditions', 1)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (unsigned, "signature"),
        (number_changed, "signature"),
        (untrusted_signer, "stranger"),
        (unknown_authority, "stranger"),
        (by_a_holder, "stranger"),
        (lambda maker: by_an_organisation(maker, "KASSA_1"), "stranger"),
        (signer_over, "signer_ended"),
        (another_issuer, "issuer"),
        (another_key, "key"),
        (no_confirmation, "form"),
        (two_ids, "wrapping"),
        (lambda maker: maker.assertion(number="85110230740"), "number"),
        (lambda maker: maker.assertion(issued=NOW + 6 * MINUTE), "not_begun"),
        (lambda maker: maker.assertion(issued=NOW - 2 * DAY), "ended"),
        (lambda maker: maker.assertion(issued=NOW - DAY), "ended"),  # to the very moment
        (lambda maker: maker.assertion() + maker.assertion(), "wrapping"),
        (lambda maker: b"", "no_token"),
        (lambda maker: b"<other/>", "no_token"),
    ],
)
def test_an_assertion_that_is_not_believed(
    maker: AssertionMaker, made: Callable[[AssertionMaker], bytes], reason: str
) -> None:
    assert maker.refusal(answered(made(maker))) == reason


def test_one_that_was_wrapped(maker: AssertionMaker) -> None:
    """The signed one is moved aside, and a changed copy stands in its place."""
    signed = maker.assertion()
    forged = signed.replace(b">79031421872</AttributeValue>", b">85110230740</AttributeValue>")
    inside = forged.replace(b"</Assertion>", b"<Advice>" + signed + b"</Advice></Assertion>")
    assert maker.refusal(answered(inside)) == "wrapping"
    assert maker.refusal(answered(forged, beside=b"<aside>" + signed + b"</aside>")) == "wrapping"


def test_a_signer_with_a_missing_authority(maker: AssertionMaker) -> None:
    """Only its name is known: said, and not called proven."""
    assert maker.ask(answered(maker.assertion()), authorities=()).proven is False


def test_a_signer_of_another_name_can_be_set(maker: AssertionMaker) -> None:
    """Of production none was seen."""
    asked = service(Sts([answered(by_an_organisation(maker, "STS_PROD"))]), ())
    holder = KeySigner(maker.key, (maker.holder, *maker.authorities.issuing.chain))
    claims = claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
    assert replace(asked, signer=SessionSigner("STS", STS_NUMBER)).issue(holder, claims).proven is False
    with pytest.raises(errors.AssertionUntrusted):
        asked.issue(holder, claims)


def test_a_signer_with_the_number_of_training_is_proven_in_training_alone(maker: AssertionMaker) -> None:
    authorities = maker.authorities.sts_signer.chain[1:]
    holder, claims = (
        KeySigner(maker.key, (maker.holder,)),
        claims_of(Quality.NONE, Identifier("SSIN", NUMBER)),
    )
    for number, proven in ((STS_NUMBER, True), (PLATFORM_NUMBER, False)):
        asked = service(Sts([answered(maker.assertion())]), authorities, number=number)
        assert asked.issue(holder, claims).proven is proven


def test_an_organisation_that_calls_itself_a_signer(maker: AssertionMaker) -> None:
    assert maker.ask(answered(by_an_organisation(maker, "IAM_HOME"))).proven is False


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<!DOCTYPE html><html><body>Wifi</body></html>", "html"),
        (b'<!DOCTYPE s [<!ENTITY x "y">]><s>&x;</s>', "dtd"),
        (b"", "empty"),
        (b"<cut", "not_xml"),
        (b"<x/>", "envelope"),
        (wrap(b"<x/>"), "other_message"),
    ],
)
def test_an_answer_that_is_none(maker: AssertionMaker, answer: bytes, reason: str) -> None:
    with pytest.raises(errors.ResponseInvalid) as caught:
        maker.ask(answer)
    assert caught.value.facts["reason"] == reason
    assert verdict_of(caught.value) is SessionVerdict.PLATFORM


def test_an_answer_to_another_request(maker: AssertionMaker) -> None:
    answer = answered(maker.assertion()).replace(b'Context=""', b'Context="&#104;is"')
    # The context that the far end fills in is ours; here it is another's.
    holder = KeySigner(maker.key, (maker.holder,))

    class Deaf(Sts):
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
            return Response(200, {}, answer)

    with pytest.raises(errors.AssertionUntrusted) as caught:
        service(Deaf([answer]), maker.authorities.sts_signer.chain[1:]).issue(
            holder, claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
        )
    assert caught.value.facts["reason"] == "context"


def test_the_clock_is_named_first(maker: AssertionMaker) -> None:
    """By the platform's time the assertion is good; by ours it would not be: what counts is the platform's."""
    date = {"Date": "Fri, 27 Nov 2026 10:00:00 GMT"}
    holder = KeySigner(maker.key, (maker.holder,))
    claims = claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
    known = maker.authorities.sts_signer.chain[1:]
    late = NOW + 3 * DAY
    assert service(Sts([answered(maker.assertion())], headers=date), known, late).issue(holder, claims).proven
    ended = Sts([answered(maker.assertion(issued=NOW - 2 * DAY))], headers=date)
    with pytest.raises(errors.AssertionUntrusted) as caught:
        service(ended, known, late, compared=True).issue(holder, claims)
    assert verdict_of(caught.value) is SessionVerdict.CLOCK


@pytest.mark.parametrize(
    ("behave", "error", "reason"),
    [
        (endless, errors.ResponseInvalid, "too_large"),
        (hang, errors.PlatformTimeout, None),
        (hang_up, errors.PlatformUnreachable, "cut"),
        (reply(b"<html>502</html>", 502), errors.ResponseInvalid, "gateway"),
    ],
)
def test_a_service_that_is_slow_endless_or_gone(
    maker: AssertionMaker, behave: Behave, error: type[errors.PlatformError], reason: str | None
) -> None:
    settings = Settings(platform_timeout=0.5, platform_answer_limit=1_000_000)
    holder, clock = KeySigner(maker.key, (maker.holder,)), OneClock()
    with serving(behave) as url, HttpTransport(settings) as transport:
        asked = SecurityTokenService(SoapClient(transport, url, ClockCheck(None)), clock)
        with pytest.raises(error) as caught:
            asked.issue(holder, claims_of(Quality.NONE, Identifier("SSIN", NUMBER)))
        assert len(url.requests) == 1  # never asked again by itself
    assert caught.value.facts.get("reason") == reason
    assert verdict_of(caught.value) is SessionVerdict.PLATFORM


# ── the request ──────────────────────────────────────────────────────────────────────────────────────────
def test_what_goes_over_the_wire(maker: AssertionMaker) -> None:
    sts = Sts([answered(maker.assertion())])
    holder = KeySigner(maker.key, (maker.holder,))
    claims = claims_of(Quality.NONE, Identifier("SSIN", NUMBER))
    service(sts, maker.authorities.sts_signer.chain[1:]).issue(holder, claims)
    ((body, headers),) = sts.asked
    assert headers["SOAPAction"] == '"urn:be:fgov:ehealth:sts:protocol:v1:RequestSecurityToken"'
    request = parse(body)[1][0]
    assert [etree.QName(child).localname for child in request] == [
        *("TokenType", "RequestType", "Claims", "Lifetime", "KeyType", "UseKey")
    ]
    assert request.findtext(TRUST("KeyType")) == ("http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey")


# ── claims ───────────────────────────────────────────────────────────────────────────────────────────────
PERSON, HOSPITAL = Identifier("SSIN", NUMBER), Identifier("NIHII-HOSPITAL", "72201355")


@pytest.mark.parametrize(
    "vector",
    [finding for finding in GOOD if finding["facts"].get("claims")],
    ids=lambda vector: vector["file"],
)
def test_the_claims_of_the_connector(data_folder: Path, vector: dict[str, Any]) -> None:
    """The same set; the order of what is asked does not matter."""
    asked = {tuple(claim) for claim in vector["facts"]["claims"]}
    number = vector["facts"]["claims"][0][1]
    holder = Identifier("SSIN", number) if len(number) == 11 else Identifier("NIHII-HOSPITAL", number)
    quality = Quality.PHYSIOTHERAPIST if holder.is_person else Quality.HOSPITAL
    assert {(claim.uri, claim.value) for claim in claims_of(quality, holder)} == asked


@pytest.mark.parametrize("quality", list(Quality))
def test_a_quality_is_for_persons_or_for_one_kind_of_organisation(quality: Quality) -> None:
    fitting = []
    for holder in (PERSON, HOSPITAL, Identifier("CBE", "0486132722"), Identifier("SITE", "1234")):
        try:
            claims = claims_of(quality, holder)
        except errors.ClaimsUnfit:
            continue
        fitting.append(holder.type)
        assert [claim.value for claim in claims if claim.value is not None] == [holder.value] * (
            1 if holder.type == "CBE" else 2
        )
        assert len({claim.uri for claim in claims}) == len(claims)
    assert "SITE" not in fitting
    if quality is not Quality.NONE:
        assert len(fitting) <= 1


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────
def fault(code: str, **more: Any) -> errors.PlatformFault:
    return errors.PlatformFault(code=code, origin="", detail="", correlation_id=None, **more)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("SOA-01001", "certificate"),
        ("SOA-01002", "right"),
        ("SOA-02001", "platform"),
        ("SOA-03006", "software"),
        ("ws-trust:InvalidRequest", "software"),
        ("wst:FailedAuthentication", "certificate"),
        ("InvalidTimeRange", "clock"),
        ("something:Else", "platform"),
    ],
)
def test_the_verdict_of_a_code_does_not_hang_on_its_prefix(code: str, verdict: str) -> None:
    assert verdict_of(fault(code)) == verdict


def test_a_clock_that_differs_comes_before_every_code() -> None:
    assert verdict_of(fault("SOA-01001", here=NOW, there=NOW + DAY)) == "clock"
