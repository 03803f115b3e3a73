"""One question and one answer: headers, and every answer that does not belong to the question."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import __version__, errors
from ehtoolkit.ehealth.platform import base_url_of, platform_at
from ehtoolkit.ehealth.soap.transport import ClockDifference, Response, read_date
from ehtoolkit.ehealth.soap.xml import unwrap
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.ehealth.conftest import NOW, StillClock

KEY_ID = "0DBC0382663ABEADEAC9D9233D6493DE2ADF9625"
SUCCESS = '<c:Status><c:StatusCode Value="urn:be:fgov:ehealth:2.0:status:Success"/></c:Status>'


def response(name: str, content: str = "", attributes: str = "", status: str = SUCCESS) -> str:
    return (
        f'<p:{name} xmlns:p="urn:be:fgov:ehealth:certra:protocol:v2" xmlns:c="urn:be:fgov:ehealth:commons:core:v2" '
        f'Id="_1" IssueInstant="2026-11-24T15:00:00Z" {attributes}>{status}{content}</p:{name}>'
    )


def invalid(platform) -> dict[str, object]:
    with pytest.raises(errors.ResponseInvalid) as caught:
        platform.certra.get_certificate(KEY_ID)
    return caught.value.facts


def test_headers_and_address(platform, wire, soap) -> None:
    wire.answer = soap(response("GetGenericOrganizationTypesResponse"))
    assert platform.certra.get_generic_organization_types() == ()
    (url, body, headers) = wire.requests[0]
    assert url == "https://services-acpt.ehealth.fgov.be/CertRa/v2"
    assert headers == {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"urn:be:fgov:ehealth:certra:protocol:v2:getGenericOrganizationTypes"',
        "User-Agent": f"ehtoolkit/{__version__}",
    }
    assert b"<soap:Header/>" in body


def test_an_address_of_the_sender_where_there_is_one(platform, wire, soap) -> None:
    wire.answer = soap(response("GetGenericOrganizationTypesResponse"))
    known = replace(platform.certra.client, sender="it@example.be")
    replace(platform.certra, client=known).get_generic_organization_types()
    (_, _, headers) = wire.requests[0]
    assert headers["From"] == "it@example.be"


@pytest.mark.parametrize(
    "sender", ["it", "it@example", "it@example.be\r\nX: y", "a b@example.be", "é@example.be"]
)
def test_what_is_no_address_is_refused(sender: str, tmp_path: Path) -> None:
    with pytest.raises(errors.SettingInvalid) as caught:
        load_settings(home=tmp_path, sender=sender)
    assert caught.value.facts["setting"] == "sender"


def test_the_setting_reaches_every_service(tmp_path: Path) -> None:
    toolkit = open_toolkit(load_settings(home=tmp_path, sender="it@example.be"))
    services = toolkit.context.platform
    exchanges = [services.certra.client, services.etkra.client, services.depot.client]
    assert [exchange.sender for exchange in exchanges] == ["it@example.be"] * 3
    toolkit.close()


@pytest.mark.parametrize("header", ["<s:Header/>", "", "<s:Header><x/></s:Header>"])
def test_a_header_or_none(header: str, platform, wire, soap) -> None:
    wire.answer = soap(response("GetGenericOrganizationTypesResponse"), header=header)
    assert platform.certra.get_generic_organization_types() == ()


def test_in_response_to_matches_when_it_is_there(platform, wire, soap) -> None:
    def answer(body: bytes) -> bytes:
        identifier = unwrap(body).get("Id")
        return soap(
            response("GetGenericOrganizationTypesResponse", attributes=f'InResponseTo="{identifier}"')
        )

    wire.answer = answer
    assert platform.certra.get_generic_organization_types() == ()


def test_an_answer_to_another_request(platform, wire, soap) -> None:
    wire.answer = soap(response("GetCertificateResponse", attributes='InResponseTo="_other"'))
    assert invalid(platform) == {"reason": "in_response_to", "operation": "getCertificate"}


def test_a_refusal_of_another_request_is_not_ours(platform, wire, soap) -> None:
    status = '<c:Status><c:StatusCode Value="urn:no"/></c:Status>'
    wire.answer = soap(response("GetCertificateResponse", attributes='InResponseTo="_other"', status=status))
    assert invalid(platform)["reason"] == "in_response_to"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>Login</html>", "html"),
        (b"Service Unavailable", "not_xml"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "dtd"),
        (b"<a/>", "envelope"),
        (b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Bo', "not_xml"),
    ],
)
def test_what_is_no_message(body: bytes, reason: str, platform, wire) -> None:
    wire.answer = body
    assert invalid(platform) == {"reason": reason, "operation": "getCertificate"}


def test_another_message(platform, wire, soap) -> None:
    wire.answer = soap(response("RevokeResponse"))
    assert invalid(platform) == {"reason": "other_message", "operation": "getCertificate"}


def test_missing_elements(platform, wire, soap) -> None:
    wire.answer = soap(response("GetCertificateResponse"))
    assert invalid(platform) == {
        "reason": "incomplete",
        "element": "X509Certificate",
        "operation": "getCertificate",
    }


@pytest.mark.parametrize("content", ["!", "AAAA", "<x/>", ""])
def test_a_certificate_that_is_none(content: str, platform, wire, soap) -> None:
    wire.answer = soap(
        response("GetCertificateResponse", f"<p:X509Certificate>{content}</p:X509Certificate>")
    )
    assert invalid(platform)["reason"] == "incomplete"


PAGE = b"<html><body>Bad gateway</body></html>"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, "html"),
        (302, "redirect"),
        (307, "redirect"),
        (401, "token"),
        (403, "forbidden"),
        (404, "not_found"),
        (429, "gateway"),
        (500, "html"),
        (502, "gateway"),
        (503, "gateway"),
        (504, "gateway"),
    ],
)
@pytest.mark.parametrize("body", [PAGE, b"Sorry", b"<?xml version='1.0'?><!DOCTYPE html><html/>"])
def test_a_page_of_a_proxy_is_recognised_by_its_status(
    status: int, reason: str, body: bytes, platform, wire
) -> None:
    wire.answer = Response(status, {"location": "http://portal.invalid/login?x=1"}, body)
    facts: dict[str, Any] = dict(invalid(platform))
    if reason == "html":
        reason = {PAGE: "html", b"Sorry": "not_xml"}.get(body, "html")
    assert facts.pop("status", 200) == (200 if status == 500 else status)
    assert facts.pop("location", None) == ("portal.invalid" if reason == "redirect" else None)
    assert facts == {"reason": reason, "operation": "getCertificate"}
    for language in LANGUAGES:
        sentence = Translator(language).error(
            errors.ResponseInvalid(**facts, status=status, location="portal.invalid")
        )
        assert (str(status) in sentence) is (reason in ("token", "forbidden", "not_found", "gateway"))
        assert ("portal.invalid" in sentence) is (reason == "redirect")


def test_a_good_answer_under_a_bad_status(platform, wire, soap) -> None:
    wire.answer = Response(503, {}, soap(response("GetCertificateResponse")))
    assert invalid(platform) == {"reason": "http_status", "operation": "getCertificate", "status": 503}


FAULT = (
    '<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring><detail><e:BusinessError xmlns:e="'
    'urn:be:fgov:ehealth:errors:soa:v1"><Origin>Provider</Origin><Code>SOA-02001</Code><Message>Down</Message>'
    "</e:BusinessError></detail></s:Fault>"
)


@pytest.mark.parametrize("status", [500, 200])
def test_a_fault(status: int, platform, wire, soap) -> None:
    wire.answer = Response(status, {"x-correlationid": "abc"}, soap(FAULT))
    with pytest.raises(errors.PlatformFault) as caught:
        platform.certra.get_certificate(KEY_ID)
    assert caught.value.facts == {
        "code": "SOA-02001",
        "origin": "Provider",
        "detail": "Down",
        "correlation_id": "abc",
    }


def test_a_refusal_keeps_the_number_for_the_helpdesk(platform, wire, soap) -> None:
    status = '<c:Status><c:StatusCode Value="urn:no"/><c:StatusMessage>No</c:StatusMessage></c:Status>'
    wire.answer = Response(
        200, {"X-CorrelationID": "abc"}, soap(response("GetCertificateResponse", status=status))
    )
    with pytest.raises(errors.PlatformRefused) as caught:
        platform.certra.get_certificate(KEY_ID)
    assert caught.value.facts == {"code": "urn:no", "detail": "No", "correlation_id": "abc"}


@pytest.mark.parametrize("kind", [errors.PlatformTimeout, errors.PlatformUnreachable])
def test_what_may_be_repeated_is_never_called_lost(kind, platform, wire) -> None:
    for sent in (True, False):
        wire.answer = kind(host="h", sent=sent)
        with pytest.raises(kind):
            platform.certra.get_certificate(KEY_ID)


@pytest.mark.parametrize("kind", [errors.PlatformTimeout, errors.PlatformUnreachable])
def test_what_may_not_be_repeated_is_lost_once_it_was_sent(kind, platform, wire, signer, rsa_keys) -> None:
    calls = {
        "startETKRegistration": lambda: platform.etkra.start_registration(rsa_keys[1].public_key(), signer),
        "completeETKRegistration": lambda: platform.etkra.complete_registration(b"der", signer),
        "activateETK": lambda: platform.etkra.activate(signer),
    }
    for name, call in calls.items():
        wire.answer = kind(host="h", sent=True)
        with pytest.raises(errors.ResponseLost) as caught:
            call()
        assert caught.value.facts == {"operation": name}
        assert isinstance(caught.value.__cause__, kind)
        wire.answer = kind(host="h", sent=False)
        with pytest.raises(kind):
            call()
    assert len(wire.requests) == 2 * len(calls)


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (b"", {"reason": "empty"}),
        (PAGE, {"reason": "html"}),
        (b"<s:Envelope", {"reason": "not_xml"}),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", {"reason": "dtd"}),
        (Response(302, {}, b""), {"reason": "redirect", "status": 302}),
        (Response(403, {}, PAGE), {"reason": "forbidden", "status": 403}),
        (Response(502, {}, PAGE), {"reason": "gateway", "status": 502}),
        (errors.ResponseInvalid(reason="too_large"), {"reason": "too_large"}),
        (errors.ResponseInvalid(reason="encoding"), {"reason": "encoding"}),
    ],
)
def test_what_is_no_answer_to_something_that_may_not_be_repeated_is_lost(
    answer: Response | bytes | Exception, facts: dict[str, object], platform, wire, signer
) -> None:
    """Whatever came in its place, on the way there or on the way back: the platform may have done it."""
    wire.answer = answer
    with pytest.raises(errors.ResponseLost) as caught:
        platform.etkra.activate(signer)
    assert caught.value.facts == {**facts, "operation": "activateETK"}
    assert len(wire.requests) == 1


@pytest.mark.parametrize("name", ["RevokeResponse", "ActivateETKResponse"])
def test_an_answer_of_another_request_is_lost_too(name: str, platform, wire, soap, signer) -> None:
    namespace = "etkra" if name.startswith("Activate") else "certra"
    text = response(name, attributes='InResponseTo="_other"').replace("certra", namespace)
    wire.answer = soap(text)
    with pytest.raises(errors.ResponseLost) as caught:
        platform.etkra.activate(signer)
    reason = "in_response_to" if namespace == "etkra" else "other_message"
    assert caught.value.facts == {"operation": "activateETK", "reason": reason}


# ── the clocks ───────────────────────────────────────────────────────────────────────────────────────────
REFUSED = '<c:Status><c:StatusCode Value="urn:no"/><c:StatusMessage>No</c:StatusMessage></c:Status>'


def dated(body: bytes, minutes: float, status: int = 200) -> Response:
    """An answer of a platform whose clock is so many minutes ahead of ours."""
    date = format_datetime(NOW + timedelta(minutes=minutes), usegmt=True)
    return Response(status, {"Date": date}, body)


@pytest.mark.parametrize("minutes", [-60 * 24 * 400, -6, 6, 90])
def test_a_refusal_names_both_times_where_the_clocks_differ(minutes: int, platform, wire, soap) -> None:
    there = NOW + timedelta(minutes=minutes)
    wire.answer = dated(soap(response("GetCertificateResponse", status=REFUSED)), minutes)
    with pytest.raises(errors.PlatformRefused) as caught:
        platform.certra.get_certificate(KEY_ID)
    facts = caught.value.facts
    assert (facts["reason"], facts["here"], facts["there"]) == ("clock", NOW, there)
    assert (facts["code"], facts["detail"]) == ("urn:no", "No")
    for language in LANGUAGES:
        texts = Translator(language)
        sentence = texts.error(caught.value)
        assert all(word in sentence for word in ("urn:no", "No", texts.moment(NOW), texts.moment(there)))


def test_a_fault_does_too(platform, wire, soap) -> None:
    wire.answer = dated(soap(FAULT), -30, 500)
    with pytest.raises(errors.PlatformFault) as caught:
        platform.certra.get_certificate(KEY_ID)
    assert caught.value.facts["there"] == NOW - timedelta(minutes=30)
    assert "14:30" not in Translator("en").error(caught.value), "in Brussels' time"
    assert "15:30" in Translator("en").error(caught.value)


@pytest.mark.parametrize("minutes", [-4.9, 0, 4.9])
def test_a_small_difference_is_ignored(minutes: float, platform, wire, soap) -> None:
    wire.answer = dated(soap(response("GetCertificateResponse", status=REFUSED)), minutes)
    with pytest.raises(errors.PlatformRefused) as caught:
        platform.certra.get_certificate(KEY_ID)
    assert caught.value.facts == {"code": "urn:no", "detail": "No", "correlation_id": None}
    assert platform.clock_check.wrong is None


def test_the_difference_is_known_after_an_answer_that_was_fine(platform, wire, soap) -> None:
    assert platform.clock_check.wrong is None
    wire.answer = dated(soap(response("GetGenericOrganizationTypesResponse")), 60)
    platform.certra.get_generic_organization_types()
    assert platform.clock_check.wrong == ClockDifference(NOW, NOW + timedelta(hours=1))
    wire.answer = dated(soap(response("GetGenericOrganizationTypesResponse")), 0)
    platform.certra.get_generic_organization_types()
    assert platform.clock_check.wrong is None


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_an_answer_without_a_time_says_nothing_about_the_clocks(
    headers: dict[str, str], platform, wire, soap
) -> None:
    """The difference at an earlier one explains nothing about this one."""
    wire.answer = dated(soap(response("GetGenericOrganizationTypesResponse")), 60)
    platform.certra.get_generic_organization_types()
    assert platform.clock_check.wrong is not None
    wire.answer = Response(200, headers, soap(response("GetCertificateResponse", status=REFUSED)))
    with pytest.raises(errors.PlatformRefused) as caught:
        platform.certra.get_certificate(KEY_ID)
    assert caught.value.facts == {"code": "urn:no", "detail": "No", "correlation_id": None}
    assert (platform.clock_check.last, platform.clock_check.wrong) == (None, None)


def test_clocks_that_are_moved_on_purpose_are_not_compared(wire, soap) -> None:
    platform = platform_at(wire, base_url_of(Environment.TRAINING), StillClock(), compare_clock=False)
    wire.answer = dated(soap(response("GetCertificateResponse", status=REFUSED)), 60 * 24)
    with pytest.raises(errors.PlatformRefused) as caught:
        platform.certra.get_certificate(KEY_ID)
    assert "here" not in caught.value.facts
    assert platform.clock_check.wrong is None


@pytest.mark.parametrize("text", [None, "", "yesterday", "Tue, 99 Nov 2026 15:00:00 GMT", "0"])
def test_a_date_that_is_none(text: str | None) -> None:
    assert read_date(text) is None


def test_a_date_without_a_zone_is_universal_time() -> None:
    assert read_date("Tue, 24 Nov 2026 15:00:00 -0000") == NOW


def test_an_answer_that_is_too_long_names_the_operation(platform, wire) -> None:
    wire.answer = errors.ResponseInvalid(reason="too_large")
    assert invalid(platform) == {"reason": "too_large", "operation": "getCertificate"}


def test_the_depot_is_different(platform, wire, soap, person) -> None:
    wire.answer = soap(
        '<d:GetEtkResponse xmlns:d="urn:be:fgov:ehealth:etkdepot:1_0:protocol">'
        '<c:Status xmlns:c="urn:be:fgov:ehealth:commons:1_0:core"><Code>200</Code><Message>OK</Message></c:Status>'
        "</d:GetEtkResponse>"
    )
    assert platform.depot.get_etk(person.identifier) is None
    (url, body, headers) = wire.requests[0]
    assert url == "https://services-acpt.ehealth.fgov.be/EtkDepot/v1"
    assert "SOAPAction" not in headers
    assert re.search(rb"(Id|IssueInstant)=", body) is None
    assert b"<depot:ApplicationID/>" in body
