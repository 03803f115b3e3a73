"""Is an eHealth certificate revoked: whom is asked, and what is said of every answer."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ehtoolkit import errors
from ehtoolkit.ehealth.revocation import HOSTS, KnownHosts, RevocationChecker, check_revocation
from ehtoolkit.ehealth.revocation_answers import revocation_finding
from ehtoolkit.ehealth.soap.transport import Fetcher, Response
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.pki import HOST
from ehtoolkit.training.authority.status_responder import answer_status, ocsp_answer
from tests.procedures.conftest import Road
from tests.support.training_life import Life

Chain = tuple[x509.Certificate, ...]


@dataclass
class Line:
    """A way to somebody whose answers are played, and who is asked."""

    answer: Response | errors.EhToolkitError
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        self.asked.append(url)
        if isinstance(self.answer, errors.EhToolkitError):
            raise self.answer
        return self.answer


@pytest.fixture
def training(road: Road) -> TrainingPlatform:
    assert road.toolkit.training is not None
    return road.toolkit.training


@pytest.fixture(params=["elise", "claire"])
def chain(road: Road, request: pytest.FixtureRequest) -> Chain:
    return Life(road, request.param).first().keystore.chain


def key_of(chain: Chain, wire: Fetcher, training: TrainingPlatform) -> str:
    checker = RevocationChecker(KnownHosts(wire), training.clock)
    return revocation_finding(check_revocation(chain, checker)).key


def test_a_certificate_of_training(chain: Chain, training: TrainingPlatform) -> None:
    wire = training.status_wire()
    assert key_of(chain, wire, training) == "revocation_good"
    certificate_register.revoke(training, training.certificates()[0].key_id, "keyCompromise")
    assert key_of(chain, wire, training) == "revocation_revoked"


def test_one_that_the_responder_does_not_know(chain: Chain, training: TrainingPlatform) -> None:
    class NoList:
        def fetch(
            self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int
        ) -> Response:
            return Response(404) if body is None else training.status_wire().fetch(url, body, limit=limit)

    certificate_register.forget(training, training.certificates()[0].key_id)
    assert key_of(chain, NoList(), training) == "revocation_unknown"


def test_a_list_tells_where_the_responder_does_not(chain: Chain, training: TrainingPlatform) -> None:
    class NoResponder:
        def fetch(
            self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int
        ) -> Response:
            return Response(500) if body is not None else training.status_wire().fetch(url, limit=limit)

    assert key_of(chain, NoResponder(), training) == "revocation_good"
    certificate_register.revoke(training, training.certificates()[0].key_id, "superseded")
    assert key_of(chain, NoResponder(), training) == "revocation_revoked"


@pytest.mark.parametrize(
    "answer",
    [
        Response(500),
        Response(200, {}, b"<html>"),
        errors.PlatformTimeout(host="x", seconds=5, sent=True),
        errors.ResponseInvalid(reason="too_large"),
    ],
    ids=["error", "garbage", "silence", "too large"],
)
def test_no_usable_answer(
    chain: Chain, training: TrainingPlatform, answer: Response | errors.EhToolkitError
) -> None:
    line = Line(answer)
    assert key_of(chain, line, training) == "revocation_unasked"
    assert line.asked
    assert all(HOST in url for url in line.asked)


def test_an_answer_that_is_over(chain: Chain, training: TrainingPlatform) -> None:
    platform = training
    request = ocsp.OCSPRequestBuilder().add_certificate(chain[0], chain[1], SHA1()).build()  # noqa: S303
    old = ocsp_answer(platform, request.public_bytes(Encoding.DER))
    training.clock.move("+1d")
    assert key_of(chain, Line(Response(200, {}, old)), training) == "revocation_unasked"


def test_who_is_not_known_hears_nothing() -> None:
    for host in ("evil.example", "confidens.zetes.com.evil.example", "127.0.0.1", ""):
        line = Line(Response(200))
        with pytest.raises(errors.PlatformUnreachable):
            KnownHosts(line).fetch(f"http://{host}/ocsp", b"x", limit=10)
        assert line.asked == []
    assert (
        KnownHosts(Line(Response(200))).fetch("http://ocsp-eh-ptpki.confidens.zetes.com", limit=10).status
        == 200
    )
    assert HOST.endswith(HOSTS)


def test_a_certificate_without_its_issuer(chain: Chain, training: TrainingPlatform) -> None:
    line = Line(Response(200))
    for broken in ((), chain[:1], (chain[0], chain[0])):
        assert key_of(broken, line, training) == "revocation_unaskable"
    assert line.asked == []


@pytest.mark.parametrize("digest", [SHA1(), SHA256()], ids=["SHA-1", "SHA-256"])  # noqa: S303
def test_the_responder(chain: Chain, training: TrainingPlatform, digest: SHA1 | SHA256) -> None:
    platform = training
    request = ocsp.OCSPRequestBuilder().add_certificate(chain[0], chain[1], digest).build()
    der = request.public_bytes(Encoding.DER)

    posted = ocsp.load_der_ocsp_response(ocsp_answer(platform, der))
    got = answer_status(platform, f"/ocsp/{quote(base64.b64encode(der).decode(), safe='')}", None)

    assert posted.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert posted.serial_number == chain[0].serial_number
    assert ocsp.load_der_ocsp_response(got.body).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_questions_that_are_none(chain: Chain, training: TrainingPlatform) -> None:
    platform = training
    for rubbish in (b"", b"\x30\x00", b"x" * 1000):
        answer = ocsp.load_der_ocsp_response(ocsp_answer(platform, rubbish))
        assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    other = ocsp.OCSPRequestBuilder().add_certificate(chain[0], chain[0], SHA256()).build()
    refused = ocsp.load_der_ocsp_response(ocsp_answer(platform, other.public_bytes(Encoding.DER)))
    assert refused.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    known = ocsp.OCSPRequestBuilder().add_certificate(chain[0], chain[1], SHA256()).build()
    unissued = (
        ocsp.OCSPRequestBuilder()
        .add_certificate_by_hash(known.issuer_name_hash, known.issuer_key_hash, 4711, SHA256())
        .build()
    )
    unknown = ocsp.load_der_ocsp_response(ocsp_answer(platform, unissued.public_bytes(Encoding.DER)))
    assert unknown.certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    for path in ("/ocsp", "/ocsp/%%%", "/crl/../001.crl", "/crl/001.crt", "/", "/crt/001.crl"):
        reply = answer_status(platform, path, None)
        assert reply.status == 404 or path == "/ocsp/%%%"


def test_a_damaged_question_gets_an_answer(chain: Chain, training: TrainingPlatform) -> None:
    request = ocsp.OCSPRequestBuilder().add_certificate(chain[0], chain[1], SHA256()).build()
    whole = request.public_bytes(Encoding.DER)
    for place in range(len(whole)):
        for damaged in (
            whole[:place] + whole[place + 1 :],
            whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :],
        ):
            ocsp.load_der_ocsp_response(ocsp_answer(training, damaged))


def test_the_time_for_all_questions_ends(chain: Chain, training: TrainingPlatform) -> None:
    line = Line(Response(404))
    checker = RevocationChecker(KnownHosts(line, seconds=0), training.clock)
    assert revocation_finding(check_revocation(chain, checker)).key == "revocation_unasked"
    assert line.asked == []
