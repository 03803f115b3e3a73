"""Addresses."""

from __future__ import annotations

import pytest

from ehtoolkit import errors
from ehtoolkit.clock import SystemClock
from ehtoolkit.ehealth.platform import BASE_URLS, base_url_of, platform_at
from ehtoolkit.identity import Environment
from tests.ehealth.conftest import ScriptedPlatform


def test_the_real_ones(wire: ScriptedPlatform) -> None:
    found = platform_at(wire, base_url_of(Environment.PRODUCTION), SystemClock())
    assert tuple(each.client.url for each in (found.certra, found.etkra, found.depot, found.sts)) == (
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
    assert base_url_of(Environment.TRAINING, url) == url.rstrip("/")


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
        base_url_of(Environment.TRAINING, url)
    assert caught.value.facts == {"setting": "platform_url"}
