"""SOAP envelopes, ours and foreign ones."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.xml import CERTRA, SOAP, new_element, serialise, unwrap, wrap


def test_wrapping_leaves_every_byte_of_the_message() -> None:
    message = new_element(CERTRA, "RevokeRequest")
    data = wrap(message)
    assert data == (
        b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>'
        + serialise(message)
        + b"</soap:Body></soap:Envelope>"
    )
    assert unwrap(data).tag == CERTRA("RevokeRequest")


@pytest.mark.parametrize(
    "data",
    [
        f'<Envelope xmlns="{SOAP}"><Body><a xmlns=""/></Body></Envelope>',
        f'<x:Envelope xmlns:x="{SOAP}"><x:Header><q/></x:Header><x:Body>\n <a/>\n </x:Body></x:Envelope>',
        f'<x:Envelope xmlns:x="{SOAP}"><x:Header/><y:Body xmlns:y="{SOAP}"><a/></y:Body></x:Envelope>',
    ],
)
def test_any_prefix_and_an_absent_header_will_do(data: str) -> None:
    assert unwrap(data.encode()).tag == "a"


@pytest.mark.parametrize(
    "data",
    [
        "<a/>",
        '<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body><a/></Body></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Header/></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Body/></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Body>text</Body></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Body><a/><a/></Body></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Body><a/>text</Body></Envelope>',
        f'<Envelope xmlns="{SOAP}"><Body><a/></Body><Body><a/></Body></Envelope>',
    ],
)
def test_what_is_no_envelope_with_one_message(data: str) -> None:
    with pytest.raises(errors.MessageInvalid) as caught:
        unwrap(data.encode())
    assert caught.value.facts == {"reason": "envelope"}
