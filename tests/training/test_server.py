"""The platform over HTTP: the same answers, its time on every one, and who may ask."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from ehtoolkit import errors
from ehtoolkit.ehealth import certra
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.xml import unwrap, wrap
from ehtoolkit.system.loopback import is_loopback
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.http.server import TrainingServer

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
XML = {"Content-Type": "text/xml"}
BODY = wrap(operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(NOW))


@pytest.fixture
def server(training: TrainingPlatform) -> Iterator[TrainingServer]:
    server = TrainingServer(training)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10, headers=XML) as client:
        yield client


def test_it_answers_as_in_process(
    server: TrainingServer, training: TrainingPlatform, http: httpx.Client
) -> None:
    training.clock.move("+1y")
    answer = http.post(f"{server.url}/CertRa/v2", content=BODY, headers={"Content-Type": "text/xml"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.headers["X-CorrelationID"]
    assert answer.headers.get_list("Date") == [answer.headers["Date"]]
    date = parsedate_to_datetime(answer.headers["Date"])
    assert abs((date - training.clock.now()).total_seconds()) < 5
    kinds = certra.read_organisation_types(unwrap(answer.content))
    direct = training.transport().post("http://x/CertRa/v2", BODY, {})
    assert kinds == certra.read_organisation_types(unwrap(direct.body))


def test_the_platforms_time_for_those_who_only_ask_for_it(
    server: TrainingServer, training: TrainingPlatform, http: httpx.Client
) -> None:
    training.clock.move("+1y")
    for method in ("OPTIONS", "HEAD", "GET"):
        answer = http.request(method, server.url)
        date = parsedate_to_datetime(answer.headers["Date"])
        assert abs((date - training.clock.now()).total_seconds()) < 5
        assert answer.content == b""


def test_a_database_in_use_delays_only_those_who_need_it(
    server: TrainingServer, training: TrainingPlatform, http: httpx.Client
) -> None:
    """One who asks for the platform's time waits for it in a worker: the server still answers others."""
    with ThreadPoolExecutor(1) as pool:
        with training.database.writing():
            waiting = pool.submit(httpx.options, server.url, trust_env=False)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            assert http.post(server.url, headers={"Content-Type": "text/plain"}, timeout=5).status_code == 415
        assert waiting.result().status_code == 204


def test_what_is_too_long_or_nowhere(server: TrainingServer, http: httpx.Client) -> None:
    assert http.post(f"{server.url}/nowhere", content=BODY).status_code == 404
    answer = http.post(f"{server.url}/CertRa/v2", content=b"x" * 1_500_000)
    assert answer.status_code == 500
    assert b"SOA-03001" in answer.content
    with pytest.raises(httpx.HTTPError):
        http.post(f"{server.url}/CertRa/v2", content=b"x" * 5_000_000).raise_for_status()


def test_a_token_is_asked_for_when_there_is_one(training: TrainingPlatform, http: httpx.Client) -> None:
    server = TrainingServer(training, token="secret-of-the-class")
    server.start()
    try:
        url = f"{server.url}/CertRa/v2"
        refused = http.post(url, content=BODY)
        assert (refused.status_code, refused.content) == (401, b"")
        wrong = http.post(url, content=BODY, headers={b"Authorization": "Bearer sécret".encode()})
        assert wrong.status_code == 401
        right = http.post(url, content=BODY, headers={"Authorization": "Bearer secret-of-the-class"})
        assert right.status_code == 200
    finally:
        server.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "class.example"])  # noqa: S104
def test_no_other_address_without_a_token(training: TrainingPlatform, host: str) -> None:
    with pytest.raises(errors.OptionMissing) as missing:
        TrainingServer(training, host=host)
    assert missing.value.facts["option"] == "--token-file"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_what_only_this_computer_can_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_port_that_is_taken(server: TrainingServer, training: TrainingPlatform) -> None:
    with pytest.raises(errors.SettingInvalid) as taken:
        TrainingServer(training, port=server.port).start()
    assert taken.value.facts["setting"] == "port"


@pytest.mark.parametrize("host", ["192.0.2.1", "no..host"])
def test_a_host_that_is_not_this_computers(host: str, training: TrainingPlatform) -> None:
    for port in (0, 8097):
        with pytest.raises(errors.SettingInvalid) as refused:
            TrainingServer(training, host=host, port=port, token="lesson").start()
        assert refused.value.facts["setting"] == "host"


def test_it_can_be_stopped_and_started_again(training: TrainingPlatform, http: httpx.Client) -> None:
    for _ in range(2):
        server = TrainingServer(training)
        server.start()
        assert http.post(f"{server.url}/CertRa/v2", content=BODY, headers=XML).status_code == 200
        server.stop()
        with pytest.raises(httpx.ConnectError):
            http.post(f"{server.url}/CertRa/v2", content=BODY)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_page_of_another_site_can_send_is_not_taken(
    server: TrainingServer, http: httpx.Client, kind: str
) -> None:
    """These types a browser sends without asking first."""
    headers = {"Content-Type": kind}
    assert http.post(f"{server.url}/CertRa/v2", content=BODY, headers=headers).status_code in (400, 415)


def test_under_another_name_nothing_is_served(server: TrainingServer, http: httpx.Client) -> None:
    for path in ("/CertRa/v2", "/crl/001.crl", "/validation/x"):
        answer = http.get(f"{server.url}{path}", headers={"Host": "attacker.example:80"})
        assert answer.status_code == 421
    for name in ("localhost", "127.0.0.1", f"127.0.0.1:{server.port}", "[::1]:80"):
        assert http.get(f"{server.url}/crl/001.crl", headers={"Host": name}).status_code == 200


def test_what_it_hears_and_says_is_kept_where_that_is_asked_for(
    training: TrainingPlatform, http: httpx.Client, tmp_path: Path
) -> None:
    folder = tmp_path / "trace"
    server = TrainingServer(training, trace=folder)
    server.start()
    try:
        answer = http.post(f"{server.url}/CertRa/v2", content=BODY, headers={"Content-Type": "text/xml"})
        assert http.post(f"{server.url}/CertRa/v2", content=b"junk", headers=XML).status_code == 500
        first, second = sorted(folder.glob("*-request.xml"))
        assert (first.name[:4], first.read_bytes()) == ("001-", BODY)
        assert first.with_name(first.name.replace("request", "response")).read_bytes() == answer.content
        assert (second.name, second.read_bytes()) == ("002-unknown-request.xml", b"junk")
    finally:
        server.stop()


def test_what_cannot_be_kept_is_answered_all_the_same(
    training: TrainingPlatform, http: httpx.Client, tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.write_bytes(b"")
    server = TrainingServer(training, trace=taken)
    server.start()
    try:
        assert http.post(f"{server.url}/CertRa/v2", content=BODY, headers=XML).status_code == 200
    finally:
        server.stop()


@pytest.mark.parametrize("host", ["[::1", "[", "]:80"])
def test_half_an_address_is_another_name(
    server: TrainingServer, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = (server.host, server.port)
    with socket.create_connection(place, timeout=30) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            assert answer.readline().split()[1] in {b"400", b"421"}
    assert not [record for record in caplog.records if record.exc_info]
