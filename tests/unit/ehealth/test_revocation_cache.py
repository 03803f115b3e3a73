"""Answers about revocation that are kept: how long they are used, and what becomes of a file that was spoilt."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from ehtoolkit.ehealth.revocation import RevocationCache, RevocationChecker
from ehtoolkit.ehealth.revocation_answers import LONGEST, RevocationResult, RevocationStatus
from ehtoolkit.ehealth.wire.http import HttpTransport
from ehtoolkit.settings import Settings
from ehtoolkit.training.authority.pki import Issuer
from tests.ehealth.responders import NOW, REVOKED_AT, Server, authority, issue, make_root, ocsp_reply, server

__all__ = ["authority", "server"]

HOUR = timedelta(hours=1)


@dataclass
class Wrist:
    """A clock that is set by hand."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture(scope="module")
def leaf(server: Server, authority: Issuer) -> x509.Certificate:
    return issue(authority, "Leaf", ocsp_url=f"{server.url}/ocsp").certificate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "revocation.json"


Ask = Callable[..., RevocationResult]


@pytest.fixture
def ask(
    server: Server, authority: Issuer, leaf: x509.Certificate, path: Path, tmp_path: Path
) -> Iterator[Ask]:
    """Asks about the leaf in a run of its own; ``asked`` of the server counts."""
    server.asked.clear()
    with HttpTransport(Settings(home=tmp_path)) as wire:

        def ask(
            at: datetime = NOW,
            status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
            *,
            ask_anew: bool = False,
            until: datetime | None = NOW + 2 * HOUR,
        ) -> RevocationResult:
            server.replies = {"/ocsp": ocsp_reply(leaf, authority, status=status, until=until)}
            kept = RevocationCache(path, ask_anew=ask_anew)
            verdict = RevocationChecker(wire, Wrist(at), kept).check(leaf, authority.certificate)
            kept.save(at)
            return verdict

        yield ask


def test_an_answer_is_used_as_long_as_it_holds(ask: Ask, server: Server) -> None:
    assert ask().status is RevocationStatus.GOOD
    assert ask(NOW + HOUR).status is RevocationStatus.GOOD
    assert len(server.asked) == 1
    ask(NOW + 2 * HOUR)
    assert len(server.asked) == 2


def test_the_cache_keeps_the_whole_answer(ask: Ask, path: Path) -> None:
    asked = ask(status=ocsp.OCSPCertStatus.REVOKED)
    kept = ask(NOW + HOUR, status=ocsp.OCSPCertStatus.REVOKED)
    assert asked == kept
    assert (kept.since, kept.as_of, kept.until) == (REVOKED_AT, NOW - HOUR, NOW + 2 * HOUR)
    (written,) = json.loads(path.read_text())["answers"].values()
    assert written.keys() == {"standing", "host", "since", "as_of", "until", "compromised"}


def test_a_new_query_replaces_the_cached_answer(ask: Ask, server: Server) -> None:
    ask()
    assert ask(status=ocsp.OCSPCertStatus.REVOKED, ask_anew=True).status is RevocationStatus.REVOKED
    assert ask(NOW + HOUR).status is RevocationStatus.REVOKED
    assert len(server.asked) == 2


@pytest.mark.parametrize("until", [None, NOW + 400 * 24 * HOUR])
def test_nothing_is_used_for_ever(ask: Ask, server: Server, until: datetime | None) -> None:
    ask(until=until)
    ask(NOW - HOUR + LONGEST, until=until)
    assert len(server.asked) == 2


def test_what_settles_nothing_is_not_kept(ask: Ask, server: Server, path: Path) -> None:
    ask(status=ocsp.OCSPCertStatus.UNKNOWN)
    ask(status=ocsp.OCSPCertStatus.UNKNOWN)
    assert len(server.asked) == 2
    assert not path.exists()


def test_another_issuer_is_another_question(ask: Ask, leaf: x509.Certificate, path: Path) -> None:
    ask()
    other = issue(make_root("Root"), "Citizen CA", ca=True, usage="key_cert_sign")
    assert RevocationCache(path).get(leaf, other.certificate, NOW) is None


def test_the_file_is_private_and_has_no_names(ask: Ask, path: Path) -> None:
    ask()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "Leaf" not in path.read_text()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_of_an_earlier_form_is_read(ask: Ask, server: Server, path: Path) -> None:
    ask()
    path.write_text(path.read_text().replace("Z", "+00:00"))
    assert ask(NOW + HOUR).status is RevocationStatus.GOOD
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-20],
        lambda text: "[" * 100_000,
        lambda text: json.dumps({"version": 99, "answers": {}}),
        lambda text: json.dumps({**json.loads(text), "version": 1}),
        lambda text: text.replace("good", "excellent"),
        lambda text: text.replace("Z", ""),
        lambda text: json.dumps({"version": 2, "answers": [1]}),
        lambda text: json.dumps({"version": 2, "answers": {next(iter(json.loads(text)["answers"])): {}}}),
    ],
    ids=["cut", "deep", "version", "without the reason", "word", "zone", "list", "empty"],
)
def test_a_spoilt_file_is_an_empty_one(
    ask: Ask, server: Server, path: Path, spoil: Callable[[str], str]
) -> None:
    ask()
    path.write_text(spoil(path.read_text()))
    assert ask().status is RevocationStatus.GOOD
    assert len(server.asked) == 2
    assert ask().status is RevocationStatus.GOOD
    assert len(server.asked) == 2
