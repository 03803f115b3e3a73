"""Asks about certificates, at the addresses that they name themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.revocation import crl, ocsp
from ehtoolkit.ehealth.revocation.result import Inconclusive, RevocationResult, RevocationStatus
from ehtoolkit.ehealth.revocation.result_cache import RevocationCache
from ehtoolkit.ehealth.wire.http import Response

_ADDRESSES: Final = 4
"""Addresses that are tried of one certificate; real ones name one of each kind."""
_OK: Final = 200
_SETTLED: Final = (RevocationStatus.GOOD, RevocationStatus.REVOKED)


class Fetcher(Protocol):
    """The way to other servers than the platform: `ehtoolkit.ehealth.wire.http.HttpTransport`."""

    def fetch(
        self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int
    ) -> Response: ...


class RevocationChecker:
    """Responder first; the list where that one cannot be asked, does not know, or is not to be trusted.

    A host that gave no answer is not asked again by the same checker: make one for a card.
    """

    def __init__(self, wire: Fetcher, clock: Clock, kept: RevocationCache | None = None) -> None:
        """Make a checker that asks over ``wire`` and judges answers by ``clock``.

        ``kept``: where answers are looked up before anybody is asked, and where new ones go.
        """
        self._wire = wire
        self._clock = clock
        self._kept = kept
        self._silent: set[str] = set()

    def check(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationResult:
        """Return what is known of ``certificate``, which ``issuer`` has signed and whose dates are not looked at.

        Only call it for certificates whose issuer is trusted: who made one chose the address. Never raises for what
        others answer.
        """
        known = None if self._kept is None else self._kept.get(certificate, issuer, self._clock.now())
        if known is not None:
            return known
        best = RevocationResult(RevocationStatus.NOWHERE)
        for verdict in self._verdicts(certificate, issuer):
            if verdict.status in _SETTLED:
                if self._kept is not None:
                    self._kept.put(certificate, issuer, verdict)
                return verdict
            if best.status in (RevocationStatus.NOWHERE, RevocationStatus.SILENT):
                best = verdict
        return best

    def _verdicts(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterator[RevocationResult]:
        for url in _responders(certificate)[:_ADDRESSES]:
            yield self._by_responder(url, certificate, issuer)
        for url in _lists(certificate)[:_ADDRESSES]:
            yield self._by_list(url, certificate, issuer)

    def _by_responder(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> RevocationResult:
        host = urlsplit(url).netloc
        try:
            question = ocsp.OcspQuestion(certificate, issuer)
            answer = self._fetch(url, question.body, ocsp.REQUEST_TYPE, ocsp.ANSWER_LIMIT)
            if answer is None:
                return RevocationResult(RevocationStatus.SILENT, host)
            return replace(question.read(answer, self._clock.now()), host=host)
        except Inconclusive as doubt:
            return RevocationResult(RevocationStatus.UNTRUSTED, host, reason=doubt.reason)

    def _by_list(self, url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationResult:
        host = urlsplit(url).netloc
        try:
            answer = self._fetch(url, None, "", crl.ANSWER_LIMIT)
            if answer is None:
                return RevocationResult(RevocationStatus.SILENT, host)
            return replace(crl.read_list(answer, certificate, issuer, self._clock.now()), host=host)
        except Inconclusive as doubt:
            return RevocationResult(RevocationStatus.UNTRUSTED, host, reason=doubt.reason)

    def _fetch(self, url: str, body: bytes | None, content_type: str, limit: int) -> bytes | None:
        """Return the answer's body; None when there is none. Raises `Inconclusive` (``too_large``, ``form``)."""
        host = urlsplit(url).netloc
        if host in self._silent:
            return None
        try:
            answer = self._wire.fetch(url, body, content_type, limit=limit)
        except errors.ResponseInvalid as error:
            raise Inconclusive("too_large" if error.reason == "too_large" else "form") from error
        except errors.PlatformError:
            self._silent.add(host)
            return None
        return answer.body if answer.status == _OK else None


def _responders(certificate: x509.Certificate) -> list[str]:
    """Return the addresses of responders; none where an extension of the certificate, whichever, cannot be read."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return []
    ours = [one for one in access if one.access_method == AuthorityInformationAccessOID.OCSP]
    return _web([one.access_location for one in ours])


def _lists(certificate: x509.Certificate) -> list[str]:
    """Return the addresses of lists; none likewise."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return []
    # A list of another issuer, or of some reasons only, would not settle anything.
    whole = [one for one in points if one.crl_issuer is None and one.reasons is None]
    return _web([name for one in whole for name in one.full_name or ()])


def _web(names: list[x509.GeneralName]) -> list[str]:
    """Return the http and https addresses among ``names``; there are directories (ldap), too."""
    found = [one.value for one in names if isinstance(one, x509.UniformResourceIdentifier)]
    return [one for one in found if one.lower().startswith(("http://", "https://")) and _is_address(one)]


def _is_address(url: str) -> bool:
    try:
        return bool(urlsplit(url).netloc)
    except ValueError:
        return False
