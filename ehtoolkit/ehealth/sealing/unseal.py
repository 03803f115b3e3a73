"""Open a sealed message (ETEE, "triple wrap"): signed, encrypted, signed.

A content comes back with the result of all checks, in memory: its caller writes it once it is proven.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from ehtoolkit.crypto.certificates import key_identifier
from ehtoolkit.crypto.der import BerLimitExceeded, Data
from ehtoolkit.ehealth.cms.structure import (
    RSA_PKCS1,
    EnvelopedData,
    KeyTransport,
    MalformedCms,
    SignedData,
    read_enveloped_data,
    read_recipients,
    read_signed_data,
)
from ehtoolkit.ehealth.revocation_answers import AskRevocation
from ehtoolkit.ehealth.sealing.checks import (
    INNER,
    OUTER,
    SignerPolicy,
    algorithm_name,
    check_layer,
    check_same_signer,
    error,
    ok,
    read_certificates,
    warning,
)
from ehtoolkit.ehealth.sealing.models import (
    AddressedKey,
    DecryptionKey,
    LayerSignature,
    MessageState,
    TrustedAuthorities,
    UnsealedMessage,
    is_error,
    name_text,
)
from ehtoolkit.ehealth.sealing.other_software_errors import ETEE_CRYPTO_CIPHER
from ehtoolkit.finding import Finding, MessageKey

ENVELOPE: Final = "envelope"
KEY_TRANSPORT: Final = "key_transport"

_CIPHERS: Final = {
    "2.16.840.1.101.3.4.1.2": 16,
    "2.16.840.1.101.3.4.1.22": 24,
    "2.16.840.1.101.3.4.1.42": 32,
}
"""AES in CBC mode, with the bytes of a key: neither 3DES nor RC2."""
_BLOCK: Final = 16


def unseal(
    data: bytes,
    keys: Sequence[DecryptionKey],
    authorities: TrustedAuthorities,
    now: datetime,
    ask_revocation: AskRevocation | None = None,
) -> tuple[UnsealedMessage, bytes | None]:
    """Open a message and check all of it. Return the result, and the content; None where it was not opened.

    **Nothing of the content may be shown or kept as proven unless the result says so.**

    Args:
        data: the message, binary.
        keys: that may open it; one is chosen by the serial number that the sender named.
        authorities: whom signers may stand under.
        now: aware.
        ask_revocation: asks whether the first certificate of a path to a trusted authority is revoked; None: not asked.
    """
    policy, envelope = SignerPolicy(authorities, now, ask_revocation), _Envelope(keys)
    try:
        signed = read_signed_data(data, OUTER)
    except MalformedCms as malformed:
        if malformed.truncated:
            envelope.read_recipients(data)
        return envelope.message([_damage(malformed)]), None
    findings = [warning("bytes_behind")] if signed.trailing else []
    outer, inner, content = check_layer(OUTER, signed, (), policy), None, None
    if signed.content is None:
        return envelope.message(
            [*findings, error("content_missing", layer=OUTER), *outer.findings], outer
        ), None
    opened = envelope.open(signed.content)
    findings += outer.findings
    if isinstance(opened, Finding):
        findings.append(opened)
    else:
        inner = check_layer(INNER, opened, read_certificates(signed), policy, outer)
        findings += [ok("decrypted", serial=str(envelope.opened_with)), *envelope.remarks()]
        findings += _without_repetitions(inner, outer)
        same = check_same_signer(outer, inner)
        findings += [] if same is None else [same]
        content = bytes(opened.content or b"")
    return envelope.message(findings, outer, inner, content), content


def read_addresses(data: bytes) -> tuple[AddressedKey, ...]:
    """Return whom a message is for, also one that is cut off, without any check; empty where that cannot be read."""
    envelope = _Envelope(())
    envelope.read_recipients(data)
    return envelope.recipients()


def _state(findings: Sequence[Finding], *, opened: bool) -> MessageState:
    if opened:
        return MessageState.UNPROVEN if any(map(is_error, findings)) else MessageState.PROVEN
    closed = {"not_for_this_keystore", "no_key_transport_recipient"}
    if any(finding.key in closed for finding in findings):
        return MessageState.NOT_ADDRESSED
    return MessageState.UNREADABLE


class _Envelope:
    """The envelope of a message, opened as far as possible.

    Attributes:
        data: what was read; None where it cannot be read.
        opened_with: serial of the key that was tried last.
    """

    def __init__(self, keys: Sequence[DecryptionKey]) -> None:
        self._keys = keys
        self.data: EnvelopedData | None = None
        self.opened_with: int | None = None

    def open(self, encoded: Data) -> SignedData | Finding:
        """Return the inner layer, or why it was not opened."""
        try:
            self.data = read_enveloped_data(encoded, ENVELOPE)
            fault = self._unusable(self.data)
            if fault is not None:
                return fault
            plain = self._decrypted(self.data)
            if plain is None:
                return error("wrong_key", serial=str(self.opened_with))
            inner = read_signed_data(plain, INNER)
        except MalformedCms as malformed:
            return _damage(malformed)
        return error("content_missing", layer=INNER) if inner.content is None else inner

    def read_recipients(self, message: bytes) -> None:
        """Read the recipients of a whole message or of one that is cut off, as far as they can be read."""
        with suppress(MalformedCms):
            content = read_signed_data(message, OUTER, partial=True).content
            self.data = read_recipients(content or b"", ENVELOPE)

    def message(
        self,
        findings: Sequence[Finding],
        outer: LayerSignature | None = None,
        inner: LayerSignature | None = None,
        content: bytes | None = None,
    ) -> UnsealedMessage:
        """Return the result for the message around this envelope."""
        return UnsealedMessage(
            state=_state(findings, opened=content is not None),
            findings=tuple(findings),
            outer=outer,
            inner=inner,
            recipients=self.recipients(),
            symmetric_key_ids=() if self.data is None else self.data.symmetric_key_ids,
            opened_with=None if content is None else self.opened_with,
            cipher="" if self.data is None else self.data.algorithm,
            size=None if content is None else len(content),
            sha256=None if content is None else hashlib.sha256(content).hexdigest(),
        )

    def recipients(self) -> tuple[AddressedKey, ...]:
        """Return all that it is for."""
        recipients = () if self.data is None else self.data.recipients
        return tuple(
            _addressed(recipient, known=bool(self._candidates(recipient))) for recipient in recipients
        )

    def remarks(self) -> Iterator[Finding]:
        """Yield warnings about a cipher that other software refuses, and about a key that it does not find."""
        if self.data is not None and self.data.algorithm != ETEE_CRYPTO_CIPHER:
            name = f"AES-{8 * _CIPHERS[self.data.algorithm]}"
            yield warning("algorithm_elsewhere", layer=ENVELOPE, algorithm=name)
        if self.data is not None and any(
            recipient.key.serial is None and self._candidates(recipient) for recipient in self.data.recipients
        ):
            yield warning("recipient_by_identifier")

    def _decrypted(self, data: EnvelopedData) -> bytes | None:
        """Return the content, by the first of our keys that gives a key for the cipher; None where that does not open
        it."""
        for recipient in data.recipients:
            for candidate in self._candidates(recipient):
                self.opened_with = candidate.serial
                key = recipient.content_key(candidate.key)
                if key is not None and len(key) == _CIPHERS[data.algorithm]:
                    return _decrypt(data.content or b"", key, data.initialisation_vector)
        return None

    def _unusable(self, data: EnvelopedData) -> Finding | None:
        ours = [recipient for recipient in data.recipients if self._candidates(recipient)]
        if not data.recipients:
            return error("no_key_transport_recipient", count=len(data.symmetric_key_ids) + data.others)
        if not ours:
            serials = tuple(_addressed(recipient, known=False).key_name for recipient in data.recipients)
            return error("not_for_this_keystore", serials=serials)
        if all(our.algorithm != RSA_PKCS1 for our in ours):
            return error(
                "algorithm_not_allowed", layer=KEY_TRANSPORT, algorithm=algorithm_name(ours[0].algorithm)
            )
        if data.algorithm not in _CIPHERS:
            return error("algorithm_not_allowed", layer=ENVELOPE, algorithm=algorithm_name(data.algorithm))
        if data.content is None or len(data.initialisation_vector) != _BLOCK:
            return error("envelope_damaged", layer=ENVELOPE)
        return None

    def _candidates(self, recipient: KeyTransport) -> list[DecryptionKey]:
        """Return the keys of that serial number, one whose certificate has the issuer that was named first."""
        name = recipient.key
        if name.serial is None:
            return [key for key in self._keys if key_identifier(key.key.public_key()) == name.key_identifier]
        found = [key for key in self._keys if key.serial == name.serial]
        return sorted(found, key=lambda each: each.certificate is None or not name.is_of(each.certificate))


def _without_repetitions(inner: LayerSignature, outer: LayerSignature) -> Iterator[Finding]:
    """Yield the findings of the inner layer; an algorithm that other software refuses is reported once."""
    known = {finding.facts["algorithm"] for finding in outer.findings if finding.key == "algorithm_elsewhere"}
    for finding in inner.findings:
        if finding.key != "algorithm_elsewhere" or finding.facts["algorithm"] not in known:
            yield finding


def _addressed(recipient: KeyTransport, *, known: bool) -> AddressedKey:
    key = recipient.key
    identifier = None if key.key_identifier is None else key.key_identifier.hex()
    return AddressedKey(key.serial, name_text(key.issuer), identifier, known)


def _decrypt(encrypted: Data, key: bytes, initialisation_vector: bytes) -> bytes | None:
    """Decrypt with AES in CBC mode; None for a length or a padding that it does not have."""
    decryptor = Cipher(AES(key), CBC(initialisation_vector)).decryptor()
    unpadder = PKCS7(_BLOCK * 8).unpadder()
    try:
        plain = decryptor.update(encrypted)
        decryptor.finalize()
        # Only the last block, since an unpadder copies what it is given twice.
        last = unpadder.update(plain[-_BLOCK:]) + unpadder.finalize()
        return b"".join((memoryview(plain)[:-_BLOCK], last))
    except ValueError:
        return None


def _damage(malformed: MalformedCms) -> Finding:
    fault = malformed.fault
    if isinstance(fault, BerLimitExceeded):
        reason = MessageKey(f"message.word.{fault.reason}")
        return error("limit_exceeded", layer=malformed.layer, reason=reason, limit=fault.limit)
    if malformed.layer == INNER:
        return error("inner_damaged", layer=INNER)
    if malformed.layer == ENVELOPE:
        return error("envelope_damaged", layer=ENVELOPE)
    return error("cut_off" if malformed.truncated else "not_sealed", layer=OUTER)
