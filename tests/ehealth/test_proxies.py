"""Proxies: which one leads where, and what each of their ways to fail is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.ehealth.wire.proxies import Proxies
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.settings import Settings
from tests.support.faulty_servers import cut_in_the_middle, reply, serving
from tests.support.proxy import Manner, Proxy, hang, hang_up, proxying, refuse
from tests.support.tls import WebAuthority

PLATFORM = "https://services.ehealth.fgov.be/CertRa/v2"
TARGET = "services.ehealth.fgov.be:443"


@pytest.fixture(autouse=True)
def _no_proxy_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> WebAuthority:
    return WebAuthority.make("Invented root", tmp_path_factory.mktemp("authority"))


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxying() as running:
        yield running


def transport_by(proxy: Proxy, authority: WebAuthority, *, platform_timeout: float = 1.0) -> HttpTransport:
    settings = Settings(proxy=proxy.url, ca_file=authority.file, platform_timeout=platform_timeout)
    return HttpTransport(settings)


def failure(transport: HttpTransport, kind: type[errors.PlatformError]) -> errors.PlatformError:
    with transport, pytest.raises(kind) as caught:
        transport.post(PLATFORM, b"question", {})
    error: errors.PlatformError = caught.value
    assert error.facts["host"] == "services.ehealth.fgov.be"
    for language in LANGUAGES:
        texts = Translator(language)
        assert "services.ehealth.fgov.be" in texts.error(error)
        assert texts.next_step(error)
    return error


# ── which one ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_one_of_the_environment(
    variable: str, proxy: Proxy, authority: WebAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, proxy.url)
    with (
        serving(reply(), authority.context("services.ehealth.fgov.be")) as url,
        HttpTransport(Settings(ca_file=authority.file)) as transport,
    ):
        proxy.leads[TARGET] = url.port
        for _ in range(2):
            assert transport.post(PLATFORM, b"question", {}).body == b"answer"
        ((_, path, headers, _), _) = url.requests
    assert proxy.asked == [f"CONNECT {TARGET} HTTP/1.1"], "one tunnel for both questions"
    assert path == "/CertRa/v2"
    assert headers["Host"] == "services.ehealth.fgov.be"
    assert not {"Proxy-Authorization", "Proxy-Connection"} & set(headers)


def test_the_one_of_the_setting_goes_before_it(
    proxy: Proxy, authority: WebAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with serving(reply(), authority.context("services.ehealth.fgov.be")) as url:
        proxy.leads[TARGET] = url.port
        with transport_by(proxy, authority) as transport:
            assert transport.post(PLATFORM, b"", {}).body == b"answer"


def test_none_at_all(authority: WebAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert Proxies.of(Settings()).leading_to(PLATFORM) is not None
    assert Proxies.of(Settings(proxy="direct")).leading_to(PLATFORM) is None


@pytest.mark.parametrize(
    ("no_proxy", "by_proxy"),
    [
        ("", True),
        ("*", False),
        ("services.ehealth.fgov.be", False),
        (".fgov.be", False),
        ("fgov.be, example.be", False),
        ("gov.be", True),
        ("services-acpt.ehealth.fgov.be", True),
    ],
)
@pytest.mark.parametrize("setting", [None, "http://127.0.0.1:9"])
def test_exceptions(
    no_proxy: str, by_proxy: bool, setting: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (Proxies.of(Settings(proxy=setting)).leading_to(PLATFORM) is not None) is by_proxy


@pytest.mark.parametrize("host", ["127.0.0.1:8097", "localhost:8097", "[::1]:8097"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_on_this_computer_is_never_behind_one(scheme: str, host: str) -> None:
    assert Proxies.of(Settings(proxy="http://127.0.0.1:9")).leading_to(f"{scheme}://{host}/CertRa/v2") is None


@pytest.mark.parametrize(
    "value", ["nonsense://x", "socks5://127.0.0.1:1080", "http://", "http://x:99999", "http://[x"]
)
def test_one_that_cannot_be_used(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.SettingInvalid) as caught:
        HttpTransport(Settings(proxy=value))
    assert caught.value.facts == {"setting": "proxy"}
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(errors.SettingInvalid) as caught:
        HttpTransport(Settings())
    assert caught.value.facts == {"setting": "proxy"}


def test_the_scheme_may_be_left_out() -> None:
    proxy = Proxies.of(Settings(proxy="proxy.invalid:3128")).leading_to(PLATFORM)
    assert proxy is not None
    assert (proxy.url, proxy.host) == ("http://proxy.invalid:3128", "proxy.invalid:3128")


def test_a_message_that_is_not_encrypted_is_passed_on(proxy: Proxy, authority: WebAuthority) -> None:
    """For a training server in the class room."""
    with serving(reply()) as url, transport_by(proxy, authority) as transport:
        proxy.leads["training.invalid:8097"] = url.port
        assert transport.post("http://training.invalid:8097/CertRa/v2", b"question", {}).body == b"answer"
        ((_, path, headers, body),) = url.requests
    assert path == "http://training.invalid:8097/CertRa/v2"
    assert (headers["Host"], body) == ("training.invalid:8097", b"question")


# ── its password ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_proxy_that_wants_a_password_and_gets_it(
    authority: WebAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        proxying(login="jean:p@ss wörd") as proxy,
        serving(reply(), authority.context("services.ehealth.fgov.be")) as url,
    ):
        proxy.leads[TARGET] = url.port
        monkeypatch.setenv("HTTPS_PROXY", f"http://jean:p%40ss%20w%C3%B6rd@127.0.0.1:{proxy.port}")
        with HttpTransport(Settings(ca_file=authority.file)) as transport:
            assert transport.post(PLATFORM, b"", {}).body == b"answer"
        assert "Proxy-Authorization" not in url.requests[0][2], "it is for the proxy alone"


def test_a_proxy_that_wants_a_password_and_does_not_get_it(authority: WebAuthority) -> None:
    with proxying(login="jean:secret") as proxy:
        error = failure(transport_by(proxy, authority), errors.PlatformUnreachable)
    assert (error.facts["reason"], error.facts["sent"]) == ("proxy_login", False)


def test_the_same_where_nothing_is_encrypted(authority: WebAuthority) -> None:
    with proxying(login="jean:secret") as proxy, transport_by(proxy, authority) as transport:
        with pytest.raises(errors.PlatformUnreachable) as caught:
            transport.post("http://training.invalid/CertRa/v2", b"", {})
        assert caught.value.facts == {"host": "training.invalid", "reason": "proxy_login", "sent": False}


def test_the_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://jean:secret@127.0.0.1:9")
    proxy = Proxies.of(Settings()).leading_to(PLATFORM)
    assert "secret" not in repr(proxy)
    with HttpTransport(Settings(platform_timeout=1)) as transport:
        error = failure(transport, errors.PlatformUnreachable)
    assert error.facts["proxy"] == "127.0.0.1:9"
    assert "secret" not in repr(error.facts)


def test_a_password_is_not_taken_from_our_setting() -> None:
    with pytest.raises(errors.SettingInvalid) as caught:
        HttpTransport(Settings(proxy="http://jean:secret@127.0.0.1:9"))
    assert caught.value.facts == {"setting": "proxy", "reason": "proxy_password"}
    assert "HTTPS_PROXY" in Translator("en").next_step(caught.value)


# ── its ways to fail, none of which sends anything ───────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (refuse(403), "proxy"),
        (refuse(405), "proxy"),
        (refuse(502), "proxy_gateway"),
        (refuse(503), "proxy_gateway"),
        (refuse(504), "proxy_gateway"),
        (hang_up, "proxy"),
        (lambda client: client.sendall(b"SSH-2.0-OpenSSH\r\n"), "proxy"),
    ],
    ids=["403", "405", "502", "503", "504", "hangs up", "no proxy"],
)
def test_a_proxy_that_does_not_let_through(manner: Manner, reason: str, authority: WebAuthority) -> None:
    with proxying(manner=manner) as proxy:
        error = failure(transport_by(proxy, authority), errors.PlatformUnreachable)
    assert (error.facts["reason"], error.facts["sent"]) == (reason, False)


def test_a_proxy_that_says_nothing(authority: WebAuthority) -> None:
    with proxying(manner=hang) as proxy:
        error = failure(transport_by(proxy, authority), errors.PlatformTimeout)
    assert (error.facts["seconds"], error.facts["sent"]) == (1, False)


def test_a_proxy_that_is_not_there(authority: WebAuthority) -> None:
    error = failure(transport_by(Proxy(9), authority), errors.PlatformUnreachable)
    assert (error.facts["reason"], error.facts["proxy"]) == ("proxy_down", "127.0.0.1:9")
    assert error.facts["sent"] is False
    for language in LANGUAGES:
        assert "127.0.0.1:9" in Translator(language).error(error)


def test_a_proxy_that_cannot_reach_the_platform(proxy: Proxy, authority: WebAuthority) -> None:
    """It hangs up: nothing listens where it wanted to go."""
    proxy.leads[TARGET] = 9
    error = failure(transport_by(proxy, authority), errors.PlatformUnreachable)
    assert (error.facts["reason"], error.facts["sent"]) == ("proxy", False)


def test_a_proxy_that_inspects_is_named(proxy: Proxy, authority: WebAuthority, tmp_path: Path) -> None:
    firewall = WebAuthority.make("Invented firewall CA", tmp_path / "firewall")
    with serving(reply(), firewall.context("services.ehealth.fgov.be")) as url:
        proxy.leads[TARGET] = url.port
        error = failure(transport_by(proxy, authority), errors.PlatformUntrusted)
        assert url.requests == []
    assert (error.facts["reason"], error.facts["issuer"]) == ("issuer", "Invented firewall CA")
    assert proxy.asked == [f"CONNECT {TARGET} HTTP/1.1"] * 2, "the second look goes the same way"


# ── over TLS ─────────────────────────────────────────────────────────────────────────────────────────────
LOGIN = "user:Very-secret-7"


def test_a_proxy_over_tls(authority: WebAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        proxying(login=LOGIN, context=authority.context()) as proxy,
        serving(reply(b"answer"), authority.context("services.ehealth.fgov.be")) as url,
    ):
        proxy.leads[TARGET] = url.port
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", f"://{LOGIN}@"))
        with HttpTransport(Settings(ca_file=authority.file, platform_timeout=5.0)) as transport:
            assert transport.post(PLATFORM, b"question", {}).body == b"answer"


def test_a_false_proxy_hears_no_password(
    authority: WebAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever intercepts the way to a proxy gets nothing: not by the question, nor by a look at who is there."""
    false = WebAuthority.make("Whoever intercepts", tmp_path / "false")
    with proxying(context=false.context()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", f"://{LOGIN}@"))
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("://", f"://{LOGIN}@"))
        settings = Settings(ca_file=authority.file, platform_timeout=2.0)
        error = failure(HttpTransport(settings), errors.PlatformUnreachable)
        assert error.facts == {
            "host": "services.ehealth.fgov.be",
            "reason": "proxy_untrusted",
            "proxy": f"127.0.0.1:{proxy.port}",
            "sent": False,
        }
        with HttpTransport(settings) as transport:
            assert transport.look(PLATFORM).certificate is None
            with pytest.raises(errors.PlatformUnreachable):
                transport.is_believed(PLATFORM, authority.file)
            with pytest.raises(errors.PlatformUnreachable):
                transport.fetch("http://ocsp.confidens.zetes.com/", b"?", limit=100)
    assert (proxy.asked, proxy.credentials) == ([], [])


def test_behind_a_proxy_over_tls_who_inspects_is_named(
    authority: WebAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    firewall = WebAuthority.make("Invented firewall CA", tmp_path / "firewall")
    with (
        proxying(context=authority.context()) as proxy,
        serving(reply(), firewall.context("services.ehealth.fgov.be")) as url,
    ):
        proxy.leads[TARGET] = url.port
        error = failure(transport_by(proxy, authority, platform_timeout=5.0), errors.PlatformUntrusted)
        assert url.requests == []
    assert (error.facts["reason"], error.facts["issuer"]) == ("issuer", "Invented firewall CA")


# ── after the question ───────────────────────────────────────────────────────────────────────────────────
def test_a_tunnel_that_breaks_after_the_question(proxy: Proxy, authority: WebAuthority) -> None:
    with serving(cut_in_the_middle, authority.context("services.ehealth.fgov.be")) as url:
        proxy.leads[TARGET] = url.port
        error = failure(transport_by(proxy, authority), errors.PlatformUnreachable)
        assert len(url.requests) == 1
    assert (error.facts["reason"], error.facts["sent"]) == ("cut", True)
