"""The way to the platform: reachable, proxy, whose certificate, both clocks; over loopback, and in training."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit.doctor import CheckResult
from ehtoolkit.doctor.health_check import in_order, platform_probes, run_parallel
from ehtoolkit.doctor.platform_connection import check_platform, check_proxy, check_tls, clock_results
from ehtoolkit.ehealth.soap.transport import ClockDifference
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import Settings, load_settings
from ehtoolkit.toolkit import Toolkit, open_toolkit
from ehtoolkit.training import Scenario
from tests.doctor.conftest import keys, one
from tests.support.faulty_servers import Behave, serving
from tests.support.proxy import proxying, refuse
from tests.support.tls import WebAuthority, authority, scanner

__all__ = ["authority", "scanner"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def training(warm_home: Path, tmp_path: Path) -> Iterator[Toolkit]:
    shutil.copytree(warm_home, tmp_path / "home")
    toolkit = open_toolkit(load_settings(home=tmp_path / "home"))
    yield toolkit
    toolkit.close()


def answering(toolkit: Toolkit, *, ahead: timedelta = timedelta()) -> Behave:
    """The embedded platform behind a real server. ``ahead``: by how much its clock is."""
    assert toolkit.training is not None
    transport = toolkit.training.transport()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        body: bytes = handler.server.bodies.pop()  # type: ignore[attr-defined]
        answer = transport.post(f"http://training.invalid{handler.path}", body, {})
        date = datetime.now(UTC) + ahead
        handler.wfile.write(
            b"HTTP/1.1 %d OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\nConnection: close\r\nDate: %s\r\n\r\n"
            % (answer.status, len(answer.body), format_datetime(date, usegmt=True).encode())
            + answer.body
        )
        handler.close_connection = True

    return behave


@contextmanager
def platform(toolkit: Toolkit, context: Any = None, *, ahead: timedelta = timedelta()) -> Iterator[str]:
    """The address of a stand-in for the acceptance environment."""
    inner = answering(toolkit, ahead=ahead)

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.server.bodies = [url.requests[-1][3]]  # type: ignore[attr-defined]
        inner(handler)

    with serving(behave, context) as url:
        yield url.base


def acceptance(home: Path, url: str, **more: object) -> Toolkit:
    return open_toolkit(
        load_settings(home=home, environment="acceptance", platform_url=url, platform_timeout=5.0, **more)
    )


def look(toolkit: Toolkit) -> list[CheckResult]:
    lines, came = run_parallel(platform_probes(toolkit), 30.0, lambda done, of: None)
    assert came
    toolkit.close()
    return list(in_order(lines))


def test_the_embedded_platform_and_its_clock(training: Toolkit) -> None:
    assert keys(check_platform(training)) == [
        ("platform", "ok", "platform_embedded"),
        ("clock", "ok", "clock_right"),
    ]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (Scenario.PLATFORM_DOWN, ("platform", "error", "platform_fault")),
        (Scenario.SOAP_FAULT, ("platform", "error", "platform_fault")),
        (Scenario.GARBAGE, ("platform", "error", "answer_invalid")),
    ],
)
def test_a_platform_that_is_down(
    training: Toolkit, scenario: Scenario, expected: tuple[str, str, str]
) -> None:
    assert training.training is not None
    training.training.switch(scenario, on=True)
    lines = list(check_platform(training))
    assert keys(lines)[0] == expected
    assert lines[0].next_step(Translator("fr"))


def test_a_clock_that_is_wrong_gives_both_times(training: Toolkit) -> None:
    assert training.training is not None
    training.training.switch(Scenario.CLOCK_WRONG, on=True)
    lines = list(check_platform(training))
    assert keys(lines) == [("platform", "ok", "platform_embedded"), ("clock", "error", "clock_wrong")]
    line = one(lines, "clock_wrong")
    for language in LANGUAGES:
        texts = Translator(language)
        for name in ("here", "there"):
            moment = line.facts[name]
            assert isinstance(moment, datetime)
            assert texts.moment(moment) in line.message(texts)


@pytest.mark.parametrize(
    ("apart", "severity", "key"),
    [
        (timedelta(seconds=60), "ok", "clock_right"),
        (timedelta(seconds=61), "warning", "clock_off"),
        (timedelta(minutes=-5), "warning", "clock_off"),
        (timedelta(minutes=5, seconds=1), "error", "clock_wrong"),
        (timedelta(days=-400), "error", "clock_wrong"),
    ],
)
def test_how_far_clocks_may_be_apart(apart: timedelta, severity: str, key: str) -> None:
    line = clock_results(ClockDifference(NOW, NOW + apart))
    assert keys([line]) == [("clock", severity, key)]
    one([line], key)


def test_everything_over_https(training: Toolkit, authority: WebAuthority, tmp_path: Path) -> None:
    with platform(training, authority.context()) as url:
        lines = look(acceptance(tmp_path / "other", url, ca_file=authority.file))
    assert keys(lines) == [
        ("platform", "ok", "platform_answers"),
        ("proxy", "ok", "proxy_none"),
        ("tls", "ok", "tls_trusted"),
        ("clock", "ok", "clock_right"),
    ]
    assert "Invented root" in one(lines, "tls_trusted").message(Translator("en"))
    assert url.removeprefix("https://") in one(lines, "platform_answers").message(Translator("en"))


def test_an_intercepting_proxy_is_named(training: Toolkit, scanner: WebAuthority, tmp_path: Path) -> None:
    with platform(training, scanner.context()) as url:
        lines = look(acceptance(tmp_path / "other", url))
    assert ("tls", "error", "platform_untrusted") in keys(lines)
    assert ("clock", "warning", "clock_unknown") in keys(lines)
    for language in LANGUAGES:
        assert "Invented virus scanner CA" in one(lines, "platform_untrusted").message(Translator(language))


def test_an_authority_that_only_the_system_trusts(
    training: Toolkit, scanner: WebAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scanner that put its authority into the system's store: we get through, others may not."""
    monkeypatch.setenv("SSL_CERT_FILE", str(scanner.file))
    with platform(training, scanner.context()) as url:
        lines = look(acceptance(tmp_path / "other", url))
        public = list(check_tls(Settings(), f"{url}/CertRa/v2", scanner.file))
    assert ("platform", "ok", "platform_answers") in keys(lines)
    for language in LANGUAGES:
        assert "Invented virus scanner CA" in one(lines, "tls_inspected").message(Translator(language))
    assert keys(public) == [("tls", "ok", "tls_trusted")]


