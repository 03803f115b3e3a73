"""Ask without a login whether an eHealth certificate is revoked: its issuer's responder (OCSP), else its list (CRL)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ehtoolkit import errors
from ehtoolkit.crypto.signatures import is_signed_by
from ehtoolkit.ehealth.revocation.checker import Fetcher, RevocationChecker
from ehtoolkit.ehealth.revocation.result import RevocationResult, RevocationStatus
from ehtoolkit.ehealth.wire.http import Response
from ehtoolkit.finding import Finding, error, info, ok, warning
from ehtoolkit.identity import Environment

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

HOSTS: Final = (".confidens.zetes.com", ".ehtoolkit.invalid")
"""Endings of the hosts that are asked: those in real eHealth certificates, and those of training. A certificate names
its addresses itself, so a forged one could have us call any host."""


PATIENCE: Final = 120.0
"""Seconds after the first question in which others are asked: an audit of a thousand files ends all the same."""

SETTLED: Final = ("revocation_good", "revocation_revoked", "revocation_unknown", "revocation_unaskable")
"""Keys of findings after which there is nothing to ask again at once."""

AskRevocation = Callable[[Sequence["Certificate"], Environment | None], RevocationResult]
"""Ask whether the first certificate of a chain, of an environment, is revoked; see `check_revocation`."""


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
        if not host.endswith(HOSTS):
            raise errors.PlatformUnreachable(host=host, reason="connect", sent=False)
        now = time.monotonic()
        self._end = now + self.seconds if self._end is None else self._end
        if now >= self._end:
            raise errors.PlatformUnreachable(host=host, reason="connect", sent=False)
        return self.wire.fetch(url, body, content_type, limit=limit)


def check_revocation(chain: Sequence[Certificate], checker: RevocationChecker) -> RevocationResult:
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


def revocation_finding(result: RevocationResult) -> Finding:
    """Return a result of `check_revocation`, whose moments are known, as a finding."""
    match result.status:
        case RevocationStatus.GOOD if result.as_of is not None:
            return ok("revocation_good", host=result.host, date=result.as_of)
        case RevocationStatus.REVOKED if result.since is not None:
            return error("revocation_revoked", host=result.host, date=result.since)
        case RevocationStatus.UNKNOWN:
            return warning("revocation_unknown", host=result.host)
        case RevocationStatus.NOWHERE:
            return info("revocation_unaskable")
        case _:
            return warning("revocation_unasked", host=result.host)
