"""Refusals, "not yet", depot statuses and SOAP faults."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.client import fault, is_fault, require_depot_success, require_success
from ehtoolkit.ehealth.soap.xml import Element, parse

SUCCESS = "urn:be:fgov:ehealth:2.0:status:Success"
REQUESTER = "urn:be:fgov:ehealth:2.0:status:Requester"
RESPONDER = "urn:be:fgov:ehealth:2.0:status:Responder"


def response(status: str) -> Element:
    return parse(
        f'<r:X xmlns:r="r" xmlns:c="urn:be:fgov:ehealth:commons:core:v2" '
        f'xmlns:e="urn:be:fgov:ehealth:etee:commons:core:v2">{status}</r:X>'.encode()
    )


def refusal(*codes: str, message: str = "Non", parameters: str = "") -> Element:
    listed = "".join(
        f"<Errors><Code>{code}</Code><Message>{message}</Message>{parameters}</Errors>" for code in codes
    )
    return response(
        f'<c:Status><c:StatusCode Value="{REQUESTER}"><c:StatusCode Value="urn:second"/></c:StatusCode>'
        f"<c:StatusMessage>General</c:StatusMessage>"
        f"<c:StatusDetail><e:EteeStatusDetail>{listed}</e:EteeStatusDetail></c:StatusDetail></c:Status>"
    )


def facts_of(element: Element) -> dict[str, object]:
    with pytest.raises(errors.PlatformRefused) as caught:
        require_success(element)
    return caught.value.facts


def test_success() -> None:
    require_success(response(f'<c:Status><c:StatusCode Value="{SUCCESS}"/></c:Status>'))


def test_only_the_top_code_counts() -> None:
    element = response(
        f'<c:Status><c:StatusCode Value="{REQUESTER}"><c:StatusCode Value="{SUCCESS}"/></c:StatusCode>'
        "</c:Status>"
    )
    assert facts_of(element)["code"] == SUCCESS


def test_code_and_message_as_they_came() -> None:
    assert facts_of(refusal("Some.New_Code-1")) == {"code": "Some.New_Code-1", "detail": "Non"}


def test_several_errors_and_parameters() -> None:
    parameters = "<Parameters><Name>DN</Name><Value>CN=x</Value></Parameters>"
    assert facts_of(refusal("A", "B", parameters=parameters)) == {
        "code": "A",
        "detail": "Non (DN=CN=x); B: Non (DN=CN=x)",
    }


@pytest.mark.parametrize(
    "detail", ["", "<c:StatusDetail/>", "<c:StatusDetail><e:EteeStatusDetail/></c:StatusDetail>"]
)
def test_without_details(detail: str) -> None:
    element = response(
        f'<c:Status><c:StatusCode Value="{REQUESTER}"><c:StatusCode Value="urn:inner"/></c:StatusCode>'
        f"<c:StatusMessage>Refused</c:StatusMessage>{detail}</c:Status>"
    )
    assert facts_of(element) == {"code": "urn:inner", "detail": "Refused"}


def test_an_unknown_status_value() -> None:
    assert facts_of(response('<c:Status><c:StatusCode Value="urn:new"/></c:Status>')) == {
        "code": "urn:new",
        "detail": "",
    }


@pytest.mark.parametrize("below", ["", '<c:StatusCode Value="urn:inner"/>'])
@pytest.mark.parametrize("listed", [(), ("CERT_UNKNOWN",)])
def test_a_failure_of_the_platform_is_no_refusal(below: str, listed: tuple[str, ...]) -> None:
    """Whatever code stands below: it says nothing about what was asked."""
    found = "".join(f"<Errors><Code>{code}</Code><Message>Non</Message></Errors>" for code in listed)
    element = response(
        f'<c:Status><c:StatusCode Value="{RESPONDER}">{below}</c:StatusCode><c:StatusMessage>Later</c:StatusMessage>'
        f"<c:StatusDetail><e:EteeStatusDetail>{found}</e:EteeStatusDetail></c:StatusDetail></c:Status>"
    )
    with pytest.raises(errors.PlatformFault) as caught:
        require_success(element)
    code = "CERT_UNKNOWN" if listed else "urn:inner" if below else RESPONDER
    detail = "Non" if listed else "Later"
    assert caught.value.facts == {"code": code, "origin": "", "detail": detail, "correlation_id": None}


@pytest.mark.parametrize("status", ["", "<c:Status/>", "<Status><StatusCode/></Status>"])
def test_no_status(status: str) -> None:
    with pytest.raises(errors.MessageInvalid) as caught:
        require_success(response(status))
    assert caught.value.facts["reason"] == "incomplete"


def not_before(code: str) -> object:
    with pytest.raises(errors.NotYetDelivered) as caught:
        require_success(refusal(code))
    return caught.value.facts["not_before"]


def test_not_yet_delivered() -> None:
    assert not_before("CERT_NOT_YET_DELIVERED") is None


@pytest.mark.parametrize(
    "rest", ["[24/11/2026 18:30]", "[24/11/2026 18:30:15]", "_X[24/11/2026 18:30 CET] etc."]
)
def test_delivered_but_not_yet_valid(rest: str) -> None:
    moment = not_before(f"AUTH_CERT_NOT_YET_VALID{rest}")
    assert moment == datetime(2026, 11, 24, 18, 30, tzinfo=ZoneInfo("Europe/Brussels"))


@pytest.mark.parametrize("rest", ["", "[]", "[99/99/2026 18:30]", "[2026-11-24]"])
def test_a_moment_that_cannot_be_read(rest: str) -> None:
    assert not_before(f"AUTH_CERT_NOT_YET_VALID{rest}") is None


@given(st.text(st.characters(categories=["L", "N", "P"], exclude_characters="<>&"), min_size=1))
def test_any_code_is_a_refusal_or_not_yet(code: str) -> None:
    with pytest.raises((errors.PlatformRefused, errors.NotYetDelivered)):
        require_success(refusal(code))


def depot(inner: str) -> Element:
    return parse(
        f'<d xmlns:c="urn:be:fgov:ehealth:commons:1_0:core"><c:Status>{inner}</c:Status></d>'.encode()
    )


def test_depot_success() -> None:
    require_depot_success(depot('<Code>200</Code><Message Lang="EN">Success</Message>'))


def test_depot_refusal() -> None:
    with pytest.raises(errors.PlatformRefused) as caught:
        require_depot_success(depot('<Code>400</Code><Message Lang="FR">Non</Message><Message>Nee</Message>'))
    assert caught.value.facts == {"code": "400", "detail": "Non; Nee"}


def soap_fault(detail: str) -> Element:
    return parse(
        '<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>s:Server</faultcode>'
        f"<faultstring>Oops</faultstring>{detail}</s:Fault>".encode()
    )


@pytest.mark.parametrize("kind", ["SystemError", "BusinessError"])
def test_fault_of_the_platform(kind: str) -> None:
    element = soap_fault(
        f'<detail><e:{kind} xmlns:e="urn:be:fgov:ehealth:errors:soa:v1" Id="1"><Origin>Consumer</Origin>'
        '<Code>SOA-01002</Code><Message xml:lang="en">Not authorised</Message>'
        '<Message xml:lang="fr">Refusé</Message>'
        f"<Retry>false</Retry><e:Environment>ACC</e:Environment></e:{kind}></detail>"
    )
    assert is_fault(element)
    assert fault(element).facts == {
        "code": "SOA-01002",
        "origin": "Consumer",
        "detail": "Not authorised; Refusé",
        "correlation_id": None,
    }


def test_bare_fault() -> None:
    assert fault(soap_fault("")).facts == {
        "code": "s:Server",
        "origin": "",
        "detail": "Oops",
        "correlation_id": None,
    }
