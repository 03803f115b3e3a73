"""Ask whether certificates are revoked, at the addresses that they name, without a login: OCSP first, else a list."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID
from pydantic import TypeAdapter

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.certificates import extension_of, is_signed_by
from ehtoolkit.ehealth.revocation_answers import (
    LIST_LIMIT,
    OCSP_LIMIT,
    OCSP_TYPE,
    Inconclusive,
    OcspQuestion,
    RevocationResult,
    RevocationStatus,
    read_list,
)
from ehtoolkit.ehealth.soap.transport import Fetcher, Response, is_web_address
from ehtoolkit.system.files import make_private_folder, write_private

_ADDRESSES: Final = 4
"""Addresses that are tried of one certificate; real ones name one of each kind."""
_OK: Final = 200
_SETTLED: Final = (RevocationStatus.GOOD, RevocationStatus.REVOKED)


@dataclass(slots=True)
class RevocationChecker:
    """Responder first; the list where that one cannot be asked, does not know, or is not to be trusted.

    A host that gave no answer is not asked again by the same checker: make one for a card.

    Attributes:
        wire: asks.
        clock: answers are judged by it.
        cache: where answers are looked up before a host is asked, and where new ones go.
    """

    wire: Fetcher
    clock: Clock
    cache: RevocationCache | None = None
    _silent: set[str] = field(default_factory=set, init=False)

    def check(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationResult:
        """Return what is known of ``certificate``, which ``issuer`` has signed and whose dates are not looked at.

        Only call it for certificates whose issuer is trusted: who made one chose the address. Never raises for what
        others answer.
        """
        known = None if self.cache is None else self.cache.get(certificate, issuer, self.clock.now())
        if known is not None:
            return known
        best = RevocationResult(RevocationStatus.NOWHERE)
        for verdict in self._verdicts(certificate, issuer):
            if verdict.status in _SETTLED:
                if self.cache is not None:
                    self.cache.put(certificate, issuer, verdict)
                return verdict
            if best.status in (RevocationStatus.NOWHERE, RevocationStatus.SILENT):
                best = verdict
        return best

    def _verdicts(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[RevocationResult]:
        for url in _responders(certificate)[:_ADDRESSES]:
            question = OcspQuestion(certificate, issuer)
            yield self._ask(url, question.read, OCSP_LIMIT, question.body)
        for url in _lists(certificate)[:_ADDRESSES]:
            yield self._ask(url, lambda answer, now: read_list(answer, certificate, issuer, now), LIST_LIMIT)

    def _ask(
        self,
        url: str,
        read: Callable[[bytes, datetime], RevocationResult],
        limit: int,
        body: bytes | None = None,
    ) -> RevocationResult:
        host = urlsplit(url).netloc
        try:
            answer = self._fetch(url, body, limit)
            if answer is None:
                return RevocationResult(RevocationStatus.SILENT, host)
            return replace(read(answer, self.clock.now()), host=host)
        except Inconclusive as doubt:
            return RevocationResult(RevocationStatus.UNTRUSTED, host, reason=doubt.reason)

    def _fetch(self, url: str, body: bytes | None, limit: int) -> bytes | None:
        """Return the answer's body; None when there is none. Raises `Inconclusive` (``too_large``, ``form``)."""
        host = urlsplit(url).netloc
        if host in self._silent:
            return None
        try:
            answer = self.wire.fetch(url, body, OCSP_TYPE, limit=limit)
        except errors.ResponseInvalid as error:
            raise Inconclusive("too_large" if error.reason == "too_large" else "form") from error
        except errors.PlatformError:
            self._silent.add(host)
            return None
        return answer.body if answer.status == _OK else None


def _responders(certificate: x509.Certificate) -> list[str]:
    """Return the addresses of responders; none where an extension of the certificate, whichever, cannot be read."""
    access = extension_of(certificate, x509.AuthorityInformationAccess) or ()
    responders = [each for each in access if each.access_method == AuthorityInformationAccessOID.OCSP]
    return _web([responder.access_location for responder in responders])


def _lists(certificate: x509.Certificate) -> list[str]:
    """Return the addresses of lists; none likewise."""
    points = extension_of(certificate, x509.CRLDistributionPoints) or ()
    # A list of another issuer, or of some reasons only, would not settle anything.
    whole = [point for point in points if point.crl_issuer is None and point.reasons is None]
    return _web([name for point in whole for name in point.full_name or ()])


def _web(names: list[x509.GeneralName]) -> list[str]:
    """Return the http and https addresses among ``names``; there are directories (ldap), too."""
    found = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [url for url in found if is_web_address(url)]


