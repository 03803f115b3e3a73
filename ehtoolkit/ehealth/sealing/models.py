"""Values of sealed messages: keys and authorities that they are made and checked with, and the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate

from ehtoolkit.crypto.certificates import (
    UNREADABLE,
    is_authority,
    is_issued_by,
    path_to_anchor,
    validity_fault,
    weak_digest,
)
from ehtoolkit.finding import Finding, Severity, WithFindings

_PLATFORM: Final = "eHealth-platform Belgium"
"""A unit in the names of all holders."""

LARGEST_MESSAGE: Final = 100_000_000
"""Bytes of a message that is opened: it is read whole."""
LARGEST_CONTENT: Final = 99_000_000
"""Bytes of a content that is sealed: what is added for recipients and signatures stays far below the difference."""


class MessageState(StrEnum):
    """What is known of the content of a message."""

    PROVEN = "proven"
    """It was opened, and both signatures prove whose it is."""
    UNPROVEN = "unproven"
    """It was opened, and is not to be believed."""
    NOT_ADDRESSED = "not_for_this_keystore"
    """No key that is here opens it."""
    UNREADABLE = "unreadable"
    """It is damaged, or no sealed message."""


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A key that opens messages.

    Attributes:
        serial: of its certificate, by which senders name it.
        certificate: that one; None where only the key is left, which is named by the serial.
        key: RSA, of a length that was checked when it was loaded.
    """

    serial: int
    certificate: Certificate | None = field(repr=False)
    key: RSAPrivateKey = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class AddressedKey:
    """Whom a message is for.

    Attributes:
        serial: of the encryption certificate; None where the sender named the key by its identifier.
        issuer: name in that certificate, as text: the holder's own.
        key_identifier: hexadecimal; None where the certificate is named.
        known: whether its key is here.
    """

    serial: int | None
    issuer: str
    key_identifier: str | None
    known: bool = field(compare=False)

    @property
    def key_name(self) -> str:
        """The serial number in decimal, or the key identifier."""
        return self.key_identifier or "–" if self.serial is None else str(self.serial)

    def names(self, alias: str, key_id: str | None) -> bool:
        """Return whether the sender named the key that a keystore has under ``alias`` and ``key_id`` (hexadecimal)."""
        if self.serial is not None:
            return alias == str(self.serial)
        return self.key_identifier is not None and self.key_identifier == (key_id or "").lower()


@dataclass(frozen=True, slots=True)
class LayerSignature:
    """Who signed a layer.

    Attributes:
        serial: of the signer's certificate; None where it is not named.
        certificate: that one; None where it did not come along.
        signed_at: by the signer's own word; None without.
        algorithm: object identifier of the signature.
        path: the certificate and the authorities above it, up to one that is trusted; empty without.
        findings: in the order of the checks.
    """

    serial: int | None = None
    certificate: Certificate | None = None
    signed_at: datetime | None = None
    algorithm: str | None = None
    path: tuple[Certificate, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the signature is by the key of the certificate, trusted or not."""
        return any(
            finding.key in ("outer_signature_good", "inner_signature_good") for finding in self.findings
        )


@dataclass(frozen=True, slots=True)
class UnsealedMessage(WithFindings):
    """The result of opening a message, without its content.

    Attributes:
        state: whether the content is proven.
        findings: of all checks, in their order.
        outer: who signed the envelope; None where that could not be read.
        inner: who signed the content; None where it was not opened.
        recipients: all that it is for.
        symmetric_key_ids: identifiers of keys of the KGSS that open it.
        opened_with: serial of the key that opened it.
        cipher: object identifier of the encryption; empty where that could not be read.
        size: bytes of the content; None where it was not opened.
        sha256: of the content, hexadecimal; None likewise.
    """

    state: MessageState
    findings: tuple[Finding, ...]
    outer: LayerSignature | None = None
    inner: LayerSignature | None = None
    recipients: tuple[AddressedKey, ...] = ()
    symmetric_key_ids: tuple[bytes, ...] = ()
    opened_with: int | None = None
    cipher: str = ""
    size: int | None = None
    sha256: str | None = None

    @property
    def proven(self) -> bool:
        """Whether the content is to be believed."""
        return self.state is MessageState.PROVEN


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A message that was sealed.

    Attributes:
        size: bytes of the message.
        content_size: bytes of the content.
        sha256: of the content, hexadecimal.
        signed_at: the signing time in it.
    """

    size: int
    content_size: int
    sha256: str
    signed_at: datetime


def is_error(finding: Finding) -> bool:
    """Return whether a content with this finding is not proven."""
    return finding.severity is Severity.ERROR


def name_text(name: Any) -> str:
    """Write a name of asn1crypto as text: that of an eHealth certificate by its holder and number, others whole. Empty
    for none, and for one that cannot be read."""
    try:
        if name is None:
            return ""
        attributes = name.native
        number, units = attributes.get("common_name"), attributes.get("organizational_unit_name")
        if isinstance(number, str) and isinstance(units, list) and _PLATFORM in units:
            return ", ".join([*(unit for unit in units if unit not in (_PLATFORM, number)), number])
        return str(name.human_friendly)
    except UNREADABLE:
        return ""


# ── Trusted authorities ────────────────────────────────────────────────────────────────────────────────
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
            if not (is_authority(upper, len(above)) and is_issued_by(lower, upper)):
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

        def search(candidates: Sequence[Certificate]) -> tuple[Certificate, ...] | None:
            left = _PROOFS

            def has_issued(lower: Certificate, upper: Certificate, below: int) -> bool:
                nonlocal left
                if lower.issuer != upper.subject or not left or weak_digest(lower) is not None:
                    return False
                if not is_authority(upper, below) or validity_fault(upper, timestamp):
                    return False
                left -= 1
                return is_issued_by(lower, upper)

            return path_to_anchor(certificate, candidates, self.anchors, has_issued, _LONGEST)

        known = (*self.anchors, *self.intermediates)
        # Anyone can add certificates to a message: they use up no proof that the known ones need.
        return search(known) or search((*known, *brought))