def test_a_clock_that_runs_ahead_over_https(
    training: Toolkit, authority: WebAuthority, tmp_path: Path
) -> None:
    with platform(training, authority.context(), ahead=timedelta(minutes=3)) as url:
        lines = look(acceptance(tmp_path / "other", url, ca_file=authority.file))
    line = one(lines, "clock_off")
    assert line.facts["minutes"] == 3


def test_a_clock_that_makes_the_certificate_bad(
    training: Toolkit, authority: WebAuthority, tmp_path: Path
) -> None:
    """The certificate has expired by this computer's clock alone: the clock is named, with both times."""
    context = authority.context(start=timedelta(days=-60), end=timedelta(days=-20))
    past = datetime.now(UTC) - timedelta(days=30)

    def long_ago(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nDate: %s\r\n\r\n"
            % format_datetime(past, usegmt=True).encode()
        )
        handler.close_connection = True

    with serving(long_ago, context, look=long_ago) as url:
        lines = look(acceptance(tmp_path / "other", url.base, ca_file=authority.file))
    assert ("clock", "error", "platform_untrusted") in keys(lines)
    assert ("clock", "error", "clock_wrong") in keys(lines)


def test_an_unreachable_host(training: Toolkit, tmp_path: Path) -> None:
    with platform(training) as url:
        pass
    lines = look(acceptance(tmp_path / "other", url))
    assert keys(lines) == [
        ("platform", "error", "platform_unreachable"),
        ("proxy", "ok", "proxy_none"),
        ("tls", "info", "tls_none"),
        ("clock", "warning", "clock_unknown"),
    ]
    one(lines, "clock_unknown")
    one(lines, "tls_none")


def test_a_proxy_is_named(training: Toolkit, authority: WebAuthority, tmp_path: Path) -> None:
    name = "services.invented.example"
    with platform(training, authority.context(name)) as url, proxying() as proxy:
        proxy.leads[f"{name}:443"] = int(url.rpartition(":")[2])
        settings = {"ca_file": authority.file, "proxy": proxy.url}
        lines = look(acceptance(tmp_path / "other", f"https://{name}", **settings))
    assert keys(lines) == [
        ("platform", "ok", "platform_answers"),
        ("proxy", "ok", "proxy_used"),
        ("tls", "ok", "tls_trusted"),
        ("clock", "ok", "clock_right"),
    ]
    assert proxy.url.removeprefix("http://") in one(lines, "proxy_used").message(Translator("de"))
    assert all(asked.startswith(f"CONNECT {name}:443") for asked in proxy.asked)


def test_a_proxy_that_does_not_let_through(tmp_path: Path) -> None:
    with proxying(manner=refuse(403)) as proxy:
        lines = look(acceptance(tmp_path / "other", "https://services.invented.example", proxy=proxy.url))
    assert keys(lines) == [
        ("proxy", "error", "platform_unreachable"),
        ("proxy", "ok", "proxy_used"),
        ("clock", "warning", "clock_unknown"),
    ]


def test_a_proxy_that_cannot_be_one() -> None:
    settings = Settings(proxy="ftp://nowhere")
    assert keys(check_proxy(settings, "https://services.invented.example")) == [
        ("proxy", "error", "setting_invalid")
    ]