# ── Certificates of eHealth ────────────────────────────────────────────────────────────────────────────
HOSTS: Final = (".confidens.zetes.com", ".ehtoolkit.invalid")
"""Endings of the hosts that are asked: those in real eHealth certificates, and those of training. A certificate names
its addresses itself, so a forged one could have us call any host."""


PATIENCE: Final = 120.0
"""Seconds after the first question in which others are asked: an audit of a thousand files ends all the same."""

SETTLED: Final = ("revocation_good", "revocation_revoked", "revocation_unknown", "revocation_unaskable")
"""Keys of findings after which there is nothing to ask again at once."""


@dataclass(slots=True)
class KnownHosts:
    """Let questions through to `HOSTS` alone, for ``seconds`` after the first of them."""

    wire: Fetcher
    seconds: float = PATIENCE
    _end: float | None = field(default=None, init=False)

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        """Ask ``url`` by the `fetch` of ``wire``, and return its answer.

        Raises what that raises, and `errors.PlatformUnreachable` for another host, which hears nothing, and when the
        time is over.
        """
        host = urlsplit(url).hostname or ""
        if host.endswith(HOSTS):
            now = time.monotonic()
            self._end = now + self.seconds if self._end is None else self._end
            if now < self._end:
                return self.wire.fetch(url, body, content_type, limit=limit)
        raise errors.PlatformUnreachable(host=host, reason="connect", sent=False)


def check_revocation(chain: Sequence[x509.Certificate], checker: RevocationChecker) -> RevocationResult:
    """Return whether the first certificate of ``chain``, which the second has signed, is revoked; an answer without a
    moment is taken from the begin of the certificate on. ``chain`` is empty where none can be seen.

    Raises nothing for what others answer, or for no answer.
    """
    if len(chain) < 2 or not is_signed_by(chain[0], chain[1].public_key()):
        return RevocationResult(RevocationStatus.NOWHERE)
    found, begin = checker.check(chain[0], chain[1]), chain[0].not_valid_before_utc
    if found.status is RevocationStatus.REVOKED:
        return replace(found, since=found.since or begin)
    return replace(found, as_of=found.as_of or begin)


# ── Answers on disk ────────────────────────────────────────────────────────────────────────────────────
_SIZE: Final = 20_000_000
"""Bytes of a file that is read; an answer has about 200."""


@dataclass(frozen=True, slots=True)
class _File:
    """Version 1 did not say whether a key was compromised: such a file is not used."""

    version: Literal[2]
    answers: dict[str, RevocationResult]


_FILE: Final = TypeAdapter(_File)


class RevocationCache:
    """Verdicts by issuer's key and serial number: what an answer is about.

    Keep those that settle something (good, revoked) and say until when they hold; no name and no number of a holder
    is among them. A file that cannot be read counts as empty, one that cannot be written is not written.
    """

    def __init__(self, path: Path | None = None, *, ask_anew: bool = False) -> None:
        """Read the answers that are kept.

        Args:
            path: the file; None keeps answers in memory alone.
            ask_anew: what the file has is not used, what is answered goes into it all the same.
        """
        self._path = path
        self._old = {} if path is None else _read(path)
        self._usable = {} if ask_anew else dict(self._old)
        self._new: dict[str, RevocationResult] = {}

    def get(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> RevocationResult | None:
        """Return the kept answer about ``certificate`` that still holds at ``now`` (aware); None without one."""
        kept = self._usable.get(_name(certificate, issuer))
        return kept if kept is not None and kept.holds(now) else None

    def put(self, certificate: x509.Certificate, issuer: x509.Certificate, verdict: RevocationResult) -> None:
        """Keep ``verdict``, where it says until when it holds."""
        if verdict.as_of is not None and verdict.until is not None:
            name = _name(certificate, issuer)
            self._usable[name] = self._new[name] = verdict

    def save(self, now: datetime) -> None:
        """Write what is new, readable by its owner alone, without what no longer holds at ``now`` (aware)."""
        if self._path is None or not self._new:
            return
        answers = {name: answer for name, answer in {**self._old, **self._new}.items() if answer.holds(now)}
        with suppress(OSError):  # a cache that cannot be written only costs time
            make_private_folder(self._path.parent)
            write_private(self._path, _FILE.dump_json(_File(2, answers), by_alias=True))


def _name(certificate: x509.Certificate, issuer: x509.Certificate) -> str:
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = certificate.serial_number
    return hashlib.sha256(key + serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)).hexdigest()


def _read(path: Path) -> dict[str, RevocationResult]:
    try:
        return {} if path.stat().st_size > _SIZE else _FILE.validate_json(path.read_bytes()).answers
    except (OSError, ValueError):
        return {}
