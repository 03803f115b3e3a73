"""The authorities that signers of messages may stand under, and the path from a certificate to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography.x509 import Certificate

from ehtoolkit.crypto.signatures import signature_holds, weak_digest
from ehtoolkit.crypto.x509 import is_authority

_LONGEST: Final = 6
_PROOFS: Final = 40
"""Signatures of certificates that are verified for one signer: a message can bring fifty of one name."""


@dataclass(frozen=True, slots=True)
class TrustedAuthorities:
    """Which authorities are believed.

    Attributes:
        anchors: believed as they are, to the last byte.
        intermediates: known, and believed when an anchor has issued them: a message may bring its leaf alone.
    """

    anchors: tuple[Certificate, ...] = ()
    intermediates: tuple[Certificate, ...] = ()

    def adding(self, chain: Sequence[Certificate]) -> TrustedAuthorities:
        """Return the same with the authorities above the first of ``chain``, each proven to have issued the one
        before: those of the user's own keystore."""
        above: list[Certificate] = []
        for lower, upper in pairwise(chain):
            if not (is_authority(upper, len(above)) and signature_holds(lower, upper)):
                break
            above.append(upper)
        return self.with_anchors(above)

    def with_anchors(self, anchors: Sequence[Certificate]) -> TrustedAuthorities:
        """Return the same with more that are believed as they are."""
        return TrustedAuthorities((*self.anchors, *anchors), self.intermediates)

    def path(
        self, certificate: Certificate, brought: Sequence[Certificate], timestamp: datetime
    ) -> tuple[Certificate, ...] | None:
        """Return ``certificate`` and the authorities above it up to an anchor, all of them valid at ``timestamp``.

        Args:
            certificate: the signer's, whose own validity is not looked at.
            brought: certificates that came with the message; they are believed for nothing by themselves.
            timestamp: aware.
        """
        return _Search((*self.anchors, *self.intermediates, *brought), self.anchors, timestamp).up(
            (certificate,)
        )


class _Search:
    def __init__(
        self, candidates: Sequence[Certificate], anchors: Sequence[Certificate], timestamp: datetime
    ) -> None:
        self._candidates = candidates
        self._anchors = anchors
        self._timestamp = timestamp
        self._left = _PROOFS

    def up(self, path: tuple[Certificate, ...]) -> tuple[Certificate, ...] | None:
        if path[-1] in self._anchors:
            return path
        if len(path) == _LONGEST or weak_digest(path[-1]) is not None:
            return None
        for issuer in self._candidates:
            if issuer not in path and self._issued(path[-1], issuer, len(path) - 1):
                found = self.up((*path, issuer))
                if found is not None:
                    return found
        return None

    def _issued(self, certificate: Certificate, issuer: Certificate, below: int) -> bool:
        if certificate.issuer != issuer.subject or not self._left or not is_authority(issuer, below):
            return False
        if not issuer.not_valid_before_utc <= self._timestamp <= issuer.not_valid_after_utc:
            return False
        self._left -= 1
        return signature_holds(certificate, issuer) is True
