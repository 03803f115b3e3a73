"""Addresses."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.platform import BASE_URLS, endpoints_of
from ehtoolkit.identity import Environment


def test_the_real_ones() -> None:
    found = endpoints_of(Environment.PRODUCTION)
    assert (found.certra, found.etkra, found.depot, found.sts) == (
        "https://services.ehealth.fgov.be/CertRa/v2",
        "https://services.ehealth.fgov.be/EtkRa/v2",
        "https://services.ehealth.fgov.be/EtkDepot/v1",
        "https://services.ehealth.fgov.be/IAM/SecurityTokenService/v1",
    )
    assert set(BASE_URLS) == set(Environment)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8099", "http://127.0.0.1:8099/", "https://class.example:8443"]
)
def test_a_training_server(url: str) -> None:
    assert endpoints_of(Environment.TRAINING, url).etkra == url.rstrip("/") + "/EtkRa/v2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8099",
        "ftp://x",
        "file:///etc",
        "http://",
        "http://x:99999",
        "http://x?y",
        "http://me:secret@x",
        "http://[x",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(errors.SettingInvalid) as caught:
        endpoints_of(Environment.TRAINING, url)
    assert caught.value.facts == {"setting": "platform_url"}
