"""HTTPS: whom we believe, whose name we say when we do not, and whose clock is to blame."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import Settings
from tests.support.faulty_servers import Url, listening, reply, serving
from tests.support.tls import WebAuthority, authority, scanner

__all__ = ["authority", "scanner"]


@pytest.fixture
def transport(authority: WebAuthority) -> Iterator[HttpTransport]:
    """Believes the authority."""
    with HttpTransport(Settings(platform_timeout=5, ca_file=authority.file)) as http:
        yield http


def refused(transport: HttpTransport, url: Url) -> errors.PlatformUntrusted:
    with pytest.raises(errors.PlatformUntrusted) as caught:
        transport.post(url, b"question", {})
    assert url.requests == []
    assert caught.value.facts["host"] == url.split("/")[2]
    return caught.value


def test_an_authority_that_a_setting_names(transport: HttpTransport, authority: WebAuthority) -> None:
    with serving(reply(), authority.context()) as url:
        assert transport.post(url, b"", {}).body == b"answer"


def test_an_authority_of_the_operating_system(
    authority: WebAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with HttpTransport(Settings()) as transport, serving(reply(), authority.context()) as url:
        assert transport.post(url, b"", {}).body == b"answer"


def test_one_that_is_named_is_believed_beside_those_of_the_system(
    authority: WebAuthority, scanner: WebAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with HttpTransport(Settings(ca_file=scanner.file)) as transport:
        for issuer in (authority, scanner):
            with serving(reply(), issuer.context()) as url:
                assert transport.post(url, b"", {}).body == b"answer"


@pytest.mark.parametrize("content", [None, b"", b"nothing of the kind"])
def test_a_file_of_authorities_that_has_none(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(errors.SettingInvalid) as caught:
        HttpTransport(Settings(ca_file=file))
    assert caught.value.facts == {"setting": "ca_file"}


def test_an_intercepting_proxy_is_named(transport: HttpTransport, scanner: WebAuthority) -> None:
    with serving(reply(), scanner.context()) as url:
        error = refused(transport, url)
    assert (error.facts["reason"], error.facts["issuer"]) == ("issuer", "Invented virus scanner CA")
    for language in LANGUAGES:
        texts = Translator(language)
        assert "Invented virus scanner CA" in texts.error(error)
        assert "Invented virus scanner CA" in texts.next_step(error)


@pytest.mark.parametrize(
    ("name", "start", "end", "reason"),
    [
        ("127.0.0.1", -30, -1, "expired"),
        ("127.0.0.1", 1, 30, "not_yet_valid"),
        ("127.0.0.2", -30, 9, "hostname"),
        ("services.ehealth.fgov.be", -30, 9, "hostname"),
    ],
)
def test_a_bad_certificate_of_a_known_authority(
    name: str, start: int, end: int, reason: str, transport: HttpTransport, authority: WebAuthority
) -> None:
    context = authority.context(name, start=timedelta(days=start), end=timedelta(days=end))
    with serving(reply(), context) as url:
        error = refused(transport, url)
    assert error.facts["reason"] == reason
    assert error.facts["issuer"] == "Invented root"


def test_after_a_refusal_the_next_question_is_not_sent_either(
    transport: HttpTransport, scanner: WebAuthority
) -> None:
    """The second look, which believes everybody, leaves no connection behind that a question could take."""
    with serving(reply(), scanner.context()) as url:
        for _ in range(3):
            refused(transport, url)


# ── the computer's clock ─────────────────────────────────────────────────────────────────────────────────
def at(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize("days", [-400, 400], ids=["computer ahead", "computer behind"])
def test_a_wrong_clock_is_reported_with_both_times(
    days: int, transport: HttpTransport, authority: WebAuthority
) -> None:
    """The server's certificate is good, at the server's time."""
    there = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    context = authority.context(start=timedelta(days=days - 5), end=timedelta(days=days + 5))
    with serving(reply(), context, look=reply(b"", Date=at(there))) as url:
        error = refused(transport, url)
    assert error.facts["reason"] == "clock"
    assert error.facts["there"] == there
    here = error.facts["here"]
    assert isinstance(here, datetime)
    assert abs(here - datetime.now(UTC)) < timedelta(minutes=1)
    for language in LANGUAGES:
        texts = Translator(language)
        assert texts.moment(there) in texts.error(error)
        assert texts.moment(here) in texts.error(error)


@pytest.mark.parametrize("date", ["", "yesterday", "now"])
def test_the_clock_is_not_blamed_without_proof(
    date: str, transport: HttpTransport, authority: WebAuthority
) -> None:
    context = authority.context(start=timedelta(days=-30), end=timedelta(days=-1))
    server_date = at(datetime.now(UTC)) if date == "now" else date
    with serving(reply(), context, look=reply(b"", Date=server_date)) as url:
        assert refused(transport, url).facts["reason"] == "expired"


def test_the_clock_is_not_blamed_where_the_certificate_is_out_of_date_by_the_server_s_too(
    transport: HttpTransport, authority: WebAuthority
) -> None:
    context = authority.context(start=timedelta(days=-30), end=timedelta(days=-10))
    there = datetime.now(UTC) - timedelta(days=5)
    with serving(reply(), context, look=reply(b"", Date=at(there))) as url:
        assert refused(transport, url).facts["reason"] == "expired"


# ── no TLS at all ────────────────────────────────────────────────────────────────────────────────────────
def facts_of(kind: type[errors.EhToolkitError], transport: HttpTransport, url: str) -> dict[str, object]:
    with pytest.raises(kind) as caught:
        transport.post(url, b"question", {})
    assert caught.type is kind
    return {key: value for key, value in caught.value.facts.items() if key != "host"}


def test_tls_where_there_is_none(transport: HttpTransport) -> None:
    with serving(reply()) as url:
        secure = url.replace("http:", "https:")
        assert facts_of(errors.PlatformUnreachable, transport, secure) == {"reason": "tls", "sent": False}


def test_a_server_that_hangs_up_before_it_has_shown_itself(transport: HttpTransport) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(10)

    with listening(serve) as url:
        facts = facts_of(errors.PlatformUnreachable, transport, url.replace("http:", "https:"))
    assert facts in ({"reason": "tls", "sent": False}, {"reason": "connect", "sent": False})


def test_a_server_that_never_shows_itself(authority: WebAuthority) -> None:
    def serve(connection: socket.socket) -> None:
        time.sleep(1.5)

    with (
        HttpTransport(Settings(platform_timeout=0.5, ca_file=authority.file)) as transport,
        listening(serve) as url,
    ):
        facts = facts_of(errors.PlatformTimeout, transport, url.replace("http:", "https:"))
    assert facts == {"seconds": 0.5, "sent": False}


def test_an_old_version_of_tls(transport: HttpTransport, authority: WebAuthority) -> None:
    import ssl
    import warnings

    context = authority.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it is old on purpose
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serving(reply(), context) as url:
        assert facts_of(errors.PlatformUnreachable, transport, url) == {"reason": "tls", "sent": False}
